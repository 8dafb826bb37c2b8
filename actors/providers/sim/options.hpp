// Invented option markets: Black-Scholes values around a spot price, with a mild smile, a spread and round sizes.
// Pure functions of (contract, spot, time). American exercise and dividends are left out.
#pragma once

#include <cstdint>
#include <vector>

#include "actors/providers/provider.hpp"
#include "actors/providers/sim/trading_days.hpp"
#include "actors/providers/sim/universe.hpp"

namespace tradebus::sim {

inline constexpr double risk_free_rate = 0.04;  // a year's, continuously compounded

// When this contract stops trading: the New York close of its expiry date.
Timestamp expiry_time(const Date& expiry, const TradingDays& days);

OptionQuote value_option(const OptionContract& contract, Price spot, Timestamp now, const TradingDays& days);

// The expiries on the board: the next four Fridays and the next three third Fridays, rising.
std::vector<Date> expiries(Timestamp now, const TradingDays& days);
// The strikes on the board, rising: steps that fit the price, 20 to either side.
std::vector<Price> strikes(Price spot);

// By expiry, strike, call before put. provider.not_found when options on it cannot be named (a pair, a long symbol).
Result<std::vector<OptionQuote>> option_chain(const Profile& underlying, const GetOptionChain& query, Price spot,
                                              Timestamp now, const TradingDays& days);

}  // namespace tradebus::sim
