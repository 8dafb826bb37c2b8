// Between our orders and the venue's. Pure.
#pragma once

#include "actors/brokers/broker.hpp"
#include "actors/brokers/ibkr/wire/order.hpp"
#include "actors/brokers/ibkr/wire/venue_time.hpp"
#include "engine/calendar/calendars.hpp"

namespace tradebus::ibkr {

// broker.unsupported: what the venue has no word for. Our id goes along as orderRef: the venue keeps it.
Result<wire::Order> to_wire_order(const TradeOrder& order, const OrderId& id, const AccountId& account);

// What its aux price is.
bool has_stop(const wire::Order& order);
bool has_trail(const wire::Order& order);

// The same order with what is asked for. broker.unsupported, broker.rejected: it has nothing of the kind.
Result<wire::Order> changed(const wire::Order& order, const ReplaceBrokerOrder& change);

// What is in force there, of what our order has: before it is changed again.
void take_terms(wire::Order& order, const wire::Order& echo);

// The venue's word for oco: a fill of one order of a group takes its quantity off the others, and blocks them
// meanwhile.
inline constexpr std::int32_t oca_reduces = 2;

// Whether an end that nobody asked for is the end of its time: the venue calls both a cancel. `reason`: as it was told.
bool has_expired(const wire::Contract& contract, const wire::Order& order, const std::string& reason,
                 const Calendars& calendars, wire::TimeReader& times, Timestamp now);

// As the venue tells one, also one that we would not send: a type without a word of ours is then its target_strategy,
// over a limit where it has one. `times` reads its end.
TradeOrder to_trade_order(const wire::Contract& contract, const wire::Order& order, wire::TimeReader& times);

OrderStatus to_status(wire::VenueStatus status, bool has_fills);

BrokerCapabilities capabilities();

}  // namespace tradebus::ibkr
