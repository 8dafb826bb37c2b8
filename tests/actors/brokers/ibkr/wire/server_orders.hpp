// The server's side of orders, as tests need it: openOrder and completedOrder made field by field, placeOrder read the
// same way. Written from the messages' tables, not with the code under test.
#pragma once

#include <boost/test/unit_test.hpp>

#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "actors/brokers/ibkr/wire/requests.hpp"
#include "tests/actors/brokers/ibkr/wire/messages.hpp"

namespace tradebus::ibkr::wire::test {

// ---- texts ---------------------------------------------------------------------------------------------------------

inline std::string text(const std::string& value) { return value; }
inline std::string text(bool value) { return value ? "1" : "0"; }
inline std::string text(std::int32_t value) { return std::to_string(value); }
inline std::string text(std::int64_t value) { return std::to_string(value); }
template <class Tag, class Rep>
inline std::string text(Decimal<Tag, Rep> value) {
  return value.to_string();
}

// ---- a server ------------------------------------------------------------------------------------------------------

class ServerMessage {
 public:
  ServerMessage(int id, std::int32_t version, std::mt19937& random) : version_{version}, random_{random} {
    fields_.push_back(std::to_string(id));
  }
  template <class... T>
  ServerMessage& add(const T&... values) {
    (one(values), ...);
    return *this;
  }
  template <class... T>
  ServerMessage& from(std::int32_t first, const T&... values) {
    if (version_ >= first) add(values...);
    return *this;
  }
  std::int32_t version() const { return version_; }
  std::string payload() const { return payload_of(fields_); }
  const Fields& fields() const { return fields_; }

 private:
  template <class T>
  void one(const T& value) {
    fields_.push_back(text(value));
  }
  void one(const char* value) { fields_.emplace_back(value); }
  // None can be said in many ways.
  template <class T>
  void one(const std::optional<T>& value) {
    if (value) return one(*value);
    const char* const ways[] = {"", std::is_same_v<T, std::int64_t>   ? "9223372036854775807"
                                    : std::is_same_v<T, std::int32_t> ? "2147483647"
                                                                      : "1.7976931348623157E308"};
    fields_.emplace_back(ways[random_() % 2]);
  }
  void one(const std::optional<OptionRight>& right) {
    const char* const none[] = {"", "?", "0"};
    fields_.emplace_back(!right ? none[random_() % 3] : *right == OptionRight::call ? "C" : "P");
  }

