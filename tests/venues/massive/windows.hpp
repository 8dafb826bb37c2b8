// Bars of any width from base bars (seconds, minutes or days), a page at a time: `limit` counts base bars, as at the
// venue.
#pragma once

#include <functional>

#include "tests/venues/massive/market.hpp"

namespace tradebus::massive_sim {

enum class Timespan { second, minute, hour, day, week, month, quarter, year };
std::optional<Timespan> parse_timespan(std::string_view text);
bool of_days(Timespan timespan);  // built from days, not from minutes or seconds

struct Width {
  int multiplier = 1;
  Timespan timespan = Timespan::day;
};

// The start of the window that holds this time. Seconds to hours count from New York's midnight, days from 1970, weeks
// begin on Sundays.
Ms window_start(const Width& width, Ms time);

struct BarPage {
  std::vector<Bar> bars;   // in the order asked for
  std::size_t read = 0;    // base bars
  std::optional<Ms> next;  // ascending: where the next page begins; descending: what it ends before (exclusive)
};

// Base bars of one New York day, ordered; empty when there are none.
using BaseBars = std::function<std::vector<Bar>(Day)>;

// from <= window's base bars < to. `limit` base bars are read; a window that doesn't fit goes to the next page, unless
// it is the page's first.
BarPage read_windows(const Width& width, Ms from, Ms to, bool descending, std::size_t limit, const BaseBars& base);

}  // namespace tradebus::massive_sim
