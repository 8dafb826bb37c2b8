// Large answers while orders come: they leave at a bounded pace, in turns between the clients that wait for them, so
// that a client that floods the daemon with questions takes no time from another's orders. When nobody orders they are
// not held. Pure: the time is passed in; one thread.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace tradebus {

template <class Answer>
class BulkAnswers {
 public:
  using Time = std::chrono::steady_clock::time_point;

  static constexpr std::size_t bytes_min = 16'384;  // smaller answers are never held
  static constexpr std::chrono::milliseconds order_memory{1'000};
  static constexpr std::chrono::milliseconds burst{1};  // what was not used of the pace, at most

  // 0: no bound.
  explicit BulkAnswers(std::size_t bytes_per_second) : bytes_per_second_{bytes_per_second} {}

  void order_came(Time now) { last_order_ = now; }
  // Whether an answer of that size has to wait its turn now.
  bool holds(std::size_t bytes, Time now) const {
    return bytes >= bytes_min && (held_ > 0 || (paced(now) && now < next_));
  }
  void hold(std::string_view client, std::size_t bytes, Answer answer) {
    const auto known = std::ranges::find(turns_, client, &Turn::client);
    auto& turn = known != turns_.end() ? *known : turns_.emplace_back(Turn{std::string{client}, {}});
    turn.answers.emplace_back(bytes, std::move(answer));
    ++held_;
  }
  // One that left at once.
  void sent(std::size_t bytes, Time now) {
    if (bytes < bytes_min || !paced(now)) return;  // what left while nobody ordered is no debt
    constexpr double ns_per_second = 1e9;
    const std::chrono::nanoseconds takes{
        static_cast<std::int64_t>(static_cast<double>(bytes) / static_cast<double>(bytes_per_second_) * ns_per_second)};
    next_ = std::max(next_, now - burst) + takes;
  }
  // The next one whose turn has come; empty: none now.
  std::optional<Answer> take(Time now) {
    if (turns_.empty() || (paced(now) && now < next_)) return std::nullopt;
    auto [bytes, answer] = pop();
    sent(bytes, now);
    return std::move(answer);
  }
  // All that wait, at once.
  template <class Send>
  void drain(Send send) {
    while (!turns_.empty()) send(pop().second);
  }
  // When take() will have one.
  std::optional<Time> due() const {
    if (held_ == 0) return std::nullopt;
    return std::min(next_, last_order_ + order_memory);
  }
  std::size_t size() const { return held_; }

 private:
  struct Turn {
    std::string client;
    std::deque<std::pair<std::size_t, Answer>> answers;
  };
  bool paced(Time now) const { return bytes_per_second_ > 0 && now - last_order_ < order_memory; }
  std::pair<std::size_t, Answer> pop() {
    auto turn = std::move(turns_.front());
    turns_.pop_front();
    auto out = std::move(turn.answers.front());
    turn.answers.pop_front();
    if (!turn.answers.empty()) turns_.push_back(std::move(turn));
    --held_;
    return out;
  }

  std::size_t bytes_per_second_;
  Time last_order_{};
  Time next_{};
  std::deque<Turn> turns_;
  std::size_t held_ = 0;
};

}  // namespace tradebus
