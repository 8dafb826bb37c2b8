// The arithmetic of the strategy: no I/O, no time.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <set>
#include <string>

namespace tradebus::example {

// The mean of the last `length` prices.
class Average {
 public:
  explicit Average(std::size_t length) : length_{length} {}
  void add(double price) {
    prices_.push_back(price);
    sum_ += price;
    if (prices_.size() > length_) {
      sum_ -= prices_.front();
      prices_.pop_front();
    }
  }
  bool full() const { return prices_.size() == length_; }
  double value() const { return sum_ / static_cast<double>(prices_.size()); }

 private:
  std::size_t length_;
  std::deque<double> prices_;
  double sum_ = 0;
};

enum class Signal : std::uint8_t { none, above, below };

// Tells when the fast average crosses the slow one; silent until both are full.
class Crossover {
 public:
  Crossover(std::size_t fast, std::size_t slow) : fast_{fast}, slow_{slow} {}
  Signal add(double price) {
    fast_.add(price), slow_.add(price);
    if (!slow_.full()) return Signal::none;
    const auto now = fast_.value() > slow_.value() ? Signal::above : Signal::below;
    if (now == last_) return Signal::none;
    const bool first = last_ == Signal::none;
    last_ = now;
    return first && now == Signal::below ? Signal::none : now;  // flat already
  }

 private:
  Average fast_, slow_;
  Signal last_ = Signal::none;
};

// A position at average cost.
class Book {
 public:
  // qty below zero is a sale. False when the execution came before.
  bool add(const std::string& exec_id, double qty, double price, double commission) {
    if (!seen_.insert(exec_id).second) return false;
    commissions_ += commission;
    if (qty_ * qty < 0) {
      const double closing = std::min(std::abs(qty), std::abs(qty_));
      realized_ += closing * (price - average_) * (qty_ > 0 ? 1 : -1);
    }
    const double after = qty_ + qty;
    if (qty_ * qty >= 0 && after != 0)
      average_ = (average_ * std::abs(qty_) + price * std::abs(qty)) / std::abs(after);
    else if (after == 0 || qty_ * after < 0)
      average_ = after == 0 ? 0 : price;
    qty_ = after;
    return true;
  }

  double qty() const { return qty_; }
  double average() const { return average_; }
  double realized() const { return realized_; }
  double unrealized(double price) const { return qty_ == 0 ? 0 : qty_ * (price - average_); }
  double commissions() const { return commissions_; }
  std::size_t fills() const { return seen_.size(); }

 private:
  std::set<std::string> seen_;  // one entry a fill of this run
  double qty_ = 0;
  double average_ = 0;
  double realized_ = 0;
  double commissions_ = 0;
};

}  // namespace tradebus::example
