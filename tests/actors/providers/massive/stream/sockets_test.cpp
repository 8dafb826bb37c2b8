// The stream over real sockets, against massive-sim. No waiting for a time: for a condition, with a deadline.
#include <boost/test/unit_test.hpp>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>

#include "actors/providers/massive/stream/massive_stream.hpp"
#include "tests/actors/providers/massive/stream/venue.hpp"
#include "tests/support/temp_folder.hpp"

using namespace tradebus;
using namespace tradebus::massive;
using namespace std::chrono_literals;

namespace {

struct Listener final : StreamListener {
  void on_event(const MarketEvent& event) override {
    const std::lock_guard lock{mutex};
    ++events[event.ref];
    last[event.ref] = event;
  }
  void on_idle() override {
    const std::lock_guard lock{mutex};
    ++idles;
    changed.notify_all();
  }
  void on_topic(TopicRef ref, TopicState state, std::string_view reason, std::string_view) override {
    const std::lock_guard lock{mutex};
    topics[ref] = std::string{to_string(state)} + ' ' + std::string{reason};
    changed.notify_all();
  }
  void on_status(const StreamStatus& now) override {
    const std::lock_guard lock{mutex};
    status = now;
    ++statuses;
    changed.notify_all();
  }

  std::mutex mutex;
  std::condition_variable changed;
  std::map<TopicRef, std::uint64_t> events;
  std::map<TopicRef, MarketEvent> last;
  std::map<TopicRef, std::string> topics;
  StreamStatus status;
  int statuses = 0;
  int idles = 0;
};

// A stream with its thread; ticks while it waits.
struct Client {
  explicit Client(StreamOptions options, NetThread& on) {
    auto made = MassiveStream::make(on, std::move(options), listener);
    BOOST_REQUIRE_MESSAGE(made, made.error().message);
    stream = std::move(*made);
  }
  template <class Condition>
  bool until(Condition&& condition, std::chrono::milliseconds patience = 20s) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (std::chrono::steady_clock::now() < end) {
      stream->tick({});
      // The stream calls the listener with its lock held: a question to the stream is asked without the listener's.
      if constexpr (std::is_invocable_v<Condition>) {
        if (condition()) return true;
        std::unique_lock lock{listener.mutex};
        listener.changed.wait_for(lock, 20ms);
      } else {
        std::unique_lock lock{listener.mutex};
        if (listener.changed.wait_for(lock, 20ms, [&] { return condition(listener); })) return true;
      }
    }
    return false;
  }
  bool flows(TopicRef ref) {
    std::uint64_t before = 0;
    {
      const std::lock_guard lock{listener.mutex};
      before = listener.events[ref];
    }
    return until([&](Listener& l) { return l.events[ref] > before; });
  }
  std::int64_t counter(const std::string& name) const {
    for (const auto& [key, value] : stream->counters())
      if (key == name) return value;
    BOOST_FAIL("no counter " << name);
    return 0;
  }

  Listener listener;
  std::unique_ptr<MassiveStream> stream;
};

StreamOptions to(const Venue& venue, const char* scheme = "ws") {
  StreamOptions out;
  out.url = venue.url(scheme);
  out.api_key = "our-key";
  return out;
}

