// Contracts: details, look-ups, option chains, price increments.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "actors/brokers/ibkr/wire/contract.hpp"
#include "actors/brokers/ibkr/wire/reader.hpp"

namespace tradebus::ibkr::wire {

// 10. One a contract that fits, then contractDataEnd; of none: error 200, and no end.
struct ContractData {
  std::int32_t req_id = 0;
  Contract contract;  // its last_trade_date without time and zone
  std::string last_trade_time;
  std::string last_trade_zone;
  std::string market_name;
  Price min_tick;
  std::string order_types;      // comma lists
  std::string valid_exchanges;  //
  std::int32_t price_magnifier = 1;
  std::int64_t under_con_id = 0;
  std::string long_name;  // UTF-8
  std::string contract_month;
  std::string industry;
  std::string category;
  std::string subcategory;
  std::string time_zone_id;
  std::string trading_hours;  // "20260406:0400-20260406:2000;20260407:CLOSED", in time_zone_id
  std::string liquid_hours;
  std::string ev_rule;
  std::optional<Ratio> ev_multiplier;
  std::vector<TagValue> sec_ids;  // ISIN
  std::optional<std::int32_t> agg_group;
  std::string under_symbol;
  std::string under_sec_type;
  std::string market_rule_ids;  // one a valid exchange
  std::string real_expiration_date;
  std::string stock_type;
  Quantity min_size;  // these from 164 on
  Quantity size_increment;
  Quantity suggested_size_increment;
  std::string listed_last_trade_date;           // from 182 on: once more
  std::vector<std::string> fund;                // from 179 on, of a FUND: 17 texts
  std::vector<TagValue> ineligibility_reasons;  // from 186 on: id, text
};
// 18. What a bond's layout is is not told: its fields as they came.
struct BondContractData {
  std::int32_t req_id = 0;
  std::vector<std::string> fields;
};
// 52
struct ContractDataEnd {
  std::int32_t req_id = 0;
};
// 75. Not every pair of these exists.
struct OptionParameters {
  std::int32_t req_id = 0;
  std::string exchange;
  std::int64_t under_con_id = 0;
  std::string trading_class;
  std::string multiplier;
  std::vector<std::string> expirations;  // YYYYMMDD
  std::vector<Price> strikes;
};
// 76
struct OptionParametersEnd {
  std::int32_t req_id = 0;
};
// 79
struct SymbolSamples {
  struct Row {
    std::int64_t con_id = 0;  // -1: a bond's issuer
    std::string symbol;
    std::string sec_type;
    std::string primary_exchange;
    std::string currency;
    std::vector<std::string> derivative_sec_types;
    std::string description;  // these from 176 on
    std::string issuer_id;
  };
  std::int32_t req_id = 0;
  std::vector<Row> rows;
};
// 93. From each low edge on.
struct MarketRule {
  struct Row {
    Price low_edge;
    Price increment;
  };
  std::int32_t rule_id = 0;
  std::vector<Row> rows;
};

void read(Reader& r, ContractData& m);
void read(Reader& r, BondContractData& m);
void read(Reader& r, ContractDataEnd& m);
void read(Reader& r, OptionParameters& m);
void read(Reader& r, OptionParametersEnd& m);
void read(Reader& r, SymbolSamples& m);
void read(Reader& r, MarketRule& m);

}  // namespace tradebus::ibkr::wire
