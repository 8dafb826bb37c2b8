// Whether a message is the next of its topic, one that came before, or the first after a hole. No I/O.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace tradebus::client {

class Sequence {
 public:
  enum class Verdict : std::uint8_t { next, duplicate, gap };

  // Notes `seq` as the topic's last one. With `dense` false numbers rise, but not by one (order topics): no gap is
  // seen. After a gap `before` is the last number seen before it.
  Verdict judge(std::string_view topic, std::uint64_t seq, bool dense, std::uint64_t& before) {
    auto at = last_.find(topic);
    if (at == last_.end()) {
      last_.emplace(std::string{topic}, seq);
      return Verdict::next;
    }
    before = at->second;
    if (seq <= before) return Verdict::duplicate;
    at->second = seq;
    return dense && seq != before + 1 ? Verdict::gap : Verdict::next;
  }

  std::uint64_t last(std::string_view topic) const {
    const auto at = last_.find(topic);
    return at == last_.end() ? 0 : at->second;
  }

  // A new epoch of the daemon: market data counts from 1 again, so what came before we were back shows as a gap. `keep`
  // says which topics go on counting.
  template <class Keep>
  void restart(Keep keep) {
    for (auto& [topic, seq] : last_)
      if (!keep(topic)) seq = 0;
  }
  // All topics that start with `prefix`.
  void forget(std::string_view prefix) {
    auto at = last_.lower_bound(prefix);
    while (at != last_.end() && at->first.starts_with(prefix)) at = last_.erase(at);
  }

 private:
  std::map<std::string, std::uint64_t, std::less<>> last_;  // one entry a topic that was subscribed
};

}  // namespace tradebus::client
