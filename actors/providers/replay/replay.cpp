#include "actors/providers/replay/replay.hpp"

#include <spdlog/spdlog.h>
#include <algorithm>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/providers/replay/trading_day.hpp"

namespace tradebus::replay {

namespace {

class ToActor final : public Listener {
 public:
  explicit ToActor(ReplayActor owner) : owner_{std::move(owner)} {}
  void on_report(Report report) override { caf::anon_send(owner_, std::move(report)); }

 private:
  ReplayActor owner_;
};

caf::error unsupported(const char* what) {
  return to_caf(Error{Errc::provider_unsupported, std::string{"a recording has no "} + what});
}
bool is_bar(StreamKind kind) { return timeframe_of(kind).has_value(); }

}  // namespace

ReplayActor::behavior_type ReplayState::make_behavior(Settings settings, AdapterContext context) {
  settings_ = std::move(settings);
  clock_ = context.clock;
  log_ = std::move(context.log);
  provider_ = ProviderName{context.name};
  first_due_ = INT64_MAX;
  std::uint64_t bytes = 0;
  for (const auto& file : *settings_.files) {
    bytes += file.bytes;
    if (file.has_rows)
      first_due_ = std::min(first_due_, file.first_due);
    else
      log_->warn("recording-without-rows provider={} file={}", provider_.str(), file.path);
  }
  list_first_ = bytes <= settings_.list_first_bytes;

  self_->set_exception_handler([](std::exception_ptr& e) { return error_from_exception(e); });
  self_->set_exit_handler([this](const caf::exit_msg& exit) {
    end_everything(exit.reason);
    self_->quit(exit.reason);
  });
  listener_ = std::make_unique<ToActor>(ReplayActor{self_});
  archive_ = std::make_unique<Archive>(settings_.files, context.name, *listener_);
  if (!list_first_) self_->delayed_send(self_, settings_.list_wait, ProviderWake{});
  log_->info("recording-opened provider={} files={} bytes={} speed={} loop={}", provider_.str(),
             settings_.files->size(), bytes, settings_.speed, settings_.loop);

  return {
      [this](const ConnectProvider& r) { return connect(r); },
      [this](const DisconnectProvider&) { return disconnect(); },
      [this](const Subscribe& r) { return subscribe(r); },
      [this](const Unsubscribe& r) { unsubscribe(r.ref); },
      [this](const BatchCredit& c) {
        if (player_) player_->add_credit(c.batches);
        end_if_drained();
      },
      [this](const GetHistoricalData& q) { return ask<HistoricalBars>(q); },
      [](const GetTickerDetails&) -> caf::result<TickerDetails> { return unsupported("ticker details"); },
      [this](const GetDailySnapshot& q) {
        return ask<DailySnapshot>(SnapshotAt{q, clock_.now()});
      },
      [](const GetNews&) -> caf::result<NewsItems> { return unsupported("news"); },
      [](const GetMarketNews&) -> caf::result<NewsItems> { return unsupported("news"); },
      [](const GetOptionChain&) -> caf::result<OptionChain> { return unsupported("option chains"); },
      [this](const SearchSymbols& q) { return ask<SymbolMatches>(q); },
      [this](const GetProviderCapabilities&) { return capabilities(); },
      [this](const GetProviderCounters&) { return counters(); },
      [this](const ProviderWake&) { stop_waiting(); },
      [this](Report& r) { apply(r); },
      [this](const AdvanceReplay& r) { return advance(r); },
  };
}

// ---- the link ------------------------------------------------------------------------------------------------------

caf::result<ProviderStatus> ReplayState::connect(const ConnectProvider& request) {
  if (player_ && sink_ == request.sink) {
    player_->go();
  } else {
    if (player_) disconnect();
    sink_ = request.sink;
    start_player(request.resume_after);
  }
  return status();
}

void ReplayState::start_player(std::uint64_t resume_after) {
  clock_.advance_to(from_unix_ns(first_due_));
  PlayerOptions options;
  options.provider = provider_;
  options.speed = settings_.speed;
  options.loop = settings_.loop;
  options.lockstep = settings_.lockstep;
  options.start = settings_.start;
  options.settle = settings_.settle;
  options.resume_after = resume_after;
  options.run = ++run_;
  degraded_ = ending_ = ended_ = false;
  trouble_.clear();
  player_ = std::make_unique<Player>(settings_.files, std::move(options), *listener_,
                                     [sink = sink_](MarketBatch batch) { caf::anon_send(sink, std::move(batch)); });
  log_->info("replay-connected provider={} resume_after={}", provider_.str(), resume_after);
}

ProviderStatus ReplayState::disconnect() {
  if (player_) {
    last_counters_ = player_->counters();
    player_.reset();
    log_->info("replay-disconnected provider={}", provider_.str());
  }
  topics_.clear();
  unchecked_.clear();
  for (auto& each : std::exchange(waiting_, {})) each.promise.deliver(to_caf(not_connected()));
  if (auto step = std::exchange(step_, std::nullopt)) step->deliver(to_caf(not_connected()));
  sink_ = nullptr;
  ending_ = ended_ = false;
  ProviderStatus out;
  out.provider = provider_;
  out.state = LinkState::down;
  out.reason = "requested";
  return out;
}

ProviderStatus ReplayState::status() const {
  ProviderStatus out;
  out.provider = provider_;
  out.state = degraded_ ? LinkState::degraded : LinkState::up;
  if (degraded_) {
    out.reason = "damaged_file";
    out.message = trouble_;
  }
  if (ended_) out.reason = end_of_data;
  return out;
}

void ReplayState::tell(const ProviderStatus& status) {
  if (sink_) self_->send(sink_, status);
}

// Everyone who still waits hears why there will be no answer.
void ReplayState::end_everything(const caf::error& reason) {
  disconnect();
  for (auto& [id, promise] : std::exchange(questions_, {}))
    std::visit(
        [&](auto& p) {
          p.deliver(to_caf(Error{Errc::provider_unavailable, "the replay provider ended"}));
        },
        promise);
  log_->debug("replay-stopped provider={} reason={}", provider_.str(), caf::to_string(reason));
}

// ---- topics --------------------------------------------------------------------------------------------------------

caf::result<Done> ReplayState::subscribe(const Subscribe& request) {
  if (!player_) return to_caf(not_connected());
  if (request.kind == StreamKind::option || request.kind == StreamKind::news)
    return unsupported(request.kind == StreamKind::news ? "news" : "option quotes with model values");
  if (catalogue_ || waited_enough_) return to_caf(open(request));
  if (waiting_.size() >= waiting_max)
    return to_caf(
        Error{Errc::overloaded, "too many subscriptions wait for the recording's listing; try again", {}, 1'000});
  auto promise = self_->make_response_promise<Done>();
  waiting_.push_back({request, promise});
  return promise;
}

Result<Done> ReplayState::open(const Subscribe& request) {
  if (catalogue_) {
    if (auto known = catalogue_->check(request.kind, request.symbol.str()); !known) return known;
  }
  if (!player_->subscribe({request.ref, request.kind, request.symbol.str()}))
    return fail(Errc::overloaded, "too many subscriptions under way; try again");
  topics_[request.ref] = request;
  if (!catalogue_) unchecked_.insert(request.ref);
  if (ended_) tell(request.ref, TopicState::ended, end_of_data);
  return Done{};
}

void ReplayState::unsubscribe(TopicRef ref) {
  std::erase_if(waiting_, [&](Waiting& each) {
    if (each.request.ref != ref) return false;
    each.promise.deliver(Done{});
    return true;
  });
  unchecked_.erase(ref);
  if (topics_.erase(ref) > 0 && player_) player_->unsubscribe(ref);
}

// The catalogue is there, or takes too long: what waited for it is answered now.
void ReplayState::stop_waiting() {
  waited_enough_ = true;
  for (auto& each : std::exchange(waiting_, {})) {
    if (auto opened = open(each.request))
      each.promise.deliver(*opened);
    else
      each.promise.deliver(to_caf(opened.error()));
  }
  if (std::exchange(step_waits_, false) && step_ && player_) player_->advance(unix_ns(step_until_));
}

void ReplayState::tell(TopicRef ref, TopicState state, const std::string& reason) {
  TopicStatus status;
  status.provider = provider_;
  status.ref = ref;
  status.state = state;
  status.reason = reason;
  if (sink_) self_->send(sink_, status);
}

// ---- questions -----------------------------------------------------------------------------------------------------

template <class Answer>
caf::result<Answer> ReplayState::ask(Question question) {
  const auto id = next_question_++;
  if (!archive_->ask(id, std::move(question)))
    return to_caf(Error{Errc::overloaded, "too many questions about the recording wait already; try again", {}, 1'000});
  auto promise = self_->make_response_promise<Answer>();
  questions_.emplace(id, promise);
  return promise;
}

ProviderCapabilities ReplayState::capabilities() const {
  ProviderCapabilities out;
  if (catalogue_) {
    out.streams = catalogue_->streams();
    out.timeframes = catalogue_->timeframes();
  } else {
    // Not listed yet: the headers tell the kinds, and Subscribe refuses what turns out to be missing.
    auto any = [&](FileKind kind) {
      return std::ranges::any_of(*settings_.files, [&](const auto& f) { return f.columns.kind == kind; });
    };
    for (const auto kind : {StreamKind::quote, StreamKind::trade, StreamKind::bar_1s, StreamKind::bar_1m,
                            StreamKind::bar_5m, StreamKind::bar_1h, StreamKind::bar_1d})
      if (any(is_bar(kind) ? FileKind::bars : kind == StreamKind::quote ? FileKind::quotes : FileKind::trades))
        out.streams.push_back(kind);
    if (any(FileKind::bars) || any(FileKind::trades))
      out.timeframes = {Timeframe::s1, Timeframe::m1, Timeframe::m5, Timeframe::m15,
                        Timeframe::h1, Timeframe::d1, Timeframe::w1};
  }
  out.daily_snapshot = !out.timeframes.empty();
  out.search = true;
  out.lossless = settings_.speed == 0.0;
  out.drives_clock = true;
  return out;
}

Counters ReplayState::counters() const {
  const PlayerCounters c = player_ ? player_->counters() : last_counters_;
  auto number = [](std::uint64_t value) { return static_cast<std::int64_t>(value); };
  return {{{"rows", number(c.rows)},
           {"delivered", number(c.delivered)},
           {"skipped_unsubscribed", number(c.skipped)},
           {"actions", number(c.actions)},
           {"bad_lines", number(c.read.bad_lines)},
           {"rounded", number(c.read.rounded)},
           {"out_of_order", number(c.read.out_of_order)},
           {"dropped", number(c.dropped)},
           {"files", number(settings_.files->size())}}};
}

// ---- start ---------------------------------------------------------------------------------------------------------

ReplayActor::behavior_type replay(ReplayActor::stateful_pointer<ReplayState> self, Settings settings,
                                  AdapterContext context) {
  return self->state.make_behavior(std::move(settings), std::move(context));
}

void register_in(ProviderRegistry& registry) {
  registry.add("replay", section(), [](caf::actor_system& system, AdapterContext context) -> Result<ProviderActor> {
    if (auto zones = check_time_zones(); !zones) return tl::unexpected{zones.error()};
    auto settings = read_settings(context.settings);
    if (!settings) return tl::unexpected{settings.error()};
    // Before anything runs: whoever keeps things by the wall clock must know that this is a recording.
    auto first_due = INT64_MAX;
    for (const auto& file : *settings->files)
      if (file.has_rows) first_due = std::min(first_due, file.first_due);
    if (first_due != INT64_MAX) context.clock.advance_to(from_unix_ns(first_due));
    return ProviderActor{system.spawn(replay, std::move(*settings), std::move(context))};
  });
}

}  // namespace tradebus::replay
