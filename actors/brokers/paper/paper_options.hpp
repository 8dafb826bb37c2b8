// What options may come to cost: the largest loss that they can bring at expiry. Pure.
#pragma once

#include <optional>
#include <vector>

#include "bus/model/instrument.hpp"

namespace tradebus::paper {

struct HeldOption {
  Date expiry;
  OptionRight right = OptionRight::call;
  Price strike;
  std::int32_t multiplier = 100;
  Quantity qty;  // contracts; negative when short
};

// Of all options on one underlying: spreads count by their worst outcome, short puts by their strike, short calls not
// as far as `shares` cover them. A long option that expires before a short one does not help it. Empty: without a
// bound, since short calls are covered by nothing.
std::optional<Money> worst_loss(std::vector<HeldOption> options, Quantity shares);

// By a cent at least: then it is exercised.
bool in_the_money(const HeldOption& option, Price underlying);

}  // namespace tradebus::paper
