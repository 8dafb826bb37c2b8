// The names the simulation knows by heart: 50 US listings and a few pairs.
// Source: public facts of mid 2024, rounded (share classes counted as listed); prices are starting points, no more.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "bus/model/enums.hpp"

namespace tradebus::sim {

struct Ticker {
  std::string_view symbol;
  std::string_view name;
  std::string_view exchange;  // MIC; empty for pairs
  std::string_view sector;
  std::int64_t shares_millions;
  std::uint32_t base_ticks;             // base price in steps of tick_raw
  std::uint32_t tick_raw = 10'000'000;  // one step of the price, in 1e-9: a cent
  AssetClass asset_class = AssetClass::equity;
};

std::span<const Ticker> tickers();
// nullptr for a symbol that is not in the table.
const Ticker* find_ticker(std::string_view symbol);
// The listing that an option root stands for: roots drop the dot of a share class (BRKB -> BRK.B).
const Ticker* find_ticker_of_root(std::string_view root);

}  // namespace tradebus::sim
