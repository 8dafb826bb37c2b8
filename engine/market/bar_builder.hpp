// Builds the bars of one symbol and timeframe from its trades. A plain class: time is passed in.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "bus/model/market_data.hpp"
#include "bus/model/timeframe.hpp"
#include "engine/calendar/calendar.hpp"

namespace tradebus {

class BarBuilder {
 public:
  struct Bar {
    Timestamp start{};
    Price open;
    Price high;
    Price low;
    Price close;
    Quantity volume;
    std::int64_t trades = 0;  // whose volume is in it
  };

  // The exchange says where days begin; it outlives the builder.
  BarBuilder(Timeframe timeframe, const Calendar& exchange) : timeframe_{timeframe}, exchange_{&exchange} {}

  // What a trade may change: an odd lot has a volume only, one that is reported late sets no close.
  struct Parts {
    bool open_close = true;
    bool high_low = true;
    bool volume = true;
  };

  // Takes one trade. The bar that it closes, if any. A trade of a bar that was closed before is left out (counted).
  std::optional<Bar> add(Timestamp ts, Price price, Quantity size) { return add(ts, price, size, Parts{}); }
  std::optional<Bar> add(Timestamp ts, Price price, Quantity size, Parts parts);
  // Time has come this far: the bar that has ended by then, if any.
  std::optional<Bar> close_until(Timestamp now);
  // No more trades will come: the bar in progress, if any.
  std::optional<Bar> finish();

  // Forgets everything, also what was closed: time may begin anew.
  void reset() {
    current_.reset();
    forget_early();
    closed_until_ = Timestamp::min();
  }

  const std::optional<Bar>& current() const { return current_; }
  // When the bar in progress ends; only while there is one.
  Timestamp end() const { return end_; }
  std::int64_t late_trades() const { return late_; }

 private:
  Timeframe timeframe_;
  const Calendar* exchange_;
  std::optional<Bar> current_;
  Timestamp end_{};
  Timestamp closed_until_ = Timestamp::min();
  void forget_early() {
    early_volume_ = {};
    early_trades_ = 0;
  }

  // Volume of a bar that has no price yet, and that bar's start.
  Quantity early_volume_;
  std::int64_t early_trades_ = 0;
  Timestamp early_start_{};
  std::int64_t late_ = 0;
};

}  // namespace tradebus
