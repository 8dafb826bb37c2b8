#include "actors/providers/outlet.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>
#include <vector>

namespace tradebus {

namespace {

bool has_events_only(const MarketBatch& batch) {
  return batch.options.empty() && batch.news.empty() && batch.actions.empty();
}
// A source that flushes often fills few of its batches: those that wait anyway become one.
bool joins(const MarketBatch& last, const MarketBatch& next) {
  return last.events.size() + next.events.size() <= batch_events_max && has_events_only(last) && has_events_only(next);
}

// The newest of a topic's events; a trade that is not the last price says nothing about that.
using EventKey = std::pair<TopicRef, bool>;
EventKey key_of(const MarketEvent& event) {
  return {event.ref, event.kind == StreamKind::trade && (event.flags & MarketEvent::not_last) != 0};
}

// Takes the oldest half of what is held, and gives back what of it has nothing newer behind it; what is lost is left in
// `lost`. Each event is looked at once half a bound's worth of batches.
MarketBatch condense(std::deque<MarketBatch>& held, std::size_t kept, MarketBatch& lost) {
  std::set<EventKey> newer;
  std::deque<MarketBatch> old;
  const auto first_kept = held.end() - static_cast<std::ptrdiff_t>(kept);
  for (auto batch = first_kept; batch != held.end(); ++batch)
    for (const auto& event : batch->events) newer.insert(key_of(event));
  std::move(held.begin(), first_kept, std::back_inserter(old));
  held.erase(held.begin(), first_kept);
  std::vector<std::pair<MarketBatch*, MarketEvent*>> stay;  // from the newest on
  for (auto batch = old.rbegin(); batch != old.rend(); ++batch)
    for (auto event = batch->events.rbegin(); event != batch->events.rend(); ++event) {
      if (newer.insert(key_of(*event)).second)
        stay.emplace_back(&*batch, &*event);
      else
        lost.events.push_back(*event);
    }
  MarketBatch out;
  for (auto each = stay.rbegin(); each != stay.rend(); ++each) {
    auto& [batch, event] = *each;
    out.events.push_back(*event);
    if (event->kind == StreamKind::option && event->detail < batch->options.size()) {
      out.events.back().detail = static_cast<std::uint32_t>(out.options.size());
      out.options.push_back(std::move(batch->options[event->detail]));
    }
    if (event->kind == StreamKind::news && event->detail < batch->news.size()) {
      out.events.back().detail = static_cast<std::uint32_t>(out.news.size());
      out.news.push_back(std::move(batch->news[event->detail]));
    }
  }
  for (auto& batch : old) {
    out.cursor = batch.cursor;
    std::ranges::move(batch.actions, std::back_inserter(out.actions));
  }
  return out;
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
  if (held_.size() > held_max_ && when_full_ == WhenFull::drop_oldest) {
    MarketBatch lost;
    auto newest = condense(held_, (held_max_ + 1) / 2, lost);
    newest.provider = provider_;
    if (!newest.events.empty() || !newest.actions.empty()) held_.push_front(std::move(newest));
    drop(lost);
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

void Outlet::drop(const MarketBatch& batch) {
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
