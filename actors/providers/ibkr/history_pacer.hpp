// When a request for history may go out. The venue's rules for bars of half a minute and less: equal requests at least
// 15 s apart, at most five of one contract, exchange and kind in 2 s, sixty in ten minutes (BID_ASK is two); and for
// all bars, so many without an answer. Time is passed in and never goes back. One owner, no lock.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

namespace tradebus::ibkr::data {

struct HistoryRules {
  using Ms = std::chrono::milliseconds;
  std::size_t open_max = 20;  // the venue allows 50
  std::size_t window_max = 60;
  Ms window{601'000};  // what is sent travels: a little more than the venue says
  std::size_t series_max = 5;
  Ms series_window{2'200};
  Ms identical{15'200};
  std::size_t waiting_max = 1'000;
};

class HistoryPacer {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Id = std::uint64_t;

  struct Ask {
    Id id = 0;              // the caller's own
    std::string series;     // contract, exchange, kind
    std::string identity;   // all that makes a request what it is
    bool is_small = false;  // bars of half a minute or less
    std::size_t weight = 1;
  };

  explicit HistoryPacer(HistoryRules rules = {}) : rules_{rules} {}

  // False: too many wait.
  bool add(Ask ask);
  // One that may go out now; it counts from now on. The oldest that no rule keeps back.
  std::optional<Id> next(Time now);
  // One that went out has its answer, or is given up.
  void finished();
  // It waits no more.
  void remove(Id id);
  // The venue said that it was too fast.
  void pause(Time until);
  // The connection is gone: nothing waits, nothing is open. What was sent still counts.
  void clear();

  // When next() will have one, as far as time decides.
  std::optional<Time> next_time(Time now) const;
  std::size_t waiting() const { return waiting_.size(); }
  std::size_t open() const { return open_; }

 private:
  struct Sent {
    Time at{};
    std::string series;
    std::string identity;
  };
  Time allowed(const Ask& ask) const;
  void forget(Time now);

  HistoryRules rules_;
  std::deque<Ask> waiting_;
  std::deque<Sent> sent_;  // small ones of the last window, once for each of their weight
  std::size_t open_ = 0;
  Time paused_until_{};
};

}  // namespace tradebus::ibkr::data
