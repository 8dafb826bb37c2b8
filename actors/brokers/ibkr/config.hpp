// [brokers.ibkr]
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "actors/brokers/ibkr/gateway_keys.hpp"
#include "actors/brokers/ibkr/session/message_pacer.hpp"
#include "actors/brokers/ibkr/session/order_tracker.hpp"
#include "bus/model/strong_string.hpp"
#include "config/section.hpp"

namespace tradebus::ibkr {

struct IbkrConfig {
  using Ms = std::chrono::milliseconds;

  GatewayPlace place;
  session::SessionOptions session;
  AccountId account;     // the default one; empty: the first that the gateway names
  std::string timezone;  // of times without one; empty: as the gateway's own clock
  session::TrackerOptions tracker;
  Ms place_timeout{20'000};   // an order without an answer is in doubt
  Ms change_timeout{5'000};   // a change or a cancel without a word of the venue: the gateway has it
  Ms answer_timeout{20'000};  // for any question
  std::size_t questions_max = 1'000;
  std::int32_t market_data_type = 3;  // 1 live, 2 frozen, 3 live or else delayed, 4 that or else frozen
  std::size_t chain_quotes = 100;     // of a chain; 0: none
  std::size_t chain_lines = 40;       // market data lines that quotes of chains may take together
  Ms elsewhere_every{10'000};         // open orders of other clients are asked for; 0: never
};

SectionSpec section();
// config.invalid names the key.
Result<IbkrConfig> read_config(const Section& section);

}  // namespace tradebus::ibkr
