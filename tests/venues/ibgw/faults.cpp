#include "tests/venues/ibgw/faults.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace tradebus::ibgw_sim {
namespace {

constexpr std::array<std::pair<std::string_view, FaultKind>, 13> names = {
    {{"pacing", FaultKind::pacing},
     {"ignore_order", FaultKind::ignore_order},
     {"cut_before_order", FaultKind::cut_before_order},
     {"cut_after_order", FaultKind::cut_after_order},
     {"duplicate_status", FaultKind::duplicate_status},
     {"late_status", FaultKind::late_status},
     {"duplicate_exec", FaultKind::duplicate_exec},
     {"reorder_exec", FaultKind::reorder_exec},
     {"late_commission", FaultKind::late_commission},
     {"mute_order", FaultKind::mute_order},
     {"slow", FaultKind::slow},
     {"split", FaultKind::split},
     {"truncate", FaultKind::truncate}}};

}  // namespace

std::optional<FaultKind> parse_fault(std::string_view name) {
  for (const auto& [known, kind] : names)
    if (known == name) return kind;
  return std::nullopt;
}

bool Faults::arm(const Fault& fault) {
  if (armed_.size() == armed_max) return false;
  if (fault.count > 0) armed_.push_back(fault);
  return true;
}

std::optional<Fault> Faults::take(FaultKind kind, std::optional<int> client) {
  const auto it = std::find_if(armed_.begin(), armed_.end(), [&](const Fault& fault) {
    return fault.kind == kind && (!fault.client || fault.client == client);
  });
  if (it == armed_.end()) return std::nullopt;
  const Fault taken = *it;
  if (--it->count == 0) armed_.erase(it);
  return taken;
}

}  // namespace tradebus::ibgw_sim