  std::int32_t version_;
  std::mt19937& random_;
  Fields fields_;
};

inline void add_contract(ServerMessage& m, const Contract& c) {
  m.add(c.con_id, c.symbol, c.sec_type, c.last_trade_date, c.strike, c.right, c.multiplier, c.exchange, c.currency,
        c.local_symbol, c.trading_class);
}

inline void add_condition(ServerMessage& m, const Condition& c) {
  m.add(static_cast<std::int32_t>(c.kind), c.is_and ? "a" : "o");
  switch (c.kind) {
    case ConditionKind::price:
      m.add(c.is_more, c.price, c.con_id, c.exchange, c.trigger_method);
      break;
    case ConditionKind::time:
      m.add(c.is_more, c.time);
      break;
    case ConditionKind::margin:
      m.add(c.is_more, c.percent);
      break;
    case ConditionKind::execution:
      m.add(c.sec_type, c.exchange, c.symbol);
      break;
    case ConditionKind::volume:
      m.add(c.is_more, c.volume, c.con_id, c.exchange);
      break;
    case ConditionKind::percent_change:
      m.add(c.is_more, c.percent, c.con_id, c.exchange);
      break;
  }
}

inline void add_combo(ServerMessage& m, const Order& o) {
  m.add(static_cast<std::int32_t>(o.legs.size()));
  for (const auto& l : o.legs)
    m.add(l.con_id, l.ratio, l.action, l.exchange, l.open_close, l.short_sale_slot, l.designated_location,
          l.exempt_code);
  m.add(static_cast<std::int32_t>(o.leg_prices.size()));
  for (const auto& p : o.leg_prices) m.add(p);
  m.add(static_cast<std::int32_t>(o.smart_routing_params.size()));
  for (const auto& t : o.smart_routing_params) m.add(t.tag, t.value);
}

inline void add_scale_and_hedge(ServerMessage& m, const Order& o) {
  const auto& s = o.scale;
  m.add(s.init_level_size, s.subs_level_size, s.price_increment);
  if (s.price_increment)
    m.add(s.price_adjust_value, s.price_adjust_interval, s.profit_offset, s.auto_reset, s.init_position,
          s.init_fill_qty, s.random_percent);
  m.add(o.hedge_type);
  if (!o.hedge_type.empty()) m.add(o.hedge_param);
}

inline void add_clearing_to_algo(ServerMessage& m, const Order& o) {
  m.add(o.clearing_account, o.clearing_intent, o.not_held, o.delta_contract.has_value());
  if (o.delta_contract) m.add(o.delta_contract->con_id, o.delta_contract->delta, o.delta_contract->price);
  m.add(o.algo_strategy);
  if (!o.algo_strategy.empty()) {
    m.add(static_cast<std::int32_t>(o.algo_params.size()));
    for (const auto& t : o.algo_params) m.add(t.tag, t.value);
  }
  m.add(o.solicited);
}

inline void add_peg_and_conditions(ServerMessage& m, const Order& o) {
  const auto& p = o.peg_bench;
  if (o.order_type == "PEG BENCH")
    m.add(p.reference_con_id, p.is_amount_decrease, p.pegged_change_amount, p.reference_change_amount,
          p.reference_exchange);
  m.add(static_cast<std::int32_t>(o.conditions.size()));
  for (const auto& c : o.conditions) add_condition(m, c);
  if (!o.conditions.empty()) m.add(o.conditions_ignore_rth, o.conditions_cancel_order);
}

inline void add_advisor(ServerMessage& m, const Order& o) {
  m.add(o.fa_group, o.fa_method, o.fa_percentage);
  if (m.version() < 177) m.add(o.fa_profile);
  m.add(o.model_code, o.good_till_date, o.rule_80a, o.percent_offset, o.settling_firm, o.short_sale_slot,
        o.designated_location, o.exempt_code);
}

inline void add_pegged(ServerMessage& m, const Order& o) {
  m.from(170, o.min_trade_quantity, o.min_compete_size);
  if (o.compete_up_to_mid)
    m.from(170, "Infinity");
  else
    m.from(170, o.compete_offset);
  m.from(170, o.mid_offset_at_whole, o.mid_offset_at_half);
}

inline std::string open_order(const OpenOrder& whole, std::int32_t version, std::mt19937& random) {
  const auto& o = whole.order;
  const auto& d = o.delta_neutral;
  ServerMessage m{5, version, random};
  m.add(whole.order_id);
  add_contract(m, whole.contract);
  m.add(o.action, o.total_quantity, o.order_type, o.limit_price, o.aux_price, o.time_in_force, o.oca_group, o.account,
        o.open_close, o.origin, o.order_ref, o.client_id, o.perm_id, o.outside_rth, o.hidden, o.discretionary_amount,
        o.good_after_time, "600745656.0/U1/100");
  add_advisor(m, o);
  m.add(o.auction_strategy, o.starting_price, o.stock_ref_price, o.delta, o.stock_range_lower, o.stock_range_upper,
        o.display_size, o.block_order, o.sweep_to_fill, o.all_or_none, o.min_quantity, o.oca_type, "0", "0", "",
        o.parent_id, o.trigger_method, o.volatility, o.volatility_type, d.order_type, d.aux_price);
  if (!d.order_type.empty())
    m.add(d.con_id, d.settling_firm, d.clearing_account, d.clearing_intent, d.open_close, d.short_sale,
          d.short_sale_slot, d.designated_location);
  m.add(o.continuous_update, o.reference_price_type, o.trail_stop_price, o.trailing_percent, o.basis_points,
        o.basis_points_type, o.legs_description);
  add_combo(m, o);
  add_scale_and_hedge(m, o);
  m.add(o.opt_out_smart_routing);
  add_clearing_to_algo(m, o);
  m.add(o.what_if, std::string{to_string(whole.state.status)});
  const auto& s = whole.state;
  for (const auto* texts : {&s.before, &s.change, &s.after})
    for (const auto& each : *texts) m.add(each);
  m.add(s.commission, s.min_commission, s.max_commission, s.commission_currency);
  if (version >= 195) {
    m.add(s.margin_currency);
    for (const auto& each : s.outside_rth_margins) m.add(each);
    m.add(s.suggested_size, s.reject_reason, "1", "U1", "1", "2", "3", "4", "5", "1");
  }
  m.add(s.warning, o.randomize_size, o.randomize_price);
  add_peg_and_conditions(m, o);
  m.add(o.adjusted_order_type, o.trigger_price, "15.5", o.limit_price_offset, o.adjusted_stop_price,
        o.adjusted_stop_limit_price, o.adjusted_trailing_amount, o.adjustable_trailing_unit, o.soft_dollar_name,
        o.soft_dollar_value, o.soft_dollar_display, o.cash_quantity, o.dont_use_auto_price_for_hedge,
        o.is_oms_container, o.discretionary_up_to_limit_price, o.use_price_mgmt_algo);
  m.from(158, o.duration).from(160, o.post_to_ats).from(162, o.auto_cancel_parent);
  add_pegged(m, o);
  m.from(183, o.customer_account).from(184, o.professional_customer).from(185, "0").from(189, o.include_overnight);
  m.from(193, o.ext_operator, o.manual_order_indicator).from(198, o.submitter).from(199, o.imbalance_only);
  return m.payload();
}

inline std::string completed_order(const CompletedOrder& whole, std::int32_t version, std::mt19937& random) {
  const auto& o = whole.order;
  const auto& d = o.delta_neutral;
  ServerMessage m{101, version, random};
  add_contract(m, whole.contract);
  m.add(o.action, o.total_quantity, o.order_type, o.limit_price, o.aux_price, o.time_in_force, o.oca_group, o.account,
        o.open_close, o.origin, o.order_ref, o.perm_id, o.outside_rth, o.hidden, o.discretionary_amount,
        o.good_after_time);
  add_advisor(m, o);
  m.add(o.starting_price, o.stock_ref_price, o.delta, o.stock_range_lower, o.stock_range_upper, o.display_size,
        o.sweep_to_fill, o.all_or_none, o.min_quantity, o.oca_type, o.trigger_method, o.volatility, o.volatility_type,
        d.order_type, d.aux_price);
  if (!d.order_type.empty()) m.add(d.con_id, d.short_sale, d.short_sale_slot, d.designated_location);
  m.add(o.continuous_update, o.reference_price_type, o.trail_stop_price, o.trailing_percent, o.legs_description);
  add_combo(m, o);
  add_scale_and_hedge(m, o);
  add_clearing_to_algo(m, o);
  m.add(std::string{to_string(whole.status)}, o.randomize_size, o.randomize_price);
  add_peg_and_conditions(m, o);
  m.add("15.5", o.limit_price_offset, o.cash_quantity, o.dont_use_auto_price_for_hedge, o.is_oms_container,
        whole.auto_cancel_date, whole.filled_quantity, whole.ref_futures_con_id, o.auto_cancel_parent,
        whole.shareholder, o.imbalance_only, whole.route_marketable_to_bbo, whole.parent_perm_id, whole.completed_time,
        whole.completed_status);
  add_pegged(m, o);
  m.from(183, o.customer_account).from(184, o.professional_customer).from(198, o.submitter);
  return m.payload();
}

// ---- a server's reader of placeOrder -------------------------------------------------------------------------------

class ClientMessage {
 public:
  ClientMessage(const std::string& payload, std::int32_t version) : fields_{fields_of(payload)}, version_{version} {}

