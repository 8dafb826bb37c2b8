// Calendar::is_open beside a hash map of the exchange's dates, the same moments asked in the same order. Prints one
// line of JSON: is_open_ns, hash_map_ns (the best of several passes, a question).
#include <cstdio>
#include <random>
#include <unordered_map>

#include "bench/support/measure.hpp"
#include "engine/calendar/calendars.hpp"

namespace {

using namespace tradebus;

// Short passes, in CPU time: other work on the machine interrupts few of them.
constexpr int passes = 50;
constexpr std::size_t questions = 100'000;

template <class Question>
double best_ns(const std::vector<std::int64_t>& moments, std::uint64_t& checksum, Question question) {
  double best = 1e9;
  for (int pass = 0; pass < passes; ++pass) {
    std::uint64_t yes = 0;
    const auto start = bench::clock_ns(CLOCK_THREAD_CPUTIME_ID);
    for (const auto ns : moments) yes += question(ns) ? 1U : 0U;
    best = std::min(best, static_cast<double>(bench::clock_ns(CLOCK_THREAD_CPUTIME_ID) - start) /
                              static_cast<double>(moments.size()));
    checksum += yes;
  }
  return best;
}

}  // namespace

int main() try {
  constexpr std::int64_t day_ns = 86'400'000'000'000;
  const auto& exchange = *Calendars::shipped()->find("XNYS");
  std::unordered_map<std::int64_t, bool> by_day;
  for (auto date = exchange.first(); date <= exchange.last(); date += std::chrono::days{1})
    by_day[date.time_since_epoch().count()] = exchange.session_on(date).has_value();

  std::mt19937_64 random{1};
  std::uniform_int_distribution<std::int64_t> any{unix_ns(Timestamp{exchange.first()}),
                                                  unix_ns(Timestamp{exchange.last()})};
  std::vector<std::int64_t> moments(questions);
  for (auto& moment : moments) moment = any(random);

  std::uint64_t checksum = 0;
  const auto hash_map = best_ns(moments, checksum, [&](std::int64_t ns) { return by_day.find(ns / day_ns)->second; });
  const auto is_open = best_ns(moments, checksum, [&](std::int64_t ns) { return exchange.is_open(from_unix_ns(ns)); });
  std::printf("{\"is_open_ns\": %.2f, \"hash_map_ns\": %.2f, \"checksum\": %llu}\n", is_open, hash_map,
              static_cast<unsigned long long>(checksum));
} catch (const std::exception& error) {
  std::fprintf(stderr, "bench_is_open: %s\n", error.what());
  return 1;
}
