#include "bus/bridge/pending_requests.hpp"

namespace tradebus {

std::optional<std::uint64_t> PendingRequests::add(Request request) {
  if (open_ >= open_max_) return std::nullopt;
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const auto index = free_.back();
  free_.pop_back();
  auto& slot = slots_[index];
  ++slot.generation;
  const auto token = static_cast<std::uint64_t>(slot.generation) << 32 | index;
  deadlines_.push({request.deadline, token});
  slot.request = std::move(request);
  ++open_;
  // Answered requests leave their deadlines behind; keep those from outgrowing what is open.
  if (deadlines_.size() > 4 * open_max_ + 64) forget_answered();
  return token;
}

std::optional<PendingRequests::Request> PendingRequests::take(std::uint64_t token) {
  const auto index = static_cast<std::uint32_t>(token);
  if (index >= slots_.size()) return std::nullopt;
  auto& slot = slots_[index];
  if (slot.generation != static_cast<std::uint32_t>(token >> 32) || !slot.request) return std::nullopt;
  auto out = std::move(slot.request);
  slot.request.reset();
  free_.push_back(index);
  --open_;
  return out;
}

std::vector<PendingRequests::Request> PendingRequests::take_expired(Time now) {
  std::vector<Request> out;
  while (!deadlines_.empty() && deadlines_.top().at <= now) {
    const auto token = deadlines_.top().token;
    deadlines_.pop();
    if (auto request = take(token)) out.push_back(std::move(*request));
  }
  return out;
}

std::optional<PendingRequests::Time> PendingRequests::next_deadline() {
  while (!deadlines_.empty()) {
    const auto token = deadlines_.top().token;
    const auto& slot = slots_[static_cast<std::uint32_t>(token)];
    if (slot.request && slot.generation == static_cast<std::uint32_t>(token >> 32)) return deadlines_.top().at;
    deadlines_.pop();
  }
  return std::nullopt;
}

void PendingRequests::forget_answered() {
  decltype(deadlines_) kept;
  while (!deadlines_.empty()) {
    const auto token = deadlines_.top().token;
    const auto& slot = slots_[static_cast<std::uint32_t>(token)];
    if (slot.request && slot.generation == static_cast<std::uint32_t>(token >> 32)) kept.push(deadlines_.top());
    deadlines_.pop();
  }
  deadlines_ = std::move(kept);
}

}  // namespace tradebus