  template <class... T>
  void get(T&... values) {
    (one(values), ...);
  }
  template <class... T>
  void from(std::int32_t first, T&... values) {
    if (version_ >= first) get(values...);
  }
  void expect(const std::string& value) { BOOST_REQUIRE_EQUAL(next(), value); }
  std::int32_t count() { return std::stoi(next()); }
  bool is_at_end() const { return at_ == fields_.size(); }
  std::int32_t version() const { return version_; }
  const std::string& next() {
    BOOST_REQUIRE(at_ < fields_.size());
    return fields_[at_++];
  }

 private:
  void one(std::string& value) { value = next(); }
  void one(bool& value) {
    const auto& field = next();
    BOOST_REQUIRE(field == "0" || field == "1");
    value = field == "1";
  }
  void one(std::int32_t& value) { value = std::stoi(next()); }
  void one(std::int64_t& value) { value = std::stoll(next()); }
  template <class Tag, class Rep>
  void one(Decimal<Tag, Rep>& value) {
    value = Decimal<Tag, Rep>::parse(next()).value();
  }
  template <class T>
  void one(std::optional<T>& value) {
    value.reset();
    if (at_ < fields_.size() && fields_[at_].empty())
      next();
    else
      one(value.emplace());
  }
  void one(std::optional<OptionRight>& value) {
    const auto& field = next();
    value.reset();
    if (field == "C") value = OptionRight::call;
    if (field == "P") value = OptionRight::put;
    BOOST_REQUIRE(value || field.empty());
  }

