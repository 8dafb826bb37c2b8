// How many messages a gateway takes a second: half as many as the account has market data lines, over all that goes out
// on one connection. One more is error 100, and the third such error ends the connection. It counts on arrival, and
// what was sent in one second may arrive in less: so a fifth of them may go at once, and the rest evenly, and no
// second, begun whenever, has more than it may. Cancels go first, then orders, and some of what may go at once is kept
// for them. Time is passed in and never goes back. One owner, no lock.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "bus/model/error.hpp"

namespace tradebus::ibkr::session {

enum class Urgency : std::uint8_t {
  cancel,   // of an order: it passes those that wait
  order,    // placing, changing
  control,  // what keeps the session alive, what reconciliation asks
  data      // everything else
};

struct PaceLimits {
  std::size_t per_second = 45;       // the gateway allows 50 with 100 lines; its clock is not ours
  std::size_t kept_for_orders = 5;   // of those that may go at once
  std::size_t waiting_max = 10'000;  // messages of each urgency
};

class MessagePacer {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit MessagePacer(PaceLimits limits);

  // overloaded: too many wait. By its ticket, when it has one, it can be taken back while it waits.
  Result<void> add(Urgency urgency, std::string frame, std::uint64_t ticket = 0);
  bool waits(std::uint64_t ticket) const;
  // True: it still waited, and is not sent any more.
  bool withdraw(std::uint64_t ticket);
  // What may be sent now; it counts from now on. Ask again until there is none.
  std::optional<std::string> next(Time now);
  // When next() will have one; empty: nothing waits.
  std::optional<Time> next_time(Time now) const;
  // The gateway said that it was too fast: nothing more for a second.
  void pause(Time now);
  // The connection is gone: what waited is dropped. How many that were.
  std::size_t clear();

  std::size_t waiting() const;
  std::size_t waiting(Urgency urgency) const { return queues_[static_cast<std::size_t>(urgency)].size(); }

 private:
  static constexpr std::chrono::seconds window{1};

  // From when on a message of that urgency may go.
  Time allowed(Urgency urgency) const;

  PaceLimits limits_;
  struct Waiting {
    std::string frame;
    std::uint64_t ticket = 0;
  };
  std::array<std::deque<Waiting>, 4> queues_;
  std::size_t at_once_ = 1;
  Time::duration interval_{window};  // of the others
  Time rested_{};                    // from then on as many as may go at once, if nothing is sent until then
  Time paused_until_{};
};

}  // namespace tradebus::ibkr::session
