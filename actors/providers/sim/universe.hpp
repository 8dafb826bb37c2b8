// Which symbols exist in the simulation, and what it believes about each: a pure function of (seed, symbol).
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "actors/providers/sim/tickers.hpp"
#include "bus/model/instrument.hpp"

namespace tradebus::sim {

struct Profile {
  Symbol symbol;
  AssetClass asset_class = AssetClass::equity;
  const Ticker* ticker = nullptr;  // the table's entry, when the symbol is a real one
  std::uint64_t seed = 0;          // of everything random about this symbol
  std::uint32_t base_ticks = 0;    // the price that the walk returns to, in ticks; at least 100
  std::uint32_t tick_raw = 0;      // one tick in 1e-9
  std::uint32_t lot_milli = 0;     // one round lot in 1/1000 units
  double daily_lots = 0;           // volume of an ordinary day, in lots
  double volatility = 0;           // a year's, as options price it: 0.25 = 25 %

  Price price(std::int64_t ticks) const { return Price::from_raw(ticks * tick_raw); }
  Quantity lots(std::int64_t count) const { return Quantity::from_raw(Int128{count} * lot_milli * 1'000'000); }
};

struct OptionContract {
  Instrument instrument;
  Profile underlying;
};

class Universe {
 public:
  Universe() = default;
  // `only`: the symbols that exist; empty = every well-formed one. instrument.unknown for an entry that is no symbol of
  // an equity or a pair.
  static Result<Universe> make(std::uint64_t seed, const std::vector<std::string>& only);

  // instrument.unknown for what does not exist here; an option's symbol is asked for with find_option.
  Result<Profile> find(const Symbol& symbol) const;
  Result<OptionContract> find_option(const Symbol& occ) const;

  // The symbols that can be listed: the configured ones, or the table.
  std::vector<std::string_view> listed() const;

 private:
  std::uint64_t seed_ = 0;
  std::set<std::string, std::less<>> only_;
};

}  // namespace tradebus::sim
