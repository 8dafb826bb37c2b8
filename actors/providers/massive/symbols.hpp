// Our symbols and the venue's: stocks as listed on both sides, case kept (BRK.B, BACpL); everything else has a prefix
// there. Pure; any thread.
//
//   ours                     theirs
//   AAPL                     AAPL                      in REST and in the stream
//   SPY251219C00650000       O:SPY251219C00650000      likewise
//   I/SPX (an index)         I:SPX                     REST alone
//   EUR-USD                  C:EURUSD
//   BTC-USD                  X:BTCUSD
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "bus/model/error.hpp"
#include "bus/model/strong_string.hpp"

namespace tradebus::massive {

// One of the venue's markets; stocks and options have a stream connection each.
enum class Market : std::uint8_t { stocks, options, indices, forex, crypto };
std::string_view to_string(Market market);  // "stocks": the last part of the stream's URL

struct VenueSymbol {
  Market market = Market::stocks;
  std::string rest;  // in paths, queries and the stream ("T." + rest); needs no percent-encoding in a path
};

// instrument.unknown: the venue has no such form (a pair of unknown currencies, an impossible expiry).
Result<VenueSymbol> to_venue(const Symbol& symbol);

// Back again; to_venue(from_rest(x))->rest == x. instrument.unknown: not a form of the venue's, or nothing the bus can
// name.
Result<Symbol> from_rest(std::string_view ticker);

// What option chains ask for: as to_venue()->rest, and the roots of index options by their index (SPX -> I:SPX,
// SPXW -> I:SPX).
// An index has several roots (SPX monthly, SPXW weekly), and the venue's chain of I:SPX holds them all.
bool is_index_root(const Symbol& symbol);
Result<std::string> chain_underlying(const Symbol& symbol);

}  // namespace tradebus::massive
