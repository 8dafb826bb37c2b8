// Whose turn it is, what is tried again, and what a refusal means to all.
#include <boost/test/unit_test.hpp>

#include "actors/providers/massive/calls.hpp"

using namespace tradebus;
using namespace tradebus::massive;
using namespace std::chrono_literals;

namespace {

// A question of so many pages.
class Pages : public Plan {
 public:
  explicit Pages(int count) : left_{count} {}
  Result<Target> begin() override { return Target{"/page"}; }
  Result<Target> take(std::string_view) override {
    return --left_ > 0 ? Target{"/page" + std::to_string(left_)} : Target{};
  }

 private:
  int left_;
};

// One that has another way.
class TwoWays : public Plan {
 public:
  Result<Target> begin() override { return Target{"/first"}; }
  Result<Target> take(std::string_view body) override {
    if (body.empty()) return Target{};
    return fail(Errc::provider_unsupported, std::string{body});
  }
  Result<Target> refused(const Error& error) override {
    if (second_) return tl::unexpected{error};
    second_ = true;
    return Target{"/second"};
  }

 private:
  bool second_ = false;
};

struct Fixture {
  Calls::Time now{1h};
  CallsOptions options;
  std::optional<Calls> calls;

  explicit Fixture(std::int64_t a_minute = 0) {
    options.pacing.calls_per_minute = a_minute;
    calls.emplace(options);
  }
  Calls::Id open(int pages) {
    auto id = calls->open(std::make_unique<Pages>(pages), "/first", CallPriority::interactive, now);
    BOOST_REQUIRE(id);
    return *id;
  }
  Calls::Call next() {
    auto call = calls->next(now);
    BOOST_REQUIRE(call);
    return *call;
  }
  std::optional<Calls::End> answer(Calls::Id id, unsigned status, std::optional<std::chrono::milliseconds> after = {}) {
    HttpResponse response;
    response.status = status;
    response.retry_after = after;
    return calls->answered(id, response, now);
  }
  std::optional<Calls::End> lose(Calls::Id id, NetFault fault) {
    NetError error;
    error.fault = fault;
    error.message = "lost";
    return calls->answered(id, tl::unexpected{error}, now);
  }
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_refusal_within_a_good_answer_takes_the_other_way_too) {
  Fixture f;
  for (const bool is_given : {true, false}) {
    const auto id = f.calls->open(std::make_unique<TwoWays>(), "/first", CallPriority::interactive, f.now).value();
    f.next();
    HttpResponse refusal;
    refusal.status = 200;
    refusal.body = "NOT_AUTHORIZED";
    BOOST_CHECK(!f.calls->answered(id, refusal, f.now));
    BOOST_CHECK_EQUAL(f.next().target, "/second");
    if (is_given) refusal.body.clear();
    const auto end = f.calls->answered(id, refusal, f.now);
    BOOST_REQUIRE(end);
    BOOST_CHECK_EQUAL(!end->error, is_given);
  }
}

BOOST_AUTO_TEST_CASE(every_page_counts_as_a_call) {
  Fixture f{5};
  const auto id = f.open(7);
  for (int i = 0; i < 5; ++i) {
    BOOST_CHECK_EQUAL(f.next().id, id);
    BOOST_CHECK(!f.answer(id, 200));
  }
  BOOST_CHECK(!f.calls->next(f.now));  // the sixth waits, not within any 60 s
  f.now += 59s;
  BOOST_CHECK(!f.calls->next(f.now));
  BOOST_REQUIRE(f.calls->next_time(f.now));
  f.now = *f.calls->next_time(f.now);
  BOOST_CHECK_EQUAL(f.next().target, "/page2");
  BOOST_CHECK(!f.answer(id, 200));
  f.next();
  const auto end = f.answer(id, 200);
  BOOST_REQUIRE(end);
  BOOST_CHECK(!end->error && end->plan);
  BOOST_CHECK_EQUAL(f.calls->made(), 7);
  BOOST_CHECK_EQUAL(f.calls->open_questions(), 0);
}

BOOST_AUTO_TEST_CASE(who_is_refused_at_the_first_call_hears_it_and_all_others_wait) {
  Fixture f;
  const auto a = f.open(1);
  f.next();
  const auto b = f.open(1);
  const auto end = f.answer(a, 429);
  BOOST_REQUIRE(end && end->error);
  BOOST_CHECK(end->error->code == Errc::provider_rate_limited && end->error->retry_after_ms == 12'000);
  BOOST_CHECK(!f.calls->next(f.now));
  f.now += 12s;
  BOOST_CHECK_EQUAL(f.next().id, b);
  // Again: twice as long; what the venue says itself holds.
  BOOST_CHECK(f.answer(b, 429)->error->retry_after_ms == 24'000);
  f.now += 24s;
  const auto c = f.open(1);
  f.next();
  BOOST_CHECK(f.answer(c, 429, 33s)->error->retry_after_ms == 33'000);
  f.now += 33s;
  const auto d = f.open(1);
  f.next();
  BOOST_CHECK(!f.answer(d, 200)->error);
  const auto e = f.open(1);
  f.next();
  BOOST_CHECK(f.answer(e, 429)->error->retry_after_ms == 12'000);  // forgotten
}

BOOST_AUTO_TEST_CASE(later_pages_wait_instead_of_beginning_anew) {
  Fixture f;
  const auto id = f.open(2);
  f.next();
  BOOST_CHECK(!f.answer(id, 200));
  f.next();
  BOOST_CHECK(!f.answer(id, 429, 20s));
  BOOST_CHECK(!f.calls->next(f.now));
  f.now += 20s;
  BOOST_CHECK_EQUAL(f.next().target, "/page1");
  BOOST_CHECK(!f.answer(id, 200)->error);
  BOOST_CHECK_EQUAL(f.calls->refusals(), 1);
}

BOOST_AUTO_TEST_CASE(what_passes_is_tried_three_times_what_stays_once) {
  Fixture f;
  const auto id = f.open(1);
  f.next();
  BOOST_CHECK(!f.answer(id, 503));
  BOOST_CHECK(!f.calls->next(f.now));
  f.now += 250ms;
  f.next();
  BOOST_CHECK(!f.lose(id, NetFault::connection_lost));
  f.now += 500ms;
  f.next();
  const auto end = f.answer(id, 502);
  BOOST_REQUIRE(end && end->error);
  BOOST_CHECK(end->error->code == Errc::provider_unavailable);
  for (const unsigned status : {400U, 401U, 403U, 404U}) {
    const auto once = f.open(1);
    f.next();
    BOOST_CHECK(f.answer(once, status)->error);
  }
  const auto untrusted = f.open(1);
  f.next();
  BOOST_CHECK(f.lose(untrusted, NetFault::tls_failed)->error);
  const auto slow = f.open(1);
  f.next();
  BOOST_CHECK(f.lose(slow, NetFault::timed_out)->error->code == Errc::request_timeout);
}

BOOST_AUTO_TEST_CASE(who_gets_no_turn_in_time_is_told_when_to_come_again) {
  Fixture f{1};
  f.options.wait_max = 90s;
  f.calls.emplace(f.options);
  const auto first = f.open(1);
  f.next();
  const auto second = f.open(1);
  // A third would wait two minutes.
  const auto refused = f.calls->open(std::make_unique<Pages>(1), "/first", CallPriority::interactive, f.now);
  BOOST_REQUIRE(!refused);
  BOOST_CHECK(refused.error().code == Errc::provider_rate_limited && *refused.error().retry_after_ms > 60'000);
  BOOST_CHECK(f.answer(first, 429, 100s)->error);
  f.now += 61s;
  BOOST_CHECK(!f.calls->next(f.now) && f.calls->expire(f.now).empty());
  f.now += 29s;
  const auto late = f.calls->expire(f.now);
  BOOST_REQUIRE_EQUAL(late.size(), 1);
  BOOST_CHECK(late[0].id == second && late[0].error->code == Errc::provider_rate_limited);
  BOOST_CHECK(*late[0].error->retry_after_ms > 0 && !f.answer(second, 200));  // not known any more
  f.now += 10s;
  BOOST_CHECK(!f.calls->next(f.now));
}

BOOST_AUTO_TEST_CASE(a_calls_place_is_taken_until_a_minute_after_its_answer) {
  Fixture f{5};
  std::vector<Calls::Id> ids;
  for (int i = 0; i < 6; ++i) ids.push_back(f.open(1));
  for (int i = 0; i < 5; ++i) f.next();
  f.now += 3s;  // the venue may have counted them only now
  for (int i = 0; i < 5; ++i) BOOST_CHECK(f.answer(ids[static_cast<std::size_t>(i)], 200));
  f.now += 57s;
  BOOST_CHECK(!f.calls->next(f.now));
  f.now += 3s;
  BOOST_CHECK_EQUAL(f.next().id, ids[5]);
}

BOOST_AUTO_TEST_CASE(what_the_venue_says_is_kept_for_hours_and_named_as_the_reason) {
  Fixture f{5};
  const auto id = f.open(1);
  f.next();
  BOOST_CHECK_EQUAL(*f.answer(id, 429, 7'200s)->error->retry_after_ms, 7'200'000);
  f.now += 7'000s;
  const auto refused = f.calls->open(std::make_unique<Pages>(1), "/first", CallPriority::interactive, f.now);
  BOOST_REQUIRE(!refused);
  BOOST_CHECK_EQUAL(*refused.error().retry_after_ms, 200'000);
  BOOST_CHECK(refused.error().message.find("the venue said") != std::string::npos);
  f.now += 200s;
  f.open(1);
  f.next();
}

BOOST_AUTO_TEST_CASE(who_gives_up_before_the_next_turn_counts_for_nobody) {
  Fixture f{1};
  f.options.wait_max = 600s;
  f.calls.emplace(f.options);
  for (int i = 0; i < 9; ++i) {
    f.open(1);
    f.now += 1ms;
  }
  BOOST_CHECK(f.answer(f.next().id, 200));
  f.now += 60s;
  BOOST_CHECK(f.answer(f.next().id, 429, 600s));  // nobody has a turn before his time is over
  f.now += 540s - 7ms;
  const auto late = f.calls->expire(f.now);  // the others go in the next milliseconds
  BOOST_REQUIRE_EQUAL(late.size(), 1U);
  BOOST_CHECK_EQUAL(*late[0].error->retry_after_ms, 60'007);
}

BOOST_AUTO_TEST_CASE(questions_are_bounded_and_all_end_at_the_end) {
  Fixture f;
  f.options.questions_max = 2;
  f.calls.emplace(f.options);
  f.open(1);
  f.next();
  f.open(1);
  BOOST_CHECK(f.calls->open(std::make_unique<Pages>(1), "/x", CallPriority::bulk, f.now).error().code ==
              Errc::overloaded);
  const auto ends = f.calls->end_all({Errc::provider_unavailable, "over"}, f.now);
  BOOST_CHECK_EQUAL(ends.size(), 2);
  for (const auto& end : ends) BOOST_CHECK(end.error && end.plan);
  BOOST_CHECK(!f.calls->next(f.now));
}
