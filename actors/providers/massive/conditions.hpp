// What a trade's conditions say it changes, by the rules of the consolidated tape. A trade must not become the last
// price unless each of its conditions allows it; high and low alike.
// Stocks: numbers below 100 (the venue's own, of CTA's and UTP's sale conditions); options: 200 and above (OPRA).
// Source: /v3/reference/conditions, update_rules.consolidated. Numbers that the table doesn't know change everything,
// as an ordinary trade does: new ones are rare, and a silent last price is the worse fault.
#pragma once

#include <cstdint>
#include <span>

namespace tradebus::massive {

struct UpdateRules {
  bool high_low = true;
  bool last = true;  // the venue's words: updates_open_close
  bool volume = true;

  friend bool operator==(const UpdateRules&, const UpdateRules&) = default;
};

UpdateRules update_rules(std::int32_t condition);

bool updates_last(std::span<const std::int32_t> conditions);
bool updates_high_low(std::span<const std::int32_t> conditions);
bool updates_volume(std::span<const std::int32_t> conditions);

}  // namespace tradebus::massive
