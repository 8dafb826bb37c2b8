// Our symbols and the venue's: stocks as listed on both sides, case kept (BRK.B, BACpL); everything else has a prefix
// there. Pure; any thread.
//
//   ours                     REST                      stream
//   AAPL                     AAPL                      AAPL
//   SPY251219C00650000       O:SPY251219C00650000      O:SPY251219C00650000
//   I/SPX (an index)         I:SPX                     I:SPX
//   EUR-USD                  C:EURUSD                  EUR/USD
//   BTC-USD                  X:BTCUSD                  BTC-USD
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "bus/model/error.hpp"
#include "bus/model/strong_string.hpp"

namespace tradebus::massive {

// One of the venue's markets: a stream connection of its own, and a word in its paths.
enum class Market : std::uint8_t { stocks, options, indices, forex, crypto };
std::string_view to_string(Market market);  // "stocks": the last part of the stream's URL

struct VenueSymbol {
  Market market = Market::stocks;
  std::string rest;    // in paths and queries; needs no percent-encoding in a path
  std::string stream;  // after the channel's letter: "T." + stream
};

// instrument.unknown: the venue has no such form (a pair of unknown currencies, an impossible expiry).
Result<VenueSymbol> to_venue(const Symbol& symbol);

// Back again; to_venue(from_rest(x))->rest == x. instrument.unknown: not a form of the venue's, or nothing the bus can
// name.
Result<Symbol> from_rest(std::string_view ticker);
// Pairs come as EUR/USD or EUR-USD there.
Result<Symbol> from_stream(Market market, std::string_view sym);

// What option chains ask for: as to_venue()->rest, and the roots of index options by their index (SPX -> I:SPX,
// SPXW -> I:SPX).
Result<std::string> chain_underlying(const Symbol& symbol);

}  // namespace tradebus::massive
