#include "engine/pacing/call_limiter.hpp"

#include <algorithm>
#include <utility>

namespace tradebus {

using std::chrono::minutes;
using std::chrono::seconds;

CallLimiter::CallLimiter(const PacingRules& rules, std::size_t waiting_max)
    : rules_{rules}, identical_{seconds{rules.identical_s}}, waiting_max_{waiting_max} {
  const auto window = [&](std::int64_t calls, Duration length) {
    if (calls > 0) windows_.push_back({static_cast<std::size_t>(calls), length});
  };
  window(rules.calls_per_second, seconds{1});
  window(rules.calls_per_minute, minutes{1});
  window(rules.calls_per_10_minutes, minutes{10});
  for (const auto& each : windows_) ends_kept_ = std::max(ends_kept_, each.calls);
}

// ---- waiting -------------------------------------------------------------------------------------------------------

bool CallLimiter::add(Call call) {
  if (waiting_ >= waiting_max_) return false;
  auto& queue = queues_[static_cast<std::size_t>(call.priority)];
  auto client = std::ranges::find(queue, call.client, &Client::name);
  if (client == queue.end()) client = queue.insert(queue.end(), Client{call.client, {}});
  client->calls.push_back(std::move(call));
  ++waiting_;
  return true;
}

bool CallLimiter::remove(CallId id) {
  for (auto& queue : queues_)
    for (auto client = queue.begin(); client != queue.end(); ++client) {
      const auto call = std::ranges::find(client->calls, id, &Call::id);
      if (call == client->calls.end()) continue;
      client->calls.erase(call);
      if (client->calls.empty()) queue.erase(client);
      --waiting_;
      return true;
    }
  return false;
}

void CallLimiter::finished(Time now) {
  if (under_way_ == 0) return;
  --under_way_;
  if (ends_kept_ == 0) return;
  ends_.push_back(now);
  if (ends_.size() > ends_kept_) ends_.pop_front();
}

// ---- who is next ---------------------------------------------------------------------------------------------------

// The first time from `now` on at which every window has room for one more. Empty: a call has to end first.
std::optional<CallLimiter::Time> CallLimiter::windows_allow(Time now) const {
  Time at = std::max(now, paused_until_);
  for (const auto& window : windows_) {
    if (under_way_ >= window.calls) return std::nullopt;
    const auto left = window.calls - under_way_;
    if (ends_.size() >= left) at = std::max(at, ends_[ends_.size() - left] + window.length);
  }
  return at;
}

CallLimiter::Time CallLimiter::identity_allows(std::uint64_t identity, Time now) const {
  const auto last = last_of_.find(identity);
  return last == last_of_.end() ? now : std::max(now, last->second + identical_);
}

bool CallLimiter::has_ready(const Queue& queue, Time now) const {
  return std::ranges::any_of(queue, [&](const Client& client) {
    return std::ranges::any_of(client.calls,
                               [&](const Call& call) { return identity_allows(call.identity, now) <= now; });
  });
}

// The first client whose turn it is and who has a call that may be made; its next turn comes after all others'.
std::optional<CallLimiter::Call> CallLimiter::take_from(Queue& queue, Time now) {
  for (auto client = queue.begin(); client != queue.end(); ++client) {
    const auto call = std::ranges::find_if(
        client->calls, [&](const Call& each) { return identity_allows(each.identity, now) <= now; });
    if (call == client->calls.end()) continue;
    auto out = std::move(*call);
    client->calls.erase(call);
    if (client->calls.empty())
      queue.erase(client);
    else
      queue.splice(queue.end(), queue, client);
    --waiting_;
    return out;
  }
  return std::nullopt;
}

std::optional<CallLimiter::CallId> CallLimiter::next(Time now) {
  if (waiting_ == 0 || is_full()) return std::nullopt;
  if (const auto allowed = windows_allow(now); !allowed || *allowed > now) return std::nullopt;
  std::array<bool, 3> ready{};
  for (std::size_t i = 0; i < ready.size(); ++i) ready[i] = has_ready(queues_[i], now);
  // Who was passed often enough comes first, the lowest first: it waits the longest.
  std::optional<std::size_t> chosen;
  for (std::size_t i = ready.size() - 1; i > 0 && !chosen; --i)
    if (ready[i] && passed_[i] >= share[i]) chosen = i;
  for (std::size_t i = 0; i < ready.size() && !chosen; ++i)
    if (ready[i]) chosen = i;
  if (!chosen) return std::nullopt;
  passed_[*chosen] = 0;
  for (std::size_t i = *chosen + 1; i < ready.size(); ++i)
    if (ready[i]) ++passed_[i];
  const auto call = take_from(queues_[*chosen], now);
  grant(*call, now);
  return call->id;
}

void CallLimiter::grant(const Call& call, Time now) {
  ++granted_;
  ++under_way_;
  if (identical_ == Duration::zero()) return;
  while (!identities_.empty() && identities_.front().first + identical_ <= now) {
    last_of_.erase(identities_.front().second);
    identities_.pop_front();
  }
  last_of_[call.identity] = now;
  identities_.emplace_back(now, call.identity);
}

// ---- when ----------------------------------------------------------------------------------------------------------

std::optional<CallLimiter::Time> CallLimiter::next_time(Time now) const {
  if (waiting_ == 0 || is_full()) return std::nullopt;
  const auto allowed = windows_allow(now);
  if (!allowed) return std::nullopt;
  std::optional<Time> soonest;
  for (const auto& queue : queues_)
    for (const auto& client : queue)
      for (const auto& call : client.calls) {
        const auto at = identity_allows(call.identity, now);
        if (!soonest || at < *soonest) soonest = at;
        if (*soonest <= now) return allowed;
      }
  return std::max(*soonest, *allowed);
}

CallLimiter::Duration CallLimiter::wait(Time now, std::size_t ahead) const {
  // As if those under way ended now, and each of the others began and ended as soon as the windows allow.
  auto ends = ends_;
  const auto end_at = [&](Time at) {
    ends.push_back(at);
    if (ends.size() > ends_kept_) ends.pop_front();
  };
  Time at = std::max(now, paused_until_);
  if (ends_kept_ == 0) return at - now;
  for (std::size_t i = 0; i < std::min(under_way_, ends_kept_); ++i) end_at(now);
  for (std::size_t i = 0; i <= ahead; ++i) {
    for (const auto& window : windows_)
      if (ends.size() >= window.calls) at = std::max(at, ends[ends.size() - window.calls] + window.length);
    end_at(at);
  }
  return at - now;
}

}  // namespace tradebus
