// The hub under the stepped scheduler, with a provider that does what the test says.
#pragma once

#include <boost/test/unit_test.hpp>
#include <limits>
#include <map>
#include <set>

#include "bus/wire/unpack.hpp"
#include "engine/market/market_hub.hpp"
#include "tests/support/actor_fixture.hpp"

namespace tradebus::test {

using namespace std::chrono_literals;

// What the provider was asked, and how it answers.
struct ScriptedRecord {
  ProviderCapabilities capabilities;
  std::set<Symbol> unknown;
  std::set<Symbol> unavailable;                                // can't be given now
  bool denies = false;                                         // all topics, for its login
  std::size_t room = std::numeric_limits<std::size_t>::max();  // for open topics
  MarketSink sink;
  std::vector<std::uint64_t> connects;  // resume_after of each
  std::map<TopicRef, Subscribe> open;
  std::vector<std::string> calls;  // "subscribe quote AAPL", "unsubscribe quote AAPL"
  std::uint32_t credit = 0;
};

struct ScriptedState {
  ScriptedState() = default;
  static inline const char* name = "scripted-provider";
};

inline ProviderActor::behavior_type scripted_provider(ProviderActor::stateful_pointer<ScriptedState>,
                                                      const std::shared_ptr<ScriptedRecord>& r) {
  const auto no = [] { return to_caf(Error{Errc::provider_unsupported, "not scripted"}); };
  return {
      [r](const ConnectProvider& m) {
        r->sink = m.sink;
        r->connects.push_back(m.resume_after);
        return ProviderStatus{ProviderName{"fake"}, LinkState::up, "", "", {}};
      },
      [r](const DisconnectProvider&) {
        r->open.clear();
        return ProviderStatus{ProviderName{"fake"}, LinkState::down, "requested", "", {}};
      },
      [r](const Subscribe& m) -> caf::result<Done> {
        r->calls.push_back("subscribe " + std::string{to_string(m.kind)} + " " + m.symbol.str());
        if (r->unknown.contains(m.symbol)) return to_caf(Error{Errc::instrument_unknown, "unknown"});
        if (r->unavailable.contains(m.symbol)) return to_caf(Error{Errc::provider_unavailable, "10182 not now"});
        if (r->denies) return to_caf(Error{Errc::auth_denied, "denied"});
        if (r->open.size() >= r->room) return to_caf(Error{Errc::provider_rate_limited, "no room"});
        r->open[m.ref] = m;
        return Done{};
      },
      [r](const Unsubscribe& m) {
        if (const auto it = r->open.find(m.ref); it != r->open.end()) {
          r->calls.push_back("unsubscribe " + std::string{to_string(it->second.kind)} + " " + it->second.symbol.str());
          r->open.erase(it);
        }
      },
      [r](const BatchCredit& m) { r->credit += m.batches; },
      [no](const GetHistoricalData&) -> caf::result<HistoricalBars> { return no(); },
      [no](const GetTickerDetails&) -> caf::result<TickerDetails> { return no(); },
      [no](const GetDailySnapshot&) -> caf::result<DailySnapshot> { return no(); },
      [no](const GetNews&) -> caf::result<NewsItems> { return no(); },
      [no](const GetMarketNews&) -> caf::result<NewsItems> { return no(); },
      [no](const GetOptionChain&) -> caf::result<OptionChain> { return no(); },
      [no](const SearchSymbols&) -> caf::result<SymbolMatches> { return no(); },
      [r](const GetProviderCapabilities&) { return r->capabilities; },
      [](const GetProviderCounters&) { return Counters{}; },
      [](const ProviderWake&) {},
  };
}

// What a message of the bus says, for short comparisons.
struct BusMessage {
  std::string topic;
  std::uint64_t seq = 0;
  std::string text;  // state of a status, price of a trade, bid of a quote, close of a bar
  bool final = false;
  bool passing = false;
};

}  // namespace tradebus::test
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::shared_ptr<tradebus::test::ScriptedRecord>)
namespace tradebus::test {

struct HubFixture : ActorFixture {
  BusQueue queue{256};
  Publisher publisher{queue};
  std::shared_ptr<ScriptedRecord> provider = std::make_shared<ScriptedRecord>();
  std::shared_ptr<LastPrices> prices = std::make_shared<LastPrices>();
  Clock clock{from_unix_ns(1'381'152'600'000'000'000)};  // Monday, 2013-10-07 09:30 in New York
  ProviderActor actor;
  MarketHubActor hub;
  std::map<BusTopicId, std::string> names;
  std::uint64_t cursor = 0;

