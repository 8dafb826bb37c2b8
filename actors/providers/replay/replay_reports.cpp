// The replay actor's answer to what its threads report.
#include <spdlog/spdlog.h>
#include <algorithm>

#include <caf/typed_event_based_actor.hpp>

#include "actors/providers/replay/replay.hpp"

namespace tradebus::replay {

void ReplayState::apply(Report& report) {
  if (report.run != 0 && (report.run != run_ || !player_)) return;
  std::visit([this](auto& e) { on(e); }, report.what);
}

void ReplayState::on(const Started& e) {
  log_->info("replay-started provider={} time={} cursor={}", provider_.str(), to_iso8601(from_unix_ns(e.recorded_ns)),
             e.cursor);
}

void ReplayState::on(const BadLine& e) {
  log_->warn("bad-line provider={} file={} line={} reason=\"{}\"", provider_.str(), e.file, e.line, e.reason);
}

void ReplayState::on(const FileEnded& e) {
  if (e.stats.bad_lines > 0)
    log_->warn("bad-lines provider={} file={} count={}", provider_.str(), e.file, e.stats.bad_lines);
  log_->info("file-ended provider={} file={} rows={} rounded={} out_of_order={}", provider_.str(), e.file, e.stats.rows,
             e.stats.rounded, e.stats.out_of_order);
  if (e.failure.empty()) return;
  log_->error("file-damaged provider={} file={} rows={} reason=\"{}\"", provider_.str(), e.file, e.stats.rows,
              e.failure);
  degraded_ = true;
  trouble_ = e.file + " could not be read to its end (" + e.failure + "); the other files go on";
  tell(status());
}

// The answer goes behind the last batch, like the end.
void ReplayState::on(const Stepped& e) {
  if (step_) next_due_ = e.next_due;
  end_if_drained();
}

caf::result<ReplayStep> ReplayState::advance(const AdvanceReplay& request) {
  if (!settings_.lockstep)
    return to_caf(Error{Errc::request_invalid,
                        provider_.str() + " waits for nobody: set lockstep = true in its section", "name"});
  if (!player_) return to_caf(not_connected());
  if (step_) return to_caf(Error{Errc::request_invalid, "a step is under way: wait for its end", "until"});
  step_until_ = request.until;
  step_ = self_->make_response_promise<ReplayStep>();
  auto answer = *step_;
  next_due_.reset();
  if (ended_)
    end_step();
  else if (waiting_.empty())
    player_->advance(unix_ns(request.until));
  else
    step_waits_ = true;  // subscriptions come first
  return answer;
}

void ReplayState::end_step() {
  auto promise = *std::exchange(step_, std::nullopt);
  ReplayStep out;
  out.ended = ended_;
  out.ts = ended_ ? clock_.now() : std::max(step_until_, clock_.now());
  if (!ended_ && next_due_) out.next_ts = from_unix_ns(*next_due_);
  next_due_.reset();
  promise.deliver(out);
}

void ReplayState::on(const StartsOver& e) {
  log_->info("replay-starts-over provider={} cursor={}", provider_.str(), e.cursor);
}

void ReplayState::on(const Ended& e) {
  log_->info("replay-ended provider={} rows={}", provider_.str(), e.cursor);
  ending_ = true;
  end_if_drained();
}

// The end is told behind the last batch, never before it.
void ReplayState::end_if_drained() {
  if (step_ && next_due_ && player_ && player_->drained()) end_step();
  if (!ending_ || ended_ || !player_ || !player_->drained()) return;
  ended_ = true;
  for (const auto& [ref, topic] : topics_) tell(ref, TopicState::ended, end_of_data);
  tell(status());
  if (step_) end_step();
}

void ReplayState::on(const CatalogueReady& e) {
  catalogue_ = e.catalogue;
  log_->info("recording-listed provider={} symbols={} rows={}", provider_.str(), catalogue_->symbols(),
             catalogue_->rows());
  for (const TopicRef ref : std::exchange(unchecked_, {})) {
    const auto& topic = topics_.at(ref);
    const auto known = catalogue_->check(topic.kind, topic.symbol.str());
    if (known) continue;
    log_->warn("topic-rejected provider={} topic={}|{}| reason=\"{}\"", provider_.str(), to_string(topic.kind),
               topic.symbol.str(), known.error().message);
    tell(ref, TopicState::rejected, std::string{to_string(known.error().code)});
    player_->unsubscribe(ref);
    topics_.erase(ref);
  }
  stop_waiting();
}

void ReplayState::on(Answered& e) {
  const auto it = questions_.find(e.id);
  if (it == questions_.end()) return;
  std::visit(
      [&](auto& promise, auto& answer) {
        using Answer = typename std::decay_t<decltype(answer)>::value_type;
        if constexpr (std::is_same_v<std::decay_t<decltype(promise)>, Promise<Answer>>) {
          if (answer)
            promise.deliver(std::move(*answer));
          else
            promise.deliver(to_caf(answer.error()));
        }
      },
      it->second, e.answer);
  questions_.erase(it);
}

}  // namespace tradebus::replay
