// An order with everything that the venue knows of one. Requests send it, openOrder and completedOrder tell it; which
// fields a message carries, and from which version on, stands in its table. What is absent is not sent, or was not
// told.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/brokers/ibkr/wire/contract.hpp"

namespace tradebus::ibkr::wire {

// The venue's numbers.
enum class ConditionKind : std::uint8_t {
  price = 1,
  time = 3,
  margin = 4,
  execution = 5,
  volume = 6,
  percent_change = 7
};

struct Condition {
  ConditionKind kind = ConditionKind::price;
  bool is_and = true;  // joins with the next one; else "or"
  bool is_more = true;
  Price price;                      // kind price
  std::string time;                 // time: "20261231 23:59:59 US/Eastern"
  Ratio percent;                    // margin, percent_change
  Quantity volume;                  // volume
  std::int64_t con_id = 0;          // price, volume, percent_change
  std::string exchange;             // and execution
  std::int32_t trigger_method = 0;  // price
  std::string sec_type;             // execution
  std::string symbol;               // execution
  friend bool operator==(const Condition&, const Condition&) = default;
};

struct DeltaNeutral {
  std::string order_type;  // empty: none; a gateway echoes "None", which is not the same
  std::optional<Price> aux_price;
  std::int64_t con_id = 0;
  std::string settling_firm;
  std::string clearing_account;
  std::string clearing_intent;
  std::string open_close;
  bool short_sale = false;
  std::int32_t short_sale_slot = 0;
  std::string designated_location;
  friend bool operator==(const DeltaNeutral&, const DeltaNeutral&) = default;
};

struct Scale {
  std::optional<std::int32_t> init_level_size;
  std::optional<std::int32_t> subs_level_size;
  std::optional<Price> price_increment;  // above 0: the following count
  std::optional<Price> price_adjust_value;
  std::optional<std::int32_t> price_adjust_interval;
  std::optional<Price> profit_offset;
  bool auto_reset = false;
  std::optional<std::int32_t> init_position;
  std::optional<std::int32_t> init_fill_qty;
  bool random_percent = false;
  friend bool operator==(const Scale&, const Scale&) = default;
};

struct PegBench {
  std::int64_t reference_con_id = 0;
  bool is_amount_decrease = false;
  Price pegged_change_amount;
  Price reference_change_amount;
  std::string reference_exchange;
  friend bool operator==(const PegBench&, const PegBench&) = default;
};

struct Order {
  // -- what --------------------------------------------------------------------
  std::string action;  // BUY, SELL
  Quantity total_quantity;
  std::string order_type;  // MKT LMT STP "STP LMT" TRAIL "TRAIL LIMIT" MIT LIT MOC LOC ...
  std::optional<Price> limit_price;
  std::optional<Price> aux_price;  // a stop, a trailing amount, an offset
  std::string time_in_force;       // DAY GTC IOC GTD OPG FOK DTC AUC
  std::string good_after_time;
  std::string good_till_date;
  std::optional<Price> trail_stop_price;
  std::optional<Ratio> trailing_percent;
  std::optional<Price> limit_price_offset;
  std::optional<Money> cash_quantity;

  // -- whose -------------------------------------------------------------------
  std::int32_t client_id = 0;  // told only
  std::int64_t perm_id = 0;    // told only; 0 until the venue has given one
  std::string account;
  std::string order_ref;  // ours: what an order is recognised by after a crash
  std::string model_code;
  std::string fa_group;
  std::string fa_method;
  std::string fa_percentage;
  std::string fa_profile;  // below 177
  std::string customer_account;
  bool professional_customer = false;
  std::string submitter;  // a login name: never log it
  std::string clearing_account;
  std::string clearing_intent;
  std::string settling_firm;

  // -- with others -------------------------------------------------------------
  std::int32_t parent_id = 0;
  std::string oca_group;
  std::int32_t oca_type = 0;  // 1 cancel with block, 2 reduce with block, 3 reduce
  bool transmit = true;       // false: it rests in TWS until one of its group has it
  std::string hedge_type;
  std::string hedge_param;
  std::vector<ComboLeg> legs;                          // secType BAG
  std::vector<std::optional<Price>> leg_prices;        //
  std::vector<TagValue> smart_routing_params;          // NonGuaranteed = 1
  std::string legs_description;                        // told only
  std::optional<DeltaNeutralContract> delta_contract;  //
  DeltaNeutral delta_neutral;

