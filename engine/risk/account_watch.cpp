#include "engine/risk/account_watch.hpp"

#include <limits>

namespace tradebus {

bool AccountWatch::take(const AccountSummary& summary, Date day) {
  auto& facts = accounts_[{summary.broker, summary.account}];
  const bool begins = !facts.day || *facts.day < day;
  if (begins) {
    facts.day = day;
    facts.day_equity = facts.equity.value_or(summary.equity);
  }
  facts.equity = summary.equity;
  facts.buying_power = summary.buying_power;
  return begins;
}

const AccountWatch::Facts* AccountWatch::find(const BrokerName& broker, const AccountId& account) const {
  const auto it = accounts_.find({broker, account});
  return it == accounts_.end() ? nullptr : &it->second;
}

std::optional<Money> AccountWatch::buying_power(const BrokerName& broker, const AccountId& account) const {
  const auto* facts = find(broker, account);
  return facts != nullptr ? facts->buying_power : std::nullopt;
}

std::optional<Money> AccountWatch::loss(const BrokerName& broker, const AccountId& account, Date day) const {
  const auto* facts = find(broker, account);
  if (facts == nullptr || !facts->equity) return std::nullopt;
  if (*facts->day < day) return Money{};
  if (const auto lost = checked_sub(facts->day_equity, *facts->equity)) return lost;
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  const Int128 far = static_cast<Int128>(most) * most;
  return Money::from_raw(facts->day_equity > *facts->equity ? far : -far);
}

std::vector<DayStart> AccountWatch::day_starts() const {
  std::vector<DayStart> out;
  for (const auto& [key, facts] : accounts_)
    if (facts.day) out.push_back({key.first, key.second, *facts.day, facts.day_equity});
  return out;
}

void AccountWatch::restore(const std::vector<DayStart>& starts) {
  for (const auto& start : starts) {
    auto& facts = accounts_[{start.broker, start.account}];
    if (facts.day && *facts.day > start.day) continue;
    facts.day = start.day;
    facts.day_equity = start.equity;
  }
}

}  // namespace tradebus
