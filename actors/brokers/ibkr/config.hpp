// [brokers.ibkr]
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "actors/brokers/ibkr/session/message_pacer.hpp"
#include "actors/brokers/ibkr/session/order_tracker.hpp"
#include "bus/model/strong_string.hpp"
#include "config/section.hpp"

namespace tradebus::ibkr {

struct IbkrConfig {
  using Ms = std::chrono::milliseconds;

  std::string host = "127.0.0.1";
  std::uint16_t port = 4002;
  std::int32_t client_id = 1;
  std::int32_t client_ids = 1;  // how many, from client_id on, may be tried when one is in use
  AccountId account;            // the default one; empty: the first that the gateway names
  std::string timezone;         // of times without one; empty: as the gateway's own clock
  session::PaceLimits pace;
  session::TrackerOptions tracker;
  Ms retry_first{500};
  Ms retry_max{30'000};
  Ms healthy_after{60'000};
  Ms probe_after{30'000};     // of silence the gateway is asked for its time
  Ms silence_max{10'000};     // after that question: the connection is dead
  Ms start_timeout{15'000};   // for each step from the hello to being up
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
