#include "actors/providers/ibkr/history_pacer.hpp"

#include <algorithm>
#include <utility>

namespace tradebus::ibkr::data {

bool HistoryPacer::add(Ask ask) {
  if (waiting_.size() >= rules_.waiting_max) return false;
  ask.weight = std::clamp<std::size_t>(ask.weight, 1, std::max<std::size_t>(rules_.window_max, 1));
  waiting_.push_back(std::move(ask));
  return true;
}

void HistoryPacer::forget(Time now) {
  while (!sent_.empty() && sent_.front().at + rules_.window <= now) sent_.pop_front();
}

HistoryPacer::Time HistoryPacer::allowed(const Ask& ask) const {
  auto at = paused_until_;
  if (!ask.is_small) return at;
  if (sent_.size() + ask.weight > rules_.window_max) {
    const auto leaves = sent_.size() + ask.weight - rules_.window_max;
    at = std::max(at, sent_[leaves - 1].at + rules_.window);
  }
  std::size_t of_series = 0;
  for (auto it = sent_.rbegin(); it != sent_.rend(); ++it) {
    if (it->identity == ask.identity) at = std::max(at, it->at + rules_.identical);
    if (it->series == ask.series && ++of_series == rules_.series_max) at = std::max(at, it->at + rules_.series_window);
    // What is older than both keeps nobody back.
    if (it->at + std::max(rules_.identical, rules_.series_window) <= at) break;
  }
  return at;
}

std::optional<HistoryPacer::Id> HistoryPacer::next(Time now) {
  if (open_ >= rules_.open_max) return std::nullopt;
  forget(now);
  const auto found = std::ranges::find_if(waiting_, [&](const Ask& ask) { return allowed(ask) <= now; });
  if (found == waiting_.end()) return std::nullopt;
  const auto ask = std::move(*found);
  waiting_.erase(found);
  ++open_;
  if (ask.is_small)
    for (std::size_t i = 0; i < ask.weight; ++i) sent_.push_back({now, ask.series, ask.identity});
  return ask.id;
}

void HistoryPacer::finished() {
  if (open_ > 0) --open_;
}

void HistoryPacer::remove(Id id) {
  std::erase_if(waiting_, [&](const Ask& ask) { return ask.id == id; });
}

void HistoryPacer::pause(Time until) { paused_until_ = std::max(paused_until_, until); }

void HistoryPacer::clear() {
  waiting_.clear();
  open_ = 0;
}

std::optional<HistoryPacer::Time> HistoryPacer::next_time(Time now) const {
  if (open_ >= rules_.open_max) return std::nullopt;
  std::optional<Time> out;
  for (const auto& ask : waiting_) {
    const auto at = std::max(now, allowed(ask));
    if (!out || at < *out) out = at;
    if (at == now) break;
  }
  return out;
}

}  // namespace tradebus::ibkr::data
