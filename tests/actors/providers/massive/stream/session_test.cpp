// The conversation's rules, one case each; then a model of the venue, with seeds.
#include "actors/providers/massive/stream/session.hpp"

#include <boost/test/unit_test.hpp>
#include <deque>
#include <map>
#include <random>
#include <set>

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

// ---- a model of the venue
// --------------------------------------------------------------------------------------------- Written from what is
// known of it: in order, named confirmations, nameless errors (for each topic, or one a request), silence for what it
// holds already and for what it doesn't know; it may be slow, cut, evict, or say nothing at all.

namespace {

struct Model : SessionFixture {
  enum class Nature { granted, refused, ignored };

  explicit Model(std::uint64_t seed) : random{seed}, one_error_a_request{random() % 2 == 0} {}

  std::size_t roll(std::size_t sides) { return random() % sides; }
  static std::string symbol(std::size_t i) { return "S" + std::to_string(i); }
  // By the symbol's number: most are granted.
  static Nature nature(const std::string& topic) {
    const auto n = std::stoul(topic.substr(topic.find('S') + 1));
    return n % 7 == 3 ? Nature::refused : n % 11 == 5 ? Nature::ignored : Nature::granted;
  }

  void open() {
    is_open = true;
    venue_logged_in = false;
    held.clear();
    answers.clear();
    read_until = port.sent.size();
    session.opened(now);
    answer("connected", "");
  }
  void cut() {
    if (!is_open) return;
    is_open = false;
    answers.clear();
    session.closed(now, "cut", 0);
  }
  void answer(std::string word, std::string message) { answers.emplace_back(std::move(word), std::move(message)); }

  // The venue reads what was sent to it, in order.
  void venue_reads() {
    for (; read_until < port.sent.size(); ++read_until) {
      if (!is_open) continue;
      const auto& text = port.sent[read_until];
      const auto params = text.substr(text.rfind(":\"") + 2, text.size() - text.rfind(":\"") - 4);
      if (text.find("\"auth\"") != std::string::npos) {
        BOOST_REQUIRE(!venue_logged_in);
        venue_logged_in = true;
        answer("auth_success", "authenticated");
        continue;
      }
      BOOST_REQUIRE_MESSAGE(venue_logged_in, "asked before the login: " << text);
      const bool is_subscription = text.find("\"subscribe\"") != std::string::npos;
      bool has_error = false;
      std::size_t count = 0;
      for (std::size_t at = 0; at < params.size();) {
        auto end = params.find(',', at);
        if (end == std::string::npos) end = params.size();
        const auto topic = params.substr(at, end - at);
        at = end + 1;
        ++count;
        if (!is_subscription) {
          if (held.erase(topic) > 0) answer("success", "unsubscribed to: " + topic);
          continue;
        }
        switch (nature(topic)) {
          case Nature::granted:
            if (held.insert(topic).second) answer("success", "subscribed to: " + topic);
            break;
          case Nature::refused:
            if (!has_error || !one_error_a_request) answer("error", "not authorized");
            has_error = true;
            break;
          case Nature::ignored:
            break;
        }
      }
      BOOST_REQUIRE(count <= SessionOptions{}.batch_topics_max);
    }
  }

  void venue_answers(std::size_t count) {
    for (; count > 0 && !answers.empty() && is_open; --count) {
      const auto [word, message] = answers.front();
      answers.pop_front();
      session.status(now, word, message);
      session.frame(now, false);
      obey();
    }
  }
  // What the port was told to do.
  void obey() {
    if (port.reconnects.size() > reconnects_seen) {
      reconnects_seen = port.reconnects.size();
      is_open = false;
      answers.clear();
      session.closed(now, "asked for", 0);
    }
    for (; topics_seen < port.topics.size(); ++topics_seen) {
      const auto& news = port.topics[topics_seen];
      BOOST_REQUIRE_MESSAGE(wanted.contains(news.ref), "news of a topic that nobody wants");
      if (news.state == TopicState::rejected) {
        const auto kind = nature(wanted[news.ref]);
        BOOST_REQUIRE_MESSAGE(kind != Nature::granted, wanted[news.ref] << " was refused: " << news.reason);
        BOOST_REQUIRE(kind != Nature::ignored || news.reason == "request.timeout");
        wanted.erase(news.ref);
        gaps.erase(news.ref);
      } else if (news.state == TopicState::gap) {
        BOOST_REQUIRE_MESSAGE(gaps.insert(news.ref).second, "a gap in a gap");
      } else {
        BOOST_REQUIRE_MESSAGE(gaps.erase(news.ref) > 0, "live without a gap");
      }
    }
  }

