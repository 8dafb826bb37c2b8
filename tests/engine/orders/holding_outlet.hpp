// An outlet of tests that keeps answers until they are released, as the bus does. One thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "engine/orders/order_outlet.hpp"

namespace tradebus::test {

class HoldingOutlet : public OrderOutlet {
 public:
  void hold(std::uint64_t seq, std::vector<BusReply>& replies) override {
    if (seq <= released_) return reply(replies);
    for (auto& each : replies) held_.emplace_back(seq, std::move(each));
    replies.clear();
  }
  void release(std::uint64_t durable_seq) override {
    released_ = std::max(released_, durable_seq);
    std::vector<BusReply> out;
    for (; !held_.empty() && held_.front().first <= released_; held_.pop_front())
      out.push_back(std::move(held_.front().second));
    reply(out);
  }
  void refuse_held(const Error& why) override {
    std::vector<BusReply> out;
    for (auto& [seq, each] : held_) out.push_back({each.token, {}, why});
    held_.clear();
    reply(out);
  }

 private:
  std::deque<std::pair<std::uint64_t, BusReply>> held_;
  std::uint64_t released_ = 0;
};

}  // namespace tradebus::test
