// How fast orders come: a token bucket a client, and how often the same order came lately. Pure: the time is passed in.
// (CallLimiter of engine/pacing lets calls wait for their turn; an order that comes too fast is refused.)
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "bus/model/orders.hpp"
#include "engine/risk/trading_state.hpp"

namespace tradebus {

// Buckets hold a second's worth of orders, at least one, and start full.
class OrderRates {
 public:
  static constexpr std::size_t buckets_max = 10'000;

  // A bucket a client and limit: whose it is, and which limit's.
  struct Key {
    ClientName client;
    RiskScope scope = RiskScope::global;
    std::string name;
    friend bool operator==(const Key&, const Key&) = default;
  };
  // Nanoseconds until an order may pass: 0 now; -1: buckets_max clients are sending.
  std::int64_t wait(const Key& key, Quantity per_second, Timestamp now);
  // An order passed.
  void take(const Key& key, Quantity per_second, Timestamp now);

 private:
  struct Hash {
    std::size_t operator()(const Key& k) const;
  };
  // When the bucket is full again: all that a bucket needs to know.
  std::unordered_map<Key, std::int64_t, Hash> full_at_;
};

class RepeatedOrders {
 public:
  static constexpr std::size_t kept_max = 10'000;  // different orders
  static constexpr std::size_t count_max = 100;    // passes kept of one

  // How often this order passed within (now - window, now]; -1: kept_max different orders passed within `window_max`.
  std::int64_t count(const Order& order, std::chrono::nanoseconds window, std::chrono::nanoseconds window_max,
                     Timestamp now);
  void add(const Order& order, Timestamp now);

 private:
  struct Key {
    ClientName client;
    Symbol symbol;
    Side side = Side::buy;
    Quantity qty;
    std::optional<Money> notional;
    std::optional<Price> limit_price;
    std::optional<Price> stop_price;
    std::optional<Price> trail_amount;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct Hash {
    std::size_t operator()(const Key& k) const;
  };
  static Key key_of(const Order& order);

  std::unordered_map<Key, std::vector<Timestamp>, Hash> passed_;  // oldest first
};

}  // namespace tradebus
