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
  explicit EventRing(std::size_t max) : max_{max} {}

  void push(std::shared_ptr<const OrderEvent> event) {
    if (max_ == 0) return;
    if (events_.size() >= max_) events_.pop_front();
    events_.push_back(std::move(event));
  }
  // All that came after `after` is here: last_seq is the journal's.
  bool reaches(std::uint64_t after, std::uint64_t last_seq) const {
    return after >= last_seq || (!events_.empty() && events_.front()->seq <= after + 1);
  }
  // The first events after `query.after`, by seq. last_seq is the journal's.
  OrderEvents after(const GetOrderEvents& query, std::uint64_t last_seq) const {
    OrderEvents out;
    out.last_seq = last_seq;
    out.first_kept = events_.empty() ? 0 : events_.front()->seq;
    const std::size_t limit = std::min(query.limit, orders_limit_max);
    auto it = std::ranges::upper_bound(events_, query.after, {}, [](const auto& event) { return event->seq; });
    for (; it != events_.end() && out.events.size() < limit; ++it)
      if (!query.account || (*it)->order.account == *query.account) out.events.push_back(**it);
    return out;
  }

 private:
  std::size_t max_;
  std::deque<std::shared_ptr<const OrderEvent>> events_;
};

}  // namespace tradebus
