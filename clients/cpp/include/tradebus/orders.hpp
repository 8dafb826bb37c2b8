// An order as it is asked for, and the ids that make asking twice harmless.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tradebus/decimal.hpp"
#include "tradebus/types.hpp"
#include "tradebus/value.hpp"

namespace tradebus::client {

// Exits that wait for the entry: one price of the first two at least.
struct Bracket {
  std::optional<Amount> take_profit = {};      // a limit order
  std::optional<Amount> stop_loss = {};        // a stop order
  std::optional<Amount> stop_loss_limit = {};  // makes it a stop_limit order
};

// What is absent is left to the daemon's defaults; an empty name is sent, and refused. Keys that are not named here go
// into `more`.
struct OrderRequest {
  std::string symbol;
  std::string side;                     // buy, sell, sell_short, buy_to_cover
  std::optional<Amount> qty = {};       // one of qty and notional
  std::optional<Amount> notional = {};  // money instead of a quantity, where the broker takes it
  // market, limit, stop, stop_limit, trailing_stop, trailing_stop_limit, market_to_limit; market_if_touched and
  // limit_if_touched, whose stop_price is the touch
  std::string order_type = "market";
  std::optional<Amount> limit_price = {};
  std::optional<Amount> stop_price = {};
  std::optional<Amount> trail_amount = {};  // trailing_stop, trailing_stop_limit: one of the two
  std::optional<Amount> trail_percent = {};
  std::string time_in_force = "day";
  std::optional<std::int64_t> expires_at = {};      // ns UTC, with time_in_force gtd
  std::optional<std::string> client_order_id = {};  // absent: Session::place makes one
  std::optional<std::string> broker = {};
  std::optional<std::string> account = {};
  std::string tag = {};
  std::optional<bool> extended_hours = {};
  std::optional<Bracket> bracket = {};
  std::optional<std::string> oco = {};  // a group's name: what fills one of its orders takes that much off the others
  std::vector<OrderLeg> legs = {};
  std::optional<Amount> limit_offset = {};          // trailing_stop_limit: how far beyond the stop its limit lies
  std::optional<std::string> target_strategy = {};  // an algo or a type of the broker's own, by its name there
  std::map<std::string, std::string> strategy_parameters = {};
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
    auto name = [&](std::string_view key, const std::optional<std::string>& value) {
      if (value) out.set(key, *value);
    };
    auto amount = [&](std::string_view key, const std::optional<Amount>& value) {
      if (value) out.set(key, value->value());
    };
    name("client_order_id", client_order_id);
    out.set("symbol", symbol);
    text("side", side);
    amount("qty", qty);
    amount("notional", notional);
    text("order_type", order_type);
    amount("limit_price", limit_price);
    amount("stop_price", stop_price);
    amount("trail_amount", trail_amount);
    amount("trail_percent", trail_percent);
    amount("limit_offset", limit_offset);
    name("target_strategy", target_strategy);
    if (!strategy_parameters.empty()) {
      Value parameters = Value::make_map();
      for (const auto& [key, value] : strategy_parameters) parameters.set(key, value);
      out.set("strategy_parameters", std::move(parameters));
    }
    text("time_in_force", time_in_force);
    if (expires_at) out.set("expires_at", *expires_at);
    name("broker", broker);
    name("account", account);
    text("tag", tag);
    if (extended_hours) out.set("extended_hours", *extended_hours);
    if (bracket) {
      Value exits = Value::make_map();
      if (bracket->take_profit) exits.set("take_profit", bracket->take_profit->value());
      if (bracket->stop_loss) exits.set("stop_loss", bracket->stop_loss->value());
      if (bracket->stop_loss_limit) exits.set("stop_loss_limit", bracket->stop_loss_limit->value());
      out.set("bracket", std::move(exits));
    }
    name("oco", oco);
    if (!legs.empty()) {
      Value::Array list;
      for (const auto& leg : legs)
        list.push_back(Value{}.set("symbol", leg.symbol).set("side", leg.side).set("ratio", leg.ratio));
      out.set("legs", std::move(list));
    }
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

// Which orders to read; what is absent doesn't restrict.
struct OrderQuery {
  bool closed = false;  // closed ones too
  std::optional<std::string> account = {};
  std::optional<std::string> symbol = {};
  std::optional<std::string> client = {};
  std::optional<std::int64_t> since = {};  // changed then or later, ns UTC

  Value args() const {
    Value out;
    out.set("status", closed ? "all" : "open");
    if (account) out.set("account", *account);
    if (symbol) out.set("symbol", *symbol);
    if (client) out.set("client", *client);
    if (since) out.set("since", *since);
    return out;
  }
};

// What the kill switch is set for: everything when nothing is named. An empty name is none, and refused.
struct KillSwitchScope {
  std::optional<std::string> account = {};
  std::optional<std::string> client = {};
  std::optional<std::string> symbol = {};
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
