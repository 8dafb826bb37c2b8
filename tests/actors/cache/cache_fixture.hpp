// A cache between a test and scripted providers.
#pragma once

#include <deque>
#include <functional>
#include <utility>

#include "actors/cache/memory/questions.hpp"
#include "bus/wire/unpack.hpp"
#include "config/core_sections.hpp"
#include "tests/support/actor_fixture.hpp"

namespace tradebus::test {

// What a fake provider does, and what it was asked. Changed by the test between two runs.
struct Script {
  std::int64_t calls = 0;
  bool hold = false;            // answers wait for release()
  std::optional<Error> error;   // instead of an answer
  std::size_t size = 1;         // items in an answer
  std::size_t text_bytes = 10;  // in a news item's title
  ProviderCapabilities capabilities;
  std::vector<GetHistoricalData> bar_questions;
  // Instead of `size` bars a second apart: the bars of the source.
  std::function<std::vector<HistoricalBar>(const GetHistoricalData&)> bars;
  std::deque<std::function<void()>> held;
};

struct FakeProviderState {
  static inline const char* name = "fake-provider";
  explicit FakeProviderState(ProviderActor::pointer s) : self{s} {}

  template <class T>
  caf::result<T> reply(T value) {
    ++script->calls;
    if (!script->hold) {
      if (script->error) return to_caf(*script->error);
      return value;
    }
    auto promise = self->make_response_promise<T>();
    script->held.push_back([this, promise, value]() mutable {
      if (script->error)
        promise.deliver(to_caf(*script->error));
      else
        promise.deliver(std::move(value));
    });
    return promise;
  }
  NewsItems news() const {
    NewsItem item;
    item.id = std::to_string(script->calls);
    item.title = std::string(script->text_bytes, 'x');
    return {std::vector<NewsItem>(script->size, item)};
  }

  ProviderActor::pointer self;
  std::shared_ptr<Script> script;
};

inline ProviderActor::behavior_type fake_provider(ProviderActor::stateful_pointer<FakeProviderState> self,
                                                  const std::shared_ptr<Script>& script) {
  auto& s = self->state;
  s.script = script;
  return {
      [](const ConnectProvider&) { return ProviderStatus{}; },
      [](const DisconnectProvider&) { return ProviderStatus{}; },
      [](const Subscribe&) { return Done{}; },
      [](const Unsubscribe&) {},
      [](const BatchCredit&) {},
      [&s](const GetHistoricalData& m) {
        s.script->bar_questions.push_back(m);
        if (s.script->bars) return s.reply(HistoricalBars{s.script->bars(m), "fake", {}});
        HistoricalBars out{std::vector<HistoricalBar>(s.script->size), "fake", {}};
        for (std::size_t i = 0; i < out.bars.size(); ++i) {
          out.bars[i].symbol = m.symbol;
          out.bars[i].ts = m.start + std::chrono::seconds{i};
        }
        return s.reply(std::move(out));
      },
      [&s](const GetTickerDetails& m) {
        TickerDetails details;
        details.symbol = m.symbol;
        details.name = std::to_string(s.script->calls);
        return s.reply(std::move(details));
      },
      [&s](const GetDailySnapshot& m) {
        DailySnapshot snapshot;
        snapshot.symbol = m.symbol;
        return s.reply(std::move(snapshot));
      },
      [&s](const GetNews&) { return s.reply(s.news()); },
      [&s](const GetMarketNews&) { return s.reply(s.news()); },
      [&s](const GetOptionChain& m) {
        OptionQuote quote;
        quote.symbol = Symbol{"AAPL240621C00190000"};
        quote.underlying = m.underlying;
        return s.reply(OptionChain{std::vector<OptionQuote>(s.script->size, quote)});
      },
      [&s](const SearchSymbols& m) {
        SymbolMatch match;
        match.symbol = Symbol{"APP"};
        match.name = m.text;
        return s.reply(SymbolMatches{std::vector<SymbolMatch>(s.script->size, match)});
      },
      [&s](const GetProviderCapabilities&) { return s.script->capabilities; },
      [](const GetProviderCounters&) { return Counters{}; },
      [&s](const ProviderWake&) {  // release
        for (auto& each : std::exchange(s.script->held, {})) each();
      },
  };
}

// An answer, taken apart.
template <class Answer>
struct Got {
  Answer answer;
  bool cached = false;
  bool stale = false;
};
template <class Query>
using ReplyTo = Got<memory::AnswerTo<Query>>;

template <class Query>
ReplyTo<Query> unpacked(const CachedAnswer& reply) {
  ReplyTo<Query> out;
  const msgpack::object_handle document = msgpack::unpack(reply.packed->data(), reply.packed->size());
  const auto& map = document.get();
  if (const auto* flag = wire::find(map, "cached")) out.cached = flag->as<bool>();
  if (const auto* flag = wire::find(map, "stale")) out.stale = flag->as<bool>();
  // A request's texts are bounded, an answer's are not: such an answer is not looked into.
  if (const auto ok = wire::unpack(map, out.answer);
      !ok && ok.error().message.find("a text of more") == std::string::npos)
    throw std::runtime_error(ok.error().message);
  return out;
}

struct CacheFixture : ActorFixture {
  // A Friday, 10:00:20 in New York.
  static constexpr Timestamp morning = from_unix_ns(1'718'978'420'000'000'000);

