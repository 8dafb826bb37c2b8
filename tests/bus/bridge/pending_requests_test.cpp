#include "bus/bridge/pending_requests.hpp"
#include "bus/bridge/client_names.hpp"

#include <boost/test/unit_test.hpp>
#include <map>
#include <random>

using namespace tradebus;
using namespace std::chrono_literals;

namespace {
PendingRequests::Request request_until(PendingRequests::Time at, std::string op = "ping") {
  return {{}, "id", std::move(op), at};
}
}  // namespace

BOOST_AUTO_TEST_SUITE(pending_requests)

BOOST_AUTO_TEST_CASE(a_token_answers_once) {
  PendingRequests pending{2};
  const PendingRequests::Time now{};
  const auto token = *pending.add(request_until(now + 1s));
  BOOST_CHECK(pending.take(token));
  BOOST_CHECK(!pending.take(token));
  const auto second = *pending.add(request_until(now + 1s));
  BOOST_CHECK_NE(token, second);  // the same slot, another number
  BOOST_CHECK(!pending.take(token));
}

BOOST_AUTO_TEST_CASE(too_many_are_refused) {
  PendingRequests pending{2};
  const PendingRequests::Time now{};
  const auto first = *pending.add(request_until(now + 1s));
  BOOST_CHECK(pending.add(request_until(now + 1s)));
  BOOST_CHECK(!pending.add(request_until(now + 1s)));
  pending.take(first);
  BOOST_CHECK(pending.add(request_until(now + 1s)));
}

// Each request ends exactly once: by its answer or by its deadline.
BOOST_AUTO_TEST_CASE(every_request_ends_exactly_once) {
  std::mt19937_64 random{5};
  PendingRequests pending{500};
  PendingRequests::Time now{};
  std::map<std::uint64_t, PendingRequests::Time> open;
  std::size_t added = 0;
  std::size_t ended = 0;
  for (int i = 0; i < 200'000; ++i) {
    now += std::chrono::microseconds{random() % 1000};
    const auto expired = pending.take_expired(now);
    ended += expired.size();
    const auto due = std::erase_if(open, [&](const auto& each) { return each.second <= now; });
    BOOST_REQUIRE_EQUAL(expired.size(), due);
    if (random() % 2 == 0) {
      const auto until = now + std::chrono::milliseconds{1 + random() % 300};
      if (const auto token = pending.add(request_until(until))) {
        open[*token] = until;
        ++added;
      } else {
        BOOST_REQUIRE_EQUAL(open.size(), 500U);
      }
    } else if (!open.empty()) {
      const auto it = std::next(open.begin(), static_cast<std::ptrdiff_t>(random() % open.size()));
      BOOST_REQUIRE(pending.take(it->first));
      open.erase(it);
      ++ended;
    }
    BOOST_REQUIRE_EQUAL(pending.open(), open.size());
    if (!open.empty()) BOOST_REQUIRE(pending.next_deadline());
  }
  BOOST_CHECK_EQUAL(added, ended + open.size());
}

BOOST_AUTO_TEST_CASE(a_client_that_works_keeps_its_name) {
  ClientNames names{100};
  names.set("A", "alice");
  for (int i = 0; i < 10'000; ++i) {
    names.set(std::to_string(i), "passer-by");
    BOOST_REQUIRE_EQUAL(names.name_of("A"), "alice");
    BOOST_REQUIRE_LE(names.size(), 100U);
  }
  BOOST_CHECK_EQUAL(names.name_of("0"), "");
  names.set("A", "alice again");
  BOOST_CHECK_EQUAL(names.name_of("A"), "alice again");
}

BOOST_AUTO_TEST_SUITE_END()