  void user_acts() {
    const auto ref = static_cast<TopicRef>(roll(40));
    if (roll(3) == 0) {
      session.unsubscribe(ref);
      wanted.erase(ref);
      gaps.erase(ref);
    } else if (!wanted.contains(ref)) {
      // A topic has one ref: the hub sees to it.
      const auto topic = symbol(ref);
      if (want(ref, topic)) wanted[ref] = "Q." + topic;
    }
    obey();
  }
  void data_flow() {
    if (!is_open || held.empty()) return;
    auto it = held.begin();
    std::advance(it, static_cast<std::ptrdiff_t>(roll(held.size())));
    const auto id = topics.find(Channel::quote, it->substr(2));
    if (id != Topics::none) topics[id].has_data = true;
    session.frame(now, id != Topics::none);
  }
  void step(Ms time) {
    now += time;
    session.tick(now, false);
    obey();
  }

  void run() {
    for (int i = 0; i < 400; ++i) {
      if (!is_open && roll(4) == 0) open();
      switch (roll(16)) {
        case 0:
        case 1:
        case 2:
        case 3:
        case 4:
          user_acts();
          break;
        case 5:
          if (roll(6) == 0) cut();
          break;
        case 6:
          if (roll(20) == 0 && is_open && venue_logged_in) {
            session.status(now, "max_connections", "too many");
            BOOST_REQUIRE(!port.links.empty() && port.links.back().state == LinkState::down);
          }
          break;
        case 7:
        case 8:
          data_flow();
          break;
        case 9:
        case 10:
        case 11:
          venue_answers(1 + roll(8));
          break;
        default:
          venue_reads();
          // It answers in time: an error that comes after its question was given up is anybody's.
          if (now - emptied >= 500ms) venue_answers(answers.size());
          if (answers.empty()) emptied = now;
          step(Ms{static_cast<std::int64_t>(roll(1'200))});
      }
      obey();
    }
    // Quiet: everything must come right by itself.
    for (int i = 0; i < 4'000; ++i) {
      if (!is_open) open();
      venue_reads();
      venue_answers(100);
      step(Ms{250});
      if (i % 8 == 0) data_flow();
    }
    std::set<std::string> expected;
    for (const auto& [ref, topic] : wanted) {
      BOOST_REQUIRE_MESSAGE(nature(topic) == Nature::granted, topic << " was never refused");
      BOOST_REQUIRE_MESSAGE(stage(ref) == Topic::Stage::held, topic);
      expected.insert(topic);
    }
    BOOST_REQUIRE_MESSAGE(expected == held,
                          "the venue holds " << held.size() << " topics, wanted are " << expected.size());
    BOOST_REQUIRE_EQUAL(topics.size(), wanted.size());
    BOOST_REQUIRE_MESSAGE(gaps.empty(), "a gap that never ended");
  }

  std::mt19937_64 random;
  const bool one_error_a_request;
  bool is_open = false;
  bool venue_logged_in = false;
  Session::Time emptied{};  // when the venue owed no answer
  std::size_t read_until = 0;
  std::size_t reconnects_seen = 0;
  std::size_t topics_seen = 0;
  std::set<std::string> held;
  std::deque<std::pair<std::string, std::string>> answers;
  std::map<TopicRef, std::string> wanted;
  std::set<TopicRef> gaps;
};

}  // namespace

BOOST_AUTO_TEST_CASE(both_sides_agree_in_the_end) {
  const char* wish = std::getenv("TRADEBUS_SEEDS");
  const std::uint64_t seeds = wish != nullptr ? std::strtoull(wish, nullptr, 10) : 200;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      Model model{seed};
      model.run();
    }
  }
}