  Clock clock{morning};
  std::shared_ptr<Script> script = std::make_shared<Script>();
  ProviderActor provider;
  CacheActor cache;
  ClientName client;            // who asks from now on
  std::int64_t timeout_ms = 0;  // and how long he waits for a turn

  // What the daemon hands over: [cache] and [cache.ttl] in one.
  static Section settings() {
    Section out;
    for (const auto& spec : core_sections())
      if (spec.path == "cache" || spec.path == "cache.ttl")
        for (const auto& key : spec.keys) out.set(key.key, key.fallback);
    return out;
  }
  void start(const CacheRegistry& registry, const std::string& name, const Section& with = settings()) {
    auto made = registry.find(name)->make(sys, context(name, with, clock));
    if (!made) throw std::runtime_error(made.error().message);
    cache = keep(*made);
    provider = start_provider("fake", script, true);
  }
  ProviderActor start_provider(const std::string& name, const std::shared_ptr<Script>& with, bool is_default = false) {
    auto actor = keep(sys.spawn(fake_provider, with));
    set_provider(name, actor, is_default);
    return actor;
  }
  void set_provider(const std::string& name, const ProviderActor& actor, bool is_default = false) {
    caf::anon_send(cache, ProviderHandle{ProviderName{name}, actor, is_default});
    run();
  }
  void release(const ProviderActor& actor) {
    caf::anon_send(actor, ProviderWake{});
    run();
  }
  void end(const ProviderActor& actor) {
    caf::anon_send_exit(actor, caf::exit_reason::kill);
    run();
  }

  template <class Query>
  Result<ReplyTo<Query>> get(Query query, const std::string& from = "") {
    const auto reply = ask<CachedAnswer>(cache, Ask<Query>{ProviderName{from}, std::move(query), client, timeout_ms});
    if (!reply) return tl::unexpected{reply.error()};
    return unpacked<Query>(*reply);
  }
  // Asks without waiting; finish() takes the answers, in the same order.
  template <class Query>
  auto begin(Query query, const std::string& from = "") {
    auto pending =
        self->request(cache, caf::infinite, Ask<Query>{ProviderName{from}, std::move(query), client, timeout_ms});
    run();
    return pending;
  }
  template <class Query, class Pending>
  Result<ReplyTo<Query>> finish(Pending& pending) {
    run();
    Result<ReplyTo<Query>> out = fail(Errc::internal, "no answer");
    pending.receive([&](const CachedAnswer& r) { out = unpacked<Query>(r); },
                    [&](caf::error& e) { out = tl::unexpected<Error>{from_caf(e, Errc::internal)}; });
    return out;
  }
  CacheKindStats stats(std::string_view kind) {
    const auto all = ask<CacheStats>(cache, GetCacheStats{});
    if (all)
      for (const auto& each : all->kinds)
        if (each.kind == kind) return each;
    throw std::runtime_error("no statistics of this kind");
  }
  void pass(std::chrono::nanoseconds time) { clock.advance_to(clock.now() + time); }

  static GetTickerDetails details(const char* symbol) { return {Symbol{symbol}}; }
  static GetDailySnapshot snapshot(const char* symbol) { return {Symbol{symbol}}; }
  static GetNews news(const char* symbol) { return {Symbol{symbol}, 20, std::nullopt}; }
  static GetHistoricalData bars(Timeframe timeframe, Timestamp start, Timestamp end) {
    return {Symbol{"AAPL"}, timeframe, start, end, false, 1'000, BarSession::all};
  }
};

}  // namespace tradebus::test

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::shared_ptr<tradebus::test::Script>)