struct Fixture {
  NetThread thread;
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(quotes_trades_and_options_flow, Fixture) {
  Venue venue{{"--plain", "--key", "our-key", "--rate", "2000"}};
  Client client{to(venue), thread};
  BOOST_REQUIRE(client.stream->subscribe(1, StreamKind::quote, Symbol{"AAPL"}));
  BOOST_REQUIRE(client.stream->subscribe(2, StreamKind::trade, Symbol{"AAPL"}));
  BOOST_REQUIRE(client.stream->subscribe(3, StreamKind::bar_1s, Symbol{"AAPL"}));
  BOOST_REQUIRE(client.stream->subscribe(4, StreamKind::quote, Symbol{"AAPL261218C00250000"}));
  BOOST_CHECK(client.flows(1));
  BOOST_CHECK(client.flows(2));
  BOOST_CHECK(client.flows(3));
  BOOST_CHECK(client.until([&](Listener& l) { return l.status.state == LinkState::up; }));
  BOOST_CHECK(
      client.until([&] { return client.counter("connections") == 2 && client.counter("topics_confirmed") == 4; }));
  BOOST_CHECK_EQUAL(client.counter("bad_events") + client.counter("bad_frames") + client.counter("unknown"), 0);
  {
    const std::lock_guard lock{client.listener.mutex};
    const auto& quote = client.listener.last[1];
    BOOST_CHECK(quote.price[0].is_positive() && quote.price[0] < quote.price[1]);
    BOOST_CHECK(quote.quality == Quality::live);
  }
  client.stream->unsubscribe(1);
  client.stream->unsubscribe(4);
  BOOST_CHECK(client.until([&] { return venue.subscriptions() == 2; }));
  for (const auto& [kind, symbol, code] : std::initializer_list<std::tuple<StreamKind, const char*, Errc>>{
           {StreamKind::option, "AAPL261218C00250000", Errc::provider_unsupported},
           {StreamKind::bar_5m, "AAPL", Errc::provider_unsupported},
           {StreamKind::quote, "BTC-USD", Errc::provider_unsupported},
           {StreamKind::quote, "", Errc::instrument_unknown}}) {
    const auto refused = client.stream->subscribe(9, kind, Symbol{symbol});
    BOOST_REQUIRE_MESSAGE(!refused, symbol);
    BOOST_CHECK(refused.error().code == code);
  }
}

BOOST_FIXTURE_TEST_CASE(five_hundred_symbols_are_back_within_a_second, Fixture) {
  test::TempFolder folder{"massive-stream"};
  Venue::make_certificate(folder.path);
  const auto cert = (folder.path / "cert.pem").string();
  const auto key = (folder.path / "key.pem").string();
  const std::vector<std::string> args{"--certificate", cert,      "--private-key", key,
                                      "--key",         "our-key", "--rate",        "5000"};
  auto first = std::make_unique<Venue>(args);
  auto options = to(*first, "wss");
  options.tls.ca_file = (folder.path / "ca.pem").string();
  Client client{options, thread};
  // Some thirty symbols tick, and the venue confirms the others like any.
  for (TopicRef i = 0; i < 500; ++i)
    BOOST_REQUIRE(client.stream->subscribe(i, StreamKind::quote,
                                           Symbol{i == 0   ? "AAPL"
                                                  : i == 1 ? "MSFT"
                                                           : "S" + std::to_string(i)}));
  BOOST_CHECK(client.until([&] { return client.counter("topics_confirmed") == 500; }));
  BOOST_CHECK(client.flows(0));
  BOOST_CHECK_EQUAL(first->subscriptions(), 500U);

  const auto port = std::to_string(first->port());
  first->end(SIGKILL);
  BOOST_CHECK(client.until([](Listener& l) { return l.status.state == LinkState::down && l.topics.size() == 500; }));
  {
    const std::lock_guard lock{client.listener.mutex};
    BOOST_CHECK_EQUAL(client.listener.status.reason, "transport");
    for (const auto& [ref, news] : client.listener.topics) BOOST_REQUIRE_EQUAL(news, "gap transport");
  }
  // Away for some tries.
  BOOST_CHECK(!client.until([](Listener& l) { return l.status.state == LinkState::up; }, 3s));
  auto again = args;
  again.insert(again.end(), {"--ws-port", port});
  Venue second{again};
  const auto back = std::chrono::steady_clock::now();
  BOOST_CHECK(client.until([](Listener& l) {
    return std::all_of(l.topics.begin(), l.topics.end(), [](const auto& t) { return t.second == "live "; });
  }));
  BOOST_CHECK(client.flows(0) && client.flows(1));
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - back);
  BOOST_TEST_MESSAGE("500 symbols streamed again after " << took.count() << " ms");
  // Twice of what is wanted: the machine may be busy.
  BOOST_CHECK_LT(took.count(), 2'000);
  BOOST_CHECK_EQUAL(second.subscriptions(), 500U);
}

BOOST_FIXTURE_TEST_CASE(a_wrong_key_and_a_plan_without_streams_are_final, Fixture) {
  Venue venue{{"--plain", "--key", "another-key", "--key", "free-key=free"}};
  for (const char* key : {"our-key", "free-key"}) {
    auto options = to(venue);
    options.api_key = key;
    Client client{options, thread};
    BOOST_REQUIRE(client.stream->subscribe(1, StreamKind::quote, Symbol{"AAPL"}));
    BOOST_CHECK(client.until([](Listener& l) { return l.status.state == LinkState::down; }));
    std::unique_lock lock{client.listener.mutex};
    BOOST_CHECK_EQUAL(client.listener.status.reason, "auth");
    BOOST_CHECK(client.listener.status.message.find(key) == std::string::npos);
    BOOST_CHECK_EQUAL(client.listener.topics[1], "rejected auth.denied");
    lock.unlock();
    const auto again = client.stream->subscribe(2, StreamKind::quote, Symbol{"MSFT"});
    BOOST_REQUIRE(!again);
    BOOST_CHECK(again.error().code == Errc::auth_denied);
  }
}

BOOST_FIXTURE_TEST_CASE(channels_that_the_plan_lacks, Fixture) {
  Venue venue{{"--plain", "--key", "our-key=realtime:T", "--rate", "500"}};
  Client client{to(venue), thread};
  for (TopicRef i = 0; i < 20; ++i)
    BOOST_REQUIRE(client.stream->subscribe(i, i % 2 == 0 ? StreamKind::trade : StreamKind::quote,
                                           Symbol{"S" + std::to_string(i / 2)}));
  BOOST_CHECK(client.until([](Listener& l) { return l.topics.size() == 10; }));
  {
    const std::lock_guard lock{client.listener.mutex};
    for (const auto& [ref, news] : client.listener.topics) {
      BOOST_CHECK_EQUAL(ref % 2, 1U);
      BOOST_CHECK_EQUAL(news, "rejected provider.unsupported");
    }
  }
  BOOST_CHECK_EQUAL(venue.subscriptions(), 10U);
  BOOST_CHECK_EQUAL(client.counter("topics_confirmed"), 10);
}

BOOST_FIXTURE_TEST_CASE(another_session_takes_the_place, Fixture) {
  Venue venue{{"--plain", "--key", "our-key", "--rate", "500"}};
  Client first{to(venue), thread};
  BOOST_REQUIRE(first.stream->subscribe(1, StreamKind::quote, Symbol{"AAPL"}));
  BOOST_CHECK(first.flows(1));
  Client second{to(venue), thread};
  BOOST_REQUIRE(second.stream->subscribe(1, StreamKind::quote, Symbol{"AAPL"}));
  BOOST_CHECK(second.flows(1));
  BOOST_CHECK(first.until([](Listener& l) { return l.status.state == LinkState::down; }));
  {
    const std::lock_guard lock{first.listener.mutex};
    const auto& status = first.listener.status;
    BOOST_CHECK_EQUAL(status.reason, "competing_session");
    BOOST_REQUIRE(status.until);
    BOOST_CHECK(*status.until > std::chrono::system_clock::now() + 55s);
    BOOST_CHECK_EQUAL(first.listener.topics[1], "gap competing_session");
  }
  // It doesn't come back to throw the other out.
  BOOST_CHECK(!first.until([](Listener& l) { return l.status.state != LinkState::down; }, 2s));
  BOOST_CHECK(second.flows(1));
  BOOST_CHECK_EQUAL(first.counter("evictions"), 1);
}

BOOST_FIXTURE_TEST_CASE(a_cut_is_a_gap_and_it_comes_back, Fixture) {
  Venue venue{{"--plain", "--key", "our-key", "--rate", "500"}};
  Client client{to(venue), thread};
  BOOST_REQUIRE(client.stream->subscribe(1, StreamKind::quote, Symbol{"AAPL"}));
  for (const char* how : {"{}", R"({"reset":true})"}) {
    BOOST_REQUIRE(client.flows(1));
    venue.ask("POST", "/ws/cut", how);
    BOOST_CHECK(client.until([](Listener& l) { return l.topics[1] == "gap transport"; }));
    BOOST_CHECK(client.until([](Listener& l) { return l.topics[1] == "live "; }));
  }
  BOOST_CHECK(client.flows(1));
  venue.ask("POST", "/ws/send",
            R"([{"ev":"T","sym":"AAPL","p":"x"},{"ev":"new"},{"ev":"status","status":"error","message":"?"}])");
  venue.ask("POST", "/ws/send", "no frame");
  BOOST_CHECK(client.until([&] { return client.counter("bad_events") == 1 && client.counter("bad_frames") == 1; }));
  BOOST_CHECK(client.flows(1));
}

BOOST_FIXTURE_TEST_CASE(a_venue_that_says_nothing_is_left, Fixture) {
  Venue venue{{"--plain", "--key", "our-key", "--rate", "500"}};
  venue.ask("POST", "/faults", R"({"kind":"silence","count":1})");
  auto options = to(venue);
  options.session.login_timeout = 300ms;
  options.session.hold_first = 50ms;
  Client client{options, thread};
  BOOST_REQUIRE(client.stream->subscribe(1, StreamKind::quote, Symbol{"AAPL"}));
  BOOST_CHECK(client.until([](Listener& l) { return l.status.reason == "silent"; }));
  BOOST_CHECK(client.flows(1));
}

BOOST_FIXTURE_TEST_CASE(late_data_are_marked, Fixture) {
  Venue venue{{"--plain", "--key", "our-key=delayed", "--delayed", "--rate", "500"}};
  auto options = to(venue);
  options.delayed = true;
  Client client{options, thread};
  BOOST_REQUIRE(client.stream->subscribe(1, StreamKind::quote, Symbol{"AAPL"}));
  BOOST_CHECK(client.flows(1));
  const std::lock_guard lock{client.listener.mutex};
  BOOST_CHECK(client.listener.last[1].quality == Quality::delayed);
}

BOOST_FIXTURE_TEST_CASE(an_end_does_not_wait_and_frees_the_slot, Fixture) {
  Venue venue{{"--plain", "--key", "our-key", "--rate", "500", "--evict", "newcomer"}};
  for (int i = 0; i < 5; ++i) {
    Client client{to(venue), thread};
    BOOST_REQUIRE(client.stream->subscribe(1, StreamKind::quote, Symbol{"AAPL"}));
    BOOST_CHECK(client.flows(1));
    client.stream.reset();
    const std::lock_guard lock{client.listener.mutex};
    BOOST_CHECK_EQUAL(client.listener.status.reason, "");
    // The close frame is on its way; the next one finds the slot free.
    const auto end = std::chrono::steady_clock::now() + 10s;
    while (venue.ask("GET", "/stats").find("\"connections\":0") == std::string::npos)
      BOOST_REQUIRE(std::chrono::steady_clock::now() < end);
  }
}

BOOST_FIXTURE_TEST_CASE(an_idle_connection_is_given_up, Fixture) {
  Venue venue{{"--plain", "--key", "our-key", "--rate", "500"}};
  auto options = to(venue);
  options.idle_max = 200ms;
  Client client{options, thread};
  BOOST_REQUIRE(client.stream->subscribe(1, StreamKind::quote, Symbol{"AAPL"}));
  BOOST_CHECK(client.flows(1));
  client.stream->unsubscribe(1);
  BOOST_CHECK(client.until([&] { return client.counter("connections") == 0; }));
  BOOST_CHECK_EQUAL(client.counter("logins"), 1);
  BOOST_REQUIRE(client.stream->subscribe(1, StreamKind::quote, Symbol{"AAPL"}));
  BOOST_CHECK(client.flows(1));
}

BOOST_FIXTURE_TEST_CASE(bad_options_are_named, Fixture) {
  Listener listener;
  for (const char* url : {"", "http://localhost", "ws://example.com", "wss://"}) {
    StreamOptions options;
    options.api_key = "our-key";
    options.url = url;
    const auto made = MassiveStream::make(thread, options, listener);
    BOOST_REQUIRE_MESSAGE(!made, url);
    BOOST_CHECK(made.error().code == Errc::config_invalid);
  }
  StreamOptions options;
  BOOST_CHECK(!MassiveStream::make(thread, options, listener));
}