  // -- how ---------------------------------------------------------------------
  std::string open_close;
  std::int32_t origin = 0;
  bool block_order = false;
  bool sweep_to_fill = false;
  std::optional<std::int32_t> display_size;
  std::int32_t trigger_method = 0;
  bool outside_rth = false;
  bool hidden = false;
  Price discretionary_amount;
  std::int32_t short_sale_slot = 0;
  std::string designated_location;
  std::int32_t exempt_code = -1;
  std::string rule_80a;
  bool all_or_none = false;
  std::optional<std::int32_t> min_quantity;
  std::optional<Ratio> percent_offset;
  std::int32_t auction_strategy = 0;
  std::optional<Price> starting_price;
  std::optional<Price> stock_ref_price;
  std::optional<Ratio> delta;
  std::optional<Price> stock_range_lower;
  std::optional<Price> stock_range_upper;
  bool override_percentage_constraints = false;
  std::optional<Ratio> volatility;
  std::optional<std::int32_t> volatility_type;
  bool continuous_update = false;
  std::optional<std::int32_t> reference_price_type;
  std::optional<Price> basis_points;              // told only
  std::optional<std::int32_t> basis_points_type;  // told only
  Scale scale;
  std::string scale_table;
  std::string active_start_time;
  std::string active_stop_time;
  bool opt_out_smart_routing = false;
  bool not_held = false;
  std::string algo_strategy;
  std::vector<TagValue> algo_params;
  std::string algo_id;
  bool what_if = false;
  std::vector<TagValue> misc_options;
  bool solicited = false;
  bool randomize_size = false;
  bool randomize_price = false;
  PegBench peg_bench;  // order_type PEG BENCH

  std::vector<Condition> conditions;
  bool conditions_ignore_rth = false;
  bool conditions_cancel_order = false;

  std::string adjusted_order_type;
  std::optional<Price> trigger_price;
  std::optional<Price> adjusted_stop_price;
  std::optional<Price> adjusted_stop_limit_price;
  std::optional<Price> adjusted_trailing_amount;
  std::int32_t adjustable_trailing_unit = 0;

  std::string ext_operator;
  std::string soft_dollar_name;
  std::string soft_dollar_value;
  std::string soft_dollar_display;  // told only
  std::string mifid2_decision_maker;
  std::string mifid2_decision_algo;
  std::string mifid2_execution_trader;
  std::string mifid2_execution_algo;
  bool dont_use_auto_price_for_hedge = false;
  bool is_oms_container = false;
  bool discretionary_up_to_limit_price = false;
  std::optional<std::int32_t> use_price_mgmt_algo;  // 0, 1
  std::optional<std::int32_t> duration;
  std::optional<std::int32_t> post_to_ats;
  bool auto_cancel_parent = false;
  std::string advanced_error_override;
  std::string manual_order_time;
  std::optional<std::int32_t> min_trade_quantity;
  std::optional<std::int32_t> min_compete_size;
  std::optional<Price> compete_offset;  // against best
  bool compete_up_to_mid = false;       // instead of an offset: "Infinity"
  std::optional<Price> mid_offset_at_whole;
  std::optional<Price> mid_offset_at_half;
  bool include_overnight = false;
  std::optional<std::int32_t> manual_order_indicator;
  bool imbalance_only = false;

  friend bool operator==(const Order&, const Order&) = default;
};

enum class VenueStatus : std::uint8_t {
  unknown,         // a word that is not among these
  api_pending,     // TWS still looks its contract up
  pending_submit,  // sent, not acknowledged
  pre_submitted,   // accepted: waits for its trigger, its parent or the market's opening
  submitted,       // works
  pending_cancel,  // can still fill
  api_cancelled,
  cancelled,
  filled,
  inactive  // refused or held; can in rare cases work again
};

VenueStatus venue_status(std::string_view word);
// Nothing more can come but executions that are late.
constexpr bool is_final(VenueStatus status) {
  return status == VenueStatus::api_cancelled || status == VenueStatus::cancelled || status == VenueStatus::filled;
}

}  // namespace tradebus::ibkr::wire

namespace tradebus {
TRADEBUS_ENUM(ibkr::wire::VenueStatus, "?", "ApiPending", "PendingSubmit", "PreSubmitted", "Submitted", "PendingCancel",
              "ApiCancelled", "Cancelled", "Filled", "Inactive");
}  // namespace tradebus
