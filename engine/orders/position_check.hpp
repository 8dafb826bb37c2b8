// What the positions should be by the fills that are known here, beside what the brokers say. A difference (a transfer,
// an exercise, an order of which nothing was heard) is kept and shown until it is accepted: never silently overwritten.
// Pure; one thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_set>
#include <vector>

#include "bus/model/orders.hpp"

namespace tradebus {

class PositionCheck {
 public:
  using Key = std::tuple<BrokerName, AccountId, Symbol>;

  // -- as it outlives the process: some bytes, and the fills that were recorded after them ----------------------------
  std::string saved();
  // False: these are no such bytes, and nothing is known.
  bool restore(const std::string& saved);
  // Enough has changed since saved() that reading it all back would take long.
  bool wants_saving() const { return fills_since_saved_ >= fills_between_saves || dirty_; }

  void on_fill(const Order& order, const Fill& fill, bool busted);

  // The broker's position became another one without a trade: so does what it should be.
  void adjust(const Key& key, Quantity from, Quantity to);

  struct Difference {
    Key key;
    Quantity expected;
    Quantity actual;
  };
  // All positions of a broker, as it tells them. The first time they are taken as they are. The differences, new and
  // old.
  std::vector<Difference> compare(const BrokerName& broker, const std::vector<Position>& actual);
  // What it should be, when the broker told otherwise; nothing is left of it once both agree.
  std::optional<Quantity> expected(const Position& actual);
  // Takes what the broker last told as right: how many differences end.
  std::size_t accept(const std::optional<BrokerName>& broker, const std::optional<AccountId>& account,
                     const std::optional<Symbol>& symbol);
  std::size_t differences() const { return differing_.size(); }

 private:
  static constexpr std::size_t fills_between_saves = 1'000;

  void add(const Key& key, Quantity signed_qty);

  std::map<Key, Quantity> expected_;      // not flat
  std::map<Key, Quantity> differing_;     // of these, or beside them: what the broker says
  std::unordered_set<BrokerName> known_;  // brokers that were compared before
  std::size_t fills_since_saved_ = 0;
  bool dirty_ = false;
};

}  // namespace tradebus
