// [providers.ibkr]
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "actors/brokers/ibkr/gateway_keys.hpp"
#include "actors/providers/ibkr/history_pacer.hpp"
#include "bus/model/strong_string.hpp"
#include "config/section.hpp"

namespace tradebus::ibkr::data {

struct IbkrDataConfig {
  using Ms = std::chrono::milliseconds;

  GatewayPlace place;
  session::SessionOptions session;
  std::int32_t market_data_type = 1;  // 1 live, 2 frozen, 3 delayed, 4 delayed and frozen
  std::size_t lines = 60;
  std::size_t tick_by_tick = 3;
  std::map<Symbol, std::string> primary_exchanges;
  HistoryRules history;
  Ms history_wait_max{300'000};
  Ms history_timeout{60'000};
  Ms answer_timeout{20'000};
  std::size_t requests_max = 100;  // that one question may cost
  std::size_t chain_quotes = 100;
  std::size_t contracts_max = 5'000;
  std::size_t questions_max = 1'000;
};

SectionSpec section_spec();
// config.invalid names the key.
Result<IbkrDataConfig> read_config(const Section& section);

}  // namespace tradebus::ibkr::data
