// Between our symbols and the venue's contracts. Pure.
#pragma once

#include <optional>
#include <string>

#include "actors/brokers/ibkr/wire/contract.hpp"
#include "bus/model/instrument.hpp"

namespace tradebus::ibkr {

// As orders and questions name it: routed by SMART, in USD; options by underlying, expiry, strike, right and class.
// broker.unsupported: what this adapter does not trade.
Result<wire::Contract> to_contract(const Instrument& instrument);

// Empty: nothing that the bus has a symbol for. Of a combo: that of its underlying.
std::optional<Symbol> to_symbol(const wire::Contract& contract);

// Units of the underlying a contract; 1 when it says none.
std::int32_t multiplier_of(const wire::Contract& contract);

// "20240621": as the venue writes dates, and back.
std::string to_venue_date(Date date);
std::optional<Date> from_venue_date(const std::string& text);

// An option's class is not always named as what it is on: SPXW is on SPX.
std::string underlying_of_class(const std::string& option_class);

}  // namespace tradebus::ibkr
