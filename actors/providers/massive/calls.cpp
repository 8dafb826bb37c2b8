#include "actors/providers/massive/calls.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include "actors/providers/massive/rest_error.hpp"

namespace tradebus::massive {

namespace {

using namespace std::chrono_literals;

// Nothing has been answered, and the next try may be.
bool is_passing(NetFault fault) {
  switch (fault) {
    case NetFault::not_resolved:
    case NetFault::connect_failed:
    case NetFault::proxy_failed:
    case NetFault::connection_lost:
    case NetFault::bad_answer:
      return true;
    case NetFault::bad_request:
    case NetFault::plain_refused:
    case NetFault::overloaded:
    case NetFault::stopped:
    case NetFault::canceled:
    case NetFault::tls_failed:
    case NetFault::timed_out:
    case NetFault::too_large:
    case NetFault::redirected:
    case NetFault::handshake_refused:
    case NetFault::dead_peer:
    case NetFault::closed_by_peer:
      return false;
  }
  return false;
}

constexpr std::chrono::milliseconds pause_min = 1s;
constexpr std::chrono::milliseconds pause_max = 24h;  // what the venue says holds; longer is nonsense

}  // namespace

Calls::Calls(CallsOptions options) : options_{std::move(options)}, limiter_{options_.pacing, options_.questions_max} {}

Result<Calls::Id> Calls::open(std::unique_ptr<Plan> plan, Target target, CallPriority priority, Time now) {
  if (jobs_.size() >= options_.questions_max) {
    Error full{Errc::overloaded,
               "too many questions to the venue are under way (" + options_.section + ".questions_max)"};
    full.retry_after_ms = 1'000;
    return tl::unexpected{std::move(full)};
  }
  if (limiter_.wait(now) > options_.wait_max) return tl::unexpected{no_turn(now)};
  const Id id = ++last_;
  auto& job = jobs_[id];
  job.plan = std::move(plan);
  job.target = std::move(target);
  job.priority = priority;
  job.deadline = now + options_.wait_max;
  queue(id, job);
  return id;
}

bool Calls::queue(Id id, Job& job) {
  return limiter_.add({id, {}, job.priority, std::hash<std::string>{}(job.target)});
}

std::optional<Calls::Call> Calls::next(Time now) {
  while (!later_.empty() && later_.begin()->first <= now) {
    const Id id = later_.begin()->second;
    later_.erase(later_.begin());
    if (const auto job = jobs_.find(id); job != jobs_.end()) queue(id, job->second);
  }
  while (const auto id = limiter_.next(now)) {
    const auto job = jobs_.find(*id);
    if (job == jobs_.end()) {
      limiter_.finished(now);
      continue;
    }
    job->second.under_way = true;
    ++job->second.tries;
    return Call{*id, job->second.target};
  }
  return std::nullopt;
}

std::optional<Calls::End> Calls::answered(Id id, const HttpResult& result, Time now) {
  const auto it = jobs_.find(id);
  if (it == jobs_.end() || !it->second.under_way) return std::nullopt;
  auto& job = it->second;
  job.under_way = false;
  limiter_.finished(now);
  if (!result) {
    if (is_passing(result.error().fault)) return again(id, job, result.error().to_error(), now);
    return end(id, result.error().to_error());
  }
  if (result->is_ok()) {
    held_in_row_ = 0;
    auto step = job.plan->take(result->body);
    // Some refusals come as a 200 with NOT_AUTHORIZED in it.
    if (!step && step.error().code == Errc::provider_unsupported) step = job.plan->refused(step.error());
    return go_on(id, job, std::move(step));
  }
  auto error = refused_answer(result->status, result->body, result->retry_after, options_.section);
  if (result->status == 429) return hold(id, job, std::move(error), now);
  if (massive::is_passing(result->status)) return again(id, job, std::move(error), now);
  return go_on(id, job, job.plan->refused(error));
}

std::optional<Calls::End> Calls::go_on(Id id, Job& job, Result<Target> step) {
  if (!step) return end(id, std::move(step.error()));
  if (step->empty()) return end(id, std::nullopt);
  job.target = std::move(*step);
  job.tries = 0;
  job.first = false;
  queue(id, job);
  return std::nullopt;
}

std::optional<Calls::End> Calls::again(Id id, Job& job, Error error, Time now) {
  const auto pause = options_.again_first * (1U << std::min(job.tries, 10U)) / 2;
  if (job.tries >= options_.tries_max || now + pause >= job.deadline) return end(id, std::move(error));
  ++retries_;
  later_.emplace(now + pause, id);
  return std::nullopt;
}

// Nobody calls before the pause is over. Who asked hears of it at once and may come again; a question that has pages
// already waits, as all of them would have to be asked for anew.
std::optional<Calls::End> Calls::hold(Id id, Job& job, Error error, Time now) {
  ++rate_limited_;
  auto pause = std::min(options_.hold_first * (1U << std::min(held_in_row_, 10U)), options_.hold_max);
  ++held_in_row_;
  if (error.retry_after_ms) pause = std::clamp(std::chrono::milliseconds{*error.retry_after_ms}, pause_min, pause_max);
  error.retry_after_ms = pause.count();
  limiter_.pause_until(now + pause);
  if (job.first || ++job.holds > options_.holds_max || now + pause >= job.deadline) return end(id, std::move(error));
  job.tries = 0;
  queue(id, job);
  return std::nullopt;
}

Error Calls::no_turn(Time now) const {
  Error out{
      Errc::provider_rate_limited,
      limiter_.paused(now)
          ? std::string{"the venue said that it takes no calls for now, and no turn came in time"}
          : "the venue's calls are used up (" + options_.section + ".calls_per_minute), and no turn came in time"};
  // Who gives up before the next turn is ahead of nobody.
  const auto next_turn = now + limiter_.wait(now, 0);
  const auto ahead = std::ranges::count_if(
      jobs_, [&](const auto& each) { return !each.second.under_way && each.second.deadline > next_turn; });
  out.retry_after_ms =
      std::chrono::ceil<std::chrono::milliseconds>(limiter_.wait(now, static_cast<std::size_t>(ahead))).count();
  return out;
}

Calls::End Calls::end(Id id, std::optional<Error> error) {
  auto node = jobs_.extract(id);
  return {id, std::move(node.mapped().plan), std::move(error)};
}

std::vector<Calls::End> Calls::expire(Time now) {
  std::vector<End> out;
  std::vector<Id> late;
  for (const auto& [id, job] : jobs_)
    if (!job.under_way && job.deadline <= now) late.push_back(id);
  for (const auto id : late) limiter_.remove(id);
  // When all have gone that go now: only who still waits is ahead of those who come again.
  for (const auto id : late) out.push_back(end(id, no_turn(now)));
  return out;
}

std::vector<Calls::End> Calls::end_all(const Error& error, Time now) {
  std::vector<End> out;
  while (!jobs_.empty()) {
    const auto id = jobs_.begin()->first;
    if (jobs_.begin()->second.under_way)
      limiter_.finished(now);
    else
      limiter_.remove(id);
    out.push_back(end(id, error));
  }
  later_.clear();
  return out;
}

std::optional<Calls::Time> Calls::next_time(Time now) const {
  auto out = limiter_.next_time(now);
  const auto earlier = [&](Time t) {
    if (!out || t < *out) out = t;
  };
  if (!later_.empty()) earlier(later_.begin()->first);
  for (const auto& [id, job] : jobs_)
    if (!job.under_way) earlier(job.deadline);
  return out;
}

}  // namespace tradebus::massive
