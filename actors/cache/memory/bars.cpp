// Bars: what the disk has is not asked for; what was learned of past sessions goes there.
#include <spdlog/spdlog.h>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <utility>

#include "actors/cache/memory/memory.hpp"
#include "actors/cache/memory/question_key.hpp"
#include "actors/cache/memory/sane_answer.hpp"
#include "bus/model/timeframe.hpp"
#include "bus/wire/pack.hpp"

namespace tradebus::memory {

namespace {

constexpr std::uint32_t page_max = 5'000;  // bars in one call to a source
constexpr std::size_t keeps_max = 64;      // answers on their way to the disk; more are not kept
constexpr std::int64_t bulk_bars = 2'000;  // a question for more is a download, not somebody at a screen
constexpr std::chrono::seconds disk_patience{5};
constexpr std::chrono::milliseconds actions_pause{100};
constexpr std::size_t actions_max = 10'000;      // symbols, noted and not yet forgotten
constexpr std::size_t actions_each_max = 1'000;  // of more, everything that is adjusted goes

std::string pack_bars(const HistoricalBars& answer) {
  wire::Buffer buffer;
  buffer.bytes.reserve(128 + answer.bars.size() * 140);
  wire::Packer out{buffer};
  out.pack_map(wire::present_fields(answer) + 1);
  wire::pack_fields(out, answer);
  wire::pack(out, "cached");
  wire::pack(out, true);
  buffer.bytes.shrink_to_fit();
  return std::move(buffer.bytes);
}

CallPriority priority_of(const TimeRange& range, Timeframe timeframe) {
  return (range.end - range.begin) / length(timeframe) > bulk_bars ? CallPriority::bulk : CallPriority::interactive;
}

}  // namespace

void MemoryState::start_keeper() {
  disk_stats->set({"off", {}, 0, 0, 0, 0});
  if (config.bars_bytes_max <= 0 || context.data_dir.empty()) return;
  disk_stats->set({"opening", {}, 0, 0, 0, 0});  // until its thread has looked at the file
  const BarKeeperConfig with{context.data_dir + "/bars.sqlite", config.bars_bytes_max, context.clock, context.log,
                             disk_stats};
  keeper = config.own_thread ? self->spawn<caf::linked + caf::detached>(bar_keeper, with)
                             : self->spawn<caf::linked>(bar_keeper, with);
}

// A bar counts to a session when a part of it lies in it: hours begin on the hour, sessions don't.
std::function<bool(Timestamp)> MemoryState::wanted_of(const GetHistoricalData& query, const Calendar& calendar) const {
  if (query.session == BarSession::all || query.timeframe == Timeframe::d1 || query.timeframe == Timeframe::w1)
    return {};
  const auto last_moment = length(query.timeframe) - std::chrono::nanoseconds{1};
  // The calendars outlive every job: the context holds them.
  return [&calendar, last_moment, regular = query.session == BarSession::regular](Timestamp t) {
    const auto fits = [&](Timestamp at) {
      const auto phase = calendar.phase_at(at);
      return regular ? phase == Phase::regular : phase != Phase::closed;
    };
    return fits(t) || fits(t + last_moment);
  };
}

void MemoryState::begin_bars(FlightId id, const GetHistoricalData& asked) {
  const auto* flight = flights.find(id);
  const auto& provider = providers[flight->provider];
  const auto query = same_question(asked);
  const auto& calendar = calendar_of(config.ttl, query.symbol);
  BarPlan::Question question;
  question.range = {query.start, query.end};
  question.limit = query.limit;
  question.page = std::max<std::uint32_t>(page_max, 1);
  question.compare_seams = query.adjusted;
  question.wanted = wanted_of(query, calendar);
  BarJob job{query, &calendar, {}, BarPlan{std::move(question)}};
  job.closed = closed_before(calendar, query.timeframe, context.clock.now());
  const bool on_disk = keeper && !provider.history.empty();
  if (on_disk)
    job.series = {provider.name.str() + " " + provider.history, query.symbol, query.timeframe, query.adjusted};
  const TimeRange past{query.start, std::min(query.end, job.closed)};
  const ReadBars read{job.series, past, job.query.session == BarSession::all ? query.limit : 4 * page_max};
  bar_jobs.emplace(id, std::move(job));
  if (!on_disk || past.empty()) return next_bars(id);
  self->request(keeper, disk_patience, read)
      .then(
          [this, id](KnownBars& kept) {
            const auto it = bar_jobs.find(id);
            if (it == bar_jobs.end()) return;
            it->second.plan.add_kept(std::move(kept));
            next_bars(id);
          },
          [this, id](const caf::error&) {  // the disk hangs: without it
            const auto it = bar_jobs.find(id);
            if (it == bar_jobs.end()) return;
            it->second.series.source.clear();
            next_bars(id);
          });
}

void MemoryState::next_bars(FlightId id) {
  const auto it = bar_jobs.find(id);
  if (it == bar_jobs.end()) return;
  auto& job = it->second;
  const auto call = job.plan.next();
  if (!call) return finish_bars(id, job);
  auto query = job.query;
  query.start = call->range.begin;
  query.end = call->range.end;
  query.limit = call->limit;
  query.session = BarSession::all;
  const auto identity = std::hash<std::string>{}(question_key(flights.find(id)->provider, query));
  submit(id, identity,
         priority_of(job.plan.calls() == 0 ? TimeRange{job.query.start, job.query.end} : call->range, query.timeframe),
         [this, id, query, call = *call] {
           request(id, query, [this, id, call](HistoricalBars& answer) { bars_answered(id, call, answer); });
         });
}

void MemoryState::bars_answered(FlightId id, const BarPlan::Call& call, HistoricalBars& answer) {
  const auto it = bar_jobs.find(id);
  if (it == bar_jobs.end()) return;
  auto& job = it->second;
  auto learned = Result<BarPlan::Learned>{};
  if (const auto sane = make_sane(job.query, answer))
    learned = job.plan.add(call, std::move(answer.bars));
  else
    learned = tl::unexpected{sane.error()};
  if (!learned) {
    context.log->warn("bars-refused provider={} symbol={} timeframe={} reason=\"{}\"", flights.find(id)->provider.str(),
                      job.query.symbol.str(), to_string(job.query.timeframe), learned.error().message);
    return failed(id, learned.error());
  }
  if (learned->readjusted) {
    context.log->info("bars-readjusted symbol={} timeframe={}", job.query.symbol.str(), to_string(job.query.timeframe));
    const bool keep = flights.find(id)->keep;
    forget_in_memory(Kind::bars, job.query.symbol);
    flights.find(id)->keep = keep;  // this one asks anew
    if (keeper) caf::anon_send(keeper, ForgetBars{job.query.symbol, true});
    return next_bars(id);
  }
  const auto last = learned->bars.empty() ? std::nullopt : std::optional{learned->bars.back().ts};
  // What the source's own limit ended is complete up to there.
  const auto believed = learned->cut ? learned->range.end
                                     : believed_until(*job.calendar, job.query.timeframe, learned->range.begin,
                                                      learned->range.end, last, context.clock.now());
  if (std::min(believed, job.closed) < learned->range.end) job.complete = false;
  if (flights.find(id)->keep) keep_bars(job, *learned, believed);
  next_bars(id);
}

void MemoryState::keep_bars(const BarJob& job, const BarPlan::Learned& learned, Timestamp believed) {
  if (!keeper || job.series.source.empty()) return;
  // Nothing begins between the last bar of a page and the next point of the grid.
  GetHistoricalData grid;
  grid.timeframe = job.query.timeframe;
  grid.end = std::min(learned.range.end, believed);
  const TimeRange range{learned.range.begin, std::min(same_question(grid).end, job.closed)};
  if (range.empty()) return;
  if (keeps_under_way >= keeps_max) {
    ++keeps_skipped;
    return;
  }
  KeepBars keep{job.series, range, {}};
  for (const auto& bar : learned.bars)
    if (bar.ts < range.end) keep.bars.push_back(bar);
  ++keeps_under_way;
  const auto done = [this] { --keeps_under_way; };
  self->request(keeper, caf::infinite, std::move(keep))
      .then([done](const Done&) { done(); }, [done](const caf::error&) { done(); });
}

void MemoryState::finish_bars(FlightId id, BarJob& job) {
  HistoricalBars answer;
  answer.next_start = job.plan.next_start();
  answer.bars = job.plan.take();
  answer.source = flights.find(id)->provider.str();
  const auto now = context.clock.now();
  const bool complete = job.complete && answer.next_start.value_or(job.query.end) <= job.closed;
  const auto fresh = bars_expiry(config.ttl, *job.calendar, job.query, complete, now);
  const auto stale = fresh > Timestamp::max() - config.ttl.stale_max ? Timestamp::max() : fresh + config.ttl.stale_max;
  finish(id, pack_bars(answer), {fresh, stale});
}

// -- splits and dividends ----------------------------------------------------

void MemoryState::note_action(const Symbol& symbol) {
  if (acted_on.empty()) self->delayed_send(caf::actor_cast<CacheActor>(self), actions_pause, CacheWake{0, 0, true});
  acted_on.insert(symbol);
  if (acted_on.size() >= actions_max) forget_adjusted();
}

void MemoryState::forget_adjusted() {
  if (acted_on.empty()) return;
  const auto symbols = std::exchange(acted_on, {});
  const auto meant = [&](const std::string& key, Kind kind) {
    return kind == Kind::bars && symbols.contains(Symbol{std::string{symbol_of_key(key)}});
  };
  store.erase_if(meant);
  flights.forget_if(meant);
  context.log->info("bars-adjusted-forgotten symbols={} first={}", symbols.size(), symbols.begin()->str());
  if (!keeper) return;
  if (symbols.size() > actions_each_max) return caf::anon_send(keeper, ForgetBars{{}, true});
  for (const auto& symbol : symbols) caf::anon_send(keeper, ForgetBars{symbol, true});
}

// One kind or all; of a symbol or all. Raw bars too: they are read from the disk again. Answers under way may be from
// before, and are not kept.
void MemoryState::forget_in_memory(std::optional<Kind> kind, const Symbol& symbol) {
  const auto meant = [&](const std::string& key, Kind of) {
    if (kind && of != *kind) return false;
    return symbol.empty() || symbol_of_key(key) == symbol.str();
  };
  store.erase_if(meant);
  flights.forget_if(meant);
}

}  // namespace tradebus::memory
