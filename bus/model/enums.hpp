// The closed vocabularies of the bus, in FIX's words. An enum's texts stand in one table, in the order of its values.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>

namespace tradebus {

template <class E>
struct EnumTexts;  // { static constexpr std::array<std::string_view, N> texts; }

template <class E>
concept NamedEnum = std::is_enum_v<E> && requires {
  EnumTexts<E>::texts.size();
};

template <NamedEnum E>
constexpr std::string_view to_string(E value) {
  const auto i = static_cast<std::size_t>(value);
  return i < EnumTexts<E>::texts.size() ? EnumTexts<E>::texts[i] : std::string_view{"?"};
}

template <NamedEnum E>
constexpr std::optional<E> enum_from_string(std::string_view text) {
  for (std::size_t i = 0; i < EnumTexts<E>::texts.size(); ++i)
    if (EnumTexts<E>::texts[i] == text) return static_cast<E>(i);
  return std::nullopt;
}

#define TRADEBUS_ENUM(Name, ...)                                                  \
  template <>                                                                     \
  struct EnumTexts<Name> {                                                        \
    static constexpr auto texts = std::to_array<std::string_view>({__VA_ARGS__}); \
  }

enum class AssetClass : std::uint8_t { equity, option, crypto, fx, future };
TRADEBUS_ENUM(AssetClass, "equity", "option", "crypto", "fx", "future");

enum class OptionRight : std::uint8_t { call, put };
TRADEBUS_ENUM(OptionRight, "call", "put");

enum class Quality : std::uint8_t { live, delayed, frozen, stale, simulated };
TRADEBUS_ENUM(Quality, "live", "delayed", "frozen", "stale", "simulated");

enum class Side : std::uint8_t { buy, sell, sell_short, buy_to_cover };
TRADEBUS_ENUM(Side, "buy", "sell", "sell_short", "buy_to_cover");

enum class OrderType : std::uint8_t {
  market,
  limit,
  stop,
  stop_limit,
  trailing_stop,
  market_if_touched,   // a stop's other direction: stop_price is better than the market, and makes it a market order
  limit_if_touched,    // the same, and makes it a limit order
  market_to_limit,     // what is not filled at once rests, limited to what the first part got
  trailing_stop_limit  // its limit lies limit_offset beyond its stop
};
TRADEBUS_ENUM(OrderType, "market", "limit", "stop", "stop_limit", "trailing_stop", "market_if_touched",
              "limit_if_touched", "market_to_limit", "trailing_stop_limit");

constexpr bool is_trailing(OrderType type) {
  return type == OrderType::trailing_stop || type == OrderType::trailing_stop_limit;
}

enum class TimeInForce : std::uint8_t { day, gtc, ioc, fok, opg, cls, gtd };
TRADEBUS_ENUM(TimeInForce, "day", "gtc", "ioc", "fok", "opg", "cls", "gtd");

enum class OrderStatus : std::uint8_t {
  pending_new,  // durable, not acknowledged
  new_,         // working
  partially_filled,
  filled,
  pending_cancel,
  canceled,
  pending_replace,
  rejected,
  expired,
  in_doubt,  // may have reached the broker; reconciliation decides
};
TRADEBUS_ENUM(OrderStatus, "pending_new", "new", "partially_filled", "filled", "pending_cancel", "canceled",
              "pending_replace", "rejected", "expired", "in_doubt");

// Each change of an order's state, announced once.
enum class OrderEventType : std::uint8_t {
  pending_new,
  new_,
  fill,
  pending_cancel,
  canceled,
  pending_replace,
  replaced,
  rejected,
  expired,
  in_doubt,
  reconciled,
  bust,  // an execution that the venue took back
};
TRADEBUS_ENUM(OrderEventType, "pending_new", "new", "fill", "pending_cancel", "canceled", "pending_replace", "replaced",
              "rejected", "expired", "in_doubt", "reconciled", "bust");

// The kinds of market data: the first word of a topic.
enum class StreamKind : std::uint8_t { quote, trade, bar_1s, bar_1m, bar_5m, bar_1h, bar_1d, option, news };
TRADEBUS_ENUM(StreamKind, "quote", "trade", "bar_1s", "bar_1m", "bar_5m", "bar_1h", "bar_1d", "option", "news");

enum class Timeframe : std::uint8_t { s1, m1, m5, m15, h1, d1, w1 };
TRADEBUS_ENUM(Timeframe, "1s", "1m", "5m", "15m", "1h", "1d", "1w");

// A link's state as the status topics carry it.
enum class LinkState : std::uint8_t { connecting, reconciling, up, degraded, down };
TRADEBUS_ENUM(LinkState, "connecting", "reconciling", "up", "degraded", "down");

// One topic's state as status|KIND|SYM| carries it.
enum class TopicState : std::uint8_t { live, stale, gap, rejected, ended };
TRADEBUS_ENUM(TopicState, "live", "stale", "gap", "rejected", "ended");

}  // namespace tradebus
