#include "actors/providers/sim/universe.hpp"

#include <algorithm>
#include <cmath>

#include "actors/providers/sim/hash.hpp"

namespace tradebus::sim {

namespace {

constexpr std::uint32_t cent_raw = 10'000'000;

struct Scale {
  std::uint32_t base_ticks;
  std::uint32_t tick_raw;
};

// A price for a symbol that is not in the table, evenly spread over the magnitudes usual for its class.
Scale invent_scale(AssetClass asset_class, std::string_view symbol, double u) {
  switch (asset_class) {
    case AssetClass::equity:
    case AssetClass::option:
    case AssetClass::future:
      return {static_cast<std::uint32_t>(500 * std::pow(100.0, u)), cent_raw};  // 5 to 500
    case AssetClass::crypto:
      return {static_cast<std::uint32_t>(5'000 * std::pow(1000.0, u)), cent_raw / 100};  // 0.5 to 500
    case AssetClass::fx: {
      const bool yen = symbol.ends_with("-JPY");
      return {static_cast<std::uint32_t>((yen ? 90'000 : 50'000) * (1 + u)), yen ? 1'000'000U : 10'000U};
    }
  }
  return {10'000, cent_raw};
}

std::uint32_t lot_of(AssetClass asset_class) {
  switch (asset_class) {
    case AssetClass::equity:
    case AssetClass::option:
    case AssetClass::future:
      return 100'000;  // 100 shares
    case AssetClass::crypto:
      return 10;  // 0.01 coins
    case AssetClass::fx:
      return 10'000'000;  // 10 000 units of the base currency
  }
  return 1'000;
}

}  // namespace

Result<Universe> Universe::make(std::uint64_t seed, const std::vector<std::string>& only) {
  Universe out;
  out.seed_ = seed;
  for (const auto& text : only) {
    const auto instrument = Instrument::parse(text);
    if (!instrument) return tl::unexpected{instrument.error()};
    if (instrument->is_option())
      return fail(Errc::instrument_unknown, "\"" + text + "\" is an option: name its underlying instead");
    out.only_.insert(text);
  }
  return out;
}

Result<Profile> Universe::find(const Symbol& symbol) const {
  const auto instrument = Instrument::parse(symbol.str());
  if (!instrument) return tl::unexpected{instrument.error()};
  if (instrument->is_option())
    return fail(Errc::instrument_unknown,
                "\"" + symbol.str() + "\" is an option contract: this asks for an underlying");
  if (!only_.empty() && !only_.contains(symbol.str()))
    return fail(Errc::instrument_unknown, "\"" + symbol.str() + "\" is not in the simulation (providers.sim.symbols)");
  Profile out;
  out.symbol = symbol;
  out.ticker = find_ticker(symbol.str());
  out.asset_class = out.ticker != nullptr ? out.ticker->asset_class : instrument->asset_class;
  out.seed = hash(seed_, symbol.str());
  const auto scale = out.ticker != nullptr ? Scale{out.ticker->base_ticks, out.ticker->tick_raw}
                                           : invent_scale(out.asset_class, symbol.str(), unit(hash(out.seed, 1)));
  out.base_ticks = scale.base_ticks;
  out.tick_raw = scale.tick_raw;
  out.lot_milli = lot_of(out.asset_class);
  out.daily_lots = out.ticker != nullptr ? 100'000 + 200'000 * unit(hash(out.seed, 2))
                                         : 2'000 * std::pow(50.0, unit(hash(out.seed, 2)));
  out.volatility = 0.16 + 0.34 * unit(hash(out.seed, 3));
  return out;
}

Result<OptionContract> Universe::find_option(const Symbol& occ) const {
  auto instrument = Instrument::parse(occ.str());
  if (!instrument) return tl::unexpected{instrument.error()};
  if (!instrument->is_option())
    return fail(Errc::instrument_unknown,
                "\"" + occ.str() + "\" is no option symbol (compact OCC form, like AAPL240621C00190000)");
  if (!instrument->strike->is_positive())
    return fail(Errc::instrument_unknown, "\"" + occ.str() + "\" has a strike of zero");
  const auto* ticker = find_ticker_of_root(instrument->underlying->str());
  auto underlying = find(ticker != nullptr ? Symbol{ticker->symbol} : *instrument->underlying);
  if (!underlying) return tl::unexpected{underlying.error()};
  return OptionContract{std::move(*instrument), std::move(*underlying)};
}

std::vector<std::string_view> Universe::listed() const {
  std::vector<std::string_view> out;
  if (only_.empty())
    for (const auto& ticker : tickers()) out.push_back(ticker.symbol);
  else
    out.assign(only_.begin(), only_.end());
  return out;
}

}  // namespace tradebus::sim
