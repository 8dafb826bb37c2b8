// Both sides at random, from seeds: the conversation against a model of the venue, written from what is known of it: in
// order, named confirmations, nameless errors (for each topic, or one a request), silence for what it holds already and
// for what it doesn't know; it may be slow, cut, evict, or say nothing at all.
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <deque>
#include <map>
#include <random>
#include <set>

#include "actors/providers/massive/stream/cluster.hpp"
#include "actors/providers/massive/stream/session.hpp"
#include "tests/actors/providers/massive/stream/recorder.hpp"

using namespace tradebus;
using namespace tradebus::massive::stream;
using namespace std::chrono_literals;

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
