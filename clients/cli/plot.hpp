// Bars as candles in a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "clients/cli/terminal.hpp"
#include "tradebus/types.hpp"

namespace tradebus::cli {

struct PlotSize {
  std::size_t width = 80;   // cells, the price axis included
  std::size_t height = 16;  // rows of candles
};

// One column a bar; neighbours are merged where there are more bars than columns. A price axis on the left, times
// below.
std::string plot_candles(const std::vector<client::Bar>& bars, PlotSize size, const Terminal& terminal);

// Joins neighbours until at most `count` bars are left.
std::vector<client::Bar> merge_bars(const std::vector<client::Bar>& bars, std::size_t count);

}  // namespace tradebus::cli
