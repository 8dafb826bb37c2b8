#include "actors/providers/massive/massive.hpp"

#include <spdlog/spdlog.h>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <utility>

#include "actors/providers/massive/feed.hpp"
#include "engine/net/url.hpp"
#include "engine/services/log_text.hpp"

namespace tradebus::massive {

namespace {

using namespace std::chrono_literals;

constexpr auto idle_tick = 60s;  // nothing is due: is it another day?
constexpr auto timer_min = 1ms;
constexpr auto probe_first = 1'000ms;  // before the venue is asked again, doubled each time
constexpr auto probe_max = 60'000ms;
constexpr std::chrono::days actions_kept{30};
constexpr std::size_t actions_max = 200'000;  // a month has some five thousand

// For logs: without what may be secret in it.
std::string shown(const std::string& url) {
  const auto parsed = parse_url(url);
  return parsed ? parsed->shown() : "?";
}

}  // namespace

MassiveState::MassiveState(MassiveActor::pointer s) : self{s} {}
MassiveState::~MassiveState() = default;

MassiveActor::behavior_type MassiveState::make_behavior(AdapterContext with, MassiveConfig settings) {
  context = std::move(with);
  config = std::move(settings);
  calls.emplace(config.calls);
  if (!config.make_rest || (config.stream && !config.make_stream)) {
    NetThreadOptions options;
    options.name = context.name.substr(0, 15);
    options.stop_timeout = 1s;  // a daemon that ends has two
    thread = std::make_unique<NetThread>(std::move(options));
  }
  auto made = config.make_rest ? config.make_rest() : [&]() -> Result<std::unique_ptr<RestPort>> {
    return RestClient::make(*thread, config.rest);
  }();
  if (made) {
    rest = std::move(*made);
  } else {
    context.log->error("massive-config-invalid provider={} message=\"{}\"", context.name,
                       log_text(made.error().message));
    self->quit(to_caf(made.error()));
  }
  self->set_exception_handler([](std::exception_ptr& e) { return error_from_exception(e); });
  // Calls and the feed hold our handle, so that nobody ends this actor by forgetting it: an end must be told.
  self->set_exit_handler([this](const caf::exit_msg& exit) {
    stop();
    self->quit(exit.reason);
  });
  self->set_down_handler([this](const caf::down_msg& down) {
    if (sink && down.source == sink.address()) disconnect();  // the hub died: its successor connects anew
  });
  return {
      [this](const ConnectProvider& m) { return connect(m); },
      [this](const DisconnectProvider&) { return disconnect(); },
      [this](const Subscribe& m) { return subscribe(m); },
      [this](const Unsubscribe& m) { unsubscribe(m.ref); },
      [this](const BatchCredit& m) {
        if (feed) feed->add_credit(m.batches);
      },
      [this](const GetHistoricalData& m) { return history(m); },
      [this](const GetTickerDetails& m) { return ask<TickerDetails>(std::make_unique<DetailsPlan>(m.symbol)); },
      [this](const GetDailySnapshot& m) {
        return ask<DailySnapshot>(std::make_unique<SnapshotPlan>(m.symbol, plan_context()));
      },
      [this](const GetNews& m) {
        return ask<NewsItems>(std::make_unique<NewsPlan>(m.symbol, m.limit, m.since, plan_context()));
      },
      [this](const GetMarketNews& m) {
        return ask<NewsItems>(std::make_unique<NewsPlan>(std::nullopt, m.limit, m.since, plan_context()));
      },
      [this](const GetOptionChain& m) { return ask<OptionChain>(std::make_unique<ChainPlan>(m, plan_context())); },
      [this](const SearchSymbols& m) { return ask<SymbolMatches>(std::make_unique<SearchPlan>(m)); },
      [this](const GetProviderCapabilities&) { return capabilities(); },
      [this](const GetProviderCounters&) { return counters(); },
      [this](const ProviderWake& m) { wake(m.generation); },
      [this](const RestAnswer& m) { take(m); },
      [this](const StreamReport& m) { take(m); },
  };
}

// -- link --------------------------------------------------------------------

caf::result<ProviderStatus> MassiveState::connect(const ConnectProvider& request) {
  if (sink == request.sink) {  // asked once more: its topics are open
    if (rest_state == LinkState::down) probe();
    return status();
  }
  disconnect();
  ++run;
  if (config.stream) {
    feed = std::make_unique<Feed>(run, MassiveActor{self}, ProviderName{context.name}, request.sink, context.log);
    auto made = config.make_stream ? config.make_stream(*feed) : make_stream(*thread, *config.stream, *feed);
    if (!made) {
      feed.reset();
      return to_caf(made.error());
    }
    stream = std::move(*made);
  }
  sink = request.sink;
  self->monitor(sink);
  stream_status = {};
  rest_state = LinkState::connecting;
  rest_reason = rest_message = "";
  probe_pause = 0ms;
  told = status();
  context.log->info("massive-connecting provider={} url={} stream={}", context.name, shown(config.rest.url),
                    config.stream ? shown(config.stream->url) : "none");
  probe();
  set_timer();
  return told ? *told : status();
}

ProviderStatus MassiveState::disconnect() {
  stream.reset();
  if (feed) {
    dropped_before += feed->dropped();
    topics_rejected += feed->rejected();
    feed.reset();
  }
  if (sink) {
    self->demonitor(sink.address());
    sink = nullptr;
    context.log->info("massive-disconnected provider={}", context.name);
  }
  probe_at.reset();
  rest_state = LinkState::down;
  told.reset();
  ProviderStatus out;
  out.provider = ProviderName{context.name};
  out.state = LinkState::down;
  out.reason = "requested";
  return out;
}

// The actor ends: nobody is left without an answer.
void MassiveState::stop() {
  disconnect();
  if (calls)
    for (auto& end :
         calls->end_all({Errc::provider_unavailable, "provider " + context.name + " ended"}, self->clock().now()))
      finish(std::move(end));
  rest.reset();
}

// One cheap call says whether the key is good and the venue there.
void MassiveState::probe() {
  probe_at.reset();
  if (std::exchange(probing, run) == run) return;  // one is under way
  begin(std::make_unique<ProbePlan>(), CallPriority::interactive, [this, of = run](Plan&, const Error* error) {
    if (probing == of) probing.reset();
    if (of == run && sink) probed(error);
  });
}

void MassiveState::probed(const Error* error) {
  // What the plan lacks, the key can still be good for the rest.
  const bool up = error == nullptr || error->code == Errc::provider_unsupported ||
                  error->code == Errc::instrument_unknown || error->code == Errc::provider_rate_limited;
  if (up) {
    rest_state = LinkState::up;
    rest_reason = rest_message = "";
    probe_pause = 0ms;
  } else {
    rest_state = LinkState::down;
    rest_message = error->message;
    rest_reason = error->code == Errc::auth_denied ? "auth" : "transport";
    if (error->code != Errc::auth_denied) {  // a refused key stays refused
      probe_pause = probe_pause == 0ms ? probe_first : std::min<std::chrono::milliseconds>(probe_pause * 2, probe_max);
      probe_at = self->clock().now() + probe_pause;
    }
    context.log->warn("massive-link-down provider={} reason={} message=\"{}\"", context.name, rest_reason,
                      log_text(rest_message));
  }
  tell_status();
  set_timer();
}

void MassiveState::take(const StreamReport& report) {
  if (report.run != run || !sink) return;
  stream_status = report.status;
  tell_status();
}

ProviderStatus MassiveState::status() const {
  ProviderStatus out;
  out.provider = ProviderName{context.name};
  const bool rest_trouble = rest_state == LinkState::down;
  const bool has_streams = config.stream && stream_status.state != LinkState::down;
  if (rest_trouble && (rest_reason == "auth" || !has_streams)) {
    out.state = LinkState::down;
    out.reason = rest_reason;
    out.message = rest_message;
  } else if (stream_status.state == LinkState::down || stream_status.state == LinkState::degraded) {
    // A market's first connection under way is no trouble: its topics wait for it.
    // Questions are still answered while the stream has trouble, but topics are what a link is judged by.
    out.state = stream_status.state;
    out.reason = stream_status.reason;
    out.message = stream_status.message;
    out.until = stream_status.until;
  } else if (rest_trouble) {
    out.state = LinkState::degraded;
    out.reason = rest_reason;
    out.message = rest_message;
  } else {
    out.state = rest_state;
  }
  return out;
}

void MassiveState::tell_status() {
  auto now = status();
  if (!sink || (told && told->state == now.state && told->reason == now.reason && told->message == now.message &&
                told->until == now.until))
    return;
  told = now;
  self->send(sink, std::move(now));
}

// -- topics ------------------------------------------------------------------

caf::result<Done> MassiveState::subscribe(const Subscribe& request) {
  if (!sink)
    return to_caf(
        Error{Errc::provider_unavailable, "provider \"" + context.name + "\" is not connected: connect it first"});
  if (!stream)
    return to_caf(Error{Errc::provider_unsupported,
                        "provider \"" + context.name + "\" was configured without its stream (stream = false)"});
  if (!MassiveStream::has(request.kind))
    return to_caf(
        Error{Errc::provider_unsupported, "provider \"" + context.name +
                                              "\" streams quotes, trades, and bars of a second and a minute, not " +
                                              std::string{to_string(request.kind)}});
  if (auto opened = stream->subscribe(request.ref, request.kind, request.symbol); !opened)
    return to_caf(opened.error());
  note_symbol(request.symbol);
  set_timer();
  return Done{};
}

void MassiveState::unsubscribe(TopicRef ref) {
  if (stream) stream->unsubscribe(ref);
}

// -- splits and dividends ----------------------------------------------------

void MassiveState::note_symbol(const Symbol& symbol) {
  if (symbols.size() >= symbols_max || !symbols.insert(symbol).second) return;
  tell_actions(&symbol);
}

void MassiveState::check_actions() {
  if (!sink || !config.corporate_actions || rest_state != LinkState::up || actions_asked) return;
  const auto now = self->clock().now();
  if (actions_at && now < *actions_at) return;
  const auto today = context.calendars->of(Instrument{}).date_of(context.clock.now());
  if (actions_day && *actions_day >= today) return;
  // What happened while nobody looked: a month at the start, later since the last time.
  const auto oldest = today - actions_kept;
  const auto from = actions_day ? *actions_day + std::chrono::days{1} : oldest;
  actions_asked = true;
  begin(std::make_unique<ActionsPlan>(Date::from_days(from), Date::from_days(today), plan_context()),
        CallPriority::bulk, [this, today, oldest](Plan& plan, const Error* error) {
          actions_asked = false;
          if (error != nullptr) {
            // The plan lacks it: not before tomorrow. Else a little later.
            if (error->code == Errc::provider_unsupported) actions_day = today;
            actions_at = self->clock().now() + 10min;
            return;
          }
          actions_day = today;
          actions_at.reset();
          // Kept as long: a symbol may be asked for later only, and have bars on disk from before.
          const auto is_old = [&](const CorporateAction& each) { return each.ts < Timestamp{oldest}; };
          std::erase_if(actions, is_old);
          std::erase_if(actions_told, [&](const auto& each) { return std::get<Timestamp>(each) < Timestamp{oldest}; });
          for (auto& each : static_cast<ActionsPlan&>(plan).answer())
            if (actions.size() < actions_max) actions.push_back(std::move(each));
          tell_actions(nullptr);
        });
}

void MassiveState::tell_actions(const Symbol* only) {
  if (!sink) return;
  for (const auto& action : actions) {
    if (only != nullptr ? action.symbol != *only : !symbols.contains(action.symbol)) continue;
    if (!actions_told.emplace(action.symbol, action.ts, action.action, action.value).second) continue;
    self->send(sink, action);
  }
}

// -- time --------------------------------------------------------------------

OpenMarkets MassiveState::open_markets() const {
  const auto at = plan_context().now - plan_context().lateness;
  Instrument option;
  option.asset_class = AssetClass::option;
  return {context.calendars->of(Instrument{}).is_open(at), context.calendars->of(option).is_open(at)};
}

void MassiveState::wake(std::uint64_t generation) {
  if (generation != timer) return;
  timer_at.reset();
  const auto now = self->clock().now();
  if (probe_at && *probe_at <= now) probe();
  if (stream) stream->tick(open_markets());
  if (calls)
    for (auto& end : calls->expire(now)) finish(std::move(end));
  check_actions();
  pump();
  set_timer();
}

void MassiveState::set_timer() {
  if (!calls) return;
  const auto now = self->clock().now();
  std::optional<Calls::Time> due = calls->next_time(now);
  const auto earlier = [&](Calls::Time t) {
    if (!due || t < *due) due = t;
  };
  if (sink)
    earlier(now +
            (stream ? std::chrono::milliseconds{MassiveStream::tick_interval} : std::chrono::milliseconds{idle_tick}));
  if (probe_at) earlier(*probe_at);
  if (!due || (timer_at && *timer_at <= *due)) return;
  timer_at = due;
  ++timer;
  self->delayed_send(caf::actor_cast<ProviderActor>(self),
                     std::max<std::chrono::nanoseconds>(*due - now, std::chrono::nanoseconds{timer_min}),
                     ProviderWake{timer});
}

}  // namespace tradebus::massive
