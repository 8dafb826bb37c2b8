#include "actors/providers/massive/conditions.hpp"

#include <algorithm>
#include <array>

namespace tradebus::massive {

namespace {

struct Rule {
  std::int32_t condition;
  UpdateRules rules;
};

// Only what differs from an ordinary trade; by number.
constexpr UpdateRules nothing{false, false, false};
constexpr UpdateRules volume_only{false, false, true};
constexpr UpdateRules not_last{true, false, true};
constexpr UpdateRules not_volume{true, true, false};

constexpr auto exceptions = std::to_array<Rule>({
    {2, volume_only},   // average price
    {5, not_last},      // bunched, sold
    {7, volume_only},   // cash sale
    {10, not_last},     // derivatively priced
    {12, volume_only},  // form T: extended hours
    {13, volume_only},  // extended hours, sold out of sequence
    {15, nothing},      // market center official close
    {16, nothing},      // market center official open
    {20, volume_only},  // next day
    {21, volume_only},  // price variation
    {22, not_last},     // prior reference price
    {29, volume_only},  // seller
    {32, not_last},     // sold out of sequence
    {33, not_last},     // sold out of sequence, stopped stock
    {37, volume_only},  // odd lot
    {38, not_volume},   // corrected consolidated close
    {52, volume_only},  // contingent
    {53, volume_only},  // qualified contingent
    {201, nothing},     // options: canceled
    {202, not_last},    // late and out of sequence
    {203, nothing},     // last, and canceled
    {205, nothing},     // opening, and canceled
    {206, not_last},    // opening, late and out of sequence
    {207, nothing},     // the only one, and canceled
});
static_assert(std::ranges::is_sorted(exceptions, {}, &Rule::condition));

}  // namespace

UpdateRules update_rules(std::int32_t condition) {
  const auto* it = std::ranges::lower_bound(exceptions, condition, {}, &Rule::condition);
  return it != exceptions.end() && it->condition == condition ? it->rules : UpdateRules{};
}

bool updates_last(std::span<const std::int32_t> conditions) {
  return std::ranges::all_of(conditions, [](std::int32_t c) { return update_rules(c).last; });
}
bool updates_high_low(std::span<const std::int32_t> conditions) {
  return std::ranges::all_of(conditions, [](std::int32_t c) { return update_rules(c).high_low; });
}
bool updates_volume(std::span<const std::int32_t> conditions) {
  return std::ranges::all_of(conditions, [](std::int32_t c) { return update_rules(c).volume; });
}

}  // namespace tradebus::massive
