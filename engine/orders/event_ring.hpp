// The last order events, for get_events. Seqs rise, not always by one.
#pragma once

#include <algorithm>
#include <deque>
#include <memory>
#include <utility>

#include "engine/orders/order_messages.hpp"

namespace tradebus {

class EventRing {
 public:
  // `begin`: all events after this seq will come.
  explicit EventRing(std::size_t max, std::uint64_t begin = 0) : max_{max}, begin_{begin} {}

  void push(std::shared_ptr<const OrderEvent> event) {
    events_.push_back(std::move(event));
    if (events_.size() <= max_) return;
    begin_ = events_.front()->seq;
    events_.pop_front();
  }
  // All that came after `after` is here.
  bool reaches(std::uint64_t after) const { return after >= begin_; }
  // The first events after `query.after`, by seq. last_seq is the journal's.
  OrderEvents after(const GetOrderEvents& query, std::uint64_t last_seq) const {
    OrderEvents out;
    out.last_seq = last_seq;
    out.first_kept = events_.empty() ? 0 : events_.front()->seq;
    const std::size_t limit = std::min(query.limit, orders_limit_max);
    const auto end = std::min(last_seq, query.until.value_or(last_seq));
    auto it = std::ranges::upper_bound(events_, query.after, {}, [](const auto& event) { return event->seq; });
    for (; it != events_.end() && out.events.size() < limit && (*it)->seq <= end; ++it)
      if (!query.account || (*it)->order.account == *query.account) out.events.push_back(**it);
    return out;
  }

 private:
  std::size_t max_;
  std::uint64_t begin_;
  std::deque<std::shared_ptr<const OrderEvent>> events_;
};

}  // namespace tradebus
