// Groups of fields that many messages have in common; of requests and of answers alike. `Archive` is a Reader or a
// Writer.
#pragma once

#include "actors/brokers/ibkr/wire/contract.hpp"

namespace tradebus::ibkr::wire {

// C11, as the server tells it: without the primary exchange.
template <class Archive, class C>
void contract_told(Archive& a, C& c) {
  a(c.con_id, c.symbol, c.sec_type, c.last_trade_date, c.strike, c.right, c.multiplier, c.exchange, c.currency,
    c.local_symbol, c.trading_class);
}

// C12, as it is asked for.
template <class Archive, class C>
void contract_asked(Archive& a, C& c) {
  a(c.con_id, c.symbol, c.sec_type, c.last_trade_date, c.strike, c.right, c.multiplier, c.exchange, c.primary_exchange,
    c.currency, c.local_symbol, c.trading_class);
}

// L4
template <class Archive, class L>
void leg_short(Archive& a, L& leg) {
  a(leg.con_id, leg.ratio, leg.action, leg.exchange);
}

// L8
template <class Archive, class L>
void leg_full(Archive& a, L& leg) {
  leg_short(a, leg);
  a(leg.open_close, leg.short_sale_slot, leg.designated_location, leg.exempt_code);
}

template <class Archive, class D>
void delta_contract_block(Archive& a, D& d) {
  a(d.con_id, d.delta, d.price);
}

template <class Archive, class Tags>
void counted_tags(Archive& a, Tags& tags) {
  a.list(tags, 2, [](auto& in, auto& each) { in(each.tag, each.value); });
}

}  // namespace tradebus::ibkr::wire
