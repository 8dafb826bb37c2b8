// What the venue's journal holds: one record for each thing that happened. The venue's state is these records, applied
// in order; nothing else decides. Texts and exact numbers, each struct behind the count of its fields, so that fields
// that are added at the end later read as empty in old journals.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "actors/providers/market_batch.hpp"
#include "bus/model/orders.hpp"

namespace tradebus::paper {

inline constexpr std::uint32_t records_version = 2;  // 2: CorporateBooked

// The first record: what the account began with. Later changes of the setting don't change it.
struct AccountOpened {
  Timestamp ts{};
  Money cash;

  static constexpr std::string_view type_name = "AccountOpened";
  static constexpr auto fields() {
    return std::tuple{field("ts", &AccountOpened::ts), field("cash", &AccountOpened::cash)};
  }
};

// What buying power an order uses, and until when it works: worked out once, by the market of that moment.
struct Terms {
  bool priced = false;                // it was judged: that needs a price
  Price price;                        // it was judged by
  Quantity opening;                   // what of it opens a position rather than closes one
  std::optional<Timestamp> begins;    // opg: from then on it may be filled
  std::optional<Timestamp> deadline;  // it ends, or (cls) is decided

  static constexpr std::string_view type_name = "Terms";
  static constexpr auto fields() {
    return std::tuple{field("priced", &Terms::priced), field("price", &Terms::price), field("opening", &Terms::opening),
                      field("begins", &Terms::begins), field("deadline", &Terms::deadline)};
  }
};

struct OrderTaken {
  Timestamp ts{};
  OrderId order_id;
  std::uint64_t number = 0;
  TradeOrder order;  // its qty is known
  std::vector<OrderLeg> legs;
  Terms terms;

  static constexpr std::string_view type_name = "OrderTaken";
  static constexpr auto fields() {
    return std::tuple{field("ts", &OrderTaken::ts),         field("order_id", &OrderTaken::order_id),
                      field("number", &OrderTaken::number), field("order", &OrderTaken::order),
                      field("legs", &OrderTaken::legs),     field("terms", &OrderTaken::terms)};
  }
};
// A market order saw its first price.
struct OrderPriced {
  OrderId order_id;
  Terms terms;

  static constexpr std::string_view type_name = "OrderPriced";
  static constexpr auto fields() {
    return std::tuple{field("order_id", &OrderPriced::order_id), field("terms", &OrderPriced::terms)};
  }
};
// A trailing stop followed the market, or a stop was reached.
struct StopMoved {
  OrderId order_id;
  Price stop;
  bool reached = false;

  static constexpr std::string_view type_name = "StopMoved";
  static constexpr auto fields() {
    return std::tuple{field("order_id", &StopMoved::order_id), field("stop", &StopMoved::stop),
                      field("reached", &StopMoved::reached)};
  }
};
struct OrderReplaced {
  Timestamp ts{};
  OrderId order_id;
  Quantity qty;
  std::optional<Price> limit_price;
  std::optional<Price> stop_price;
  TimeInForce time_in_force = TimeInForce::day;
  bool to_the_end = false;  // it lost its place
  Terms terms;
  std::optional<Price> trail_amount = {};  // absent: as before

  static constexpr std::string_view type_name = "OrderReplaced";
  static constexpr auto fields() {
    return std::tuple{field("ts", &OrderReplaced::ts),
                      field("order_id", &OrderReplaced::order_id),
                      field("qty", &OrderReplaced::qty),
                      field("limit_price", &OrderReplaced::limit_price),
                      field("stop_price", &OrderReplaced::stop_price),
                      field("time_in_force", &OrderReplaced::time_in_force),
                      field("to_the_end", &OrderReplaced::to_the_end),
                      field("terms", &OrderReplaced::terms),
                      field("trail_amount", &OrderReplaced::trail_amount)};
  }
};
struct OrderFilled {
  OrderId order_id;
  Fill fill;
  std::vector<std::optional<Price>> marks;  // of what was traded, leg by leg, after it

  static constexpr std::string_view type_name = "OrderFilled";
  static constexpr auto fields() {
    return std::tuple{field("order_id", &OrderFilled::order_id), field("fill", &OrderFilled::fill),
                      field("marks", &OrderFilled::marks)};
  }
};
// Canceled, expired or rejected.
struct OrderClosed {
  Timestamp ts{};
  OrderId order_id;
  OrderStatus status = OrderStatus::canceled;
  std::string reason;

  static constexpr std::string_view type_name = "OrderClosed";
  static constexpr auto fields() {
    return std::tuple{field("ts", &OrderClosed::ts), field("order_id", &OrderClosed::order_id),
                      field("status", &OrderClosed::status), field("reason", &OrderClosed::reason)};
  }
};
// An option's expiry: the position is gone, in the money it became shares at the strike.
struct OptionSettled {
  Timestamp ts{};
  Symbol option;
  bool exercised = false;
  Price underlying;  // the price that decided

  static constexpr std::string_view type_name = "OptionSettled";
  static constexpr auto fields() {
    return std::tuple{field("ts", &OptionSettled::ts), field("option", &OptionSettled::option),
                      field("exercised", &OptionSettled::exercised), field("underlying", &OptionSettled::underlying)};
  }
};

// A split or a dividend, with all that it changed: booked once, as a whole.
struct CorporateBooked {
  Timestamp ts{};  // when it was booked
  CorporateAction action;
  Quantity held;  // afterwards
  Money cash;     // a dividend (negative: owed by a short), or for a fraction that can't be held
  std::vector<OrderReplaced> changed;
  std::vector<OrderClosed> closed;

  static constexpr std::string_view type_name = "CorporateBooked";
  static constexpr auto fields() {
    return std::tuple{field("ts", &CorporateBooked::ts),           field("action", &CorporateBooked::action),
                      field("held", &CorporateBooked::held),       field("cash", &CorporateBooked::cash),
                      field("changed", &CorporateBooked::changed), field("closed", &CorporateBooked::closed)};
  }
};

using Record = std::variant<AccountOpened, OrderTaken, OrderPriced, StopMoved, OrderReplaced, OrderFilled, OrderClosed,
                            OptionSettled, CorporateBooked>;

std::string encode(const Record& record);
// `internal`: no record, or one of a later version.
Result<Record> decode(std::string_view bytes);

}  // namespace tradebus::paper
