#pragma once
#include "bus/model/instrument.hpp"
#include "bus/model/time.hpp"
namespace tradebus {
bool is_open(const Instrument&, Timestamp);
Timestamp trading_day_start(const Instrument&, Timestamp);
Timestamp bar_start(Timeframe, const Instrument&, Timestamp);
}
