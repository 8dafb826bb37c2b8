// What a chain, a contract's snapshot and the universal snapshot say of one option.
#pragma once

#include "tests/venues/massive/call.hpp"

namespace tradebus::massive_sim {

// Writes the fields into an open object. `universal`: as in /v3/snapshot (session for day, a name, a type).
void write_option(Json& json, const Call& call, const Contract& contract, bool universal);

const char* market_state(const Call& call);  // open, closed, early_trading, late_trading

}  // namespace tradebus::massive_sim
