// Single flight: questions under way at the providers, and who waits for each answer. Time is passed in (a steady one:
// flights age in real time also when a recording drives the daemon's clock). One owner, no lock.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "actors/cache/memory/questions.hpp"
#include "bus/model/strong_string.hpp"
#include "bus/model/time.hpp"

namespace tradebus::memory {

using FlightId = std::uint64_t;
using SteadyTime = std::chrono::steady_clock::time_point;

template <class Waiter>
struct Flight {
  std::string key;
  Kind kind{};
  ProviderName provider;
  Timestamp asked{};  // by the daemon's clock
  SteadyTime began{};
  bool keep = true;             // false: the cache was cleared meanwhile, the answer may be from before
  std::vector<Waiter> waiters;  // the first one made the call
  // Its call to the source, as long as it has one that is not answered.
  enum class Call : std::uint8_t { none, waiting, under_way } call = Call::none;
  std::function<void()> make_call = {};
  std::uint32_t calls = 0;
  std::uint32_t refused = 0;  // by the source, for being too fast
  bool watched = false;       // a timer runs for those who can wait no longer
};

template <class Waiter>
class Flights {
 public:
  Flights(std::size_t flights_max, std::size_t waiters_max) : flights_max_{flights_max}, waiters_max_{waiters_max} {}

  enum class Place : std::uint8_t { start, join, full };
  // What can be done with this question now.
  Place place(std::string_view key) const {
    if (waiters_ >= waiters_max_) return Place::full;
    if (by_key_.contains(key)) return Place::join;
    return flights_.size() < flights_max_ ? Place::start : Place::full;
  }
  // After place() said join.
  FlightId join(std::string_view key, Waiter waiter) {
    const auto id = by_key_.at(key);
    flights_.at(id).waiters.push_back(std::move(waiter));
    ++waiters_;
    return id;
  }
  // After place() said start.
  FlightId start(Flight<Waiter> flight) {
    const auto id = next_id_++;
    waiters_ += flight.waiters.size();
    const auto it = flights_.emplace_hint(flights_.end(), id, std::move(flight));
    by_key_.emplace(it->second.key, id);
    return id;
  }

  // Null: it was given up before. Valid until it is taken.
  Flight<Waiter>* find(FlightId id) {
    const auto it = flights_.find(id);
    return it == flights_.end() ? nullptr : &it->second;
  }
  // Takes those waiters of a flight of which `condition` holds.
  template <class Condition>
  std::vector<Waiter> take_waiters(FlightId id, Condition condition) {
    std::vector<Waiter> out;
    auto& waiters = flights_.at(id).waiters;
    std::vector<Waiter> others;
    for (auto& each : waiters) (condition(each) ? out : others).push_back(std::move(each));
    waiters = std::move(others);
    waiters_ -= out.size();
    return out;
  }

  // Its answer came. Empty: it was given up before.
  std::optional<Flight<Waiter>> take(FlightId id) {
    const auto it = flights_.find(id);
    if (it == flights_.end()) return std::nullopt;
    return remove(it);
  }
  // Their provider went away.
  std::vector<FlightId> all_of(const ProviderName& provider) const {
    std::vector<FlightId> out;
    for (const auto& [id, flight] : flights_)
      if (flight.provider == provider) out.push_back(id);
    return out;
  }
  std::vector<Flight<Waiter>> take_all() {
    std::vector<Flight<Waiter>> out;
    while (!flights_.empty()) out.push_back(remove(flights_.begin()));
    return out;
  }
  // The oldest one that began before `t`.
  std::optional<FlightId> older_than(SteadyTime t) const {
    if (flights_.empty() || flights_.begin()->second.began >= t) return std::nullopt;
    return flights_.begin()->first;
  }

  // Answers to what is under way are not to be kept.
  // `condition(key, kind)`: which ones.
  template <class Condition>
  void forget_if(Condition condition) {
    for (auto& [id, flight] : flights_)
      if (condition(flight.key, flight.kind)) flight.keep = false;
  }

  std::size_t size() const { return flights_.size(); }
  std::size_t waiters() const { return waiters_; }

 private:
  using Table = std::map<FlightId, Flight<Waiter>>;  // by age

  Flight<Waiter> remove(typename Table::iterator it) {
    by_key_.erase(it->second.key);
    waiters_ -= it->second.waiters.size();
    auto out = std::move(it->second);
    flights_.erase(it);
    return out;
  }

  std::size_t flights_max_;
  std::size_t waiters_max_;
  std::size_t waiters_ = 0;
  FlightId next_id_ = 1;
  Table flights_;
  std::unordered_map<std::string_view, FlightId> by_key_;  // views of the flights' own keys
};

}  // namespace tradebus::memory
