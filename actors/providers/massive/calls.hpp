// The calls of all questions under way: whose turn it is, what is tried again, what a refusal means. Every call, also
// of a question's later pages, goes through the one limiter. A plain class: time is passed in, answers come by id.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/providers/massive/plan.hpp"
#include "engine/net/http_client.hpp"
#include "engine/pacing/call_limiter.hpp"

namespace tradebus::massive {

struct CallsOptions {
  std::string section = "providers.massive";  // of the configuration, for messages
  PacingRules pacing;
  std::size_t questions_max = 256;              // under way at once; more are overloaded
  unsigned tries_max = 3;                       // of one call that failed for a passing reason
  std::chrono::milliseconds again_first{250};   // before the second try, doubled each time
  std::chrono::milliseconds wait_max{120'000};  // a question's calls wait for their turns so long in all
  // After a 429 without Retry-After: doubled with each further one.
  std::chrono::milliseconds hold_first{12'000};
  std::chrono::milliseconds hold_max{60'000};
  unsigned holds_max = 5;  // a question's later pages are asked for again so often
};

class Calls {
 public:
  using Time = CallLimiter::Time;
  using Id = std::uint64_t;

  struct Call {
    Id id = 0;
    Target target;
  };
  // A question is over; its plan has the answer, unless there is an error.
  struct End {
    Id id = 0;
    std::unique_ptr<Plan> plan;
    std::optional<Error> error;
  };

  explicit Calls(CallsOptions options);

  // A question whose first call is `target`. overloaded; provider.rate_limited: no turn within wait_max.
  Result<Id> open(std::unique_ptr<Plan> plan, Target target, CallPriority priority, Time now);
  // A call to make now. Ask until there is none.
  std::optional<Call> next(Time now);
  // What came of it. Empty: the question goes on.
  std::optional<End> answered(Id id, const HttpResult& result, Time now);
  // Questions that waited too long for a turn.
  std::vector<End> expire(Time now);
  // All of them, with this error.
  std::vector<End> end_all(const Error& error, Time now);
  // When to ask next() or expire() again, as far as time decides; empty: not before an answer.
  std::optional<Time> next_time(Time now) const;

  std::size_t open_questions() const { return jobs_.size(); }
  std::uint64_t made() const { return limiter_.granted(); }
  std::uint64_t retries() const { return retries_; }
  std::uint64_t refusals() const { return rate_limited_; }  // 429

 private:
  struct Job {
    std::unique_ptr<Plan> plan;
    Target target;
    CallPriority priority = CallPriority::interactive;
    Time deadline{};  // for its last turn
    bool under_way = false;
    bool first = true;  // no call of it has been answered yet
    unsigned tries = 0;
    unsigned holds = 0;
  };

  bool queue(Id id, Job& job);
  std::optional<End> go_on(Id id, Job& job, Result<Target> step);
  std::optional<End> again(Id id, Job& job, Error error, Time now);
  std::optional<End> hold(Id id, Job& job, Error error, Time now);
  End end(Id id, std::optional<Error> error);
  Error no_turn(Time now) const;

  CallsOptions options_;
  CallLimiter limiter_;
  std::map<Id, Job> jobs_;
  std::multimap<Time, Id> later_;  // tries after a pause
  Id last_ = 0;
  unsigned held_in_row_ = 0;
  std::uint64_t retries_ = 0;
  std::uint64_t rate_limited_ = 0;
};

}  // namespace tradebus::massive
