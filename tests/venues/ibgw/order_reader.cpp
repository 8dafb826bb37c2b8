#include "tests/venues/ibgw/order.hpp"

namespace tradebus::ibgw_sim {
namespace {

TagValues read_tags(Reader& in) {
  TagValues out;
  for (std::size_t n = in.count(100); n > 0; --n) {
    std::string tag = in.string();
    out.emplace_back(std::move(tag), in.string());
  }
  return out;
}

std::vector<std::string> read_strings(Reader& in, std::size_t count) {
  std::vector<std::string> out;
  while (count-- > 0) out.push_back(in.string());
  return out;
}

void read_legs(Reader& in, Order& o) {
  for (std::size_t n = in.count(32); n > 0; --n) {
    ComboLeg leg;
    leg.con_id = in.integer();
    leg.ratio = in.integer();
    leg.action = in.string();
    leg.exchange = in.string();
    leg.open_close = in.string();
    leg.short_sale_slot = in.string();
    leg.designated_location = in.string();
    leg.exempt_code = in.string();
    o.legs.push_back(std::move(leg));
  }
  for (std::size_t n = in.count(32); n > 0; --n) o.leg_prices.push_back(in.maybe());
  o.smart_params = read_tags(in);
}

Condition read_condition(Reader& in) {
  Condition out;
  out.type = in.small();
  out.is_and = in.text() != "o";
  switch (out.type) {
    case 1:
      out.values = read_strings(in, 5);
      break;
    case 3:
    case 4:
      out.values = read_strings(in, 2);
      break;
    case 5:
      out.values = read_strings(in, 3);
      break;
    case 6:
    case 7:
      out.values = read_strings(in, 4);
      break;
    default:
      throw BadMessage("no condition has the type " + std::to_string(out.type));
  }
  return out;
}

void read_ending(Reader& in, int sv, Order& o) {
  if (sv >= 158) o.duration = in.maybe();
  if (sv >= 160) o.post_to_ats = in.maybe();
  if (sv >= 162) o.auto_cancel_parent = in.flag();
  if (sv >= 166) in.skip();  // advancedErrorOverride
  if (sv >= 169) in.skip();  // manualOrderTime
  if (sv < 170) return;
  if (o.contract.exchange == "IBKRATS") o.min_trade = in.maybe();
  bool mid = o.type == "PEG MID";
  if (o.type == "PEG BEST") {
    o.min_compete = in.maybe();
    o.compete_offset = in.string();
    mid = o.compete_offset.starts_with("Infinit");
  }
  if (mid) {
    o.mid_whole = in.maybe();
    o.mid_half = in.maybe();
  }
}

}  // namespace

std::vector<Leg> Order::combo() const {
  std::vector<Leg> out;
  for (const ComboLeg& leg : legs) out.push_back({leg.con_id, leg.ratio, leg.action == "BUY"});
  return out;
}

Order read_order(int sv, std::string_view payload) {
  Reader in{payload};
  Order o;
  in.skip();
  o.id = in.small();
  o.contract = read_c12(in);
  o.contract.id_type = in.string();
  o.contract.id = in.string();
  o.action = in.string();
  o.quantity = in.number();
  o.type = in.string();
  o.limit = in.maybe();
  o.aux = in.maybe();
  o.tif = in.string();
  o.oca_group = in.string();
  o.account = in.string();
  o.open_close = in.string();
  o.origin = in.small();
  o.ref = in.string();
  o.transmit = in.flag();
  o.parent_id = in.integer();
  o.block = in.flag();
  o.sweep = in.flag();
  o.display_size = in.small();
  o.trigger_method = in.small();
  o.outside_rth = in.flag();
  o.hidden = in.flag();
  if (o.contract.sec_type == "BAG") read_legs(in, o);
  in.skip();  // sharesAllocation
  o.discretionary = in.maybe();
  o.good_after = in.string();
  o.good_till = in.string();
  o.fa_group = in.string();
  o.fa_method = in.string();
  o.fa_percentage = in.string();
  if (sv < 177) in.skip();  // faProfile
  o.model_code = in.string();
  o.short_sale_slot = in.small();
  o.designated_location = in.string();
  o.exempt_code = in.small();
  o.oca_type = in.small();
  o.rule80a = in.string();
  o.settling_firm = in.string();
  o.all_or_none = in.flag();
  o.min_quantity = in.maybe();
  o.percent_offset = in.maybe();
  in.flag();  // eTradeOnly
  in.flag();  // firmQuoteOnly
  in.skip();  // nbboPriceCap
  o.auction_strategy = in.small();
  o.starting_price = in.maybe();
  o.stock_ref_price = in.maybe();
  o.delta = in.maybe();
  o.range_lower = in.maybe();
  o.range_upper = in.maybe();
  in.flag();  // overridePercentageConstraints
  o.volatility = in.maybe();
  o.volatility_type = in.maybe();
  o.delta_neutral.order_type = in.string();
  o.delta_neutral.aux_price = in.maybe();
  if (!o.delta_neutral.order_type.empty()) o.delta_neutral.rest = read_strings(in, 8);
  o.continuous_update = in.flag();
  o.reference_price_type = in.maybe();
  o.trail_stop = in.maybe();
  o.trailing_percent = in.maybe();
  o.scale.init_size = in.maybe();
  o.scale.subs_size = in.maybe();
  o.scale.increment = in.maybe();
  if (o.scale.increment && o.scale.increment->positive()) o.scale.rest = read_strings(in, 7);
  o.scale.table = in.string();
  o.active_start = in.string();
  o.active_stop = in.string();
  o.hedge_type = in.string();
  if (!o.hedge_type.empty()) o.hedge_param = in.string();
  o.opt_out_smart = in.flag();
  o.clearing_account = in.string();
  o.clearing_intent = in.string();
  o.not_held = in.flag();
  if (in.flag()) o.delta_contract = read_strings(in, 3);
  o.algo = in.string();
  if (!o.algo.empty()) o.algo_params = read_tags(in);
  o.algo_id = in.string();
  o.what_if = in.flag();
  in.skip();  // orderMiscOptions
  o.solicited = in.flag();
  o.randomize_size = in.flag();
  o.randomize_price = in.flag();
  if (o.type == "PEG BENCH") o.pegged = read_strings(in, 5);
  for (std::size_t n = in.count(100); n > 0; --n) o.conditions.push_back(read_condition(in));
  if (!o.conditions.empty()) {
    o.conditions_ignore_rth = in.flag();
    o.conditions_cancel = in.flag();
  }
  o.adjusted_type = in.string();
  o.trigger_price = in.maybe();
  o.limit_offset = in.maybe();
  o.adjusted_stop = in.maybe();
  o.adjusted_stop_limit = in.maybe();
  o.adjusted_trailing = in.maybe();
  o.adjustable_unit = in.small();
  o.operator_ = in.string();
  o.tier_name = in.string();
  o.tier_value = in.string();
  o.cash_quantity = in.maybe();
  in.skip(4);  // mifid2
  o.no_auto_price_for_hedge = in.flag();
  o.oms_container = in.flag();
  o.discretionary_up_to_limit = in.flag();
  o.price_mgmt = in.flag();
  read_ending(in, sv, o);
  return o;
}

}  // namespace tradebus::ibgw_sim
