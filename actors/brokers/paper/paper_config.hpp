// The settings of [brokers.paper].
#pragma once

#include <chrono>

#include "bus/model/decimal.hpp"
#include "bus/model/strong_string.hpp"
#include "config/section.hpp"

namespace tradebus::paper {

// What an account may borrow. cash: nothing, and no short sales. reg_t: US rules for stocks, half of what is opened.
enum class Margin : std::uint8_t { cash, reg_t };

struct PaperConfig {
  AccountId account{"PAPER"};
  Money cash = Money::from_int(100'000);
  Margin margin = Margin::reg_t;
  Price commission_per_share;           // a unit (an option: a contract), on each fill
  Money commission_min;                 // an order that is filled, however little of it
  std::int64_t slippage_micro_bps = 0;  // market orders; millionths of a basis point
  std::chrono::nanoseconds latency{};   // between an order's arrival and its acceptance
  bool sessions = false;                // orders trade only while their exchange is open
  bool persist = true;                  // the venue outlives the daemon; never when the clock is driven
  std::size_t closed_max = 100'000;     // closed orders remembered, so that none is executed twice
  std::size_t open_max = 100'000;
  std::size_t backlog_max = 500'000;     // of a recording's events, while its barrier is up: 60 MB
  std::size_t executions_max = 100'000;  // kept for reconciliation
  std::chrono::nanoseconds mark_interval = std::chrono::seconds{1};  // between reports of moving marks
  std::uint64_t segment_mb = 8;                                      // of the journal: half of it is the way to find
  std::uint64_t reserve_mb = 1;                                      // the disk full before it matters
};

SectionSpec section();
// config.invalid names the key.
Result<PaperConfig> read_config(const Section& section);

}  // namespace tradebus::paper
