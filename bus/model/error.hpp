// What went wrong, in the protocol's words. The numbers of Errc are fixed: they travel between nodes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace tradebus {

enum class Errc : std::uint8_t {
  ok = 0,
  request_malformed = 1,
  request_unknown_op = 2,
  request_invalid = 3,
  request_timeout = 4,
  auth_denied = 5,
  auth_role = 6,
  instrument_unknown = 7,
  provider_unavailable = 8,
  provider_rate_limited = 9,
  provider_not_found = 10,
  provider_unsupported = 11,
  broker_unavailable = 12,
  broker_rejected = 13,
  broker_unsupported = 14,
  broker_reconciling = 15,
  order_not_found = 16,
  order_duplicate_id = 17,
  order_not_open = 18,
  risk_kill_switch = 19,
  risk_max_qty = 20,
  risk_max_notional = 21,
  risk_price_band = 22,
  risk_position_limit = 23,
  risk_order_rate = 24,
  risk_buying_power = 25,
  risk_symbol = 26,
  risk_market_closed = 27,
  risk_stale_quote = 28,
  risk_daily_loss = 29,
  overloaded = 30,
  internal = 31,
  config_invalid = 32,  // start-up only: never on the wire
};

// The protocol's text of a code: "request.invalid".
std::string_view to_string(Errc code);
std::optional<Errc> errc_from_string(std::string_view text);

// A named failure: what failed, why, and what to do about it, in one sentence.
struct Error {
  Errc code = Errc::internal;
  std::string message;
  std::string key = {};                             // for request.invalid: the offending key, as a path
  std::optional<std::int64_t> retry_after_ms = {};  // for provider.rate_limited, overloaded

  friend bool operator==(const Error&, const Error&) = default;
};

template <class T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(Errc code, std::string message) {
  return tl::unexpected<Error>{Error{code, std::move(message)}};
}
inline tl::unexpected<Error> invalid(std::string key, std::string message) {
  return tl::unexpected<Error>{Error{Errc::request_invalid, std::move(message), std::move(key)}};
}

}  // namespace tradebus
