#include "actors/providers/outlet.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace tradebus {

namespace {

bool has_events_only(const MarketBatch& batch) {
  return batch.options.empty() && batch.news.empty() && batch.actions.empty();
}
// A source that flushes often fills few of its batches: those that wait anyway become one.
bool joins(const MarketBatch& last, const MarketBatch& next) {
  return last.events.size() + next.events.size() <= batch_events_max && has_events_only(last) && has_events_only(next);
}

}  // namespace

Outlet::Outlet(ProviderName provider, WhenFull when_full, std::size_t held_max, Send send)
    : provider_{std::move(provider)},
      when_full_{when_full},
      held_max_{held_max},
      send_{std::move(send)},
      building_{fresh()} {}

MarketBatch Outlet::fresh() const {
  MarketBatch batch;
  batch.provider = provider_;
  batch.events.reserve(batch_events_max);
  return batch;
}

bool Outlet::push(const MarketEvent& event) {
  building_.events.push_back(event);
  return building_.events.size() < batch_events_max || hand_over();
}

bool Outlet::push(TopicRef ref, OptionQuote option) {
  MarketEvent event;
  event.kind = StreamKind::option;
  event.ref = ref;
  event.ts = option.ts;
  event.rx = option.rx.value_or(option.ts);
  event.detail = static_cast<std::uint32_t>(building_.options.size());
  building_.options.push_back(std::move(option));
  return push(event);
}

bool Outlet::push(TopicRef ref, NewsItem item) {
  MarketEvent event;
  event.kind = StreamKind::news;
  event.ref = ref;
  event.ts = item.ts;
  event.rx = item.ts;
  event.detail = static_cast<std::uint32_t>(building_.news.size());
  building_.news.push_back(std::move(item));
  return push(event);
}

bool Outlet::push(CorporateAction action) {
  building_.actions.push_back(std::move(action));
  return hand_over();
}

bool Outlet::flush() { return (building_.events.empty() && building_.actions.empty()) || hand_over(); }

bool Outlet::hand_over() {
  std::unique_lock lock{mutex_};
  if (when_full_ == WhenFull::wait) credit_came_.wait(lock, [&] { return closed_ || (credit_ > 0 && held_.empty()); });
  if (closed_) {
    building_ = fresh();
    return false;
  }
  building_.cursor = cursor_;
  if (credit_ == 0 && !held_.empty() && joins(held_.back(), building_)) {
    auto& last = held_.back();
    last.events.insert(last.events.end(), building_.events.begin(), building_.events.end());
    last.cursor = cursor_;
    building_.events.clear();
    return true;
  }
  held_.push_back(std::exchange(building_, fresh()));
  deliver(lock);
  while (held_.size() > held_max_ && when_full_ == WhenFull::drop_oldest) {
    auto oldest = std::move(held_.front());
    held_.pop_front();
    drop(oldest);
  }
  return true;
}

void Outlet::deliver(std::unique_lock<std::mutex>& lock) {
  if (sending_) return;  // whoever is delivering now takes these along
  sending_ = true;
  while (credit_ > 0 && !held_.empty() && !closed_) {
    --credit_;
    MarketBatch batch = std::move(held_.front());
    held_.pop_front();
    for (const auto& [ref, count] : dropped_) batch.dropped.push_back({ref, count});
    dropped_.clear();
    sent_total_ += batch.events.size();
    lock.unlock();
    send_(std::move(batch));
    lock.lock();
  }
  sending_ = false;
}

void Outlet::drop(MarketBatch& batch) {
  if (!batch.actions.empty()) {
    auto& next = (held_.empty() ? building_ : held_.front()).actions;
    next.insert(next.begin(), std::make_move_iterator(batch.actions.begin()),
                std::make_move_iterator(batch.actions.end()));
  }
  for (const auto& event : batch.events) ++dropped_[event.ref];
  dropped_total_ += batch.events.size();
}

void Outlet::add_credit(std::uint32_t batches) {
  std::unique_lock lock{mutex_};
  credit_ = std::min(credit_ + batches, batch_credit);
  deliver(lock);
  credit_came_.notify_one();
}

void Outlet::close() {
  const std::lock_guard lock{mutex_};
  closed_ = true;
  held_.clear();
  credit_came_.notify_all();
}

bool Outlet::full() const {
  const std::lock_guard lock{mutex_};
  return credit_ == 0 && held_.size() >= held_max_;
}

std::uint64_t Outlet::sent_events() const {
  const std::lock_guard lock{mutex_};
  return sent_total_;
}

std::uint64_t Outlet::dropped_events() const {
  const std::lock_guard lock{mutex_};
  return dropped_total_;
}

}  // namespace tradebus
