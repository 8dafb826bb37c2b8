#include "actors/providers/sim/sim.hpp"

#include <spdlog/spdlog.h>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <utility>

#include "actors/providers/sim/news.hpp"
#include "actors/providers/sim/options.hpp"

namespace tradebus::sim {

namespace {

using namespace std::chrono_literals;

constexpr auto period_min = 1ms;   // batches of half a thousand at half a million ticks a second
constexpr auto period_max = 50ms;  // well inside backlog_max, so that an idle timer loses nothing
constexpr auto backlog_max = 100ms;
constexpr std::uint64_t ticks_per_call_max = 2'048;  // about 0.1 ms; then others have their turn
constexpr std::uint64_t options_per_call_max = 128;  // a valuation costs some microseconds
constexpr std::uint64_t news_per_call_max = 32;
constexpr auto option_period = 1s;
constexpr auto news_period = 60s;
constexpr std::size_t options_max = 20'000;  // more could not be revalued in a second
constexpr std::size_t news_topics_max = 100'000;
constexpr std::size_t held_batches_max = 16;  // as many again as the credit: then the oldest are dropped

}  // namespace

SimState::SimState(ProviderActor::pointer s) : self{s}, pacer{backlog_max}, options{option_period}, news{news_period} {}

ProviderActor::behavior_type SimState::make_behavior(AdapterContext with, SimConfig settings) {
  context = std::move(with);
  config = std::move(settings);
  started = context.clock.now();
  equity_days = TradingDays{AssetClass::equity, context.calendars};
  self->set_exception_handler([](std::exception_ptr& e) { return error_from_exception(e); });
  self->set_down_handler([this](const caf::down_msg& down) {
    if (sink && down.source == sink.address()) disconnect();  // the hub died: its successor connects anew
  });
  return {
      [this](const ConnectProvider& m) { return connect(m); },
      [this](const DisconnectProvider&) { return disconnect(); },
      [this](const Subscribe& m) { return subscribe(m); },
      [this](const Unsubscribe& m) { unsubscribe(m.ref); },
      [this](const BatchCredit& m) { credited(m.batches); },
      [this](const GetHistoricalData& m) { return historical_data(m); },
      [this](const GetTickerDetails& m) { return details_of(m.symbol); },
      [this](const GetDailySnapshot& m) { return daily_snapshot(m); },
      [this](const GetNews& m) { return symbol_news(m); },
      [this](const GetMarketNews& m) { return market_news(m); },
      [this](const GetOptionChain& m) { return chain(m); },
      [this](const SearchSymbols& m) { return search_symbols(m); },
      [this](const GetProviderCapabilities&) {
        ProviderCapabilities out;
        out.lossless = config.wait_for_bus;
        out.streams = {StreamKind::quote, StreamKind::trade, StreamKind::option, StreamKind::news};
        out.timeframes = {Timeframe::s1, Timeframe::m1, Timeframe::m5, Timeframe::m15,
                          Timeframe::h1, Timeframe::d1, Timeframe::w1};
        out.ticker_details = out.daily_snapshot = out.news = out.market_news = out.option_chain = out.search = true;
        out.always_open = true;
        out.history = "seed " + std::to_string(config.seed);
        out.pacing = config.pacing;
        return out;
      },
      [this](const GetProviderCounters&) { return counters(); },
      [this](const ProviderWake& m) { wake(m.generation); },
  };
}

// -- link --------------------------------------------------------------------

ProviderStatus SimState::status(LinkState state, std::string reason) const {
  ProviderStatus out;
  out.provider = ProviderName{context.name};
  out.state = state;
  out.reason = std::move(reason);
  return out;
}

ProviderStatus SimState::connect(const ConnectProvider& request) {
  if (sink == request.sink) return status(LinkState::up, "");
  disconnect();
  sink = request.sink;
  self->monitor(sink);
  outlet.emplace(ProviderName{context.name}, Outlet::WhenFull::drop_oldest, held_batches_max,
                 [this](MarketBatch batch) {
                   ++under_way;
                   self->send(sink, std::move(batch));
                 });
  under_way = 0;
  context.log->info("sim-connected provider={} seed={} ticks_per_second={}", context.name, config.seed,
                    config.ticks_per_second);
  return status(LinkState::up, "");
}

ProviderStatus SimState::disconnect() {
  stop_timer();
  live.close_all();
  options.close_all();
  news.close_all();
  if (sink) {
    dropped_before += outlet->dropped_events();
    outlet.reset();
    self->demonitor(sink.address());
    sink = nullptr;
    context.log->info("sim-disconnected provider={}", context.name);
  }
  return status(LinkState::down, "requested");
}

// -- topics ------------------------------------------------------------------

caf::result<Done> SimState::subscribe(const Subscribe& request) {
  if (!sink)
    return to_caf(
        Error{Errc::provider_unavailable, "provider \"" + context.name + "\" is not connected: connect it first"});
  if (auto opened = open_topic(request); !opened) return to_caf(opened.error());
  start_timer();
  return Done{};
}

Result<void> SimState::open_topic(const Subscribe& request) {
  unsubscribe(request.ref);
  const auto instrument = Instrument::parse(request.symbol.str());
  if (!instrument) return tl::unexpected{instrument.error()};
  switch (request.kind) {
    case StreamKind::quote:
      if (instrument->is_option()) return open_option(request);
      break;
    case StreamKind::trade:
      if (instrument->is_option())
        return fail(Errc::provider_unsupported,
                    "option contracts have no simulated trades: subscribe to option or quote");
      break;
    case StreamKind::option:
      return open_option(request);
    case StreamKind::news:
      break;
    case StreamKind::bar_1s:
    case StreamKind::bar_1m:
    case StreamKind::bar_5m:
    case StreamKind::bar_1h:
    case StreamKind::bar_1d:
      return fail(Errc::provider_unsupported,
                  "provider \"" + context.name + "\" streams no bars: build them from its trades");
  }
  auto profile = config.universe.find(request.symbol);
  if (!profile) return tl::unexpected{profile.error()};
  if (request.kind != StreamKind::news) {
    if (live.topics() == 0) pacer.start(self->clock().now());
    return live.open(request.ref, request.kind, *profile);
  }
  if (news.size() >= news_topics_max)
    return fail(Errc::overloaded, "the simulation writes news of 100000 symbols at most");
  news.open(request.ref, NewsTopic{std::move(*profile)}, self->clock().now());
  return {};
}

Result<void> SimState::open_option(const Subscribe& request) {
  auto contract = config.universe.find_option(request.symbol);
  if (!contract) return tl::unexpected{contract.error()};
  if (expiry_time(*contract->instrument.expiry, equity_days) <= context.clock.now())
    return fail(Errc::instrument_unknown, "\"" + request.symbol.str() + "\" has expired");
  if (options.size() >= options_max)
    return fail(Errc::overloaded, "the simulation revalues 20000 option contracts at most");
  options.open(request.ref, OptionTopic{request.kind, std::move(*contract)}, self->clock().now());
  return {};
}

void SimState::unsubscribe(TopicRef ref) {
  live.close(ref);
  options.close(ref);
  news.close(ref);
  if (topics_open() == 0) stop_timer();
}

// -- the timer ---------------------------------------------------------------

void SimState::start_timer() {
  if (std::exchange(timer_runs, true)) return;
  ++generation;
  self->delayed_send(caf::actor_cast<ProviderActor>(self), period_min, ProviderWake{generation});
}

void SimState::stop_timer() {
  timer_runs = false;
  waits_for_credit = false;
}

void SimState::wake(std::uint64_t of) {
  if (of == history_wake) return work_on_history();
  if (!timer_runs || of != generation) return;
  if (must_wait()) return schedule_next(true);
  const auto now = self->clock().now();
  const auto [count, more_ticks] = plan_ticks(now);
  // Setting the timer wakes CAF's clock, which may take the core: before the ticks get their time, not after.
  const bool only_ticks = options.size() == 0 && news.size() == 0;
  if (only_ticks) schedule_next(more_ticks);
  const Timestamp ts = context.clock.now();
  make_ticks(count, ts);
  bool more_due = more_ticks;
  more_due |= revalue_options(now, ts);
  more_due |= write_news(now, ts);
  outlet->flush();
  if (!only_ticks) schedule_next(more_due);
}

SimState::Plan SimState::plan_ticks(Pacer::TimePoint now) {
  if (live.topics() == 0) return {};
  const auto due = pacer.due(now, config.ticks_per_second);
  auto count = std::min(due, ticks_per_call_max);
  if (config.wait_for_bus) {
    count = std::min<std::uint64_t>(count, std::uint64_t{batch_credit - under_way} * batch_events_max);
    pacer.took(count);
    return {count, due > count};
  }
  // The bus takes no more: one batch goes on showing the loss, the rest is not even made.
  const bool full = outlet->full();
  if (full) count = std::min<std::uint64_t>(count, batch_events_max);
  pacer.took(count);
  if (full) pacer.skip(due - count);
  return {count, !full && due > count};
}

void SimState::make_ticks(std::uint64_t count, Timestamp ts) {
  live.generate(count, unix_ns(ts), [this](const MarketEvent& event) { outlet->push(event); });
  ticks += count;
}

bool SimState::revalue_options(Pacer::TimePoint now, Timestamp ts) {
  return options.take(now, options_per_call_max, [&](TopicRef ref, const OptionTopic& topic) {
    OptionQuote value = value_option(topic.contract, spot(topic.contract.underlying, ts), ts, equity_days);
    ++ticks;
    if (topic.kind == StreamKind::option) {
      outlet->push(ref, std::move(value));
      return;
    }
    auto quote = MarketEvent::quote(ref, ts, ts, *value.bid, *value.bid_size, *value.ask, *value.ask_size);
    quote.quality = Quality::simulated;
    outlet->push(quote);
  });
}

bool SimState::write_news(Pacer::TimePoint now, Timestamp ts) {
  return news.take(now, news_per_call_max, [&](TopicRef ref, NewsTopic& topic) {
    outlet->push(ref, live_news(topic.profile, topic.number++, ts));
  });
}

void SimState::credited(std::uint32_t batches) {
  under_way -= std::min(under_way, batches);
  if (outlet) outlet->add_credit(batches);
  if (!timer_runs || !waits_for_credit || under_way > batch_credit / 2) return;
  waits_for_credit = false;
  // In the place of the timer's wake, which is of an older generation from now on.
  self->send(caf::actor_cast<ProviderActor>(self), ProviderWake{++generation});
}

void SimState::schedule_next(bool more_due) {
  const auto me = caf::actor_cast<ProviderActor>(self);
  waits_for_credit = config.wait_for_bus && more_due;
  if (waits_for_credit && under_way >= batch_credit) return;  // credit will come, or the hub has died
  // A backlog goes on at once only while the hub keeps up: what has no credit would be dropped.
  if (more_due && under_way <= batch_credit / 2) return self->send(me, ProviderWake{generation});
  std::chrono::nanoseconds wait = period_max;
  if (more_due)
    wait = period_min;
  else if (live.topics() > 0)
    wait = std::clamp<std::chrono::nanoseconds>(pacer.until_next(config.ticks_per_second), period_min, period_max);
  self->delayed_send(me, wait, ProviderWake{generation});
}

}  // namespace tradebus::sim
