// What the provider is asked, and the calls that come of it.
#include <spdlog/spdlog.h>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <utility>

#include "actors/providers/massive/feed.hpp"
#include "engine/services/log_text.hpp"

namespace tradebus::massive {

PlanContext MassiveState::plan_context() const {
  using namespace std::chrono_literals;
  PlanContext out;
  out.provider = context.name;
  out.calendars = context.calendars.get();
  out.now = context.clock.now();
  out.lateness = config.delayed ? std::chrono::nanoseconds{15min} : 0ns;
  out.pages_max = config.pages_max;
  return out;
}

template <class Answer, class P>
caf::result<Answer> MassiveState::ask(std::unique_ptr<P> plan) {
  auto promise = self->make_response_promise<Answer>();
  begin(std::move(plan), CallPriority::interactive, [promise](Plan& done, const Error* error) mutable {
    if (error != nullptr)
      promise.deliver(to_caf(*error));
    else
      promise.deliver(static_cast<P&>(done).answer());
  });
  return promise;
}

template caf::result<TickerDetails> MassiveState::ask(std::unique_ptr<DetailsPlan>);
template caf::result<DailySnapshot> MassiveState::ask(std::unique_ptr<SnapshotPlan>);
template caf::result<NewsItems> MassiveState::ask(std::unique_ptr<NewsPlan>);
template caf::result<OptionChain> MassiveState::ask(std::unique_ptr<ChainPlan>);
template caf::result<SymbolMatches> MassiveState::ask(std::unique_ptr<SearchPlan>);

caf::result<HistoricalBars> MassiveState::history(const GetHistoricalData& query) {
  if (query.adjusted) note_symbol(query.symbol);
  return ask<HistoricalBars>(std::make_unique<BarsPlan>(query, plan_context()));
}

void MassiveState::begin(std::unique_ptr<Plan> plan, CallPriority priority, Finish finish) {
  auto target = plan->begin();
  if (!target) return finish(*plan, &target.error());
  if (target->empty()) return finish(*plan, nullptr);
  if (!rest) {
    const Error ended{Errc::provider_unavailable, "provider " + context.name + " has ended"};
    return finish(*plan, &ended);
  }
  auto id = calls->open(std::move(plan), std::move(*target), priority, self->clock().now());
  if (!id) {
    ProbePlan none;  // the plan is gone with the refusal, and has no answer
    return finish(none, &id.error());
  }
  finishes.emplace(*id, std::move(finish));
  pump();
  set_timer();
}

// A call may be refused at once and end its question, whose end may begin another: not from within itself.
void MassiveState::pump() {
  if (std::exchange(pumping, true)) return;
  while (rest) {
    auto call = calls->next(self->clock().now());
    if (!call) break;
    auto sent = rest->get(call->target, [owner = MassiveActor{self}, id = call->id](HttpResult result) {
      caf::anon_send(owner, RestAnswer{id, std::make_shared<const HttpResult>(std::move(result))});
    });
    if (sent) continue;
    if (auto end = calls->answered(call->id, HttpResult{tl::unexpect, std::move(sent.error())}, self->clock().now()))
      finish(std::move(*end));
  }
  pumping = false;
}

void MassiveState::take(const RestAnswer& answer) {
  if (auto end = calls->answered(answer.id, *answer.result, self->clock().now())) finish(std::move(*end));
  check_actions();
  pump();
  set_timer();
}

void MassiveState::finish(Calls::End end) {
  auto node = finishes.extract(end.id);
  if (const auto bad = end.plan->bad_rows(); bad > 0) {
    bad_rows += bad;
    context.log->warn("massive-bad-rows provider={} rows={} first=\"{}\"", context.name, bad,
                      log_text(end.plan->bad_row()));
  }
  if (end.error) {
    if (end.error->code != Errc::provider_rate_limited) ++failed_questions;
    context.log->debug("massive-question-failed provider={} code={} message=\"{}\"", context.name,
                       tradebus::to_string(end.error->code), log_text(end.error->message));
    // The key was revoked: everything else would be refused too.
    if (end.error->code == Errc::auth_denied && rest_state == LinkState::up && !probing) probed(&*end.error);
    // Is it this question, or the venue? A probe knows; what it says of itself comes below and puts the next one off.
    const bool is_away = end.error->code == Errc::provider_unavailable || end.error->code == Errc::request_timeout;
    if (is_away && sink && rest_state == LinkState::up && !probing) probe_at = self->clock().now();
  }
  if (!node.empty()) node.mapped()(*end.plan, end.error ? &*end.error : nullptr);
}

ProviderCapabilities MassiveState::capabilities() const {
  ProviderCapabilities out;
  if (config.stream) out.streams = {StreamKind::quote, StreamKind::trade, StreamKind::bar_1s, StreamKind::bar_1m};
  out.timeframes = {Timeframe::s1, Timeframe::m1, Timeframe::m5, Timeframe::m15,
                    Timeframe::h1, Timeframe::d1, Timeframe::w1};
  out.ticker_details = out.daily_snapshot = out.news = out.market_news = out.option_chain = out.search = true;
  out.history = "massive";
  out.pacing = config.calls.pacing;
  return out;
}

Counters MassiveState::counters() const {
  const auto count = [](std::uint64_t n) { return static_cast<std::int64_t>(n); };
  Counters out;
  out.counters = {{"calls", count(calls->made())},
                  {"call_retries", count(calls->retries())},
                  {"rate_limited", count(calls->refusals())},
                  {"questions_open", count(calls->open_questions())},
                  {"questions_failed", count(failed_questions)},
                  {"bad_rows", count(bad_rows)},
                  {"dropped", count(dropped_before + (feed ? feed->dropped() : 0))},
                  {"topics_rejected", count(topics_rejected + (feed ? feed->rejected() : 0))}};
  if (stream)
    for (auto& [key, value] : stream->counters()) out.counters.push_back({"stream_" + key, value});
  return out;
}

}  // namespace tradebus::massive
