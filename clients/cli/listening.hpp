// What watch and record share: for how long, and what happens when the daemon is not there.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

#include "clients/cli/context.hpp"
#include "clients/cli/interrupt.hpp"

namespace tradebus::cli {

struct Until {
  double seconds = 0;       // 0: no end
  std::uint64_t count = 0;  // 0: no end
};

// Hands messages to `take` (true: it counts) until Ctrl-C, `until`, or an error; `idle` is called at least four times a
// second. Exit code 3 when the daemon does not answer at all within the timeout; later silences only warn.
int listen(Context& ctx, client::Stream& stream, const Until& until, const std::function<bool(const client::Message&)>& take,
           const std::function<void()>& idle);

}  // namespace tradebus::cli
