// The paper broker's half that watches markets, and plays what they tell to the venue.
#include <spdlog/spdlog.h>
#include <caf/typed_event_based_actor.hpp>

#include "actors/brokers/broker_barrier.hpp"
#include "actors/brokers/paper/paper.hpp"

namespace tradebus::paper {

using namespace std::chrono_literals;

namespace {

constexpr auto barrier_deadline = 10s;  // a sink that is not heard of any more does not stop the recording

}  // namespace

void PaperState::need(const Symbol& symbol) {
  if (!market_) return;
  Watch& watch = watches_[symbol];
  if (!watch.ready && !watch.asked) ask_market(symbol, watch);
}

void PaperState::ask_market(const Symbol& symbol, Watch& watch) {
  if (watch.ref == 0) {
    watch.ref = ++last_ref_;
    symbols_[watch.ref] = symbol;
  }
  watch.asked = true;
  watch.ready = false;
  self_->request(market_, caf::infinite, WatchSymbol{symbol, watch.ref, WatchSink{BrokerActor{PaperActor{self_}}}})
      .then([this, symbol, ref = watch.ref](const Done&) { market_ready(symbol, ref); },
            [this, symbol, ref = watch.ref](const caf::error& error) {
              market_refused(symbol, ref, from_caf(error, Errc::provider_unavailable));
            });
}

void PaperState::market_ready(const Symbol& symbol, std::uint32_t ref) {
  const auto it = watches_.find(symbol);
  if (it == watches_.end() || it->second.ref != ref) return;
  it->second.asked = false;
  it->second.ready = true;
  const auto waiting = std::exchange(it->second.waiting, {});
  for (const auto& id : waiting)
    if (const auto order = pending_.find(id); order != pending_.end() && --order->second.markets == 0) arrive(id);
  unwatch_if_idle(symbol);
  answer_all_played();
}

void PaperState::market_refused(const Symbol& symbol, std::uint32_t ref, const Error& error) {
  const auto it = watches_.find(symbol);
  if (it == watches_.end() || it->second.ref != ref) return;
  log_->warn("paper-market-refused symbol={} code={} message=\"{}\"", symbol.str(), to_string(error.code),
             error.message);
  const auto waiting = std::exchange(it->second.waiting, {});
  const Error why{Errc::broker_rejected, "no market data of " + symbol.str() + ": " +
                                             std::string{to_string(error.code)} + ": " + error.message};
  for (const auto& id : waiting) refuse(id, why);
  answer_all_played();
  // refuse() has kept it: it was still asked for.
  const auto left = watches_.find(symbol);
  if (left == watches_.end()) return;
  left->second.asked = false;
  if (venue_ && venue_->needs_market(symbol)) {
    refused_ = true;
    arm();
  } else if (left->second.pending == 0) {
    symbols_.erase(ref);
    watches_.erase(left);
  }
}

void PaperState::tidy(const Symbol& symbol) {
  if (venue_->needs_market(symbol))
    need(symbol);
  else
    unwatch_if_idle(symbol);
  if (const auto instrument = Instrument::parse(symbol.str()); instrument && instrument->underlying)
    tidy(*instrument->underlying);
}

void PaperState::unwatch_if_idle(const Symbol& symbol) {
  const auto it = watches_.find(symbol);
  if (it == watches_.end() || it->second.pending > 0 || it->second.asked || venue_->needs_market(symbol)) return;
  if (market_) self_->send(market_, UnwatchSymbol{symbol, WatchSink{BrokerActor{PaperActor{self_}}}});
  venue_->forget_market(symbol);
  symbols_.erase(it->second.ref);
  watches_.erase(it);
}

// In a recording the market stands still while what follows from a report is on its way here.
Timestamp PaperState::now() const { return barrier_ ? barrier_time_ : clock_.now(); }

void PaperState::take_events(const WatchedEvents& batch) {
  if (!venue_) return;
  if (!clock_.is_driven()) {
    play(batch);
    for (const auto& action : batch.actions) book(action);
    return;
  }
  if (journal_) forsake_journal();
  backlog_.insert(backlog_.end(), batch.events.begin(), batch.events.end());
  backlog_.insert(backlog_.end(), batch.actions.begin(), batch.actions.end());
  if (backlog_.size() > config_.backlog_max) give_up_barrier();
  play_backlog();
}

// Refusals are the actor's to tell: nobody waits for an answer.
void PaperState::book(const CorporateAction& action) {
  if (!usable()) return;
  const Timestamp now = at(clock_.is_driven() ? action.ts : clock_.now());
  if (clock_.is_driven()) settle_due(now);
  if (auto ok = venue_->take(action, now, reports_); !ok)
    log_->warn("paper-action-refused broker={} symbol={} message=\"{}\"", broker_.str(), action.symbol.str(),
               ok.error().message);
  else if (venue_->holds_options_on(action.symbol))
    log_->warn("paper-options-unadjusted broker={} symbol={} message=\"options on it stay as they are\"", broker_.str(),
               action.symbol.str());
  flush();
  arm();
}

void PaperState::play_backlog() {
  WatchedEvents one;
  one.events.resize(1);
  while (!backlog_.empty() && !barrier_) {
    const auto next = std::move(backlog_.front());
    backlog_.pop_front();
    told_orders_ = false;
    Timestamp ts;
    if (const auto* event = std::get_if<MarketEvent>(&next)) {
      one.events.front() = *event;
      ts = event->ts;
      play(one);
    } else {
      const auto& action = std::get<CorporateAction>(next);
      ts = action.ts;
      book(action);
    }
    if (told_orders_ && sink_) ask_barrier(ts);
  }
  answer_all_played();
}

void PaperState::ask_barrier(Timestamp at_time) {
  barrier_ = true;
  barrier_time_ = at_time;
  told_orders_ = false;
  const auto passed = [this, number = ++barrier_number_] {
    if (number != barrier_number_ || !barrier_) return;   // it was given up
    if (told_orders_) return ask_barrier(barrier_time_);  // what came had consequences of its own
    barrier_ = false;
    play_backlog();
  };
  self_->request(caf::actor_cast<BrokerBarrierActor>(sink_), barrier_deadline, BrokerBarrier{})
      .then([passed](const Done&) { passed(); },
            [this, passed, number = barrier_number_](const caf::error& e) {
              if (e == caf::sec::request_timeout && number == barrier_number_ && barrier_) return give_up_barrier();
              passed();  // a sink that does not know the question
            });
}

// The recording goes on without what follows from the last reports: that comes later now, another time in each run.
void PaperState::give_up_barrier() {
  if (!std::exchange(barrier_, false)) return;
  if (++barriers_given_up_ == 1) {
    status_.reason = "not_deterministic";
    status_.message = "the order path did not follow the recording (" + std::to_string(backlog_.size()) +
                      " events waited): this run is not repeatable; play it slower, or mend what is slow";
    log_->error("paper-barrier-given-up broker={} events={} message=\"{}\"", broker_.str(), backlog_.size(),
                status_.message);
    if (sink_) self_->send(sink_, status_);
  }
  play_backlog();
}

caf::result<Done> PaperState::all_played() {
  stepped_ = true;
  all_played_.push_back(self_->make_response_promise<Done>());
  auto answer = all_played_.back();
  answer_all_played();
  return answer;
}

// Once orders that wait for their market have it, and nothing that follows from what was told is under way.
void PaperState::answer_all_played() {
  if (all_played_.empty() || barrier_ || !backlog_.empty()) return;
  if (venue_ && clock_.is_driven()) {
    if (std::ranges::any_of(pending_, [](const auto& each) { return each.second.markets > 0; })) return;
    settle_due(clock_.now());
    flush();
    if (told_orders_ && sink_) return ask_barrier(clock_.now());
  }
  for (auto& each : std::exchange(all_played_, {})) each.deliver(Done{});
}

void PaperState::play(const WatchedEvents& batch) {
  const bool driven = clock_.is_driven();
  const Timestamp arrived = clock_.now();
  for (const auto& event : batch.events) {
    const auto it = symbols_.find(event.ref);
    if (it == symbols_.end()) continue;
    const Symbol symbol = it->second;
    ++events_seen_;
    if (!usable()) {
      venue_->see(symbol, event, arrived);
      continue;
    }
    if (driven) settle_due(event.ts);
    const Timestamp now = at(driven ? event.ts : arrived);
    const auto before = reports_.size();
    venue_->on_event(symbol, event, now, reports_);
    const bool traded = reports_.size() != before;
    venue_->report_marks(now, reports_);
    if (!unpriced_.empty() && event.kind == StreamKind::quote) settle_priced(symbol, now);
    if (traded) flush();
  }
  flush();
}

}  // namespace tradebus::paper