  Fields fields_;
  std::int32_t version_;
  std::size_t at_ = 0;
};

inline std::vector<TagValue> tag_list(std::string_view all) {
  std::vector<TagValue> out;
  while (!all.empty()) {
    const auto equals = all.find('=');
    const auto end = all.find(';');
    out.push_back({std::string{all.substr(0, equals)}, std::string{all.substr(equals + 1, end - equals - 1)}});
    all.remove_prefix(end + 1);
  }
  return out;
}

inline PlaceOrder read_place_order(const std::string& payload, std::int32_t version) {
  ClientMessage m{payload, version};
  PlaceOrder out;
  auto& c = out.contract;
  auto& o = out.order;
  auto& d = o.delta_neutral;
  auto& s = o.scale;
  std::int32_t display = 0;
  m.expect("3");
  m.get(out.order_id, c.con_id, c.symbol, c.sec_type, c.last_trade_date, c.strike, c.right, c.multiplier, c.exchange,
        c.primary_exchange, c.currency, c.local_symbol, c.trading_class, out.sec_id_type, out.sec_id, o.action,
        o.total_quantity, o.order_type, o.limit_price, o.aux_price, o.time_in_force, o.oca_group, o.account,
        o.open_close, o.origin, o.order_ref, o.transmit, o.parent_id, o.block_order, o.sweep_to_fill, display,
        o.trigger_method, o.outside_rth, o.hidden);
  if (display != 0) o.display_size = display;
  if (c.sec_type == "BAG") {
    for (auto n = m.count(); n > 0; --n) {
      auto& l = o.legs.emplace_back();
      m.get(l.con_id, l.ratio, l.action, l.exchange, l.open_close, l.short_sale_slot, l.designated_location,
            l.exempt_code);
    }
    for (auto n = m.count(); n > 0; --n) m.get(o.leg_prices.emplace_back());
    for (auto n = m.count(); n > 0; --n) {
      auto& t = o.smart_routing_params.emplace_back();
      m.get(t.tag, t.value);
    }
  }
  m.expect("");
  m.get(o.discretionary_amount, o.good_after_time, o.good_till_date, o.fa_group, o.fa_method, o.fa_percentage);
  if (version < 177) m.get(o.fa_profile);
  m.get(o.model_code, o.short_sale_slot, o.designated_location, o.exempt_code, o.oca_type, o.rule_80a, o.settling_firm,
        o.all_or_none, o.min_quantity, o.percent_offset);
  m.expect("0");
  m.expect("0");
  m.expect("");
  m.get(o.auction_strategy, o.starting_price, o.stock_ref_price, o.delta, o.stock_range_lower, o.stock_range_upper,
        o.override_percentage_constraints, o.volatility, o.volatility_type, d.order_type, d.aux_price);
  if (!d.order_type.empty())
    m.get(d.con_id, d.settling_firm, d.clearing_account, d.clearing_intent, d.open_close, d.short_sale,
          d.short_sale_slot, d.designated_location);
  m.get(o.continuous_update, o.reference_price_type, o.trail_stop_price, o.trailing_percent, s.init_level_size,
        s.subs_level_size, s.price_increment);
  if (s.price_increment)
    m.get(s.price_adjust_value, s.price_adjust_interval, s.profit_offset, s.auto_reset, s.init_position,
          s.init_fill_qty, s.random_percent);
  m.get(o.scale_table, o.active_start_time, o.active_stop_time, o.hedge_type);
  if (!o.hedge_type.empty()) m.get(o.hedge_param);
  bool has_delta_contract = false;
  m.get(o.opt_out_smart_routing, o.clearing_account, o.clearing_intent, o.not_held, has_delta_contract);
  if (has_delta_contract) {
    auto& delta = o.delta_contract.emplace();
    m.get(delta.con_id, delta.delta, delta.price);
  }
  m.get(o.algo_strategy);
  if (!o.algo_strategy.empty())
    for (auto n = m.count(); n > 0; --n) {
      auto& t = o.algo_params.emplace_back();
      m.get(t.tag, t.value);
    }
  m.get(o.algo_id, o.what_if);
  o.misc_options = tag_list(m.next());
  m.get(o.solicited, o.randomize_size, o.randomize_price);
  auto& p = o.peg_bench;
  if (o.order_type == "PEG BENCH")
    m.get(p.reference_con_id, p.is_amount_decrease, p.pegged_change_amount, p.reference_change_amount,
          p.reference_exchange);
  for (auto n = m.count(); n > 0; --n) {
    auto& k = o.conditions.emplace_back();
    k.kind = static_cast<ConditionKind>(m.count());
    k.is_and = m.next() == "a";
    switch (k.kind) {
      case ConditionKind::price:
        m.get(k.is_more, k.price, k.con_id, k.exchange, k.trigger_method);
        break;
      case ConditionKind::time:
        m.get(k.is_more, k.time);
        break;
      case ConditionKind::margin:
        m.get(k.is_more, k.percent);
        break;
      case ConditionKind::execution:
        m.get(k.sec_type, k.exchange, k.symbol);
        break;
      case ConditionKind::volume:
        m.get(k.is_more, k.volume, k.con_id, k.exchange);
        break;
      case ConditionKind::percent_change:
        m.get(k.is_more, k.percent, k.con_id, k.exchange);
        break;
    }
  }
  if (!o.conditions.empty()) m.get(o.conditions_ignore_rth, o.conditions_cancel_order);
  m.get(o.adjusted_order_type, o.trigger_price, o.limit_price_offset, o.adjusted_stop_price,
        o.adjusted_stop_limit_price, o.adjusted_trailing_amount, o.adjustable_trailing_unit, o.ext_operator,
        o.soft_dollar_name, o.soft_dollar_value, o.cash_quantity, o.mifid2_decision_maker, o.mifid2_decision_algo,
        o.mifid2_execution_trader, o.mifid2_execution_algo, o.dont_use_auto_price_for_hedge, o.is_oms_container,
        o.discretionary_up_to_limit_price, o.use_price_mgmt_algo);
  m.from(158, o.duration);
  m.from(160, o.post_to_ats);
  m.from(162, o.auto_cancel_parent);
  m.from(166, o.advanced_error_override);
  m.from(169, o.manual_order_time);
  if (version >= 170) {
    if (c.exchange == "IBKRATS") m.get(o.min_trade_quantity);
    if (o.order_type == "PEG BEST") {
      m.get(o.min_compete_size);
      std::string offset;
      m.get(offset);
      o.compete_up_to_mid = offset == "Infinity";
      if (!o.compete_up_to_mid && !offset.empty()) o.compete_offset = price(offset);
    }
    if (o.compete_up_to_mid || o.order_type == "PEG MID") m.get(o.mid_offset_at_whole, o.mid_offset_at_half);
  }
  m.from(183, o.customer_account);
  m.from(184, o.professional_customer);
  if (version >= 187 && version < 190) {
    m.expect("");
    m.expect("");
  }
  m.from(189, o.include_overnight);
  m.from(192, o.manual_order_indicator);
  m.from(199, o.imbalance_only);
  BOOST_REQUIRE(m.is_at_end());
  return out;
}

}  // namespace tradebus::ibkr::wire::test
