// When an instrument trades, and where its bars begin.
// Equities and options: the NYSE's regular session (index options trade 15 minutes longer; not told apart here).
// Crypto: always. FX: Sunday 17:00 to Friday 17:00 New York. Futures: every day but Saturday, Chicago. Sessions are
// half open: at the closing time itself the session is over.
#pragma once

#include "bus/model/enums.hpp"
#include "bus/model/instrument.hpp"
#include "bus/model/time.hpp"

namespace tradebus {

bool is_open(const Instrument& instrument, Timestamp t);

// The midnight that starts the day of `t`: New York's for equities, options and fx, Chicago's for futures, UTC's for
// crypto.
Timestamp trading_day_start(const Instrument& instrument, Timestamp t);

// The start of the bar that holds `t`. Up to an hour: whole multiples in UTC; a day: trading_day_start; a week: its
// Monday, for fx and futures its Sunday, as their week opens on Sunday evening.
Timestamp bar_start(Timeframe timeframe, const Instrument& instrument, Timestamp t);

// The same answers for the hot path: time zones and calendars are asked only when `t` leaves the span (part of a day)
// that was asked for last. Time may run in either direction. One owner, no lock.
class SessionWindow {
 public:
  explicit SessionWindow(AssetClass asset_class) : asset_class_{asset_class} {}
  explicit SessionWindow(const Instrument& instrument) : SessionWindow{instrument.asset_class} {}

  bool is_open(Timestamp t) {
    move_to(t);
    return open_;
  }
  Timestamp day_start(Timestamp t) {
    move_to(t);
    return day_start_;
  }
  Timestamp bar_start(Timeframe timeframe, Timestamp t);
  // The time from which is_open may answer differently than at `t`: a session's edge, or the day's end.
  Timestamp until(Timestamp t) {
    move_to(t);
    return until_;
  }

 private:
  void move_to(Timestamp t) {
    if (t < from_ || t >= until_) look_up(t);
  }
  void look_up(Timestamp t);

  AssetClass asset_class_;
  bool open_ = false;
  Timestamp from_ = Timestamp::max();  // an empty span: the first question looks up
  Timestamp until_ = Timestamp::min();
  Timestamp day_start_{};
};

}  // namespace tradebus
