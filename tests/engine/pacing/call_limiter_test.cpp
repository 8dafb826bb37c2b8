#include "engine/pacing/call_limiter.hpp"

#include <boost/test/unit_test.hpp>
#include <map>
#include <random>

using namespace tradebus;
using namespace std::chrono_literals;

namespace {

using Time = CallLimiter::Time;
constexpr Time t0{1'000s};

CallLimiter limiter(PacingRules rules, std::size_t waiting_max = 10'000) { return CallLimiter{rules, waiting_max}; }
CallLimiter::Call call(std::uint64_t id, const char* client = "a", CallPriority priority = CallPriority::interactive,
                       std::uint64_t identity = 0) {
  return {id, client, priority, identity == 0 ? id : identity};
}
std::vector<std::uint64_t> take_all(CallLimiter& limits, Time now) {
  std::vector<std::uint64_t> out;
  while (const auto id = limits.next(now)) out.push_back(*id);
  return out;
}
// A call that is answered at once.
std::optional<std::uint64_t> take(CallLimiter& limits, Time now) {
  const auto id = limits.next(now);
  if (id) limits.finished(now);
  return id;
}
using Ids = std::vector<std::uint64_t>;

}  // namespace

BOOST_AUTO_TEST_SUITE(call_limiter)

BOOST_AUTO_TEST_CASE(without_rules_nobody_waits) {
  auto limits = limiter({});
  for (std::uint64_t id = 1; id <= 100; ++id) {
    BOOST_CHECK(limits.add(call(id)));
    BOOST_CHECK(limits.next(t0) == id);
  }
  BOOST_CHECK(!limits.next(t0));
  BOOST_CHECK(!limits.next_time(t0));
  BOOST_CHECK(limits.wait(t0) == 0s);
}

BOOST_AUTO_TEST_CASE(the_window_slides) {
  auto limits = limiter({.calls_per_minute = 2});
  for (std::uint64_t id = 1; id <= 4; ++id) limits.add(call(id));
  BOOST_CHECK(take(limits, t0) == 1U);
  BOOST_CHECK(take(limits, t0 + 20s) == 2U);
  BOOST_CHECK(!limits.next(t0 + 20s));
  BOOST_CHECK(limits.next_time(t0 + 20s) == t0 + 60s);
  BOOST_CHECK(!limits.next(t0 + 60s - 1ns));
  BOOST_CHECK(take(limits, t0 + 60s) == 3U);
  BOOST_CHECK(!limits.next(t0 + 60s));
  BOOST_CHECK(limits.next_time(t0 + 60s) == t0 + 80s);
  BOOST_CHECK(limits.wait(t0 + 60s) == 60s);  // behind the one that waits for t0 + 80s
  BOOST_CHECK(take(limits, t0 + 80s) == 4U);
}

// When the venue counted a call is not known, only that it had by its answer.
BOOST_AUTO_TEST_CASE(a_window_counts_from_the_answer) {
  auto limits = limiter({.calls_per_minute = 2});
  for (std::uint64_t id = 1; id <= 5; ++id) limits.add(call(id));
  BOOST_CHECK((take_all(limits, t0) == Ids{1, 2}));
  BOOST_CHECK(!limits.next_time(t0));      // one has to end first
  BOOST_CHECK(!limits.next(t0 + 100s));    // however long ago they were sent
  BOOST_CHECK(limits.wait(t0, 0) == 60s);  // at least
  limits.finished(t0 + 7s);
  BOOST_CHECK(limits.next_time(t0 + 7s) == t0 + 67s);
  BOOST_CHECK(!limits.next(t0 + 67s - 1ns));
  BOOST_CHECK(limits.next(t0 + 67s) == 3U);
  limits.finished(t0 + 70s);             // the second, late
  BOOST_CHECK(!limits.next(t0 + 129s));  // the third is under way
  limits.finished(t0 + 129s);
  BOOST_CHECK(limits.next(t0 + 130s) == 4U);
  BOOST_CHECK(!limits.next(t0 + 189s - 1ns));
}

BOOST_AUTO_TEST_CASE(calls_at_once_wait_for_an_answer_not_for_time) {
  auto limits = limiter({.calls_at_once = 2});
  for (std::uint64_t id = 1; id <= 3; ++id) limits.add(call(id));
  BOOST_CHECK((take_all(limits, t0) == Ids{1, 2}));
  BOOST_CHECK(!limits.next_time(t0));
  limits.finished(t0);
  BOOST_CHECK(limits.next(t0) == 3U);
}

BOOST_AUTO_TEST_CASE(equal_calls_keep_their_distance_and_others_pass_them) {
  auto limits = limiter({.identical_s = 15});
  limits.add(call(1, "a", CallPriority::interactive, 7));
  limits.add(call(2, "b", CallPriority::interactive, 7));
  limits.add(call(3, "b", CallPriority::interactive, 8));
  BOOST_CHECK((take_all(limits, t0) == Ids{1, 3}));
  BOOST_CHECK(limits.next_time(t0) == t0 + 15s);
  BOOST_CHECK(!limits.next(t0 + 14s));
  BOOST_CHECK(limits.next(t0 + 15s) == 2U);
}

BOOST_AUTO_TEST_CASE(clients_take_turns) {
  auto limits = limiter({});
  for (std::uint64_t id = 1; id <= 3; ++id) limits.add(call(id, "greedy"));
  limits.add(call(11, "modest"));
  limits.add(call(21, "shy"));
  BOOST_CHECK((take_all(limits, t0) == Ids{1, 11, 21, 2, 3}));
}

BOOST_AUTO_TEST_CASE(orders_come_first_then_what_somebody_waits_for) {
  auto limits = limiter({});
  limits.add(call(1, "a", CallPriority::bulk));
  limits.add(call(2, "a", CallPriority::interactive));
  limits.add(call(3, "a", CallPriority::order));
  BOOST_CHECK((take_all(limits, t0) == Ids{3, 2, 1}));
}

BOOST_AUTO_TEST_CASE(the_venues_pause_is_kept) {
  auto limits = limiter({});
  limits.add(call(1));
  limits.pause_until(t0 + 30s);
  limits.pause_until(t0 + 10s);  // the longest holds
  BOOST_CHECK(!limits.next(t0 + 29s));
  BOOST_CHECK(limits.next_time(t0) == t0 + 30s);
  BOOST_CHECK(limits.wait(t0) == 30s);
  BOOST_CHECK(limits.next(t0 + 30s) == 1U);
}

BOOST_AUTO_TEST_CASE(who_gave_up_is_not_called_and_counts_for_nothing) {
  auto limits = limiter({.calls_per_second = 1});
  for (std::uint64_t id = 1; id <= 3; ++id) limits.add(call(id));
  BOOST_CHECK(take(limits, t0) == 1U);
  BOOST_CHECK(limits.remove(2));
  BOOST_CHECK(!limits.remove(2));
  BOOST_CHECK(limits.next(t0 + 1s) == 3U);
  BOOST_CHECK_EQUAL(limits.waiting(), 0U);
}

BOOST_AUTO_TEST_CASE(the_queue_is_bounded) {
  auto limits = limiter({.calls_at_once = 1}, 2);
  BOOST_CHECK(limits.add(call(1)) && limits.add(call(2)));
  BOOST_CHECK(!limits.add(call(3)));
  BOOST_CHECK(limits.next(t0) == 1U);
  BOOST_CHECK(limits.add(call(3)));
}

// Whatever comes and goes: no rule is broken in any window, nobody is forgotten, and the venue is never left idle while
// a call could be made.
BOOST_AUTO_TEST_CASE(no_rule_is_ever_broken) {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    std::mt19937 random{seed};
    const auto pick = [&](int low, int high) { return std::uniform_int_distribution<int>{low, high}(random); };
    PacingRules rules{pick(0, 3) * 3, pick(0, 3) * 20, pick(0, 2) * 80, pick(0, 3), pick(0, 1) * 15};
    auto limits = limiter(rules, 100'000);
    struct Grant {
      Time at;
      std::uint64_t identity;
    };
    std::vector<Grant> grants;
    std::vector<Time> ended;                         // of each, in the same order
    std::map<std::uint64_t, std::uint64_t> waiting;  // id -> identity
    std::deque<Time> ends;                           // of calls under way, by time
    Time now = t0;
    std::uint64_t id = 0;
    for (int step = 0; step < 1'500; ++step) {
      now += std::chrono::milliseconds{pick(0, 400)};
      if (step < 900) {
        const auto identity = static_cast<std::uint64_t>(pick(1, 40));
        const std::string client(1, static_cast<char>('a' + pick(0, 5)));
        BOOST_REQUIRE(limits.add({++id, client, static_cast<CallPriority>(pick(0, 2)), identity}));
        waiting.emplace(id, identity);
      }
      if (!waiting.empty() && pick(0, 50) == 0) {
        BOOST_REQUIRE(limits.remove(waiting.begin()->first));
        waiting.erase(waiting.begin());
      }
      while (!ends.empty() && ends.front() <= now) {
        limits.finished(now);
        ended.push_back(now);
        ends.pop_front();
      }
      while (const auto granted = limits.next(now)) {
        const auto it = waiting.find(*granted);
        BOOST_REQUIRE(it != waiting.end());
        grants.push_back({now, it->second});
        waiting.erase(it);
        ends.push_back(now + std::chrono::milliseconds{500});
        if (rules.calls_at_once > 0) BOOST_REQUIRE_LE(ends.size(), static_cast<std::size_t>(rules.calls_at_once));
      }
      // It says when it will have one, and has one then.
      if (const auto at = limits.next_time(now)) BOOST_REQUIRE(*at > now);
    }
    const auto check_window = [&](std::int64_t calls, CallLimiter::Duration length) {
      if (calls == 0) return;
      const auto n = static_cast<std::size_t>(calls);
      for (std::size_t i = n; i < grants.size(); ++i) BOOST_REQUIRE(grants[i].at - ended[i - n] >= length);
    };
    check_window(rules.calls_per_second, 1s);
    check_window(rules.calls_per_minute, 60s);
    check_window(rules.calls_per_10_minutes, 600s);
    std::map<std::uint64_t, Time> last;
    for (const auto& grant : grants) {
      const auto before = last.find(grant.identity);
      if (before != last.end() && rules.identical_s > 0)
        BOOST_REQUIRE(grant.at - before->second >= std::chrono::seconds{rules.identical_s});
      last[grant.identity] = grant.at;
    }
    // In the end everybody has had their call.
    for (int rounds = 0; !waiting.empty(); ++rounds) {
      BOOST_REQUIRE_LT(rounds, 5'000);
      while (!ends.empty()) {
        limits.finished(now);
        ended.push_back(now);
        ends.pop_front();
      }
      const auto at = limits.next_time(now);
      BOOST_REQUIRE(at);
      now = std::max(now, *at);
      const auto granted = limits.next(now);
      BOOST_REQUIRE(granted);
      waiting.erase(*granted);
      ends.push_back(now);
    }
    BOOST_CHECK_EQUAL(limits.waiting(), 0U);
  }
}

// A stream of higher priorities that never ends does not keep the others waiting for ever; nor does a greedy client.
BOOST_AUTO_TEST_CASE(nobody_starves) {
  auto limits = limiter({.calls_per_second = 1}, 100'000);
  std::uint64_t id = 1'000;
  limits.add(call(1, "patient", CallPriority::bulk));
  limits.add(call(2, "patient", CallPriority::interactive));
  for (int i = 0; i < 200; ++i) limits.add(call(++id, "greedy", CallPriority::bulk));
  std::map<std::uint64_t, int> turn;
  Time now = t0;
  for (int i = 0; i < 100; ++i, now += 1s) {
    limits.add(call(++id, "greedy", CallPriority::order));
    limits.add(call(++id, "greedy", CallPriority::interactive));
    const auto granted = take(limits, now);
    BOOST_REQUIRE(granted);
    turn[*granted] = i;
  }
  BOOST_REQUIRE(turn.contains(1) && turn.contains(2));
  BOOST_CHECK_LE(turn[2], 20);
  BOOST_CHECK_LE(turn[1], 10);
}

BOOST_AUTO_TEST_SUITE_END()
