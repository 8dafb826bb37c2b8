// Paces the calls to one venue: who waits, who goes next, and when. It grants a call only if every rule allows it, so
// that no rule is broken in any window. A call takes its place in a window until so long after its end: when it was
// counted at the venue isn't known, only that it was by then. Time is passed in and never goes back. One owner, no
// lock. Orders go before data, answers that somebody waits for before bulk; within these, clients take turns. A lower
// priority still gets a share (`share`), so that nobody waits for ever.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/pacing/pacing_rules.hpp"

namespace tradebus {

enum class CallPriority : std::uint8_t { order, interactive, bulk };

class CallLimiter {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Duration = Time::duration;
  using CallId = std::uint64_t;
  // Calls of higher priorities that may pass a waiting one before it has its turn; in the order of CallPriority.
  static constexpr std::array<std::size_t, 3> share{0, 16, 4};

  struct Call {
    CallId id = 0;  // the caller's own, unique
    std::string client;
    CallPriority priority = CallPriority::interactive;
    std::uint64_t identity = 0;  // equal for equal calls
  };

  CallLimiter() : CallLimiter{PacingRules{}, 1'000} {}
  CallLimiter(const PacingRules& rules, std::size_t waiting_max);

  // False: too many wait.
  bool add(Call call);
  // A call that may be made now; it counts from now on, until a window's length after its end. Ask again until there is
  // none.
  std::optional<CallId> next(Time now);
  // A granted call was answered, or given up.
  void finished(Time now);
  // It waits no more, and is not made.
  bool remove(CallId id);
  // The venue said: no call before `t`.
  void pause_until(Time t) { paused_until_ = std::max(paused_until_, t); }

  // When next() will have one, as far as time alone decides; empty when nothing waits, or a call has to end first.
  std::optional<Time> next_time(Time now) const;
  // How long a call that came now behind `ahead` others would be kept, at least: what to tell a client.
  Duration wait(Time now, std::size_t ahead) const;
  Duration wait(Time now) const { return wait(now, waiting_); }  // behind all that wait

  std::size_t waiting() const { return waiting_; }
  std::size_t under_way() const { return under_way_; }
  std::uint64_t granted() const { return granted_; }
  bool paused(Time now) const { return now < paused_until_; }
  const PacingRules& rules() const { return rules_; }

 private:
  struct Window {
    std::size_t calls;
    Duration length;
  };
  struct Client {
    std::string name;
    std::deque<Call> calls;
  };
  using Queue = std::list<Client>;  // the first one's turn is next

  bool is_full() const {
    return rules_.calls_at_once > 0 && under_way_ >= static_cast<std::size_t>(rules_.calls_at_once);
  }
  std::optional<Time> windows_allow(Time now) const;
  Time identity_allows(std::uint64_t identity, Time now) const;
  bool has_ready(const Queue& queue, Time now) const;
  std::optional<Call> take_from(Queue& queue, Time now);
  void grant(const Call& call, Time now);

  PacingRules rules_;
  std::vector<Window> windows_;
  Duration identical_{};
  std::size_t waiting_max_;
  std::array<Queue, 3> queues_;
  std::array<std::size_t, 3> passed_{};  // by calls of a higher priority, since its last turn
  std::size_t waiting_ = 0;
  std::size_t under_way_ = 0;
  std::uint64_t granted_ = 0;
  std::size_t ends_kept_ = 0;
  std::deque<Time> ends_;  // of the last calls that ended, as many as the largest rule needs
  std::unordered_map<std::uint64_t, Time> last_of_;
  std::deque<std::pair<Time, std::uint64_t>> identities_;  // by time, to forget last_of_
  Time paused_until_{};
};

}  // namespace tradebus
