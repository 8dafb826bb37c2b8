// An order as placeOrder carries it, and how it is written back. Which fields a message has depends on the server
// version.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tests/venues/ibgw/market.hpp"

namespace tradebus::ibgw_sim {

using Maybe = std::optional<Num>;
using TagValues = std::vector<std::pair<std::string, std::string>>;

struct ComboLeg {
  ConId con_id = 0;
  std::int64_t ratio = 0;
  std::string action, exchange, open_close, short_sale_slot, designated_location, exempt_code;
};

// `values` in the order of the wire; numbers are checked.
struct Condition {
  int type = 0;
  bool is_and = true;
  std::vector<std::string> values;
};

struct DeltaNeutral {
  std::string order_type;
  Maybe aux_price;
  std::vector<std::string> rest;  // eight fields
};

struct Scale {
  Maybe init_size, subs_size, increment;
  std::vector<std::string> rest;  // seven fields, when the increment is positive
  std::string table;
};

struct Order {
  std::int64_t id = 0;
  ContractQuery contract;
  std::string action;
  Num quantity;
  std::string type;
  Maybe limit, aux;
  std::string tif, oca_group, account, open_close;
  int origin = 0;
  std::string ref;
  bool transmit = true;
  std::int64_t parent_id = 0;
  bool block = false, sweep = false;
  int display_size = 0, trigger_method = 0;
  bool outside_rth = false, hidden = false;
  std::vector<ComboLeg> legs;
  std::vector<Maybe> leg_prices;
  TagValues smart_params;
  Maybe discretionary;
  std::string good_after, good_till, fa_group, fa_method, fa_percentage, model_code;
  int short_sale_slot = 0;
  std::string designated_location;
  int exempt_code = -1;
  int oca_type = 0;
  std::string rule80a, settling_firm;
  bool all_or_none = false;
  Maybe min_quantity, percent_offset;
  int auction_strategy = 0;
  Maybe starting_price, stock_ref_price, delta, range_lower, range_upper, volatility, volatility_type;
  DeltaNeutral delta_neutral;
  bool continuous_update = false;
  Maybe reference_price_type, trail_stop, trailing_percent;
  Scale scale;
  std::string active_start, active_stop, hedge_type, hedge_param;
  bool opt_out_smart = false;
  std::string clearing_account, clearing_intent;
  bool not_held = false;
  std::vector<std::string> delta_contract;  // conId, delta, price, or nothing
  std::string algo;
  TagValues algo_params;
  std::string algo_id;
  bool what_if = false;
  bool solicited = false, randomize_size = false, randomize_price = false;
  std::vector<std::string> pegged;  // of PEG BENCH: five fields
  std::vector<Condition> conditions;
  bool conditions_ignore_rth = false, conditions_cancel = false;
  std::string adjusted_type;
  Maybe trigger_price, limit_offset, adjusted_stop, adjusted_stop_limit, adjusted_trailing;
  int adjustable_unit = 0;
  std::string operator_, tier_name, tier_value;
  Maybe cash_quantity;
  bool no_auto_price_for_hedge = false, oms_container = false, discretionary_up_to_limit = false, price_mgmt = false;
  Maybe duration, post_to_ats;
  bool auto_cancel_parent = false;
  Maybe min_trade, min_compete;
  std::string compete_offset;
  Maybe mid_whole, mid_half;

  bool buys() const { return action == "BUY"; }
  std::vector<Leg> combo() const;  // as the order trades it
};

// Reads the whole payload, with its id. Throws BadMessage.
Order read_order(int sv, std::string_view payload);

// Where an order stands.
struct Working {
  Order order;
  Contract contract;
  std::string request;  // the last placeOrder, as it came
  int sv = 0;           // of whoever sent it
  int client = 0;
  std::int64_t perm_id = 0;
  std::string status = "PendingSubmit";
  Num filled, paid, last_price, commission;  // paid: prices times quantities
  Maybe stop;                                // where a stop or a trail stands now
  bool triggered = false, released = true, transmitted = true;
  bool seen = false;  // ioc and fok: a quote was there
  Seconds placed = 0, done = 0;
  int fills = 0;
  std::string last_exec, why_held, reason;

  Num quantity() const { return order.quantity; }
  Num left() const { return max(Num{}, order.quantity - filled); }
  Num average() const { return filled.zero() ? Num{} : paid / filled; }
  bool final() const { return status == "Filled" || status == "Cancelled" || status == "Inactive"; }
};

struct Margins {
  Num init_before, maint_before, equity_before, init_after, maint_after, equity_after, commission;
};

std::string order_status(const Working& w, std::string_view status = {});
// `margins`: the answer to a what-if.
std::string open_order(int sv, const Working& w, const Margins* margins = nullptr);
std::string completed_order(int sv, const Working& w);

}  // namespace tradebus::ibgw_sim
