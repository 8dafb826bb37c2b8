// What a number in an ErrorMessage means, what it does to what it is about, and what to do. One table; unknown numbers
// go by the rule that the venue's clients have in common.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "actors/brokers/ibkr/wire/system_messages.hpp"
#include "bus/model/enums.hpp"
#include "bus/model/error.hpp"

namespace tradebus::ibkr::wire {

enum class CodeCategory : std::uint8_t { informational, connectivity, order, data, pacing };

// As the table has it, before anybody looks at what the code is about.
enum class CodeClass : std::uint8_t {
  information,
  warning,     // the request or the order lives on
  ends,        // the request or the order it names
  connection,  // about the link, ours or the gateway's
  client       // numbers that the venue's own client library makes; never sent
};

struct ErrorCode {
  std::int32_t first = 0;
  std::int32_t last = 0;
  CodeClass code_class = CodeClass::warning;
  CodeCategory category = CodeCategory::informational;
  Errc errc = Errc::ok;  // in the protocol's words; ok: nothing failed
  std::string_view meaning = {};
  std::string_view advice = {};
};

// In the order of their numbers, without overlaps.
std::span<const ErrorCode> error_codes();
// nullptr: not known.
const ErrorCode* find_error_code(std::int32_t code);

// What an ErrorMessage's req_id names.
enum class ErrorSubject : std::uint8_t {
  nothing,     // -1, or an id that is not, or no more, ours
  request,     // one that waits for an answer, or streams
  new_order,   // sent, and nothing heard of it
  live_order,  // heard of, not finished, nothing asked of it
  change,      // a live order that was sent again with a change
  cancel,      // a live order that was asked to end
};

enum class ErrorEffect : std::uint8_t {
  information,
  warning,
  request_ended,
  order_ended,     // refused or canceled: 202 is a cancel, everything else a refusal
  change_refused,  // the order is as it was
  cancel_refused,  // the order is as it was, or was finished already
  connection,
};

struct Verdict {
  ErrorEffect effect = ErrorEffect::warning;
  CodeCategory category = CodeCategory::informational;
  Errc errc = Errc::internal;
};

Verdict judge(const ErrorMessage& message, ErrorSubject subject);

// "201 Order rejected - reason: ...: the venue refused ...; <what to do>", in the verdict's code.
Error to_error(const ErrorMessage& message, const Verdict& verdict);

}  // namespace tradebus::ibkr::wire

namespace tradebus {
TRADEBUS_ENUM(ibkr::wire::CodeCategory, "informational", "connectivity", "order", "data", "pacing");
TRADEBUS_ENUM(ibkr::wire::CodeClass, "information", "warning", "ends", "connection", "client");
TRADEBUS_ENUM(ibkr::wire::ErrorEffect, "information", "warning", "request_ended", "order_ended", "change_refused",
              "cancel_refused", "connection");
}  // namespace tradebus
