// The conversation's rules, one case each. Both sides at random: session_model_test.cpp.
#include "actors/providers/massive/stream/session.hpp"

#include <boost/test/unit_test.hpp>

#include "actors/providers/massive/stream/cluster.hpp"
#include "tests/actors/providers/massive/stream/recorder.hpp"

using namespace tradebus;
using namespace tradebus::massive::stream;
using namespace std::chrono_literals;

namespace {

std::string subscribe(const std::string& params) { return R"({"action":"subscribe","params":")" + params + "\"}"; }
std::string unsubscribe(const std::string& params) { return R"({"action":"unsubscribe","params":")" + params + "\"}"; }

struct LoggedIn : SessionFixture {
  LoggedIn() { log_in(); }
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(login_then_what_is_wanted_in_one_request, SessionFixture) {
  want(1, "AAPL", Channel::trade);
  want(2, "AAPL");
  want(3, "BRK.B", Channel::minute_bar);
  session.connecting();
  session.opened(now);
  BOOST_CHECK_EQUAL(last_sent(), R"({"action":"auth","params":"our key"})");
  status("connected", "Connected Successfully");
  BOOST_CHECK_EQUAL(port.sent.size(), 1U);
  status("auth_success", "authenticated");
  BOOST_CHECK_EQUAL(last_sent(), subscribe("T.AAPL,Q.AAPL,AM.BRK.B"));
  BOOST_CHECK(port.links.back().state == LinkState::up);
  confirm("T.AAPL");
  confirm("Q.AAPL");
  confirm("AM.BRK.B");
  BOOST_CHECK(stage(3) == Topic::Stage::held);
  BOOST_CHECK(port.topics.empty());
  advance(60s);
  BOOST_CHECK(port.topics.empty() && port.reconnects.empty() && port.holds.empty());
  BOOST_CHECK_EQUAL(port.sent.size(), 2U);
}

BOOST_FIXTURE_TEST_CASE(a_key_is_escaped, SessionFixture) {
  Recorder out;
  Session odd{{}, "stocks", "a\"b\\c\n", false, topics, out};
  odd.opened(now);
  BOOST_CHECK_EQUAL(out.sent.at(0), "{\"action\":\"auth\",\"params\":\"a\\\"b\\\\c\\u000a\"}");
}

BOOST_FIXTURE_TEST_CASE(what_comes_before_an_answer_leaves_together, LoggedIn) {
  want(1, "A");
  BOOST_CHECK_EQUAL(last_sent(), subscribe("Q.A"));
  want(2, "B");
  want(3, "C");
  BOOST_CHECK_EQUAL(last_sent(), subscribe("Q.A"));
  confirm("Q.A");
  BOOST_CHECK_EQUAL(last_sent(), subscribe("Q.B,Q.C"));
}

BOOST_AUTO_TEST_CASE(requests_are_bounded) {
  SessionOptions options;
  options.batch_topics_max = 2;
  options.asked_max = 4;
  SessionFixture f{options};
  for (TopicRef i = 0; i < 7; ++i) f.want(i, "S" + std::to_string(i));
  f.log_in();
  BOOST_REQUIRE_EQUAL(f.port.sent.size(), 3U);
  BOOST_CHECK_EQUAL(f.port.sent[2], subscribe("Q.S2,Q.S3"));
  f.confirm("Q.S0");
  f.advance(250ms);
  BOOST_CHECK_EQUAL(f.last_sent(), subscribe("Q.S4"));
}

BOOST_FIXTURE_TEST_CASE(a_full_queue_is_tried_again, LoggedIn) {
  port.is_full = true;
  want(1, "A");
  BOOST_CHECK(stage(1) == Topic::Stage::queued);
  port.is_full = false;
  advance(250ms);
  BOOST_CHECK_EQUAL(last_sent(), subscribe("Q.A"));
}

// ---- refusals
// ---------------------------------------------------------------------------------------------------------

BOOST_FIXTURE_TEST_CASE(errors_as_many_as_answers_lack_refuse_what_is_left, LoggedIn) {
  want(1, "A", Channel::trade);
  confirm("T.A");
  want(2, "B");
  error();
  BOOST_CHECK_EQUAL(last_topic(), "2 rejected provider.unsupported");
  BOOST_CHECK_EQUAL(topics.size(), 1U);
}

BOOST_FIXTURE_TEST_CASE(an_error_before_the_confirmations_of_its_batch, SessionFixture) {
  want(1, "A", Channel::trade);
  want(2, "A");
  want(3, "A", Channel::minute_bar);
  log_in();
  error();
  confirm("T.A");
  BOOST_CHECK(port.topics.empty());
  confirm("AM.A");
  BOOST_CHECK_EQUAL(last_topic(), "2 rejected provider.unsupported");
}

BOOST_FIXTURE_TEST_CASE(one_error_for_many_is_found_out_one_by_one, SessionFixture) {
  want(1, "A", Channel::trade);
  want(2, "A");
  want(3, "B");
  want(4, "C");
  log_in();
  confirm("T.A");
  error();
  want(5, "D");
  advance(1500ms);
  BOOST_CHECK_EQUAL(last_sent(), subscribe("T.A,Q.A,Q.B,Q.C"));  // nothing new while that isn't known
  advance(1s);
  BOOST_CHECK_EQUAL(last_sent(), subscribe("Q.A"));
  error();
  BOOST_CHECK_EQUAL(last_topic(), "2 rejected provider.unsupported");
  BOOST_CHECK_EQUAL(last_sent(), subscribe("Q.B"));
  confirm("Q.B");
  BOOST_CHECK_EQUAL(last_sent(), subscribe("Q.C"));
  confirm("Q.C");
  BOOST_CHECK_EQUAL(last_sent(), subscribe("Q.D"));
  confirm("Q.D");
  BOOST_CHECK_EQUAL(port.topics.size(), 1U);
  BOOST_CHECK_EQUAL(session.counters().probes, 3U);
}

BOOST_FIXTURE_TEST_CASE(what_is_never_confirmed_is_reported, SessionFixture) {
  want(1, "A", Channel::trade);
  want(2, "A");
  log_in();
  confirm("T.A");
  now += 1ms;
  data(1);
  advance(9s);
  BOOST_CHECK(port.topics.empty());
  advance(2s);
  BOOST_CHECK_EQUAL(last_topic(), "2 rejected request.timeout");
  BOOST_CHECK_EQUAL(last_sent(), unsubscribe("Q.A"));
  // Confirmed after all: given back.
  confirm("Q.A");
  BOOST_CHECK_EQUAL(last_sent(), unsubscribe("Q.A"));
  BOOST_CHECK_EQUAL(topics.size(), 1U);
}

BOOST_FIXTURE_TEST_CASE(data_are_as_good_as_a_confirmation, LoggedIn) {
  want(1, "A");
  now += 1ms;
  data(1);
  advance(11s);
  BOOST_CHECK(stage(1) == Topic::Stage::held);
  BOOST_CHECK(port.topics.empty());
}

BOOST_FIXTURE_TEST_CASE(a_connection_without_a_word_is_not_the_topics_fault, LoggedIn) {
  now += 1ms;
  want(1, "A");
  advance(10s);
  BOOST_REQUIRE_EQUAL(port.reconnects.size(), 1U);
  BOOST_CHECK_EQUAL(port.reconnects[0], "silent");
  BOOST_CHECK_EQUAL(last_topic(), "1 gap silent");
  session.closed(now, "canceled", 0);
  log_in();
  BOOST_CHECK_EQUAL(last_sent(), subscribe("Q.A"));
  now += 1ms;
  // The second time it is.
  advance(11s);
  BOOST_CHECK_EQUAL(last_topic(), "1 rejected request.timeout");
  BOOST_CHECK_EQUAL(port.reconnects.size(), 1U);
}

BOOST_AUTO_TEST_CASE(option_quotes_are_bounded) {
  SessionFixture f{{}, true};
  f.log_in();
  for (TopicRef i = 0; i < 1'000; ++i) BOOST_REQUIRE(f.want(i, "O:X" + std::to_string(i)));
  const auto more = f.session.subscribe(f.now, 1'000, Channel::quote, "O:Y");
  BOOST_REQUIRE(!more);
  BOOST_CHECK(more.error().code == Errc::provider_rate_limited);
  BOOST_CHECK(f.want(1'001, "O:Y", Channel::trade));
  f.session.unsubscribe(999);
  BOOST_CHECK(f.want(1'000, "O:Y"));
  SessionFixture stocks;
  for (TopicRef i = 0; i < 1'001; ++i) BOOST_REQUIRE(stocks.want(i, "X" + std::to_string(i)));
}

// ---- unsubscribing
// ----------------------------------------------------------------------------------------------------

BOOST_FIXTURE_TEST_CASE(given_back_together, LoggedIn) {
  for (TopicRef i = 1; i <= 3; ++i) {
    want(i, "S" + std::to_string(i));
    confirm("Q.S" + std::to_string(i));
  }
  session.unsubscribe(1);
  session.unsubscribe(3);
  session.unsubscribe(77);
  advance(250ms);
  BOOST_CHECK_EQUAL(last_sent(), unsubscribe("Q.S1,Q.S3"));
  status("success", "unsubscribed to: Q.S1");
  BOOST_CHECK_EQUAL(topics.size(), 1U);
  BOOST_CHECK(port.topics.empty());
}

BOOST_FIXTURE_TEST_CASE(wanted_again_before_it_was_given_back, LoggedIn) {
  want(1, "A");
  confirm("Q.A");
  session.unsubscribe(1);
  want(2, "A");
  advance(1s);
  BOOST_CHECK_EQUAL(last_sent(), subscribe("Q.A"));
  BOOST_CHECK(stage(2) == Topic::Stage::held);
  BOOST_CHECK(topics.find(TopicRef{1}) == Topics::none);
}

BOOST_FIXTURE_TEST_CASE(given_back_while_the_venue_has_not_answered, LoggedIn) {
  want(1, "A");
  session.unsubscribe(1);
  advance(1s);
  BOOST_CHECK_EQUAL(last_sent(), subscribe("Q.A"));
  confirm("Q.A");
  advance(250ms);
  BOOST_CHECK_EQUAL(last_sent(), unsubscribe("Q.A"));
  BOOST_CHECK_EQUAL(topics.size(), 0U);
  want(2, "B");
  session.unsubscribe(2);
  error();
  BOOST_CHECK_EQUAL(topics.size(), 0U);
  BOOST_CHECK(port.topics.empty());
}

BOOST_FIXTURE_TEST_CASE(a_ref_moves_to_another_symbol, LoggedIn) {
  want(1, "A");
  confirm("Q.A");
  want(1, "B");
  confirm("Q.B");
  advance(250ms);
  BOOST_CHECK_EQUAL(last_sent(), unsubscribe("Q.A"));
  BOOST_CHECK_EQUAL(topics.size(), 1U);
}

// ---- lost and refused connections
// ------------------------------------------------------------------------------------

BOOST_FIXTURE_TEST_CASE(a_lost_connection_is_a_gap_and_all_is_asked_again, LoggedIn) {
  want(1, "A");
  want(2, "B");
  confirm("Q.A");
  confirm("Q.B");
  now += 1ms;
  data(1);
  BOOST_CHECK_EQUAL(port.healthy, 1);
  session.closed(now, "cut", 0);
  BOOST_REQUIRE_EQUAL(port.topics.size(), 2U);
  BOOST_CHECK_EQUAL(last_topic(), "2 gap transport");
  BOOST_CHECK(port.links.back().state == LinkState::down);
  BOOST_CHECK(port.links.back().reason == "transport");
  BOOST_CHECK(port.holds.empty());  // it was a good one: back at once
  session.closed(now, "refused", 0);
  session.closed(now, "refused", 0);
  BOOST_CHECK_EQUAL(port.topics.size(), 2U);
  BOOST_CHECK(port.holds.empty());
  log_in();
  BOOST_CHECK_EQUAL(last_sent(), subscribe("Q.A,Q.B"));
  confirm("Q.A");
  BOOST_CHECK_EQUAL(last_topic(), "1 live ");
  confirm("Q.B");
  BOOST_CHECK_EQUAL(port.topics.size(), 4U);
}

BOOST_FIXTURE_TEST_CASE(an_upgrade_refused_for_the_key_is_not_repeated_at_once, LoggedIn) {
  session.closed(now, "cut", 0);
  port.holds.clear();
  session.closed(now, "HTTP 503", 0, 503);  // the venue's own trouble
  BOOST_CHECK(port.holds.empty());
  for (const unsigned status : {401U, 403U, 429U}) {
    session.closed(now, "refused", 0, status);
    BOOST_CHECK(port.holds.back() == 60s);
  }
  BOOST_CHECK_EQUAL(port.holds.size(), 3U);
  BOOST_REQUIRE(port.links.back().retry_in);
  BOOST_CHECK(*port.links.back().retry_in == 60s);
}

BOOST_AUTO_TEST_CASE(a_market_that_the_plan_lacks_is_no_trouble_of_the_others) {
  using tradebus::massive::Market;
  const auto shared = std::make_shared<Shared>();
  const auto add = [&](Market market) {
    const auto cluster = std::make_shared<Cluster>(shared, market);
    shared->clusters.emplace(market, cluster);
    const Session::Time now{1h};
    BOOST_REQUIRE(cluster->session().subscribe(now, 1, Channel::quote, "X"));
    cluster->session().opened(now);
    return [cluster, now](std::string_view word) { cluster->session().status(now, word, ""); };
  };
  add(Market::options)("auth_failed");
  BOOST_CHECK(shared->status().state == LinkState::down);
  BOOST_CHECK_EQUAL(shared->status().reason, "auth");
  const auto stocks = add(Market::stocks);
  stocks("auth_success");
  BOOST_CHECK(shared->status().state == LinkState::up);
  BOOST_CHECK_EQUAL(shared->status().reason, "");
  stocks("max_connections");
  BOOST_CHECK(shared->status().state == LinkState::down);
  shared->clusters.clear();  // they hold each other, as the stream's end knows
}

BOOST_FIXTURE_TEST_CASE(asked_for_while_it_is_down, LoggedIn) {
  session.closed(now, "cut", 0);
  want(1, "A");
  BOOST_CHECK(port.topics.empty());
  advance(250ms);
  BOOST_CHECK_EQUAL(last_topic(), "1 gap transport");
  log_in();
  confirm("Q.A");
  BOOST_CHECK_EQUAL(last_topic(), "1 live ");
}

BOOST_FIXTURE_TEST_CASE(a_login_alone_is_no_proof, SessionFixture) {
  for (const auto pause : {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s}) {
    log_in();
    session.closed(now, "cut", 0);
    BOOST_CHECK(port.holds.back() == pause);
  }
  log_in();
  advance(60s);
  session.closed(now, "cut", 0);
  BOOST_CHECK_EQUAL(port.holds.size(), 8U);  // a minute of life is one
  log_in();
  session.closed(now, "cut", 0);
  BOOST_CHECK(port.holds.back() == 1s);
}

BOOST_FIXTURE_TEST_CASE(a_long_outage_is_asked_about_less_often, SessionFixture) {
  session.connecting();
  session.closed(now, "refused", 0);
  now += 9min;
  session.closed(now, "refused", 0);
  BOOST_CHECK(port.holds.empty());
  now += 1min;
  session.closed(now, "refused", 0);
  BOOST_CHECK(port.holds.back() == 5s);
}

BOOST_FIXTURE_TEST_CASE(a_refused_login_is_final, SessionFixture) {
  want(1, "A");
  session.opened(now);
  status("auth_failed", "authentication failed");
  BOOST_CHECK_EQUAL(port.stops, 1);
  BOOST_CHECK_EQUAL(last_topic(), "1 rejected auth.denied");
  BOOST_CHECK(port.links.back().state == LinkState::down);
  BOOST_CHECK(port.links.back().reason == "auth");
  BOOST_CHECK(port.links.back().message.find("our key") == std::string::npos);
  session.closed(now, "cut", 0);
  advance(5min);
  BOOST_CHECK(port.reconnects.empty() && port.holds.empty());
  BOOST_CHECK_EQUAL(port.links.size(), 1U);
  const auto again = session.subscribe(now, 2, Channel::quote, "B");
  BOOST_REQUIRE(!again);
  BOOST_CHECK(again.error().code == Errc::auth_denied);
}

BOOST_FIXTURE_TEST_CASE(a_login_that_never_arrived_is_tried_once_more, SessionFixture) {
  session.opened(now);
  status("auth_timeout", "No authentication request received.");
  session.closed(now, "1008", 1008);
  BOOST_CHECK_EQUAL(port.stops, 0);
  BOOST_CHECK(port.links.back().reason == "auth_timeout");
  session.opened(now);
  status("auth_timeout", "No authentication request received.");
  BOOST_CHECK_EQUAL(port.stops, 1);
  BOOST_CHECK(port.links.back().reason == "auth");
}

BOOST_FIXTURE_TEST_CASE(a_login_without_an_answer_is_tried_again, SessionFixture) {
  session.opened(now);
  advance(10s);
  BOOST_CHECK_EQUAL(port.reconnects.size(), 1U);
  BOOST_CHECK(port.links.back().reason == "silent");
}

BOOST_FIXTURE_TEST_CASE(another_session_with_this_key, LoggedIn) {
  want(1, "A");
  confirm("Q.A");
  now += 1ms;
  data(1);
  status("max_connections", "Maximum number of websocket connections exceeded.");
  BOOST_CHECK(port.holds.back() == 60s);
  BOOST_CHECK_EQUAL(last_topic(), "1 gap competing_session");
  BOOST_CHECK(port.links.back().reason == "competing_session");
  BOOST_CHECK(port.links.back().retry_in == 60s);
  session.closed(now, "1008", 1008);
  BOOST_CHECK_EQUAL(port.holds.size(), 1U);
  // A perfect login, and out again.
  log_in();
  confirm("Q.A");
  status("max_connections", "Maximum number of connections exceeded.");
  BOOST_CHECK(port.holds.back() == 120s);
  session.closed(now, "1008", 1008);
  // The words got lost.
  log_in();
  session.closed(now, "1008", 1008);
  BOOST_CHECK(port.holds.back() == 240s);
  BOOST_CHECK(port.links.back().reason == "competing_session");
  log_in();
  advance(10min);
  status("max_connections", "");
  BOOST_CHECK(port.holds.back() == 60s);
}

// ---- a stream that says nothing ------------------------------------------------------------------------------------

BOOST_FIXTURE_TEST_CASE(not_a_message_in_session_is_a_dead_stream, LoggedIn) {
  want(1, "A");
  confirm("Q.A");
  data(1);
  advance(2h);  // at night
  BOOST_CHECK(port.reconnects.empty());
  is_open = true;
  advance(59s);
  BOOST_CHECK(port.reconnects.empty());
  advance(2s);
  BOOST_REQUIRE_EQUAL(port.reconnects.size(), 1U);
  BOOST_CHECK_EQUAL(port.reconnects[0], "silent");
  BOOST_CHECK_EQUAL(last_topic(), "1 gap silent");
  BOOST_CHECK(port.links.back().state == LinkState::down && port.links.back().reason == "silent");
  // It brings nothing: the next try is twice as far away, up to an hour.
  auto tries = port.reconnects.size();
  for (const auto pause : {120s, 240s, 480s, 960s, 1'920s, 3'600s, 3'600s}) {
    log_in();
    confirm("Q.A");
    BOOST_CHECK_EQUAL(last_topic(), "1 live ");
    advance(pause - 1s);
    BOOST_CHECK_EQUAL(port.reconnects.size(), tries);
    advance(2s);
    BOOST_CHECK_EQUAL(port.reconnects.size(), ++tries);
  }
  // A message, and it counts from the beginning.
  log_in();
  confirm("Q.A");
  data(1);
  advance(61s);
  BOOST_CHECK_EQUAL(port.reconnects.size(), tries + 1);
  BOOST_CHECK_EQUAL(session.counters().mutes, tries + 1);
}

BOOST_FIXTURE_TEST_CASE(minute_bars_may_be_silent, LoggedIn) {
  is_open = true;
  want(1, "A", Channel::minute_bar);
  confirm("AM.A");
  advance(2h);
  BOOST_CHECK(port.reconnects.empty());
}

BOOST_AUTO_TEST_CASE(who_wants_no_watch_has_none) {
  SessionOptions options;
  options.mute_first = 0ms;
  SessionFixture f{options};
  f.want(1, "A");
  f.log_in();
  f.confirm("Q.A");
  f.is_open = true;
  f.advance(2h);
  BOOST_CHECK(f.port.reconnects.empty());
}

BOOST_FIXTURE_TEST_CASE(words_that_are_not_known_change_nothing, LoggedIn) {
  want(1, "A");
  status("success", "subscribed to: ");
  status("success", "subscribed to: X");
  status("success", "subscribed to: XT.A");
  status("success", "hello");
  status("success", "");
  status("", "");
  status("maintenance", "soon");
  BOOST_CHECK(stage(1) == Topic::Stage::asked);
  confirm("Q.A");
  error();
  BOOST_CHECK(stage(1) == Topic::Stage::held);
  BOOST_CHECK(port.topics.empty());
  BOOST_CHECK(session.counters().odd_answers >= 5U);
}
