// A recording that goes on only as far as it is told: how a strategy that answers to ticks over the bus meets the same
// recording in every run. A provider without such a recording answers with an error.
#pragma once

#include "actors/caf_support.hpp"
#include "bus/model/strong_string.hpp"
#include "bus/model/time.hpp"

namespace tradebus {

// Plays every row up to `until` (recorded time).
struct AdvanceReplay {
  ProviderName provider;
  Timestamp until{};

  static constexpr std::string_view type_name = "AdvanceReplay";
  static constexpr auto fields() {
    return std::tuple{field("provider", &AdvanceReplay::provider), field("until", &AdvanceReplay::until)};
  }
};
struct ReplayStep {
  Timestamp ts{};                    // played up to here
  std::optional<Timestamp> next_ts;  // of the row at which it stands; absent: it has ended
  bool ended = false;

  static constexpr std::string_view type_name = "ReplayStep";
  static constexpr auto fields() {
    return std::tuple{field("ts", &ReplayStep::ts), field("next_ts", &ReplayStep::next_ts),
                      field("ended", &ReplayStep::ended)};
  }
};

// Answers once all that was played has left for the hub. request.invalid: it does not wait for anybody, or a step is
// under way.
using ReplayStepsActor = protocol<ReplayStep(AdvanceReplay)>;

#define TRADEBUS_REPLAY_STEP_MESSAGES(X) \
  X(AdvanceReplay)                       \
  X(ReplayStep)
TRADEBUS_REPLAY_STEP_MESSAGES(TRADEBUS_DECLARE_INSPECT)

}  // namespace tradebus
