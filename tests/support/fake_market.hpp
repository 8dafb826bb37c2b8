// A market that the test drives, and a sink that keeps what a broker says: for tests of brokers.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/support/actor_fixture.hpp"

namespace tradebus::test {

inline Quantity qty(const std::string& text) { return *Quantity::parse(text); }
inline Price price(const std::string& text) { return *Price::parse(text); }
inline Money money(const std::string& text) { return *Money::parse(text); }

// A quote whose missing parts are given as "".
inline MarketEvent quote_event(const std::string& bid, const std::string& bid_size, const std::string& ask,
                               const std::string& ask_size, Timestamp ts = {}) {
  MarketEvent e;
  e.kind = StreamKind::quote;
  e.ts = ts;
  e.rx = ts;
  const auto give = [&](const std::string& text, std::uint8_t flag) {
    if (!text.empty()) e.flags = static_cast<std::uint8_t>(e.flags | flag);
    return !text.empty();
  };
  if (give(bid, MarketEvent::has_bid)) e.price[0] = price(bid);
  if (give(ask, MarketEvent::has_ask)) e.price[1] = price(ask);
  if (give(bid_size, MarketEvent::has_bid_size)) e.qty[0] = qty(bid_size);
  if (give(ask_size, MarketEvent::has_ask_size)) e.qty[1] = qty(ask_size);
  return e;
}

struct FakeMarketRecord {
  std::set<Symbol> unknown;     // answered with instrument.unknown
  std::set<Symbol> unanswered;  // as of a provider that is not connected; answered at the next unwatch
  std::vector<caf::typed_response_promise<Done>> waiting;
  std::map<Symbol, MarketEvent> last;  // delivered at once to who starts to watch
  std::map<Symbol, std::pair<std::uint32_t, WatchSink>> watched;
  std::vector<std::string> calls;  // "watch AAPL", "unwatch AAPL"
};

struct FakeMarketState {
  FakeMarketState() = default;
  static inline const char* name = "fake-market";
};
inline MarketWatch::behavior_type fake_market(MarketWatch::stateful_pointer<FakeMarketState> self,
                                              const std::shared_ptr<FakeMarketRecord>& record) {
  return {
      [self, record](const WatchSymbol& w) -> caf::result<Done> {
        record->calls.push_back("watch " + w.symbol.str());
        if (record->unanswered.contains(w.symbol)) {
          record->waiting.push_back(self->make_response_promise<Done>());
          return record->waiting.back();
        }
        if (record->unknown.contains(w.symbol)) return to_caf(Error{Errc::instrument_unknown, "no such symbol"});
        record->watched[w.symbol] = {w.ref, w.sink};
        if (const auto it = record->last.find(w.symbol); it != record->last.end()) {
          auto event = it->second;
          event.ref = w.ref;
          caf::anon_send(w.sink, WatchedEvents{{event}});
        }
        return Done{};
      },
      [record](const UnwatchSymbol& u) {
        record->calls.push_back("unwatch " + u.symbol.str());
        for (auto& each : std::exchange(record->waiting, {})) each.deliver(Done{});
        record->watched.erase(u.symbol);
      },
  };
}

struct BrokerRecord {
  std::vector<BrokerEvent> events;
  std::vector<BrokerOrder> elsewhere;
  std::vector<BrokerStatus> statuses;
  std::vector<Position> positions;
  std::vector<AccountSummary> accounts;

