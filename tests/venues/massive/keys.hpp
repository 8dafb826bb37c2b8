// Who may ask for what: keys, their plans, the channels they hold, and the free plan's five calls in any minute.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/venues/massive/clock.hpp"

namespace tradebus::massive_sim {

enum class Plan { free, delayed, realtime };

struct Access {
  Plan plan = Plan::realtime;
  std::set<std::string, std::less<>> channels;  // empty: all

  bool has(std::string_view channel) const { return channels.empty() || channels.contains(channel); }
};

// At most `calls` in any 60 seconds.
class RateWindow {
 public:
  static constexpr Ns width = 60 * ns_per_s;
  explicit RateWindow(std::size_t calls) : calls_(calls) {}
  // False: one too many; it doesn't count.
  bool take(Ns now);

 private:
  std::size_t calls_;
  std::deque<Ns> taken_;
};

class Keys {
 public:
  explicit Keys(std::size_t free_calls = 5) : free_calls_(free_calls) {}

  // KEY, KEY=PLAN or KEY=PLAN:T,Q,A,AM. Throws std::invalid_argument that doesn't name the key.
  void add(std::string_view text);
  const Access* find(std::string_view key) const;
  // False: 429.
  bool take_call(std::string_view key, Ns now);
  bool empty() const { return keys_.empty(); }

 private:
  struct Entry {
    Access access;
    std::optional<RateWindow> window;
  };
  std::size_t free_calls_;
  std::map<std::string, Entry, std::less<>> keys_;
};

}  // namespace tradebus::massive_sim
