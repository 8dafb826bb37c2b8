// An order as it is asked for, and the ids that make asking twice harmless.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>

#include "tradebus/decimal.hpp"
#include "tradebus/value.hpp"

namespace tradebus::client {

// Empty texts and absent amounts are left to the daemon's defaults. Keys that are not named here (bracket, oco, legs,
// ...) go into `more`.
struct OrderRequest {
  std::string symbol;
  std::string side;  // buy, sell, sell_short, buy_to_cover
  std::optional<Amount> qty = {};
  std::string order_type = "market";  // market, limit, stop, stop_limit, trailing_stop
  std::optional<Amount> limit_price = {};
  std::optional<Amount> stop_price = {};
  std::string time_in_force = "day";
  std::string client_order_id = {};  // empty: Session::place makes one
  std::string broker = {};
  std::string account = {};
  std::string tag = {};
  std::optional<bool> extended_hours = {};
  Value more = {};

  static OrderRequest market(std::string_view side, std::string_view symbol, Amount qty) {
    return {.symbol = std::string{symbol}, .side = std::string{side}, .qty = std::move(qty)};
  }
  static OrderRequest limit(std::string_view side, std::string_view symbol, Amount qty, Amount price) {
    return {.symbol = std::string{symbol},
            .side = std::string{side},
            .qty = std::move(qty),
            .order_type = "limit",
            .limit_price = std::move(price)};
  }

  Value args() const {
    Value out = Value::make_map();
    auto text = [&](std::string_view key, const std::string& value) {
      if (!value.empty()) out.set(key, value);
    };
    auto amount = [&](std::string_view key, const std::optional<Amount>& value) {
      if (value) out.set(key, value->value());
    };
    text("client_order_id", client_order_id);
    text("symbol", symbol);
    text("side", side);
    amount("qty", qty);
    text("order_type", order_type);
    amount("limit_price", limit_price);
    amount("stop_price", stop_price);
    text("time_in_force", time_in_force);
    text("broker", broker);
    text("account", account);
    text("tag", tag);
    if (extended_hours) out.set("extended_hours", *extended_hours);
    if (const auto* members = more.map())
      for (const auto& member : *members) out.set(member.key, member.value);
    return out;
  }
};

// What a replacement changes.
struct OrderChange {
  std::optional<Amount> qty = {};
  std::optional<Amount> limit_price = {};
  std::optional<Amount> stop_price = {};
  std::string time_in_force = {};
};

// Ids that no other run of any strategy has used: 60 random bits, then a counter.
class OrderIds {
 public:
  OrderIds() {
    constexpr std::string_view letters = "0123456789abcdefghjkmnpqrstvwxyz";
    std::random_device device;
    for (int i = 0; i < 12; ++i) prefix_ += letters[device() % letters.size()];
  }
  std::string next() { return prefix_ + "-" + std::to_string(++count_); }

 private:
  std::string prefix_;
  std::uint64_t count_ = 0;
};

}  // namespace tradebus::client
