// What brokers say of accounts, as far as risk asks: buying power, and what was lost since the day began. Pure.
#pragma once

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "bus/model/describe.hpp"
#include "bus/model/instrument.hpp"
#include "bus/model/orders.hpp"

namespace tradebus {

// An account's equity when a day began: kept over a restart, so that a loss before it still counts.
struct DayStart {
  BrokerName broker;
  AccountId account;
  Date day;
  Money equity;

  static constexpr std::string_view type_name = "DayStart";
  static constexpr auto fields() {
    return std::tuple{field("broker", &DayStart::broker), field("account", &DayStart::account),
                      field("day", &DayStart::day), field("equity", &DayStart::equity)};
  }
};

class AccountWatch {
 public:
  // The first summary of a later day starts that day, with the last equity of the day before when one is known: what
  // happens overnight belongs to the day. True: it began a day (day_starts() has changed).
  bool take(const AccountSummary& summary, Date day);

  // Empty: no broker has told it yet.
  std::optional<Money> buying_power(const BrokerName& broker, const AccountId& account) const;
  // Equity at the day's start less the last one; 0 on a day of which no summary has come. Empty: nothing is known.
  // A difference out of range is the largest amount.
  std::optional<Money> loss(const BrokerName& broker, const AccountId& account, Date day) const;

  std::vector<DayStart> day_starts() const;
  // Before the first summary: a day start that is newer than the restored one stays.
  void restore(const std::vector<DayStart>& starts);

 private:
  struct Facts {
    std::optional<Money> equity;
    std::optional<Money> buying_power;
    std::optional<Date> day;
    Money day_equity;
  };
  const Facts* find(const BrokerName& broker, const AccountId& account) const;

  std::map<std::pair<BrokerName, AccountId>, Facts> accounts_;
};

}  // namespace tradebus
