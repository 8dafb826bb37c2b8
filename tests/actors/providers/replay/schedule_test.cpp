#include "actors/providers/replay/schedule.hpp"

#include <boost/test/unit_test.hpp>

namespace tradebus::replay {
namespace {

using namespace std::chrono_literals;
using Steady = Schedule::Steady;

constexpr Steady t0 = Steady{} + 1'000s;
constexpr std::int64_t s = 1'000'000'000;

bool released(Schedule& schedule, std::int64_t due, Steady now) { return schedule.release_at(due, now) <= now; }

}  // namespace

BOOST_AUTO_TEST_CASE(subscribe_starts_when_the_subscriptions_have_settled) {
  Schedule schedule{StartRule::subscribe, 1.0, 250ms, false};
  schedule.connected(t0);
  BOOST_CHECK(schedule.release_at(100 * s, t0 + 1h) == Schedule::never);
  schedule.subscribed(t0 + 1h);
  BOOST_CHECK(schedule.release_at(100 * s, t0 + 1h) == t0 + 1h + 250ms);
  schedule.subscribed(t0 + 1h + 200ms);
  BOOST_CHECK(!released(schedule, 100 * s, t0 + 1h + 449ms));
  BOOST_CHECK(!schedule.running());
  BOOST_CHECK(released(schedule, 100 * s, t0 + 1h + 450ms));
  BOOST_CHECK(schedule.running());
  // A further one does not stop it.
  schedule.subscribed(t0 + 1h + 460ms);
  BOOST_CHECK(schedule.release_at(101 * s, t0 + 1h + 460ms) == t0 + 1h + 1'450ms);
}

BOOST_AUTO_TEST_CASE(connect_waits_for_the_second_connect) {
  Schedule schedule{StartRule::connect, 1.0, 250ms, false};
  schedule.connected(t0);
  schedule.subscribed(t0);
  BOOST_CHECK(schedule.release_at(5, t0 + 1h) == Schedule::never);
  schedule.go();
  BOOST_CHECK(released(schedule, 5, t0 + 1h));
}

BOOST_AUTO_TEST_CASE(now_starts_now) {
  Schedule schedule{StartRule::now, 1.0, 250ms, false};
  schedule.connected(t0);
  BOOST_CHECK(released(schedule, 5, t0));
}

BOOST_AUTO_TEST_CASE(a_resumed_run_waits_for_its_subscribers) {
  for (const auto rule : {StartRule::now, StartRule::connect}) {
    Schedule schedule{rule, 0.0, 250ms, true};
    schedule.connected(t0);
    BOOST_CHECK(schedule.release_at(5, t0) == t0 + 250ms);
    schedule.subscribed(t0 + 100ms);
    BOOST_CHECK(!released(schedule, 5, t0 + 349ms));
    BOOST_CHECK(released(schedule, 5, t0 + 350ms));
  }
}

BOOST_AUTO_TEST_CASE(speed_stretches_the_recordings_time) {
  for (const double speed : {0.5, 1.0, 10.0, 1'000.0}) {
    Schedule schedule{StartRule::now, speed, 0ms, false};
    BOOST_CHECK(released(schedule, 100 * s, t0));
    const auto due = schedule.release_at(160 * s, t0);
    BOOST_CHECK(due == t0 + std::chrono::nanoseconds{static_cast<std::int64_t>(60e9 / speed)});
    BOOST_CHECK(!released(schedule, 160 * s, due - 1ns));
    BOOST_CHECK(released(schedule, 160 * s, due));
    BOOST_CHECK_EQUAL(schedule.recorded_at(due), 160 * s);
    // A gap is waited out like any other time; what lies before the present is due at once.
    BOOST_CHECK(schedule.release_at(100 * s + 3'600 * s, due) ==
                t0 + std::chrono::nanoseconds{static_cast<std::int64_t>(3'600e9 / speed)});
    BOOST_CHECK(released(schedule, 50 * s, t0));
  }
}

BOOST_AUTO_TEST_CASE(speed_0_never_waits) {
  Schedule schedule{StartRule::now, 0.0, 0ms, false};
  BOOST_CHECK(released(schedule, 100 * s, t0));
  BOOST_CHECK(released(schedule, INT64_MAX, t0));
  BOOST_CHECK_EQUAL(schedule.recorded_at(t0), INT64_MAX);
}

BOOST_AUTO_TEST_CASE(a_second_pass_is_counted_from_its_own_beginning) {
  Schedule schedule{StartRule::now, 2.0, 0ms, false};
  BOOST_CHECK(released(schedule, 100 * s, t0));
  schedule.start_over();
  BOOST_CHECK(released(schedule, 100 * s, t0 + 1h));
  BOOST_CHECK(schedule.release_at(102 * s, t0 + 1h) == t0 + 1h + 1s);
}

BOOST_AUTO_TEST_CASE(absurd_times_do_not_overflow) {
  Schedule schedule{StartRule::now, 1e-6, 0ms, false};
  BOOST_CHECK(released(schedule, 0, t0));
  BOOST_CHECK(schedule.release_at(INT64_MAX, t0) > t0 + 24h * 365);
}

}  // namespace tradebus::replay
