#include "engine/services/core_turn.hpp"

#include <sched.h>

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <thread>

using tradebus::CoreTurn;

namespace {

// Keeps the calling thread, and those that it starts, on one core.
bool stay_on_one_core() {
  cpu_set_t all;
  if (::sched_getaffinity(0, sizeof all, &all) != 0) return false;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &all)) continue;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    return ::sched_setaffinity(0, sizeof one, &one) == 0;
  }
  return false;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(core_turn)

// Two threads on one core: he who gives turns lets the other one get on. Without that he would go round millions of
// times while the other one gets some.
BOOST_AUTO_TEST_CASE(the_other_thread_on_the_core_gets_on) {
  std::thread{[] {
    BOOST_TEST_REQUIRE(stay_on_one_core());
    std::atomic<bool> stop{false};
    std::atomic<std::uint64_t> turns_of_other{0};
    std::thread other{[&] {
      while (!stop) {
        ++turns_of_other;
        std::this_thread::yield();
      }
    }};
    CoreTurn turn;
    bool given = true;
    std::uint64_t turns = 0;
    constexpr std::uint64_t enough = 100;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    for (; given && turns_of_other < enough && std::chrono::steady_clock::now() < deadline; ++turns)
      given = turn.give();
    stop = true;
    other.join();
    if (given) {
      BOOST_TEST(turns_of_other >= enough);
      BOOST_TEST(turns < 1'000 * enough);
    } else {
      BOOST_TEST_MESSAGE("skipped: this kernel gives threads no slices of their own");
    }
  }}.join();
}

// A policy that somebody has chosen is kept, and nothing is given.
BOOST_AUTO_TEST_CASE(a_thread_of_another_policy_is_left_alone) {
  std::thread{[] {
    sched_param none{};
    BOOST_TEST_REQUIRE(::sched_setscheduler(0, SCHED_BATCH, &none) == 0);
    CoreTurn turn;
    BOOST_TEST(!turn.give());
    BOOST_TEST(::sched_getscheduler(0) == SCHED_BATCH);
  }}.join();
}

BOOST_AUTO_TEST_SUITE_END()
