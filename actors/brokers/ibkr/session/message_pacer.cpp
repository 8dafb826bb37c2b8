#include "actors/brokers/ibkr/session/message_pacer.hpp"

#include <algorithm>
#include <utility>

namespace tradebus::ibkr::session {

namespace {
constexpr std::array urgencies{Urgency::order, Urgency::control, Urgency::data};
}

MessagePacer::MessagePacer(PaceLimits limits) : limits_{limits} {
  limits_.per_second = std::max<std::size_t>(limits_.per_second, 1);
  limits_.kept_for_orders = std::min(limits_.kept_for_orders, limits_.per_second - 1);
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

std::size_t MessagePacer::limit_of(Urgency urgency) const {
  return urgency == Urgency::order ? limits_.per_second : limits_.per_second - limits_.kept_for_orders;
}

MessagePacer::Time MessagePacer::allowed(Urgency urgency) const {
  const auto limit = limit_of(urgency);
  if (sent_.size() < limit) return paused_until_;
  return std::max(paused_until_, sent_[sent_.size() - limit] + window);
}

std::optional<std::string> MessagePacer::next(Time now) {
  for (const auto urgency : urgencies) {
    auto& queue = queues_[static_cast<std::size_t>(urgency)];
    if (queue.empty()) continue;
    if (now < allowed(urgency)) return std::nullopt;  // nobody passes one that is more urgent
    std::string out = std::move(queue.front().frame);
    queue.pop_front();
    sent_.push_back(now);
    if (sent_.size() > limits_.per_second) sent_.pop_front();
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
