#include "actors/brokers/ibkr/wire/error_codes.hpp"

#include <algorithm>
#include <array>

namespace tradebus::ibkr::wire {

namespace {

using enum CodeCategory;
constexpr auto info = CodeClass::information;
constexpr auto warn = CodeClass::warning;
constexpr auto ends = CodeClass::ends;
constexpr auto link = CodeClass::connection;
constexpr auto client = CodeClass::client;

// clang-format off
constexpr auto codes = std::to_array<ErrorCode>({
    {100, 100, link, pacing, Errc::provider_rate_limited, "more messages a second than allowed; the third time the gateway closes the connection", "send slower (fewer market data lines allow fewer messages)"},
    {101, 101, ends, data, Errc::provider_rate_limited, "no market data line is left", "unsubscribe something, in TWS's own lists too, or buy more lines"},
    {102, 102, ends, data, Errc::internal, "a request id that is in use", "ask again with another id"},
    {103, 103, ends, order, Errc::order_duplicate_id, "an order id that was used before", "take the next id from the gateway and send it again"},
    {104, 104, warn, order, Errc::order_not_open, "a filled order can't be changed", "nothing: it is filled"},
    {105, 105, warn, order, Errc::broker_rejected, "the change does not fit the order; the order works on as it was", "cancel it and place a new one"},
    {106, 106, ends, order, Errc::broker_rejected, "the order can't be transmitted", "check the order"},
    {107, 107, ends, order, Errc::broker_rejected, "the order is incomplete", "check the order"},
    {109, 109, ends, order, Errc::broker_rejected, "the price is outside the venue's percentage limits", "move the price nearer to the market, or widen the limit in TWS's presets"},
    {110, 110, ends, order, Errc::broker_rejected, "the price is not on the contract's price increment", "round the price to the increment of its market rule"},
    {111, 111, ends, order, Errc::broker_rejected, "time in force and order type don't fit each other", "choose another time in force"},
    {113, 113, ends, order, Errc::broker_rejected, "time in force and order type don't fit each other", "choose another time in force"},
    {116, 134, ends, order, Errc::broker_rejected, "the order's fields don't fit each other", "check the order"},
    {135, 135, warn, order, Errc::order_not_found, "no order has that id", "ask for the open orders"},
    {136, 136, warn, order, Errc::order_not_open, "the order can't be canceled", "ask for the open orders"},
    {161, 161, warn, order, Errc::order_not_open, "a cancel of an order that can't be canceled now", "nothing when it is finished; else ask for the open orders"},
    {162, 162, ends, data, Errc::provider_unavailable, "the historical data service refused or has nothing", "see its text: no permission, no data, or too fast"},
    {165, 165, warn, data, Errc::ok, "the historical data service has a remark", "nothing"},
    {200, 200, ends, order, Errc::instrument_unknown, "no contract fits, or more than one", "name the contract more exactly"},
    {201, 201, ends, order, Errc::broker_rejected, "the order was rejected", "see the reason"},
    {202, 202, ends, order, Errc::ok, "the order is canceled", "nothing when it was asked for; else see the reason"},
    {203, 203, ends, order, Errc::broker_rejected, "the contract is not available or not allowed for this account", "check the account's trading permissions"},
    {300, 300, warn, data, Errc::ok, "a cancel of a request that is not known", "nothing"},
    {309, 309, ends, data, Errc::provider_rate_limited, "too many market depth requests", "cancel one"},
    {310, 310, ends, data, Errc::provider_not_found, "a market depth request that is not known", "ask again"},
    {316, 316, warn, data, Errc::ok, "market depth is halted", "wait"},
    {317, 317, warn, data, Errc::ok, "market depth was reset", "clear the book"},
    {320, 320, ends, order, Errc::request_invalid, "the gateway can't read the request", "a bug here, or a gateway that is too old: report it"},
    {321, 321, ends, order, Errc::request_invalid, "the gateway's check of the request failed", "see its text; when it says read-only, switch Read-Only API off in the gateway's API settings"},
    {322, 322, ends, order, Errc::broker_rejected, "the gateway failed to process the request", "see its text; two account summaries at a time are allowed"},
    {323, 323, ends, order, Errc::broker_rejected, "the gateway failed at the request", "see its text"},
    {324, 324, ends, order, Errc::request_invalid, "the gateway can't read the request", "see its text"},
    {326, 326, link, connectivity, Errc::broker_unavailable, "another program uses this client id; the gateway closes the connection", "choose another client_id, or end the other program"},
    {327, 327, ends, order, Errc::broker_unsupported, "only client 0 binds orders that were typed in TWS", "use client_id 0"},
    {329, 329, warn, order, Errc::broker_rejected, "the order can't become one of that type", "cancel it and place a new one"},
    {354, 354, ends, data, Errc::provider_unsupported, "this market data is not subscribed, and delayed data is not switched on", "subscribe to it in the account's settings, or allow delayed data"},
    {366, 366, warn, data, Errc::ok, "a cancel of a historical request that is finished", "nothing"},
    {382, 388, ends, order, Errc::broker_rejected, "the size is outside the venue's limits", "change the size, or the limit in TWS's presets"},
    {399, 399, warn, order, Errc::ok, "a remark on the order, e.g. that it waits for the market's opening", "nothing"},
    {404, 404, warn, order, Errc::ok, "no shares can be borrowed now; the order is held", "wait, or cancel it"},
    {420, 420, ends, data, Errc::provider_unsupported, "a request for real-time data was refused: too fast, or not allowed", "see its text"},
    {430, 430, ends, data, Errc::provider_not_found, "fundamentals are not available", "nothing"},
    {434, 434, ends, order, Errc::broker_rejected, "the size can't be zero", "give a size"},
    {439, 439, ends, order, Errc::broker_rejected, "the venue has no algo of that name for this contract", "correct target_strategy: upper and lower case count"},
    {440, 440, warn, order, Errc::broker_rejected, "this algo can't be changed; the order works on as it was", "cancel it and place a new one"},
    {441, 441, ends, order, Errc::broker_rejected, "the algo's parameters don't fit it", "see its text"},
    {442, 442, ends, order, Errc::broker_rejected, "the algo is not allowed for this order", "choose another order_type, time in force or algo"},
    {443, 443, ends, order, Errc::broker_rejected, "the algo has no parameter of that name", "see its text; correct strategy_parameters"},
    {460, 460, ends, order, Errc::broker_rejected, "the account may not trade this", "ask for the trading permission in the account's settings"},
    {492, 492, warn, data, Errc::ok, "a scanner's results need more subscriptions", "subscribe to them"},
    {501, 501, client, connectivity, Errc::internal, "already connected", "nothing"},
    {502, 502, client, connectivity, Errc::broker_unavailable, "can't connect", "start TWS or IB Gateway, allow socket clients in its API settings, check host and port"},
    {503, 503, client, connectivity, Errc::broker_unavailable, "the gateway is too old", "update TWS or IB Gateway"},
    {504, 504, client, connectivity, Errc::broker_unavailable, "not connected", "wait for the link"},
    {505, 505, client, connectivity, Errc::internal, "a message id that is not known", "nothing"},
    {506, 506, client, connectivity, Errc::broker_unavailable, "a version that is not supported", "update TWS or IB Gateway"},
    {507, 507, client, connectivity, Errc::broker_unavailable, "a length that no message has", "is it the API port of TWS or IB Gateway?"},
    {508, 508, client, connectivity, Errc::internal, "a message that can't be read", "report it"},
    {509, 509, client, connectivity, Errc::broker_unavailable, "the connection broke", "wait for the link"},
    {1100, 1100, link, connectivity, Errc::broker_unavailable, "the gateway lost its connection to the venue; orders may work on, and nothing is reported", "wait"},
    {1101, 1101, link, connectivity, Errc::ok, "the gateway is connected again, and its subscriptions are lost", "market data is asked for again"},
    {1102, 1102, link, connectivity, Errc::ok, "the gateway is connected again, with all subscriptions", "nothing"},
    {1300, 1300, link, connectivity, Errc::broker_unavailable, "the gateway changed its port", "connect to the port in its text"},
    {2100, 2100, warn, data, Errc::ok, "another subscription replaced the account's updates", "nothing when it was meant"},
    {2101, 2101, warn, data, Errc::ok, "another client has the account's updates", "nothing when it was meant"},
    {2102, 2102, warn, order, Errc::broker_rejected, "the order is still being processed and can't be changed yet", "try again in a moment"},
    {2103, 2103, warn, connectivity, Errc::provider_unavailable, "the connection to a market data farm is broken", "wait"},
    {2104, 2104, info, connectivity, Errc::ok, "the connection to a market data farm works", "nothing"},
    {2105, 2105, warn, connectivity, Errc::provider_unavailable, "the connection to a historical data farm is broken", "wait"},
    {2106, 2106, info, connectivity, Errc::ok, "the connection to a historical data farm works", "nothing"},
    {2107, 2107, info, connectivity, Errc::ok, "a historical data farm sleeps until it is asked", "nothing"},
    {2108, 2108, info, connectivity, Errc::ok, "a market data farm sleeps until it is asked", "nothing"},
    {2109, 2109, warn, order, Errc::ok, "the order's wish to work outside regular hours is ignored", "leave extended_hours away"},
    {2110, 2110, link, connectivity, Errc::broker_unavailable, "the gateway is not connected to the venue; it connects again by itself", "wait"},
    {2119, 2119, info, connectivity, Errc::ok, "a market data farm is being connected", "nothing"},
    {2137, 2137, warn, order, Errc::ok, "orders on both sides of the market", "see its text"},
    {2150, 2150, warn, data, Errc::ok, "a position's derived value can't be told", "nothing"},
    {2157, 2157, warn, connectivity, Errc::provider_unavailable, "the connection to the contract data farm is broken", "wait"},
    {2158, 2158, info, connectivity, Errc::ok, "the connection to the contract data farm works", "nothing"},
    {2168, 2168, warn, order, Errc::ok, "eTradeOnly is not supported any more", "nothing"},
    {2169, 2169, warn, order, Errc::ok, "firmQuoteOnly is not supported any more", "nothing"},
    {2174, 2174, warn, data, Errc::ok, "a time without a zone", "give one, or UTC"},
    {10089, 10089, ends, data, Errc::provider_unsupported, "this market data needs a further subscription; delayed data is available", "subscribe to it in the account's settings, or allow delayed data"},
    {10090, 10090, warn, data, Errc::ok, "a part of the market data is not subscribed", "subscribe to it in the account's settings"},
    {10091, 10091, warn, data, Errc::ok, "a part of the market data needs a further subscription", "subscribe to it in the account's settings"},
    {10092, 10092, ends, data, Errc::provider_unsupported, "market depth is not supported for this contract and exchange", "choose another exchange"},
    {10147, 10147, warn, order, Errc::order_not_found, "the order to cancel is not known", "ask for the open orders"},
    {10148, 10148, warn, order, Errc::order_not_open, "the order to cancel can't be canceled in its state", "nothing when it is finished"},
    {10167, 10167, warn, data, Errc::ok, "this market data is not subscribed; delayed data comes instead", "subscribe to it in the account's settings for live data"},
    {10168, 10168, ends, data, Errc::provider_unsupported, "this market data is not subscribed, and delayed data is not enabled", "subscribe to it, or allow delayed data"},
    {10172, 10172, ends, data, Errc::provider_unsupported, "the news article can't be had", "subscribe to its provider"},
    {10182, 10182, ends, data, Errc::provider_unavailable, "live updates can't be had", "ask again"},
    {10186, 10186, ends, data, Errc::provider_unsupported, "this market data is not subscribed, and delayed data is not enabled", "subscribe to it, or allow delayed data"},
    {10187, 10187, ends, data, Errc::provider_unavailable, "historical ticks can't be had", "see its text"},
    {10189, 10189, ends, data, Errc::provider_unavailable, "tick-by-tick data can't be had", "see its text"},
    {10190, 10190, ends, data, Errc::provider_rate_limited, "too many tick-by-tick requests", "cancel one"},
    {10197, 10197, warn, data, Errc::provider_unavailable, "no market data while another session of this user is live", "log out there, or use another user name"},
    {10225, 10225, warn, data, Errc::provider_unavailable, "a bust stopped the real-time bars or the updates of a history", "they are asked for again"},
    {10276, 10276, ends, data, Errc::provider_unsupported, "the news feed is not allowed", "subscribe to it"},
    {10285, 10285, ends, order, Errc::broker_unsupported, "this version of the protocol knows no fractional sizes", "update TWS or IB Gateway"},
    {10314, 10314, ends, data, Errc::request_invalid, "a time in a bad format", "report it"},
    {10349, 10349, warn, order, Errc::ok, "a preset of TWS set the order's time in force to DAY", "give one, or change the preset"},
});
// clang-format on

static_assert(std::ranges::is_sorted(codes, {}, &ErrorCode::first));

bool has(std::string_view text, std::string_view word) { return text.find(word) != std::string_view::npos; }

// Of 162 and 420, and of what 100 says elsewhere, the number is not enough.
void refine(const ErrorMessage& message, Verdict& verdict) {
  const std::string_view text = message.text;
  if (message.code != 162 && message.code != 420) return;
  if (has(text, "pacing") || has(text, "Pacing")) {
    verdict.category = CodeCategory::pacing;
    verdict.errc = Errc::provider_rate_limited;
  } else if (has(text, "no data") || has(text, "No data")) {
    verdict.errc = Errc::provider_not_found;
  } else if (has(text, "permission") || has(text, "subscri")) {
    verdict.errc = Errc::provider_unsupported;
  } else if (message.code == 162 && has(text, "cancel")) {
    verdict.errc = Errc::ok;
  }
}

// Codes that refuse what was asked of an order and leave the order itself alone.
bool refuses_change(std::int32_t code) {
  constexpr auto all = std::to_array<std::int32_t>(
      {103, 104, 105, 109, 110, 321, 329, 382, 383, 384, 385, 386, 387, 388, 434, 440, 441, 442, 443, 2102});
  return std::ranges::find(all, code) != all.end();
}
bool refuses_cancel(std::int32_t code) {
  constexpr auto all = std::to_array<std::int32_t>({135, 136, 161, 10147, 10148});
  return std::ranges::find(all, code) != all.end();
}

ErrorEffect end_of(std::int32_t code, ErrorSubject subject) {
  switch (subject) {
    case ErrorSubject::nothing:
      return ErrorEffect::warning;
    case ErrorSubject::request:
      return ErrorEffect::request_ended;
    case ErrorSubject::new_order:
      return ErrorEffect::order_ended;
    case ErrorSubject::change:
      return refuses_change(code) ? ErrorEffect::change_refused : ErrorEffect::order_ended;
    case ErrorSubject::live_order:
    case ErrorSubject::cancel:
      // What refuses a change only, and comes when none is asked for any more, is late.
      return refuses_change(code) ? ErrorEffect::warning : ErrorEffect::order_ended;
  }
  return ErrorEffect::warning;
}

ErrorEffect warning_of(std::int32_t code, ErrorSubject subject) {
  if (subject == ErrorSubject::cancel && refuses_cancel(code)) return ErrorEffect::cancel_refused;
  if (subject == ErrorSubject::change && (refuses_change(code) || code == 135)) return ErrorEffect::change_refused;
  return ErrorEffect::warning;
}

CodeCategory category_of(ErrorSubject subject) {
  switch (subject) {
    case ErrorSubject::nothing:
      return CodeCategory::informational;
    case ErrorSubject::request:
      return CodeCategory::data;
    case ErrorSubject::new_order:
    case ErrorSubject::live_order:
    case ErrorSubject::change:
    case ErrorSubject::cancel:
      return CodeCategory::order;
  }
  return CodeCategory::informational;
}

// A number that is not in the table.
Verdict judge_unknown(std::int32_t code, ErrorSubject subject) {
  const auto category = category_of(subject);
  if (code >= 2100 && code <= 2199) return {ErrorEffect::warning, category, Errc::ok};
  const auto errc = category == CodeCategory::order  ? Errc::broker_rejected
                    : category == CodeCategory::data ? Errc::provider_unavailable
                                                     : Errc::ok;
  return {end_of(code, subject), category, errc};
}

}  // namespace

std::span<const ErrorCode> error_codes() { return codes; }

const ErrorCode* find_error_code(std::int32_t code) {
  const auto after = std::ranges::upper_bound(codes, code, {}, &ErrorCode::first);
  if (after == codes.begin()) return nullptr;
  const auto& entry = *std::prev(after);
  return code <= entry.last ? &entry : nullptr;
}

Verdict judge(const ErrorMessage& message, ErrorSubject subject) {
  const auto* entry = find_error_code(message.code);
  const bool is_remark = has(message.text, "Warning:");
  if (entry == nullptr) {
    auto out = judge_unknown(message.code, subject);
    if (is_remark) out.effect = ErrorEffect::warning;
    return out;
  }
  Verdict out{ErrorEffect::warning, entry->category, entry->errc};
  // Numbers that orders and requests have in common.
  if (entry->category == CodeCategory::order && subject == ErrorSubject::request) out.category = CodeCategory::data;
  switch (entry->code_class) {
    case CodeClass::information:
      out.effect = ErrorEffect::information;
      break;
    case CodeClass::connection:
    case CodeClass::client:
      out.effect = ErrorEffect::connection;
      break;
    case CodeClass::warning:
      out.effect = warning_of(message.code, subject);
      break;
    case CodeClass::ends:
      out.effect = is_remark ? ErrorEffect::warning : end_of(message.code, subject);
      break;
  }
  refine(message, out);
  return out;
}

Error to_error(const ErrorMessage& message, const Verdict& verdict) {
  std::string text = std::to_string(message.code) + " " + message.text;
  if (const auto* entry = find_error_code(message.code)) {
    text.append(": ").append(entry->meaning);
    if (entry->advice != "nothing") text.append("; ").append(entry->advice);
  }
  return {verdict.errc == Errc::ok ? Errc::internal : verdict.errc, std::move(text)};
}

}  // namespace tradebus::ibkr::wire
