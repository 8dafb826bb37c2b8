// Groups of an order's fields that placeOrder, openOrder and completedOrder have in common. `Archive` is a Reader or a
// Writer, `O` an Order or a const one.
#pragma once

#include "actors/brokers/ibkr/wire/contract_blocks.hpp"
#include "actors/brokers/ibkr/wire/order.hpp"

namespace tradebus::ibkr::wire {

template <class Archive, class O>
void combo_block(Archive& a, O& o) {
  a.list(o.legs, 8, [](auto& in, auto& leg) { leg_full(in, leg); });
  a.list(o.leg_prices, 1, [](auto& in, auto& price) { in(price); });
  counted_tags(a, o.smart_routing_params);
}

template <class Archive, class O>
void scale_block(Archive& a, O& o) {
  auto& s = o.scale;
  a(s.init_level_size, s.subs_level_size, s.price_increment);
  if (s.price_increment && s.price_increment->is_positive())
    a(s.price_adjust_value, s.price_adjust_interval, s.profit_offset, s.auto_reset, s.init_position, s.init_fill_qty,
      s.random_percent);
}

template <class Archive, class O>
void hedge_block(Archive& a, O& o) {
  a(o.hedge_type);
  if (!o.hedge_type.empty()) a(o.hedge_param);
}

template <class Archive, class O>
void algo_block(Archive& a, O& o) {
  a(o.algo_strategy);
  if (!o.algo_strategy.empty()) counted_tags(a, o.algo_params);
}

template <class Archive, class O>
void peg_bench_block(Archive& a, O& o) {
  if (o.order_type != "PEG BENCH" && o.order_type != "PEGBENCH") return;
  auto& p = o.peg_bench;
  a(p.reference_con_id, p.is_amount_decrease, p.pegged_change_amount, p.reference_change_amount, p.reference_exchange);
}

// After kind and conjunction. The value stands before the contract.
template <class Archive, class C>
void condition_rest(Archive& a, C& c) {
  switch (c.kind) {
    case ConditionKind::price:
      return a(c.is_more, c.price, c.con_id, c.exchange, c.trigger_method);
    case ConditionKind::time:
      return a(c.is_more, c.time);
    case ConditionKind::margin:
      return a(c.is_more, c.percent);
    case ConditionKind::execution:
      return a(c.sec_type, c.exchange, c.symbol);
    case ConditionKind::volume:
      return a(c.is_more, c.volume, c.con_id, c.exchange);
    case ConditionKind::percent_change:
      return a(c.is_more, c.percent, c.con_id, c.exchange);
  }
}

}  // namespace tradebus::ibkr::wire
