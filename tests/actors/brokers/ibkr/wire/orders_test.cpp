// Orders there and back: openOrder and completedOrder are made here as a server makes them, placeOrder is read here as
// a server reads it; each in every version that is spoken.
#include <boost/test/unit_test.hpp>

#include <random>

#include "tests/actors/brokers/ibkr/wire/server_orders.hpp"

using namespace tradebus;
using namespace tradebus::ibkr::wire;
using namespace tradebus::ibkr::wire::test;

namespace {

// ---- orders of all kinds -------------------------------------------------------------------------------------------

class Dice {
 public:
  explicit Dice(unsigned seed) : random{seed} {}
  bool flag() { return random() % 2 == 0; }
  std::int32_t number() { return 1 + static_cast<std::int32_t>(random() % 1'000); }
  std::string word() { return flag() ? std::string{} : "w" + std::to_string(random() % 1'000); }
  template <class D>
  D decimal() {
    return D::from_raw(static_cast<typename D::rep>(random() % 1'000'000) * 1'000'000 + 1);
  }
  template <class T>
  std::optional<T> maybe() {
    if (flag()) return std::nullopt;
    if constexpr (std::is_integral_v<T>)
      return T{number()};
    else
      return decimal<T>();
  }
  std::vector<TagValue> tags() {
    std::vector<TagValue> out(random() % 3);
    for (auto& t : out) t = {"tag" + word(), word()};
    return out;
  }
  void fill(bool& out) { out = flag(); }
  void fill(std::int32_t& out) { out = number(); }
  void fill(std::int64_t& out) { out = 4'000'000'000 + number(); }
  void fill(std::string& out) { out = word(); }
  template <class T>
  void fill(std::optional<T>& out) {
    out = maybe<T>();
  }
  template <class Tag, class Rep>
  void fill(Decimal<Tag, Rep>& out) {
    out = decimal<Decimal<Tag, Rep>>();
  }
  template <class... T>
  void all(T&... out) {
    (fill(out), ...);
  }

  std::mt19937 random;
};

Contract random_contract(Dice& dice, bool is_combo) {
  Contract c;
  dice.all(c.con_id, c.symbol, c.last_trade_date, c.strike, c.multiplier, c.exchange, c.currency, c.local_symbol,
           c.trading_class);
  c.sec_type = is_combo ? "BAG" : "OPT";
  if (dice.flag()) c.right = dice.flag() ? OptionRight::call : OptionRight::put;
  return c;
}

Condition random_condition(Dice& dice) {
  constexpr ConditionKind kinds[] = {ConditionKind::price,     ConditionKind::time,   ConditionKind::margin,
                                     ConditionKind::execution, ConditionKind::volume, ConditionKind::percent_change};
  Condition c;
  c.kind = kinds[dice.random() % 6];
  c.is_and = dice.flag();
  if (c.kind != ConditionKind::execution) c.is_more = dice.flag();
  switch (c.kind) {
    case ConditionKind::price:
      dice.all(c.price, c.con_id, c.exchange, c.trigger_method);
      break;
    case ConditionKind::time:
      dice.all(c.time);
      break;
    case ConditionKind::margin:
      dice.all(c.percent);
      break;
    case ConditionKind::execution:
      dice.all(c.sec_type, c.exchange, c.symbol);
      break;
    case ConditionKind::volume:
      dice.all(c.volume, c.con_id, c.exchange);
      break;
    case ConditionKind::percent_change:
      dice.all(c.percent, c.con_id, c.exchange);
      break;
  }
  return c;
}

// What placeOrder, openOrder and completedOrder have in common.
Order random_order(Dice& dice, bool is_combo, std::int32_t version) {
  constexpr const char* types[] = {"LMT", "MKT", "PEG BENCH", "PEG BEST", "PEG MID", "TRAIL"};
  Order o;
  o.order_type = types[dice.random() % 6];
  dice.all(o.action, o.total_quantity, o.limit_price, o.aux_price, o.time_in_force, o.good_after_time, o.good_till_date,
           o.trail_stop_price, o.trailing_percent, o.limit_price_offset, o.cash_quantity, o.account, o.order_ref,
           o.model_code, o.fa_group, o.fa_method, o.fa_percentage, o.clearing_account, o.clearing_intent,
           o.settling_firm, o.oca_group, o.oca_type, o.hedge_type, o.open_close, o.origin, o.sweep_to_fill,
           o.display_size, o.trigger_method, o.outside_rth, o.hidden, o.discretionary_amount, o.short_sale_slot,
           o.designated_location, o.exempt_code, o.rule_80a, o.all_or_none, o.min_quantity, o.percent_offset,
           o.starting_price, o.stock_ref_price, o.delta, o.stock_range_lower, o.stock_range_upper, o.volatility,
           o.volatility_type, o.continuous_update, o.reference_price_type, o.not_held, o.algo_strategy, o.solicited,
           o.randomize_size, o.randomize_price, o.dont_use_auto_price_for_hedge, o.is_oms_container);
  if (version < 177) dice.all(o.fa_profile);
  if (!o.hedge_type.empty()) dice.all(o.hedge_param);
  if (!o.algo_strategy.empty()) o.algo_params = dice.tags();
  if (is_combo) {
    o.legs.resize(dice.random() % 4);
    for (auto& l : o.legs)
      dice.all(l.con_id, l.ratio, l.action, l.exchange, l.open_close, l.short_sale_slot, l.designated_location,
               l.exempt_code);
    if (dice.flag()) o.leg_prices.resize(o.legs.size());
    for (auto& p : o.leg_prices) dice.all(p);
    o.smart_routing_params = dice.tags();
  }
  auto& d = o.delta_neutral;
  dice.all(d.aux_price);
  if (dice.flag()) {
    d.order_type = dice.flag() ? "None" : "MKT";
    dice.all(d.con_id, d.short_sale, d.short_sale_slot, d.designated_location);
  }
  auto& s = o.scale;
  dice.all(s.init_level_size, s.subs_level_size, s.price_increment);
  if (s.price_increment)
    dice.all(s.price_adjust_value, s.price_adjust_interval, s.profit_offset, s.auto_reset, s.init_position,
             s.init_fill_qty, s.random_percent);
  if (dice.flag()) {
    auto& delta = o.delta_contract.emplace();
    dice.all(delta.con_id, delta.delta, delta.price);
  }
  auto& p = o.peg_bench;
  if (o.order_type == "PEG BENCH")
    dice.all(p.reference_con_id, p.is_amount_decrease, p.pegged_change_amount, p.reference_change_amount,
             p.reference_exchange);
  for (auto n = dice.random() % 4; n > 0; --n) o.conditions.push_back(random_condition(dice));
  if (!o.conditions.empty()) dice.all(o.conditions_ignore_rth, o.conditions_cancel_order);
  if (version >= 162) dice.all(o.auto_cancel_parent);
  if (version >= 183) dice.all(o.customer_account);
  if (version >= 184) dice.all(o.professional_customer);
  return o;
}

void adjusted(Dice& dice, Order& o, std::int32_t version) {
  dice.all(o.what_if, o.parent_id, o.block_order, o.auction_strategy, o.opt_out_smart_routing, o.adjusted_order_type,
           o.trigger_price, o.adjusted_stop_price, o.adjusted_stop_limit_price, o.adjusted_trailing_amount,
           o.adjustable_trailing_unit, o.soft_dollar_name, o.soft_dollar_value, o.discretionary_up_to_limit_price,
           o.use_price_mgmt_algo);
  auto& d = o.delta_neutral;
  if (!d.order_type.empty()) dice.all(d.settling_firm, d.clearing_account, d.clearing_intent, d.open_close);
  if (version >= 158) dice.all(o.duration);
  if (version >= 160) dice.all(o.post_to_ats);
  if (version >= 189) dice.all(o.include_overnight);
  if (version >= 199) dice.all(o.imbalance_only);
}

void pegged_told(Dice& dice, Order& o, std::int32_t version) {
  if (version < 170) return;
  dice.all(o.min_trade_quantity, o.min_compete_size, o.mid_offset_at_whole, o.mid_offset_at_half);
  o.compete_up_to_mid = dice.random() % 4 == 0;
  if (!o.compete_up_to_mid) dice.all(o.compete_offset);
}

OpenOrder random_open_order(Dice& dice, std::int32_t version) {
  OpenOrder out;
  auto& o = out.order;
  const bool is_combo = dice.flag();
  out.order_id = dice.number();
  out.contract = random_contract(dice, is_combo);
  o = random_order(dice, is_combo, version);
  adjusted(dice, o, version);
  pegged_told(dice, o, version);
  dice.all(o.client_id, o.perm_id, o.basis_points, o.basis_points_type, o.legs_description, o.soft_dollar_display);
  if (version >= 193) dice.all(o.ext_operator, o.manual_order_indicator);
  if (version >= 198) dice.all(o.submitter);
  out.state.status = VenueStatus::submitted;
  for (auto* texts : {&out.state.before, &out.state.change, &out.state.after})
    for (auto& each : *texts) each = dice.word();
  dice.all(out.state.commission, out.state.min_commission, out.state.max_commission, out.state.commission_currency,
           out.state.warning);
  if (version >= 195) {
    dice.all(out.state.margin_currency, out.state.suggested_size, out.state.reject_reason);
    for (auto& each : out.state.outside_rth_margins) each = dice.word();
  }
  return out;
}

CompletedOrder random_completed_order(Dice& dice, std::int32_t version) {
  CompletedOrder out;
  auto& o = out.order;
  const bool is_combo = dice.flag();
  out.contract = random_contract(dice, is_combo);
  o = random_order(dice, is_combo, version);
  pegged_told(dice, o, version);
  dice.all(o.perm_id, o.legs_description, o.auto_cancel_parent, o.imbalance_only);
  if (version >= 198) dice.all(o.submitter);
  out.status = VenueStatus::cancelled;
  dice.all(out.auto_cancel_date, out.filled_quantity, out.ref_futures_con_id, out.shareholder,
           out.route_marketable_to_bbo, out.parent_perm_id, out.completed_time, out.completed_status);
  return out;
}

PlaceOrder random_place_order(Dice& dice, std::int32_t version) {
  PlaceOrder out;
  auto& o = out.order;
  const bool is_combo = dice.flag();
  out.order_id = dice.number();
  out.contract = random_contract(dice, is_combo);
  if (dice.random() % 4 == 0) out.contract.exchange = "IBKRATS";
  dice.all(out.contract.primary_exchange, out.sec_id_type, out.sec_id);
  o = random_order(dice, is_combo, version);
  adjusted(dice, o, version);
  dice.all(o.transmit, o.override_percentage_constraints, o.scale_table, o.active_start_time, o.active_stop_time,
           o.algo_id, o.ext_operator, o.mifid2_decision_maker, o.mifid2_decision_algo, o.mifid2_execution_trader,
           o.mifid2_execution_algo);
  o.misc_options = dice.tags();
  if (version >= 166) dice.all(o.advanced_error_override);
  if (version >= 169) dice.all(o.manual_order_time);
  if (version >= 170) {
    if (out.contract.exchange == "IBKRATS") dice.all(o.min_trade_quantity);
    if (o.order_type == "PEG BEST") {
      dice.all(o.min_compete_size);
      o.compete_up_to_mid = dice.flag();
      if (!o.compete_up_to_mid) dice.all(o.compete_offset);
    }
    if (o.compete_up_to_mid || o.order_type == "PEG MID") dice.all(o.mid_offset_at_whole, o.mid_offset_at_half);
  }
  if (version >= 192) dice.all(o.manual_order_indicator);
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(orders)

BOOST_AUTO_TEST_CASE(open_orders_in_every_version) {
  for (std::int32_t version = 157; version <= 200; ++version) {
    for (unsigned seed = 0; seed < 40; ++seed) {
      BOOST_TEST_CONTEXT("version " << version << ", seed " << seed) {
        Dice dice{seed};
        const auto sent = random_open_order(dice, version);
        const auto seen = decoded<OpenOrder>(open_order(sent, version, dice.random), version);
        BOOST_TEST(seen.order_id == sent.order_id);
        BOOST_TEST((seen.contract == sent.contract));
        BOOST_TEST((seen.order == sent.order));
        BOOST_TEST((seen.state.status == sent.state.status));
        BOOST_TEST((seen.state.before == sent.state.before));
        BOOST_TEST((seen.state.change == sent.state.change));
        BOOST_TEST((seen.state.after == sent.state.after));
        BOOST_TEST((seen.state.commission == sent.state.commission));
        BOOST_TEST((seen.state.max_commission == sent.state.max_commission));
        BOOST_TEST((seen.state.commission_currency == sent.state.commission_currency));
        BOOST_TEST((seen.state.warning == sent.state.warning));
        BOOST_TEST((seen.state.outside_rth_margins == sent.state.outside_rth_margins));
        BOOST_TEST((seen.state.suggested_size == sent.state.suggested_size));
        BOOST_TEST((seen.state.reject_reason == sent.state.reject_reason));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(completed_orders_in_every_version) {
  for (std::int32_t version = 157; version <= 200; ++version) {
    for (unsigned seed = 0; seed < 40; ++seed) {
      BOOST_TEST_CONTEXT("version " << version << ", seed " << seed) {
        Dice dice{seed};
        const auto sent = random_completed_order(dice, version);
        const auto seen = decoded<CompletedOrder>(completed_order(sent, version, dice.random), version);
        BOOST_TEST((seen.contract == sent.contract));
        BOOST_TEST((seen.order == sent.order));
        BOOST_TEST((seen.status == sent.status));
        BOOST_TEST((seen.filled_quantity == sent.filled_quantity));
        BOOST_TEST((seen.ref_futures_con_id == sent.ref_futures_con_id));
        BOOST_TEST((seen.parent_perm_id == sent.parent_perm_id));
        BOOST_TEST(seen.shareholder == sent.shareholder);
        BOOST_TEST(seen.completed_time == sent.completed_time);
        BOOST_TEST(seen.completed_status == sent.completed_status);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(orders_are_placed_in_every_version) {
  for (std::int32_t version = 157; version <= 200; ++version) {
    for (unsigned seed = 0; seed < 40; ++seed) {
      BOOST_TEST_CONTEXT("version " << version << ", seed " << seed) {
        Dice dice{seed};
        const auto sent = random_place_order(dice, version);
        std::string frame;
        const auto result = encode(sent, version, frame);
        BOOST_REQUIRE_MESSAGE(result, (result ? std::string{} : result.error().message));
        const auto seen = read_place_order(unframed(frame), version);
        BOOST_TEST(seen.order_id == sent.order_id);
        BOOST_TEST((seen.contract == sent.contract));
        BOOST_TEST(seen.sec_id_type == sent.sec_id_type);
        BOOST_TEST(seen.sec_id == sent.sec_id);
        BOOST_TEST((seen.order == sent.order));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_condition_of_no_kind_is_named) {
  Dice dice{1};
  OpenOrder order;
  order.order.conditions.resize(1);
  order.order.conditions[0].kind = static_cast<ConditionKind>(2);
  BOOST_TEST((fault_of(open_order(order, 178, dice.random), 178).fault == DecodeFault::bad_condition));
}

BOOST_AUTO_TEST_SUITE_END()
