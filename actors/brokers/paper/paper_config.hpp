// The settings of [brokers.paper].
#pragma once

#include <chrono>

#include "bus/model/decimal.hpp"
#include "bus/model/strong_string.hpp"
#include "config/section.hpp"

namespace tradebus::paper {

struct PaperConfig {
  AccountId account{"PAPER"};
  Money cash = Money::from_int(100'000);
  Price commission_per_share;           // a unit, on each fill
  std::int64_t slippage_micro_bps = 0;  // market orders; millionths of a basis point
  std::chrono::nanoseconds latency{};   // between an order's arrival and its acceptance
  std::size_t closed_max = 100'000;     // closed orders remembered, so that none is executed twice
  std::size_t open_max = 100'000;
  std::size_t executions_max = 100'000;                              // kept for reconciliation
  std::chrono::nanoseconds mark_interval = std::chrono::seconds{1};  // between reports of moving marks
};

SectionSpec section();
// config.invalid names the key.
Result<PaperConfig> read_config(const Section& section);

}  // namespace tradebus::paper
