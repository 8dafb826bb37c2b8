// Positions and accounts as the brokers told them last, and when that is told on: at once what a fill changed, a moving
// mark at most once an interval each. Pure: the time is passed in.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "bus/model/orders.hpp"

namespace tradebus {

class Holdings {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit Holdings(std::chrono::nanoseconds mark_interval) : mark_interval_{mark_interval} {}

  // True: tell it on now. False: it is kept, and told by due() unless something newer comes first.
  bool take(const Position& position, Time now);
  bool take(const AccountSummary& account, Time now);

  // What waited, and may be told now.
  struct Due {
    std::vector<Position> positions;
    std::vector<AccountSummary> accounts;
  };
  Due due(Time now);
  bool waits() const { return waiting_ > 0; }

  // In place of what the broker told before, as the answer to a question: nothing is told on.
  void reset_positions(const BrokerName& broker, const std::vector<Position>& positions);
  void reset_account(const BrokerName& broker, AccountSummary account);

  std::vector<Position> positions(const std::optional<BrokerName>& broker,
                                  const std::optional<AccountId>& account) const;
  const AccountSummary* account(const BrokerName& broker, const AccountId& account) const;

 private:
  template <class T>
  struct Kept {
    T value;
    std::optional<Time> told;
    bool waiting = false;
  };
  template <class T>
  bool update(Kept<T>& kept, const T& value, bool changed, Time now);
  template <class T>
  void stop_waiting(Kept<T>& kept);
  template <class Map, class Out>
  void take_due(Map& map, Out& out, Time now);

  std::chrono::nanoseconds mark_interval_;
  std::size_t waiting_ = 0;
  std::map<std::tuple<BrokerName, AccountId, Symbol>, Kept<Position>> positions_;  // not flat, or not expected to be
  std::map<std::pair<BrokerName, AccountId>, Kept<AccountSummary>> accounts_;
};

}  // namespace tradebus
