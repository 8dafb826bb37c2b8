// openOrder, completedOrder and orderStatus as gateways write them, with what they put into fields that nobody set.
#include "tests/venues/ibgw/order.hpp"

namespace tradebus::ibgw_sim {
namespace {

class Blank {};  // an amount that isn't set, in a field that stays empty then

Msg& operator<<(Msg& out, const std::pair<Blank, const Maybe&>& number) {
  return number.second ? out << *number.second : out << "";
}
std::pair<Blank, const Maybe&> or_blank(const Maybe& number) { return {Blank{}, number}; }

void put(Msg& out, const std::vector<std::string>& texts) {
  for (const std::string& text : texts) out << text;
}

void put(Msg& out, const TagValues& tags) {
  out << tags.size();
  for (const auto& [tag, value] : tags) out << tag << value;
}

void put_legs(Msg& out, const Order& o) {
  std::string description;
  for (const ComboLeg& leg : o.legs) {
    if (!description.empty()) description += ',';
    description += std::to_string(leg.con_id) + '|' + (leg.action == "BUY" ? "" : "-") + std::to_string(leg.ratio);
  }
  out << description << o.legs.size();
  for (const ComboLeg& leg : o.legs) {
    out << leg.con_id << leg.ratio << leg.action << leg.exchange << (leg.open_close.empty() ? "0" : leg.open_close)
        << leg.short_sale_slot << leg.designated_location << leg.exempt_code;
  }
  out << o.leg_prices.size();
  for (const Maybe& price : o.leg_prices) out << price;
  put(out, o.smart_params);
}

void put_scale(Msg& out, const Order& o) {
  out << (o.scale.init_size ? o.scale.init_size->text() : std::string(unset_int))
      << (o.scale.subs_size ? o.scale.subs_size->text() : std::string(unset_int)) << or_blank(o.scale.increment);
  put(out, o.scale.rest);
}

void put_delta_contract(Msg& out, const Order& o) {
  out << !o.delta_contract.empty();
  put(out, o.delta_contract);
}

// Real gateways give an algo's attributes back in an order of their own, its times in the exchange's zone.
void put_algo(Msg& out, const Order& o) {
  out << o.algo;
  if (o.algo.empty()) return;
  TagValues params{o.algo_params.rbegin(), o.algo_params.rend()};
  for (auto& [tag, value] : params)
    if (tag == "startTime" || tag == "endTime")
      if (const auto at = parse_time(value)) value = eastern(*at);
  put(out, params);
}

// Of a TRAIL LIMIT the one that its stop now makes.
Maybe limit_now(const Working& w) {
  const Order& o = w.order;
  if (o.type != "TRAIL LIMIT" || !o.limit_offset || !w.stop) return o.limit;
  return o.buys() ? *w.stop + *o.limit_offset : *w.stop - *o.limit_offset;
}

void put_conditions(Msg& out, const Order& o) {
  out << o.conditions.size();
  for (const Condition& condition : o.conditions) {
    out << condition.type << (condition.is_and ? "a" : "o");
    put(out, condition.values);
  }
  if (!o.conditions.empty()) out << o.conditions_ignore_rth << o.conditions_cancel;
}

Maybe trail_stop(const Working& w) {
  if (w.stop) return w.stop;
  // Real gateways say this for plain orders.
  return w.order.limit ? Maybe{*w.order.limit + Num{1}} : w.order.trail_stop;
}

std::string price_text(const Maybe& price) { return price ? price->java() : "0.0"; }

// From action to orderRef; the same in both messages.
void put_head(Msg& out, const Working& w) {
  const Order& o = w.order;
  put_c11(out, w.contract, "?", w.contract.exchange);
  out << o.action << o.quantity << o.type << price_text(limit_now(w)) << price_text(o.aux)
      << (o.tif.empty() ? "DAY" : o.tif) << o.oca_group << o.account << (o.open_close == "O" ? "" : o.open_close)
      << o.origin << o.ref;
}

void put_peg(Msg& out, const Order& o) {
  out << or_blank(o.min_trade);
  if (o.min_compete) {
    out << *o.min_compete;
  } else {
    out << 100;
  }
  out << (o.compete_offset.empty() ? std::string("0.02") : o.compete_offset) << or_blank(o.mid_whole)
      << or_blank(o.mid_half);
}

void put_margins(Msg& out, const Working& w, const Margins* m) {
  if (m == nullptr) {
    for (int i = 0; i < 9; ++i) out << unset_double;
    if (w.status == "Filled" && w.commission.positive()) {
      out << w.commission.java() << ""
          << ""
          << "USD";
    } else {
      out << ""
          << ""
          << ""
          << "";
    }
    return;
  }
  out << m->init_before << m->maint_before << m->equity_before << (m->init_after - m->init_before)
      << (m->maint_after - m->maint_before) << (m->equity_after - m->equity_before) << m->init_after << m->maint_after
      << m->equity_after << m->commission << ""
      << ""
      << "USD";
}

}  // namespace

std::string order_status(const Working& w, std::string_view status) {
  const bool by_hand = w.order.id <= 0 && w.client == 0;
  Msg out{3};
  out << w.order.id << (status.empty() ? std::string_view{w.status} : status) << w.filled
      << (w.status == "Cancelled" ? w.left() : w.left()) << w.average() << w.perm_id << w.order.parent_id
      << w.last_price << (by_hand ? 0 : w.client) << w.why_held << 0;
  return out.payload();
}

std::string open_order(int sv, const Working& w, const Margins* margins) {
  const Order& o = w.order;
  Msg out{5};
  out << o.id;
  put_head(out, w);
  out << w.client << w.perm_id << o.outside_rth << o.hidden << o.discretionary.value_or(Num{}) << o.good_after;
  out << (std::to_string(w.perm_id) + ".0/" + o.account + "/100") << o.fa_group << o.fa_method << o.fa_percentage;
  if (sv < 177) out << "";
  out << o.model_code << o.good_till << o.rule80a << or_blank(o.percent_offset) << o.settling_firm << o.short_sale_slot
      << o.designated_location << o.exempt_code << o.auction_strategy << or_blank(o.starting_price)
      << or_blank(o.stock_ref_price) << or_blank(o.delta) << or_blank(o.range_lower) << or_blank(o.range_upper);
  if (o.display_size != 0) {
    out << o.display_size;
  } else {
    out << unset_int;
  }
  out << o.block << o.sweep << o.all_or_none << or_blank(o.min_quantity) << (o.oca_type == 0 ? 3 : o.oca_type) << 0 << 0
      << "" << o.parent_id << o.trigger_method << or_blank(o.volatility)
      << (o.volatility_type ? o.volatility_type->text() : "0");
  if (o.delta_neutral.order_type.empty()) {
    out << "None"
        << "" << 0 << ""
        << ""
        << ""
        << "?" << 0 << 0 << "";
  } else {
    out << o.delta_neutral.order_type << or_blank(o.delta_neutral.aux_price);
    put(out, o.delta_neutral.rest);
  }
  out << o.continuous_update << (o.reference_price_type ? o.reference_price_type->text() : "0")
      << or_blank(trail_stop(w)) << or_blank(o.trailing_percent) << ""
      << "";
  put_legs(out, o);
  put_scale(out, o);
  out << o.hedge_type;
  if (!o.hedge_type.empty()) out << o.hedge_param;
  out << o.opt_out_smart << o.clearing_account << (o.clearing_intent.empty() ? "IB" : o.clearing_intent) << o.not_held;
  put_delta_contract(out, o);
  put_algo(out, o);
  out << o.solicited << o.what_if << w.status;
  put_margins(out, w, margins);
  out << "" << o.randomize_size << o.randomize_price;
  put(out, o.pegged);
  put_conditions(out, o);
  out << (o.adjusted_type.empty() ? "None" : o.adjusted_type) << o.trigger_price << trail_stop(w) << o.limit_offset
      << o.adjusted_stop << o.adjusted_stop_limit << o.adjusted_trailing << o.adjustable_unit << o.tier_name
      << o.tier_value << "" << or_blank(o.cash_quantity) << 1 << o.oms_container << o.discretionary_up_to_limit
      << o.price_mgmt;
  if (sv >= 158) out << or_blank(o.duration);
  if (sv >= 160) out << or_blank(o.post_to_ats);
  if (sv >= 162) out << o.auto_cancel_parent;
  if (sv >= 170) put_peg(out, o);
  return out.payload();
}

std::string completed_order(int sv, const Working& w) {
  const Order& o = w.order;
  Msg out{101};
  Working gone = w;
  if (w.status == "Filled") gone.order.quantity = {};  // as recorded
  put_head(out, gone);
  out << w.perm_id << o.outside_rth << o.hidden << o.discretionary.value_or(Num{}) << o.good_after << o.fa_group
      << o.fa_method << o.fa_percentage;
  if (sv < 177) out << "";
  out << o.model_code << o.good_till << o.rule80a << or_blank(o.percent_offset) << o.settling_firm << o.short_sale_slot
      << o.designated_location << o.exempt_code << or_blank(o.starting_price) << or_blank(o.stock_ref_price)
      << or_blank(o.delta) << or_blank(o.range_lower) << or_blank(o.range_upper);
  if (o.display_size != 0) {
    out << o.display_size;
  } else {
    out << unset_int;
  }
  out << o.sweep << o.all_or_none << or_blank(o.min_quantity) << (o.oca_type == 0 ? 3 : o.oca_type) << o.trigger_method
      << or_blank(o.volatility) << (o.volatility_type ? o.volatility_type->text() : "0");
  if (o.delta_neutral.order_type.empty()) {
    out << "None"
        << "" << 0 << 0 << 0 << "";
  } else {
    const auto& rest = o.delta_neutral.rest;
    out << o.delta_neutral.order_type << or_blank(o.delta_neutral.aux_price) << rest[0] << rest[5] << rest[6]
        << rest[7];
  }
  out << o.continuous_update << (o.reference_price_type ? o.reference_price_type->text() : "0")
      << or_blank(trail_stop(w)) << or_blank(o.trailing_percent);
  put_legs(out, o);
  put_scale(out, o);
  out << o.hedge_type;
  if (!o.hedge_type.empty()) out << o.hedge_param;
  out << o.clearing_account << (o.clearing_intent.empty() ? "IB" : o.clearing_intent) << o.not_held;
  put_delta_contract(out, o);
  put_algo(out, o);
  out << o.solicited << w.status << o.randomize_size << o.randomize_price;
  put(out, o.pegged);
  put_conditions(out, o);
  out << trail_stop(w) << o.limit_offset << or_blank(o.cash_quantity) << 1 << o.oms_container << "" << w.filled
      << unset_int << o.auto_cancel_parent << "Not an insider or substantial shareholder" << 0 << 0
      << "9223372036854775807" << eastern(w.done)
      << (w.status == "Filled" ? "Filled Size: " + w.filled.text() + '\n' : w.reason);
  if (sv >= 170) put_peg(out, o);
  return out.payload();
}

}  // namespace tradebus::ibgw_sim
