// Executions and what they cost. The same one may come unasked and asked for: told apart from others by its id alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "actors/brokers/ibkr/wire/contract.hpp"
#include "actors/brokers/ibkr/wire/reader.hpp"

namespace tradebus::ibkr::wire {

// 11
struct ExecDetails {
  std::int32_t req_id = -1;  // -1: unasked
  std::int32_t order_id = 0;
  Contract contract;
  std::string exec_id;  // a correction has a higher number after the last dot
  std::string time;     // in one of three forms: venue_time.hpp
  std::string account;
  std::string exchange;
  std::string side;  // BOT, SLD
  Quantity shares;
  Price price;
  std::int64_t perm_id = 0;
  std::int32_t client_id = 0;
  std::int32_t liquidation = 0;
  Quantity cumulative;
  Price average_price;
  std::string order_ref;
  std::string ev_rule;
  std::optional<Ratio> ev_multiplier;
  std::string model_code;
  std::int32_t last_liquidity = 0;  // 1 added, 2 removed, 3 routed out
  bool pending_price_revision = false;
  std::string submitter;  // a login name: never log it
};
// 55
struct ExecDetailsEnd {
  std::int32_t req_id = 0;
};
// 59. May come after the end.
struct CommissionReport {
  std::string exec_id;
  Money commission;
  std::string currency;
  std::optional<Money> realized_pnl;  // absent on what opens a position
  std::optional<Ratio> yield;
  std::optional<std::int32_t> yield_redemption_date;  // YYYYMMDD
};

// An execution's id without and with what a correction changes: "0000e0d5.67fe667b.01" and "01".
struct ExecIdParts {
  std::string_view base;
  std::string_view revision;
};
constexpr ExecIdParts split_exec_id(std::string_view id) {
  const auto dot = id.rfind('.');
  return dot == std::string_view::npos ? ExecIdParts{id, {}} : ExecIdParts{id.substr(0, dot), id.substr(dot + 1)};
}

void read(Reader& r, ExecDetails& m);
void read(Reader& r, ExecDetailsEnd& m);
void read(Reader& r, CommissionReport& m);

}  // namespace tradebus::ibkr::wire
