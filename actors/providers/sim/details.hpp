// What the simulation tells about its symbols: real names for the table's listings, invented ones for the rest.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "actors/providers/sim/universe.hpp"
#include "bus/model/market_data.hpp"

namespace tradebus::sim {

TickerDetails ticker_details(const Profile& profile);

// Over the listed symbols and their names, without regard to case: the symbol itself, symbols that begin with the text,
// names that contain it.
std::vector<SymbolMatch> search(const Universe& universe, std::string_view text, std::uint32_t limit);

}  // namespace tradebus::sim
