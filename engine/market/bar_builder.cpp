#include "engine/market/bar_builder.hpp"

#include <algorithm>
#include <utility>

#include "engine/calendar/bar_time.hpp"

namespace tradebus {

std::optional<BarBuilder::Bar> BarBuilder::add(Timestamp ts, Price price, Quantity size, Parts parts) {
  std::optional<Bar> closed;
  if (!parts.volume) size = {};
  const std::int64_t counted = parts.volume ? 1 : 0;  // the official close, say, was traded before
  if (current_ && ts >= end_) closed = finish();
  if (!current_) {
    if (ts < closed_until_) {
      ++late_;
      return closed;
    }
    const auto start = bar_start(*exchange_, timeframe_, ts);
    if (early_start_ != start) forget_early();
    if (!parts.open_close) {
      early_start_ = start;
      early_volume_ = checked_add(early_volume_, size).value_or(early_volume_);
      early_trades_ += counted;
      return closed;
    }
    // A day may have 23 or 25 hours: its end is where the next one begins.
    end_ = timeframe_ == Timeframe::d1 ? bar_start(*exchange_, timeframe_, start + std::chrono::hours{30})
                                       : start + length(timeframe_);
    current_ = Bar{
        start, price, price, price, price, checked_add(early_volume_, size).value_or(size), early_trades_ + counted};
    forget_early();
    return closed;
  }
  if (ts < current_->start) {
    ++late_;
    return closed;
  }
  if (parts.high_low) {
    current_->high = std::max(current_->high, price);
    current_->low = std::min(current_->low, price);
  }
  if (parts.open_close) current_->close = price;
  current_->volume = checked_add(current_->volume, size).value_or(current_->volume);
  current_->trades += counted;
  return closed;
}

std::optional<BarBuilder::Bar> BarBuilder::close_until(Timestamp now) {
  if (!current_ || now < end_) return std::nullopt;
  return finish();
}

std::optional<BarBuilder::Bar> BarBuilder::finish() {
  if (current_) closed_until_ = end_;
  return std::exchange(current_, std::nullopt);
}

}  // namespace tradebus
