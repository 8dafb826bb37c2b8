// What watch and record share: for how long, and what happens when the daemon is not there.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <set>
#include <string>

#include "clients/cli/context.hpp"
#include "clients/cli/interrupt.hpp"

namespace tradebus::cli {

struct Until {
  double seconds = 0;       // 0: no end
  std::uint64_t count = 0;  // 0: no end
};

// Knows from the status topics when nothing more will come: a replay that is through.
class Endings {
 public:
  // An exact topic; prefixes and feeds have no end.
  void expect(const std::string& topic) { open_.insert(topic); }
  void note(const client::Message& status);
  bool all_ended() const { return any_ended_ && open_.empty(); }

 private:
  std::set<std::string> open_;
  bool any_ended_ = false;
};

// Hands messages to `take` (true: it counts) until Ctrl-C, `until`, the end of all data (`endings`, and nothing left to
// read), or an error; `idle` is called at least four times a second. Exit code 3 when the daemon does not answer at all
// within the timeout; later silences only warn.
int listen(Context& ctx, client::Stream& stream, const Until& until, Endings& endings,
           const std::function<bool(const client::Message&)>& take, const std::function<void()>& idle);

}  // namespace tradebus::cli