  std::vector<Fill> fills(const OrderId& id) const {
    std::vector<Fill> out;
    for (const auto& e : events)
      if (e.order_id == id && e.report == BrokerReport::fill && e.fill) out.push_back(*e.fill);
    return out;
  }
  std::size_t count(const OrderId& id, BrokerReport kind) const {
    std::size_t n = 0;
    for (const auto& e : events)
      if (e.order_id == id && e.report == kind) ++n;
    return n;
  }
  // "fill 100 @ 10.1, canceled": all that was said of an order.
  std::string story(const OrderId& id) const {
    std::string out;
    for (const auto& e : events) {
      if (e.order_id != id) continue;
      if (!out.empty()) out += ", ";
      out += std::string{to_string(e.report)};
      if (e.fill) out += " " + e.fill->qty.to_string() + " @ " + e.fill->price.to_string();
    }
    return out;
  }
};
struct BrokerRecordState {
  BrokerRecordState() = default;
  static inline const char* name = "broker-record";
};
inline BrokerSink::behavior_type broker_record(BrokerSink::stateful_pointer<BrokerRecordState>,
                                               const std::shared_ptr<BrokerRecord>& record) {
  return {
      [record](const BrokerEvent& e) { record->events.push_back(e); },
      [record](const BrokerOrder& o) { record->elsewhere.push_back(o); },
      [record](const BrokerStatus& s) { record->statuses.push_back(s); },
      [record](const Position& p) { record->positions.push_back(p); },
      [record](const AccountSummary& a) { record->accounts.push_back(a); },
  };
}

// A broker with its market and its sink.
struct BrokerFixture : ActorFixture {
  Clock clock{from_unix_ns(1'700'000'000'000'000'000)};
  std::shared_ptr<FakeMarketRecord> market_record = std::make_shared<FakeMarketRecord>();
  std::shared_ptr<BrokerRecord> said = std::make_shared<BrokerRecord>();
  MarketWatch market = keep(sys.spawn(fake_market, market_record));
  BrokerSink sink = keep(sys.spawn(broker_record, said));
  BrokerActor broker;
  std::uint64_t next_order = 0;

  ~BrokerFixture() {
    market_record->watched.clear();
    market_record->waiting.clear();
  }

  void make(const BrokerRegistry& registry, const std::string& name,
            const std::function<void(Section&)>& configure = {}) {
    const auto* entry = registry.find(name);
    Section settings{entry->section};
    if (configure) configure(settings);
    auto made = entry->make(sys, context(name, settings, clock));
    if (!made) throw std::runtime_error(made.error().message);
    broker = keep(*made);
  }
  Result<BrokerStatus> connect() { return ask<BrokerStatus>(broker, ConnectBroker{sink, market}); }

  void push(const std::string& symbol, MarketEvent event) {
    if (event.ts == Timestamp{}) event.ts = event.rx = clock.now();
    market_record->last[Symbol{symbol}] = event;
    if (const auto it = market_record->watched.find(Symbol{symbol}); it != market_record->watched.end()) {
      event.ref = it->second.first;
      caf::anon_send(it->second.second, WatchedEvents{{event}});
    }
    run();
  }
  void quote(const std::string& symbol, const std::string& bid, const std::string& bid_size, const std::string& ask,
             const std::string& ask_size) {
    push(symbol, quote_event(bid, bid_size, ask, ask_size));
  }

  PlaceStockOrder order(const std::string& symbol, Side side, const std::string& quantity,
                        const std::string& limit = "", TimeInForce tif = TimeInForce::day) {
    PlaceStockOrder o;
    o.order_id = OrderId{"o-" + std::to_string(++next_order)};
    o.order.symbol = Symbol{symbol};
    o.order.side = side;
    o.order.qty = qty(quantity);
    if (!limit.empty()) {
      o.order.order_type = OrderType::limit;
      o.order.limit_price = price(limit);
    }
    o.order.time_in_force = tif;
    return o;
  }
  Result<OrderAccepted> place(const PlaceStockOrder& o) { return ask<OrderAccepted>(broker, o); }
};

inline std::string code(const Error& error) { return std::string{to_string(error.code)}; }
template <class T>
std::string code(const Result<T>& result) {
  return result ? "ok" : code(result.error());
}

}  // namespace tradebus::test

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::shared_ptr<tradebus::test::FakeMarketRecord>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::shared_ptr<tradebus::test::BrokerRecord>)
