#include "actors/brokers/ibkr/session/message_pacer.hpp"

#include <algorithm>
#include <utility>

namespace tradebus::ibkr::session {

namespace {
constexpr std::array urgencies{Urgency::cancel, Urgency::order, Urgency::control, Urgency::data};
}

MessagePacer::MessagePacer(PaceLimits limits) : limits_{limits} {
  limits_.per_second = std::max<std::size_t>(limits_.per_second, 1);
  // At once, and then one an interval: in any second at_once_ - 1 and one for each interval that it touches.
  at_once_ = std::max<std::size_t>(limits_.per_second / 5, 1);
  const auto evenly = static_cast<Time::rep>(limits_.per_second - at_once_ + 1);
  interval_ = Time::duration{(Time::duration{window}.count() + evenly - 1) / evenly};
}

Result<void> MessagePacer::add(Urgency urgency, std::string frame, std::uint64_t ticket) {
  auto& queue = queues_[static_cast<std::size_t>(urgency)];
  if (queue.size() >= limits_.waiting_max)
    return fail(Errc::overloaded, std::to_string(queue.size()) + " messages wait for the gateway, which takes " +
                                      std::to_string(limits_.per_second) + " a second; try again later");
  queue.push_back({std::move(frame), ticket});
  return {};
}

bool MessagePacer::waits(std::uint64_t ticket) const {
  return std::ranges::any_of(
      queues_, [&](const auto& queue) { return std::ranges::find(queue, ticket, &Waiting::ticket) != queue.end(); });
}

bool MessagePacer::withdraw(std::uint64_t ticket) {
  for (auto& queue : queues_)
    if (const auto found = std::ranges::find(queue, ticket, &Waiting::ticket); found != queue.end()) {
      queue.erase(found);
      return true;
    }
  return false;
}

MessagePacer::Time MessagePacer::allowed(Urgency urgency) const {
  auto may = at_once_;
  if (urgency > Urgency::order) may -= std::min(limits_.kept_for_orders, may - 1);
  return std::max(paused_until_, rested_ - static_cast<Time::rep>(may - 1) * interval_);
}

std::optional<std::string> MessagePacer::next(Time now) {
  for (const auto urgency : urgencies) {
    auto& queue = queues_[static_cast<std::size_t>(urgency)];
    if (queue.empty()) continue;
    if (now < allowed(urgency)) return std::nullopt;  // nobody passes one that is more urgent
    std::string out = std::move(queue.front().frame);
    queue.pop_front();
    rested_ = std::max(rested_, now) + interval_;
    return out;
  }
  return std::nullopt;
}

std::optional<MessagePacer::Time> MessagePacer::next_time(Time now) const {
  for (const auto urgency : urgencies)
    if (waiting(urgency) > 0) return std::max(now, allowed(urgency));
  return std::nullopt;
}

void MessagePacer::pause(Time now) { paused_until_ = std::max(paused_until_, now + window); }

std::size_t MessagePacer::clear() {
  const auto count = waiting();
  for (auto& queue : queues_) queue.clear();
  return count;
}

std::size_t MessagePacer::waiting() const {
  std::size_t out = 0;
  for (const auto& queue : queues_) out += queue.size();
  return out;
}

}  // namespace tradebus::ibkr::session
