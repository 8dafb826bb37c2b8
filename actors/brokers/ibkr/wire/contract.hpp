// What is traded, in the venue's words. Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "actors/brokers/ibkr/wire/numbers.hpp"
#include "bus/model/enums.hpp"

namespace tradebus::ibkr::wire {

struct TagValue {
  std::string tag;
  std::string value;
  friend bool operator==(const TagValue&, const TagValue&) = default;
};

struct ComboLeg {
  std::int64_t con_id = 0;
  std::int32_t ratio = 1;
  std::string action;  // BUY, SELL, SSHORT
  std::string exchange;
  std::int32_t open_close = 0;  // 0 as the combo, 1 open, 2 close
  std::int32_t short_sale_slot = 0;
  std::string designated_location = {};
  std::int32_t exempt_code = -1;
  friend bool operator==(const ComboLeg&, const ComboLeg&) = default;
};

struct DeltaNeutralContract {
  std::int64_t con_id = 0;
  Ratio delta;
  Price price;
  friend bool operator==(const DeltaNeutralContract&, const DeltaNeutralContract&) = default;
};

struct Contract {
  std::int64_t con_id = 0;  // 0: to be found by the other fields
  std::string symbol;
  std::string sec_type;         // STK OPT FUT FOP IND CASH CFD BAG BOND CMDTY CRYPTO FUND WAR ...
  std::string last_trade_date;  // YYYYMMDD, or a month to choose by
  Price strike;                 // 0: none
  std::optional<OptionRight> right;
  std::string multiplier;
  std::string exchange;
  std::string primary_exchange;
  std::string currency;
  std::string local_symbol;
  std::string trading_class;
  friend bool operator==(const Contract&, const Contract&) = default;
};

}  // namespace tradebus::ibkr::wire
