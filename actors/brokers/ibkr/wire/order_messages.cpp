#include "actors/brokers/ibkr/wire/order_messages.hpp"

#include "actors/brokers/ibkr/wire/order_blocks.hpp"

namespace tradebus::ibkr::wire {

namespace {

// action to orderRef
void head(Reader& r, Order& o) {
  r(o.action, o.total_quantity, o.order_type, o.limit_price, o.aux_price, o.time_in_force, o.oca_group, o.account,
    o.open_close, o.origin, o.order_ref);
}

void advisor(Reader& r, Order& o) {
  r(o.fa_group, o.fa_method, o.fa_percentage);
  if (r.version() < 177) r(o.fa_profile);
  r(o.model_code, o.good_till_date, o.rule_80a, o.percent_offset, o.settling_firm, o.short_sale_slot,
    o.designated_location, o.exempt_code);
}

void ranges(Reader& r, Order& o) {
  r(o.starting_price, o.stock_ref_price, o.delta, o.stock_range_lower, o.stock_range_upper, o.display_size);
}

void delta_neutral(Reader& r, Order& o, bool is_completed) {
  auto& d = o.delta_neutral;
  r(o.volatility, o.volatility_type, d.order_type, d.aux_price);
  if (!d.order_type.empty()) {
    r(d.con_id);
    if (!is_completed) r(d.settling_firm, d.clearing_account, d.clearing_intent, d.open_close);
    r(d.short_sale, d.short_sale_slot, d.designated_location);
  }
  r(o.continuous_update, o.reference_price_type, o.trail_stop_price, o.trailing_percent);
}

// What openOrder and completedOrder have alike from the scale on.
void scale_and_hedge(Reader& r, Order& o) {
  scale_block(r, o);
  hedge_block(r, o);
}

void clearing_to_algo(Reader& r, Order& o) {
  bool has_delta_contract = false;
  r(o.clearing_account, o.clearing_intent, o.not_held, has_delta_contract);
  if (has_delta_contract) delta_contract_block(r, o.delta_contract.emplace());
  algo_block(r, o);
  r(o.solicited);
}

std::optional<ConditionKind> condition_kind(std::int32_t number) {
  for (const auto kind : {ConditionKind::price, ConditionKind::time, ConditionKind::margin, ConditionKind::execution,
                          ConditionKind::volume, ConditionKind::percent_change})
    if (static_cast<std::int32_t>(kind) == number) return kind;
  return std::nullopt;
}

void conditions(Reader& r, Order& o) {
  r.list(o.conditions, 2, [](Reader& in, Condition& c) {
    std::int32_t number = 0;
    in(number);
    const auto kind = condition_kind(number);
    if (!kind) return in.fail(DecodeFault::bad_condition, {});
    c.kind = *kind;
    std::string_view conjunction;
    in(conjunction);
    c.is_and = conjunction != "o";
    condition_rest(in, c);
  });
  if (!o.conditions.empty()) r(o.conditions_ignore_rth, o.conditions_cancel_order);
}

void status(Reader& r, VenueStatus& out) { out = venue_status(r.next()); }

void pegged(Reader& r, Order& o) {
  if (r.version() < 170) return;
  r(o.min_trade_quantity, o.min_compete_size);
  const auto offset = r.next();
  o.compete_up_to_mid = offset == "Infinity" || offset == "Infinite";
  Price price;
  o.compete_offset.reset();
  if (!o.compete_up_to_mid && !is_unset(offset)) {
    if (parse(offset, price) == Parsed::good)
      o.compete_offset = price;
    else
      r.fail(DecodeFault::bad_number, offset);
  }
  r(o.mid_offset_at_whole, o.mid_offset_at_half);
}

void preview_195(Reader& r, OrderPreview& s) {
  if (r.version() < 195) return;
  r(s.margin_currency);
  for (auto& text : s.outside_rth_margins) r(text);
  r(s.suggested_size, s.reject_reason);
  constexpr int allocation_fields = 7;
  for (auto n = r.count(allocation_fields); n > 0; --n) r.skip(allocation_fields);
}

void preview(Reader& r, OrderPreview& s) {
  status(r, s.status);
  for (auto* texts : {&s.before, &s.change, &s.after})
    for (auto& text : *texts) r(text);
  r(s.commission, s.min_commission, s.max_commission, s.commission_currency);
  preview_195(r, s);
  r(s.warning);
}

}  // namespace

void read(Reader& r, OrderStatusMessage& m) {
  r(m.order_id);
  status(r, m.status);
  r(m.filled, m.remaining, m.average_price, m.perm_id, m.parent_id, m.last_price, m.client_id, m.why_held,
    m.market_cap_price);
}

void read(Reader& r, OpenOrder& m) {
  auto& o = m.order;
  r(m.order_id);
  contract_told(r, m.contract);
  head(r, o);
  r(o.client_id, o.perm_id, o.outside_rth, o.hidden, o.discretionary_amount, o.good_after_time);
  r.skip();  // sharesAllocation
  advisor(r, o);
  r(o.auction_strategy);
  ranges(r, o);
  r(o.block_order, o.sweep_to_fill, o.all_or_none, o.min_quantity, o.oca_type);
  r.skip(3);  // eTradeOnly, firmQuoteOnly, nbboPriceCap
  r(o.parent_id, o.trigger_method);
  delta_neutral(r, o, false);
  r(o.basis_points, o.basis_points_type, o.legs_description);
  combo_block(r, o);
  scale_and_hedge(r, o);
  r(o.opt_out_smart_routing);
  clearing_to_algo(r, o);
  r(o.what_if);
  preview(r, m.state);
  r(o.randomize_size, o.randomize_price);
  peg_bench_block(r, o);
  conditions(r, o);
  std::optional<Price> trail_stop_again;
  r(o.adjusted_order_type, o.trigger_price, trail_stop_again, o.limit_price_offset, o.adjusted_stop_price,
    o.adjusted_stop_limit_price, o.adjusted_trailing_amount, o.adjustable_trailing_unit, o.soft_dollar_name,
    o.soft_dollar_value, o.soft_dollar_display, o.cash_quantity, o.dont_use_auto_price_for_hedge, o.is_oms_container,
    o.discretionary_up_to_limit_price, o.use_price_mgmt_algo);
  r.since(158, o.duration);
  r.since(160, o.post_to_ats);
  r.since(162, o.auto_cancel_parent);
  pegged(r, o);
  r.since(183, o.customer_account);
  r.since(184, o.professional_customer);
  if (r.version() >= 185) r.skip();  // bondAccruedInterest
  r.since(189, o.include_overnight);
  r.since(193, o.ext_operator, o.manual_order_indicator);
  r.since(198, o.submitter);
  r.since(199, o.imbalance_only);
}

void read(Reader&, OpenOrderEnd&) {}

void read(Reader& r, CompletedOrder& m) {
  auto& o = m.order;
  contract_told(r, m.contract);
  head(r, o);
  r(o.perm_id, o.outside_rth, o.hidden, o.discretionary_amount, o.good_after_time);
  advisor(r, o);
  ranges(r, o);
  r(o.sweep_to_fill, o.all_or_none, o.min_quantity, o.oca_type, o.trigger_method);
  delta_neutral(r, o, true);
  r(o.legs_description);
  combo_block(r, o);
  scale_and_hedge(r, o);
  clearing_to_algo(r, o);
  status(r, m.status);
  r(o.randomize_size, o.randomize_price);
  peg_bench_block(r, o);
  conditions(r, o);
  std::optional<Price> trail_stop_again;
  r(trail_stop_again, o.limit_price_offset, o.cash_quantity, o.dont_use_auto_price_for_hedge, o.is_oms_container,
    m.auto_cancel_date, m.filled_quantity, m.ref_futures_con_id, o.auto_cancel_parent, m.shareholder, o.imbalance_only,
    m.route_marketable_to_bbo, m.parent_perm_id, m.completed_time, m.completed_status);
  pegged(r, o);
  r.since(183, o.customer_account);
  r.since(184, o.professional_customer);
  r.since(198, o.submitter);
}

void read(Reader&, CompletedOrdersEnd&) {}

void read(Reader& r, OrderBound& m) { r(m.perm_id, m.client_id, m.order_id); }

}  // namespace tradebus::ibkr::wire
