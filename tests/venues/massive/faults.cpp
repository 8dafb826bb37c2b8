#include "tests/venues/massive/faults.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace tradebus::massive_sim {
namespace {

constexpr std::pair<std::string_view, FaultKind> kinds[] = {
    {"429", FaultKind::status},
    {"500", FaultKind::status},
    {"503", FaultKind::status},
    {"cut", FaultKind::cut},
    {"reset", FaultKind::reset},
    {"half_open", FaultKind::half_open},
    {"garbage", FaultKind::garbage},
    {"slow_body", FaultKind::slow_body},
    {"slow_first_byte", FaultKind::slow_first_byte},
    {"empty_body", FaultKind::empty_body},
    {"html_error", FaultKind::html_error},
    {"truncated_gzip", FaultKind::truncated_gzip},
    {"max_connections", FaultKind::max_connections},
    {"silence", FaultKind::silence},
};

bool of_connections(FaultKind kind) { return kind == FaultKind::max_connections || kind == FaultKind::silence; }

}  // namespace

std::optional<Fault> parse_fault(std::string_view kind) {
  const auto found = std::find_if(std::begin(kinds), std::end(kinds), [&](const auto& x) { return x.first == kind; });
  if (found == std::end(kinds)) return std::nullopt;
  Fault fault;
  fault.kind = found->second;
  if (fault.kind == FaultKind::status) fault.status = std::stoi(std::string(kind));
  return fault;
}

bool Faults::arm(Fault fault) {
  if (armed_.size() >= armed_max) return false;
  if (fault.count > 0) armed_.push_back(std::move(fault));
  return true;
}

std::optional<Fault> Faults::take(std::string_view path) {
  const auto found = std::find_if(armed_.begin(), armed_.end(), [&](const Fault& x) {
    return !of_connections(x.kind) && path.starts_with(x.path_prefix);
  });
  if (found == armed_.end()) return std::nullopt;
  Fault fault = *found;
  if (--found->count == 0) armed_.erase(found);
  return fault;
}

bool Faults::take_for_connection(FaultKind kind) {
  const auto found = std::find_if(armed_.begin(), armed_.end(), [&](const Fault& x) { return x.kind == kind; });
  if (found == armed_.end()) return false;
  if (--found->count == 0) armed_.erase(found);
  return true;
}

std::uint64_t Faults::armed() const {
  return std::accumulate(armed_.begin(), armed_.end(), std::uint64_t{0},
                         [](std::uint64_t n, const Fault& x) { return n + x.count; });
}

}  // namespace tradebus::massive_sim