  HubFixture() {
    provider->capabilities.streams = {StreamKind::quote, StreamKind::trade};
    provider->capabilities.drives_clock = true;
    MarketHubContext context;
    context.config.providers = {ProviderName{"fake"}};
    context.config.linger = 2s;
    context.config.heartbeat = 1h;
    context.clock = clock;
    context.queue = &queue;
    context.publisher = &publisher;
    context.log = log;
    context.prices = prices;
    hub = keep(sys.spawn(market_hub, std::move(context)));
    start_provider();
  }
  ~HubFixture() { actor = nullptr; }

  void start_provider() {
    actor = keep(sys.spawn(scripted_provider, provider));
    self->send(hub, ProviderHandle{ProviderName{"fake"}, actor, true});
    run();
  }
  void subscribers(const std::string& topic, std::uint32_t n) {
    self->send(hub, TopicsWanted{{TopicWant{topic, n}}});
    run();
  }
  TopicRef ref(StreamKind kind, const std::string& symbol) {
    for (const auto& [ref, s] : provider->open)
      if (s.kind == kind && s.symbol.str() == symbol) return ref;
    BOOST_FAIL("not open upstream: " + symbol);
    return 0;
  }
  MarketEvent quote(const std::string& symbol, Timestamp ts, const char* bid = "10", const char* ask = "11") {
    return MarketEvent::quote(ref(StreamKind::quote, symbol), ts, ts, *Price::parse(bid), Quantity::from_int(1),
                              *Price::parse(ask), Quantity::from_int(2));
  }
  MarketEvent trade(const std::string& symbol, Timestamp ts, const char* price, int size = 1) {
    return MarketEvent::trade(ref(StreamKind::trade, symbol), ts, ts, *Price::parse(price), Quantity::from_int(size));
  }
  void deliver(std::vector<MarketEvent> events, std::vector<Dropped> dropped = {}) {
    MarketBatch batch;
    batch.provider = ProviderName{"fake"};
    batch.cursor = cursor += events.size();
    batch.events = std::move(events);
    batch.dropped = std::move(dropped);
    self->send(hub, std::move(batch));
    run();
  }
  // All that went to the bus since the last call.
  std::vector<BusMessage> sent() {
    std::vector<BusMessage> out;
    BusBatch batch;
    while (queue.pop(batch)) {
      for (const auto& entry : batch.entries) {
        std::string_view bytes{batch.bytes.data() + entry.offset, entry.size};
        BusMessage message;
        switch (entry.type) {
          case BusEntry::Type::announce:
            names[entry.id] = std::string{bytes};
            continue;
          case BusEntry::Type::outdated:
            out.push_back({"outdated " + names[entry.id], 0, "", false});
            continue;
          case BusEntry::Type::retire:
            continue;
          case BusEntry::Type::stale:
            message.topic = "marked " + names[entry.id];
            break;
          case BusEntry::Type::passing:
            message.passing = true;
            message.topic = names[entry.id];
            break;
          case BusEntry::Type::market:
            message.topic = names[entry.id];
            break;
          case BusEntry::Type::publish:
            message.topic = std::string{bytes.substr(0, entry.name_size)};
            bytes.remove_prefix(entry.name_size);
            break;
        }
        const auto doc = wire::Document::parse(bytes);
        BOOST_REQUIRE(doc);
        message.seq = wire::find(doc->root(), "seq")->as<std::uint64_t>();
        if (const auto* f = wire::find(doc->root(), "final")) message.final = f->as<bool>();
        for (const auto* key : {"quality", "state", "close", "price", "bid"}) {
          const auto* value = wire::find(doc->root(), key);
          if (value == nullptr || !message.text.empty()) continue;
          message.text = value->type == msgpack::type::STR ? value->as<std::string>()
                                                           : Price::from_double(value->as<double>())->to_string();
        }
        out.push_back(message);
      }
    }
    return out;
  }
  // Only those of one topic, as "seq text".
  static std::vector<std::string> of(const std::vector<BusMessage>& all, const std::string& topic) {
    std::vector<std::string> out;
    for (const auto& m : all)
      if (m.topic == topic) out.push_back(std::to_string(m.seq) + " " + m.text + (m.final ? " final" : ""));
    return out;
  }
};

inline void check_equal(const std::vector<std::string>& got, const std::vector<std::string>& want) {
  BOOST_CHECK_EQUAL_COLLECTIONS(got.begin(), got.end(), want.begin(), want.end());
}

}  // namespace tradebus::test
