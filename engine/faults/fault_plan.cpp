#include "engine/faults/fault_plan.hpp"

#include <numeric>

namespace tradebus {

namespace {

struct Key {
  Fault fault;
  double chance;  // of the default
  const char* about;
};
constexpr Key keys[] = {
    {Fault::refuse, 0.01, "chance that a submit, replace or cancel is refused unsent"},
    {Fault::fail, 0.01, "chance that one fails unsent, with an error that says nothing"},
    {Fault::answer_lost, 0.02, "chance that the venue has it, and its answer is lost"},
    {Fault::answer_late, 0.05, "chance that its answer comes late"},
    {Fault::disconnect_before, 0.003, "chance that the link goes down before it is sent"},
    {Fault::disconnect_after, 0.003, "chance that the link goes down once it is sent"},
    {Fault::crash_before, 0.001, "chance that the adapter ends before it is sent"},
    {Fault::crash_after, 0.001, "chance that the adapter ends once it is sent"},
    {Fault::send_late, 0.05, "chance that it is sent late, and what follows with it"},
    {Fault::report_late, 0.05, "chance that a report comes late, and what follows with it"},
    {Fault::report_twice, 0.05, "chance that a report comes twice"},
    {Fault::report_swapped, 0.05, "chance that a report is overtaken by the next one"},
    {Fault::report_lost, 0.005, "chance that a report is lost, and the link soon after it"},
    {Fault::disconnect, 0.003, "chance that the link goes down with a report"},
    {Fault::crash, 0.001, "chance that the adapter ends with a report"},
    {Fault::question_fails, 0.05, "chance that a question about what the venue has fails"},
    {Fault::question_silent, 0.0, "chance that it is not answered: it is given up after half a minute"},
};
static_assert(std::size(keys) == fault_count);

std::uint64_t mixed(std::uint64_t seed, const std::string& name) {
  std::uint64_t out = seed ^ 0xcbf2'9ce4'8422'2325U;
  for (const char c : name) out = (out ^ static_cast<unsigned char>(c)) * 0x0000'0100'0000'01b3U;
  return out;
}

}  // namespace

SectionSpec faults_section() {
  SectionSpec spec;
  spec.path = "faults";
  spec.about = "FOR TESTS ONLY: brokers whose link is lossy, late and broken. Orders fail.";
  spec.keys.push_back({"seed", std::int64_t{0}, "which faults; 0: none, as it must be where orders matter", 0, 1e15});
  spec.keys.push_back({"delay_ms", std::int64_t{20}, "milliseconds that what is late waits, at most", 1, 60'000});
  for (const auto& key : keys) spec.keys.push_back({std::string{to_string(key.fault)}, key.chance, key.about, 0, 1});
  return spec;
}

FaultConfig fault_config(const Section& section) {
  FaultConfig out;
  out.seed = static_cast<std::uint64_t>(section.get<std::int64_t>("seed"));
  out.delay_max = std::chrono::milliseconds{section.get<std::int64_t>("delay_ms")};
  for (const auto& key : keys) out.chance(key.fault) = section.get<double>(to_string(key.fault));
  return out;
}

FaultPlan::FaultPlan(FaultConfig config, const std::string& name)
    : config_{config}, random_{mixed(config.seed, name)} {}

std::chrono::nanoseconds FaultPlan::delay() {
  const auto most = static_cast<std::uint64_t>(std::max<std::int64_t>(config_.delay_max.count(), 1));
  return std::chrono::nanoseconds{1 + static_cast<std::int64_t>(random_() % most)};
}

std::uint64_t FaultPlan::total() const { return std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0}); }

std::optional<Fault> FaultPlan::pick(Fault first, Fault last) {
  if (!config_.on() || calm_) return std::nullopt;
  double left = static_cast<double>(random_() >> 11U) * 0x1p-53;
  for (auto i = static_cast<std::size_t>(first); i <= static_cast<std::size_t>(last); ++i) {
    left -= config_.chances[i];
    if (left >= 0) continue;
    ++counts_[i];
    return static_cast<Fault>(i);
  }
  return std::nullopt;
}

}  // namespace tradebus
