// Bars: a range becomes requests (history_range), each waits for its turn (history_pacer), one of a question at a time.
#include <spdlog/spdlog.h>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <utility>

#include "actors/brokers/ibkr/wire/venue_time.hpp"
#include "actors/providers/ibkr/asking.hpp"
#include "engine/services/log_text.hpp"

namespace tradebus::ibkr::data {

namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t bars_max = 50'000;
constexpr auto seconds_kept = std::chrono::days{180};  // the venue has bars of seconds for half a year
constexpr auto old = std::chrono::days{730};           // when a range begins before, is there anything at all?
constexpr auto delayed_by = 15min;                     // what is not subscribed is late by
constexpr auto pace_pause = 15s;                       // after the venue said that it was too fast
constexpr int tries_max = 3;

}  // namespace

struct IbkrDataState::BarsJob {
  GetHistoricalData query;
  caf::typed_response_promise<HistoricalBars> promise;
  KnownContractPtr contract;
  const Calendar* calendar = nullptr;
  Timestamp known_until{};
  std::optional<HistoryRange> range;
  HistoryChunk chunk;
  HistoricalBars answer;
  std::size_t requests = 0;
  int tries = 0;
  std::uint64_t id = 0;  // of the chunk that waits
  Time turn_by{};
};

caf::result<HistoricalBars> IbkrDataState::history(const GetHistoricalData& m) {
  if (m.start >= m.end) return to_caf(invalid("start", "start must lie before end").value());
  auto meant = to_request(m.symbol);
  if (!meant) return to_caf(meant.error());
  auto job = std::make_shared<BarsJob>();
  job->query = m;
  job->answer.source = context_.name;
  job->calendar = &context_.calendars->of(meant->first);
  const auto t = context_.clock.now();
  job->known_until = config_.market_data_type >= 3 ? t - delayed_by : t;
  auto& query = job->query;
  query.limit = std::min(query.limit, bars_max);
  query.start = std::max(query.start, query.timeframe == Timeframe::s1 ? t - seconds_kept : Timestamp{});
  query.end = std::min(query.end, job->known_until);
  if (query.start >= query.end || query.limit == 0) return std::move(job->answer);
  job->promise = self_->make_response_promise<HistoricalBars>();
  const auto promise = job->promise;
  when_up([this, job](const Error* error) {
    if (error != nullptr) return end_bars(job, error);
    resolve(job->query.symbol, [this, job](const Result<KnownContractPtr>& found) {
      if (!found) return end_bars(job, &found.error());
      job->contract = *found;
      begin_bars(job);
    });
  });
  settle();
  return promise;
}

// A range that reaches far back may begin long before the contract: then the venue is asked where its history begins.
void IbkrDataState::begin_bars(const std::shared_ptr<BarsJob>& job) {
  const auto begin = [this, job] {
    auto& query = job->query;
    query.start = std::max(query.start, job->contract->history.value_or(Timestamp{}));
    const bool is_regular = query.session == BarSession::regular;
    job->range.emplace(*job->calendar, query.timeframe, query.start, query.end, context_.clock.now(), is_regular);
    next_chunk(job);
  };
  if (job->contract->history || job->query.start >= context_.clock.now() - old) return begin();
  Question question;
  question.what = "beginning of history";
  question.then = [job, begin, this](Question& asked, const Error* error) {
    if (error != nullptr && error->code == Errc::provider_unavailable) return end_bars(job, error);
    const auto time = wire::parse_venue_time(asked.time);
    // A refusal says nothing: the range is asked for as it is.
    job->contract->history = time && time->is_utc ? from_unix_ns(time->local_ns) - std::chrono::days{1} : Timestamp{};
    begin();
  };
  wire::ReqHeadTimestamp request;
  request.contract = job->contract->contract();
  request.use_rth = false;
  request.what_to_show = job->contract->is_pair() ? "MIDPOINT" : "TRADES";
  request.format_date = 2;
  ask_and_send(std::move(question), std::move(request), config_.answer_timeout);
}

void IbkrDataState::next_chunk(const std::shared_ptr<BarsJob>& job) {
  std::optional<HistoryChunk> chunk;
  if (job->answer.bars.size() < job->query.limit) chunk = job->range->next();
  if (!chunk) return end_bars(job, nullptr);
  if (++job->requests > config_.requests_max) {
    const Error error{Errc::request_invalid, "the answer takes more than " + std::to_string(config_.requests_max) +
                                                 " requests to the venue (providers.ibkr.requests_max): ask for less"};
    return end_bars(job, &error);
  }
  job->chunk = std::move(*chunk);
  job->tries = 0;
  queue_chunk(job);
}

