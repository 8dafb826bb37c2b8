#include "actors/brokers/ibkr/wire/order_requests.hpp"

#include "actors/brokers/ibkr/wire/order_blocks.hpp"

namespace tradebus::ibkr::wire {

namespace {

void delta_neutral(Writer& w, const Order& o) {
  const auto& d = o.delta_neutral;
  w(d.order_type, d.aux_price);
  if (!d.order_type.empty())
    w(d.con_id, d.settling_firm, d.clearing_account, d.clearing_intent, d.open_close, d.short_sale, d.short_sale_slot,
      d.designated_location);
}

void conditions(Writer& w, const Order& o) {
  w.list(o.conditions, 2, [](Writer& out, const Condition& c) {
    out(static_cast<std::int32_t>(c.kind), c.is_and ? "a" : "o");
    condition_rest(out, c);
  });
  if (!o.conditions.empty()) w(o.conditions_ignore_rth, o.conditions_cancel_order);
}

// What the newer pegged types and the venue's own pool need.
void pegged(Writer& w, const PlaceOrder& m) {
  if (w.version() < 170) return;
  const auto& o = m.order;
  if (m.contract.exchange == "IBKRATS") w(o.min_trade_quantity);
  bool has_mid_offsets = o.order_type == "PEG MID" || o.order_type == "PEGMID";
  if (o.order_type == "PEG BEST" || o.order_type == "PEGBEST") {
    w(o.min_compete_size);
    if (o.compete_up_to_mid) {
      w("Infinity");
      has_mid_offsets = true;
    } else {
      w(o.compete_offset);
    }
  }
  if (has_mid_offsets) w(o.mid_offset_at_whole, o.mid_offset_at_half);
}

}  // namespace

void write_order(Writer& w, const PlaceOrder& m) {
  const auto& o = m.order;
  const bool is_combo = m.contract.sec_type == "BAG";
  const auto version = w.version();
  if (!is_combo && !o.legs.empty()) w.refuse("legs need secType BAG");
  if (!o.leg_prices.empty() && o.leg_prices.size() != o.legs.size()) w.refuse("as many leg prices as legs, or none");

  w(3, m.order_id);
  contract_asked(w, m.contract);
  w(m.sec_id_type, m.sec_id, o.action, o.total_quantity, o.order_type, o.limit_price, o.aux_price, o.time_in_force,
    o.oca_group, o.account, o.open_close, o.origin, o.order_ref, o.transmit, o.parent_id, o.block_order,
    o.sweep_to_fill, o.display_size.value_or(0), o.trigger_method, o.outside_rth, o.hidden);
  if (is_combo) combo_block(w, o);
  w(empty_field);  // sharesAllocation
  w(o.discretionary_amount, o.good_after_time, o.good_till_date, o.fa_group, o.fa_method, o.fa_percentage);
  if (version < 177) w(o.fa_profile);
  w(o.model_code, o.short_sale_slot, o.designated_location, o.exempt_code, o.oca_type, o.rule_80a, o.settling_firm,
    o.all_or_none, o.min_quantity, o.percent_offset);
  w(false, false, empty_field);  // eTradeOnly, firmQuoteOnly, nbboPriceCap
  w(o.auction_strategy, o.starting_price, o.stock_ref_price, o.delta, o.stock_range_lower, o.stock_range_upper,
    o.override_percentage_constraints, o.volatility, o.volatility_type);
  delta_neutral(w, o);
  w(o.continuous_update, o.reference_price_type, o.trail_stop_price, o.trailing_percent);
  scale_block(w, o);
  w(o.scale_table, o.active_start_time, o.active_stop_time);
  hedge_block(w, o);
  w(o.opt_out_smart_routing, o.clearing_account, o.clearing_intent, o.not_held, o.delta_contract.has_value());
  if (o.delta_contract) delta_contract_block(w, *o.delta_contract);
  algo_block(w, o);
  w(o.algo_id, o.what_if);
  w.tags(o.misc_options);
  w(o.solicited, o.randomize_size, o.randomize_price);
  peg_bench_block(w, o);
  conditions(w, o);
  w(o.adjusted_order_type, o.trigger_price, o.limit_price_offset, o.adjusted_stop_price, o.adjusted_stop_limit_price,
    o.adjusted_trailing_amount, o.adjustable_trailing_unit, o.ext_operator, o.soft_dollar_name, o.soft_dollar_value,
    o.cash_quantity, o.mifid2_decision_maker, o.mifid2_decision_algo, o.mifid2_execution_trader,
    o.mifid2_execution_algo, o.dont_use_auto_price_for_hedge, o.is_oms_container, o.discretionary_up_to_limit_price,
    o.use_price_mgmt_algo);
  w.since(158, o.duration);
  w.since(160, o.post_to_ats);
  w.since(162, o.auto_cancel_parent);
  w.since(166, o.advanced_error_override);
  w.since(169, o.manual_order_time);
  pegged(w, m);
  w.since(183, o.customer_account);
  w.since(184, o.professional_customer);
  if (version >= 187 && version < 190) w(empty_field, empty_field);  // in and out again
  w.since(189, o.include_overnight);
  w.since(192, o.manual_order_indicator);
  w.since(199, o.imbalance_only);
}

}  // namespace tradebus::ibkr::wire
