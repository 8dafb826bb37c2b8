// Accounts, positions, profit and loss.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "actors/brokers/ibkr/wire/contract.hpp"
#include "actors/brokers/ibkr/wire/reader.hpp"

namespace tradebus::ibkr::wire {

// 6
struct AccountValue {
  std::string key;
  std::string value;
  std::string currency;  // of the key: a currency, BASE, or none
  std::string account;
};
// 7
struct PortfolioValue {
  Contract contract;  // with its primary exchange, without an exchange
  Quantity position;
  Price market_price;
  Money market_value;
  Money average_cost;  // includes the multiplier
  Money unrealized_pnl;
  Money realized_pnl;
  std::string account;
};
// 8
struct AccountUpdateTime {
  std::string time;  // HH:MM
};
// 54
struct AccountDownloadEnd {
  std::string account;
};
// 61
struct PositionMessage {
  std::string account;
  Contract contract;  // its exchange may be empty
  Quantity position;  // 0 for one that was closed
  Money average_cost;
};
// 62
struct PositionEnd {};
// 63
struct AccountSummaryMessage {
  std::int32_t req_id = 0;
  std::string account;
  std::string tag;
  std::string value;
  std::string currency;
};
// 64
struct AccountSummaryEnd {
  std::int32_t req_id = 0;
};
// 71
struct PositionMulti {
  std::int32_t req_id = 0;
  std::string account;
  Contract contract;
  Quantity position;
  Money average_cost;
  std::string model_code;
};
// 72
struct PositionMultiEnd {
  std::int32_t req_id = 0;
};
// 73
struct AccountUpdateMulti {
  std::int32_t req_id = 0;
  std::string account;
  std::string model_code;
  std::string key;
  std::string value;
  std::string currency;
};
// 74
struct AccountUpdateMultiEnd {
  std::int32_t req_id = 0;
};
// 94. Empty until known.
struct ProfitAndLoss {
  std::int32_t req_id = 0;
  std::optional<Money> daily;
  std::optional<Money> unrealized;
  std::optional<Money> realized;
};
// 95
struct ProfitAndLossSingle {
  std::int32_t req_id = 0;
  Quantity position;
  std::optional<Money> daily;
  std::optional<Money> unrealized;
  std::optional<Money> realized;
  std::optional<Money> value;
};

void read(Reader& r, AccountValue& m);
void read(Reader& r, PortfolioValue& m);
void read(Reader& r, AccountUpdateTime& m);
void read(Reader& r, AccountDownloadEnd& m);
void read(Reader& r, PositionMessage& m);
void read(Reader& r, PositionEnd& m);
void read(Reader& r, AccountSummaryMessage& m);
void read(Reader& r, AccountSummaryEnd& m);
void read(Reader& r, PositionMulti& m);
void read(Reader& r, PositionMultiEnd& m);
void read(Reader& r, AccountUpdateMulti& m);
void read(Reader& r, AccountUpdateMultiEnd& m);
void read(Reader& r, ProfitAndLoss& m);
void read(Reader& r, ProfitAndLossSingle& m);

}  // namespace tradebus::ibkr::wire