void IbkrDataState::queue_chunk(const std::shared_ptr<BarsJob>& job) {
  HistoryPacer::Ask ask;
  ask.id = job->id = ++last_job_;
  ask.series = std::to_string(job->contract->data.contract.con_id) + " " + job->contract->data.contract.exchange +
               (job->contract->is_pair() ? " MIDPOINT" : " TRADES");
  ask.identity = ask.series + " " + job->chunk.end_text + " " + job->chunk.duration + " " +
                 bar_size(job->query.timeframe) + (job->range->is_regular() ? " rth" : "");
  ask.is_small = length(job->query.timeframe) <= 30s;
  if (!pacer_->add(std::move(ask))) {
    const Error error{Errc::overloaded, "too many requests for history wait for the venue; try again later"};
    return end_bars(job, &error);
  }
  job->turn_by = now() + config_.history_wait_max;
  jobs_[job->id] = job;
}

void IbkrDataState::pump_history() {
  if (!session_->is_up()) return;
  while (const auto id = pacer_->next(now())) send_chunk(*id);
}

void IbkrDataState::send_chunk(std::uint64_t id) {
  auto node = jobs_.extract(id);
  if (node.empty()) return pacer_->finished();
  const auto job = node.mapped();
  Question question;
  question.what = "bars";
  question.is_bars = true;
  question.then = [this, job](Question& asked, const Error* error) { chunk_answered(job, asked, error); };
  wire::ReqHistoricalData request;
  request.contract = job->contract->contract();
  request.end = job->chunk.end_text;
  request.bar_size = bar_size(job->query.timeframe);
  request.duration = job->chunk.duration;
  request.use_rth = job->range->is_regular();
  request.what_to_show = job->contract->is_pair() ? "MIDPOINT" : "TRADES";
  request.format_date = 2;
  ask_and_send(std::move(question), std::move(request), config_.history_timeout);
}

void IbkrDataState::chunk_answered(const std::shared_ptr<BarsJob>& job, Question& question, const Error* error) {
  pacer_->finished();
  if (error != nullptr && error->code == Errc::provider_rate_limited) {
    ++violations_;
    pacer_->pause(now() + pace_pause);
    context_.log->info("ibkr-history-too-fast provider={} symbol={} message=\"{}\"", context_.name,
                       job->query.symbol.str(), log_text(error->message));
    if (++job->tries < tries_max) return queue_chunk(job);
    auto refused = *error;
    refused.retry_after_ms = std::chrono::milliseconds{pace_pause}.count();
    return end_bars(job, &refused);
  }
  // Nothing in this part of the range: others may have some.
  if (error != nullptr && error->code != Errc::provider_not_found) return end_bars(job, error);
  for (const auto& row : question.bars.bars) {
    if (job->answer.bars.size() >= job->query.limit) break;
    auto bar = to_bar(row, job->query.symbol, *job->calendar, job->query.timeframe);
    if (!bar) {
      ++bad_rows_;
      continue;
    }
    if (bar->ts < job->chunk.begin || bar->ts >= job->chunk.end) continue;
    if (bar_end(*job->calendar, job->query.timeframe, bar->ts) > job->known_until) continue;  // not final yet
    if (!job->answer.bars.empty() && bar->ts <= job->answer.bars.back().ts) continue;
    job->answer.bars.push_back(std::move(*bar));
  }
  next_chunk(job);
}

void IbkrDataState::end_bars(const std::shared_ptr<BarsJob>& job, const Error* error) {
  if (error != nullptr)
    job->promise.deliver(to_caf(*error));
  else
    job->promise.deliver(std::move(job->answer));
}

void IbkrDataState::expire_bars() {
  const auto t = now();
  std::vector<std::shared_ptr<BarsJob>> late;
  for (const auto& [id, job] : jobs_)
    if (t >= job->turn_by) late.push_back(job);
  for (const auto& job : late) {
    pacer_->remove(job->id);
    jobs_.erase(job->id);
    Error error{Errc::provider_rate_limited,
                "the venue's pace for history leaves no turn to this question (providers.ibkr.history_wait_s_max); ask "
                "for longer bars or a shorter range"};
    error.retry_after_ms = std::chrono::milliseconds{config_.history.window}.count() / 10;
    end_bars(job, &error);
  }
}

}  // namespace tradebus::ibkr::data
