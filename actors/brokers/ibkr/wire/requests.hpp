// What a client can ask of TWS or IB Gateway, as plain values. In which order their fields go, and from which version
// of the server on, stands in requests.cpp and order_requests.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "actors/brokers/ibkr/wire/order.hpp"
#include "bus/model/error.hpp"

namespace tradebus::ibkr::wire {

// ---- the session ---------------------------------------------------------------------------------------------------

// 71. Before everything else.
struct StartApi {
  std::int32_t client_id = 0;
  std::string optional_capabilities = {};
};
// 8. The number is ignored by the server; answered by NextValidId.
struct ReqIds {};
// 49. What tells whether the link lives.
struct ReqCurrentTime {};
// 17
struct ReqManagedAccounts {};
// 14
struct SetServerLogLevel {
  std::int32_t level = 2;  // 1 system, 2 error, 3 warning, 4 information, 5 detail
};

// ---- market data ---------------------------------------------------------------------------------------------------

// 1
struct ReqMarketData {
  std::int32_t req_id = 0;
  Contract contract;
  std::vector<ComboLeg> legs = {};  // secType BAG
  std::optional<DeltaNeutralContract> delta_contract = {};
  std::string generic_ticks = {};  // "233,236"
  bool snapshot = false;
  bool regulatory_snapshot = false;
  std::vector<TagValue> options = {};
};
// 2
struct CancelMarketData {
  std::int32_t req_id = 0;
};
// 59. No answer; for what is asked later.
struct ReqMarketDataType {
  std::int32_t type = 1;  // 1 live, 2 frozen, 3 delayed, 4 delayed and frozen
};
enum class TickByTickKind : std::uint8_t { last, all_last, bid_ask, midpoint };
// 97
struct ReqTickByTick {
  std::int32_t req_id = 0;
  Contract contract;
  TickByTickKind kind = TickByTickKind::last;
  std::int32_t number_of_ticks = 0;
  bool ignore_size = false;
};
// 98
struct CancelTickByTick {
  std::int32_t req_id = 0;
};
// 50
struct ReqRealTimeBars {
  std::int32_t req_id = 0;
  Contract contract;
  std::string what_to_show = "TRADES";
  bool use_rth = false;
  std::vector<TagValue> options = {};
};
// 51
struct CancelRealTimeBars {
  std::int32_t req_id = 0;
};
// 10
struct ReqMarketDepth {
  std::int32_t req_id = 0;
  Contract contract;
  std::int32_t rows = 10;
  bool is_smart = false;
  std::vector<TagValue> options = {};
};
// 11
struct CancelMarketDepth {
  std::int32_t req_id = 0;
  bool is_smart = false;
};
// 54, 55: answered by a TickOption of type 53
struct CalculateImpliedVolatility {
  std::int32_t req_id = 0;
  Contract contract;
  Price option_price;
  Price under_price;
  std::vector<TagValue> options = {};
};
struct CalculateOptionPrice {
  std::int32_t req_id = 0;
  Contract contract;
  Ratio volatility;
  Price under_price;
  std::vector<TagValue> options = {};
};
// 56, 57
struct CancelImpliedVolatility {
  std::int32_t req_id = 0;
};
struct CancelOptionPrice {
  std::int32_t req_id = 0;
};

// ---- orders --------------------------------------------------------------------------------------------------------

// 3. The same order_id again is a change of that order.
struct PlaceOrder {
  std::int32_t order_id = 0;
  Contract contract;
  std::string sec_id_type = {};
  std::string sec_id = {};
  Order order = {};
};
// 4
struct CancelOrder {
  std::int32_t order_id = 0;
  std::string manual_cancel_time = {};  // from 169 on
  std::string ext_operator = {};        // these from 192 on
  std::optional<std::int32_t> manual_order_indicator = {};
};
// 58
struct GlobalCancel {
  std::string ext_operator = {};  // these from 192 on
  std::optional<std::int32_t> manual_order_indicator = {};
};
// 5. This client's; of client 0 also those typed in TWS, which it binds.
struct ReqOpenOrders {};
// 16. Of all clients.
struct ReqAllOpenOrders {};
// 15. Client 0 only.
struct ReqAutoOpenOrders {
  bool auto_bind = true;
};
// 99
struct ReqCompletedOrders {
  bool api_only = false;
};
// 7
struct ReqExecutions {
  std::int32_t req_id = 0;
  std::int32_t client_id = 0;  // 0: of all
  std::string account = {};
  std::string time = {};  // from then on
  std::string symbol = {};
  std::string sec_type = {};
  std::string exchange = {};
  std::string side = {};
  std::optional<std::int32_t> last_days = {};  // these from 200 on
  std::vector<std::int32_t> dates = {};        // YYYYMMDD
};

// ---- accounts ------------------------------------------------------------------------------------------------------

// 61, 64
struct ReqPositions {};
struct CancelPositions {};
// 74, 75
struct ReqPositionsMulti {
  std::int32_t req_id = 0;
  std::string account;
  std::string model_code = {};
};
struct CancelPositionsMulti {
  std::int32_t req_id = 0;
};
// 62, 63. Two at a time.
struct ReqAccountSummary {
  std::int32_t req_id = 0;
  std::string group = "All";
  std::string tags = {};  // "NetLiquidation,BuyingPower"
};
struct CancelAccountSummary {
  std::int32_t req_id = 0;
};
// 6. One account at a time: another replaces it.
struct ReqAccountUpdates {
  bool subscribe = true;
  std::string account;
};
// 76, 77
struct ReqAccountUpdatesMulti {
  std::int32_t req_id = 0;
  std::string account;
  std::string model_code = {};
  bool ledger_and_nlv = false;
};
struct CancelAccountUpdatesMulti {
  std::int32_t req_id = 0;
};
// 92, 93
struct ReqProfitAndLoss {
  std::int32_t req_id = 0;
  std::string account;
  std::string model_code = {};
};
struct CancelProfitAndLoss {
  std::int32_t req_id = 0;
};
// 94, 95
struct ReqProfitAndLossSingle {
  std::int32_t req_id = 0;
  std::string account;
  std::string model_code = {};
  std::int64_t con_id = 0;
};
struct CancelProfitAndLossSingle {
  std::int32_t req_id = 0;
};

// ---- contracts -----------------------------------------------------------------------------------------------------

// 9
struct ReqContractData {
  std::int32_t req_id = 0;
  Contract contract;
  bool include_expired = false;
  std::string sec_id_type = {};
  std::string sec_id = {};
  std::string issuer_id = {};  // from 176 on
};
// 78
struct ReqOptionParameters {
  std::int32_t req_id = 0;
  std::string under_symbol;
  std::string fut_fop_exchange = {};
  std::string under_sec_type;
  std::int64_t under_con_id = 0;
};
// 81
struct ReqMatchingSymbols {
  std::int32_t req_id = 0;
  std::string pattern;
};
// 91
struct ReqMarketRule {
  std::int32_t rule_id = 0;
};

// ---- history -------------------------------------------------------------------------------------------------------

// 20
struct ReqHistoricalData {
  std::int32_t req_id = 0;
  Contract contract;
  bool include_expired = false;
  std::string end = {};       // empty: now
  std::string bar_size = {};  // "1 min"
  std::string duration = {};  // "1 D"
  bool use_rth = true;
  std::string what_to_show = "TRADES";
  std::int32_t format_date = 1;  // 2: seconds
  std::vector<ComboLeg> legs = {};
  bool keep_up_to_date = false;
  std::vector<TagValue> options = {};
};
// 25
struct CancelHistoricalData {
  std::int32_t req_id = 0;
};
// 87, 90
struct ReqHeadTimestamp {
  std::int32_t req_id = 0;
  Contract contract;
  bool include_expired = false;
  bool use_rth = true;
  std::string what_to_show = "TRADES";
  std::int32_t format_date = 1;
};
struct CancelHeadTimestamp {
  std::int32_t req_id = 0;
};
// 96
struct ReqHistoricalTicks {
  std::int32_t req_id = 0;
  Contract contract;
  bool include_expired = false;
  std::string start = {};  // one of these two
  std::string end = {};
  std::int32_t number_of_ticks = 1'000;
  std::string what_to_show = "TRADES";
  bool use_rth = true;
  bool ignore_size = false;
  std::vector<TagValue> options = {};
};

// ---- news ----------------------------------------------------------------------------------------------------------

// 85
struct ReqNewsProviders {};
// 86
struct ReqHistoricalNews {
  std::int32_t req_id = 0;
  std::int64_t con_id = 0;
  std::string providers;  // "BRFG+DJNL"
  std::string start = {};
  std::string end = {};
  std::int32_t total_results = 10;  // at most 300
  std::vector<TagValue> options = {};
};
// 84
struct ReqNewsArticle {
  std::int32_t req_id = 0;
  std::string provider;
  std::string article_id;
  std::vector<TagValue> options = {};
};
// 12, 13
struct ReqNewsBulletins {
  bool all_messages = true;
};
struct CancelNewsBulletins {};

#define TRADEBUS_IBKR_REQUESTS(X) \
  X(StartApi)                     \
  X(ReqIds)                       \
  X(ReqCurrentTime)               \
  X(ReqManagedAccounts)           \
  X(SetServerLogLevel)            \
  X(ReqMarketData)                \
  X(CancelMarketData)             \
  X(ReqMarketDataType)            \
  X(ReqTickByTick)                \
  X(CancelTickByTick)             \
  X(ReqRealTimeBars)              \
  X(CancelRealTimeBars)           \
  X(ReqMarketDepth)               \
  X(CancelMarketDepth)            \
  X(CalculateImpliedVolatility)   \
  X(CalculateOptionPrice)         \
  X(CancelImpliedVolatility)      \
  X(CancelOptionPrice)            \
  X(PlaceOrder)                   \
  X(CancelOrder)                  \
  X(GlobalCancel)                 \
  X(ReqOpenOrders)                \
  X(ReqAllOpenOrders)             \
  X(ReqAutoOpenOrders)            \
  X(ReqCompletedOrders)           \
  X(ReqExecutions)                \
  X(ReqPositions)                 \
  X(CancelPositions)              \
  X(ReqPositionsMulti)            \
  X(CancelPositionsMulti)         \
  X(ReqAccountSummary)            \
  X(CancelAccountSummary)         \
  X(ReqAccountUpdates)            \
  X(ReqAccountUpdatesMulti)       \
  X(CancelAccountUpdatesMulti)    \
  X(ReqProfitAndLoss)             \
  X(CancelProfitAndLoss)          \
  X(ReqProfitAndLossSingle)       \
  X(CancelProfitAndLossSingle)    \
  X(ReqContractData)              \
  X(ReqOptionParameters)          \
  X(ReqMatchingSymbols)           \
  X(ReqMarketRule)                \
  X(ReqHistoricalData)            \
  X(CancelHistoricalData)         \
  X(ReqHeadTimestamp)             \
  X(CancelHeadTimestamp)          \
  X(ReqHistoricalTicks)           \
  X(ReqNewsProviders)             \
  X(ReqHistoricalNews)            \
  X(ReqNewsArticle)               \
  X(ReqNewsBulletins)             \
  X(CancelNewsBulletins)

// Appends the request's frame, length and all. request.invalid, and `out` is as it was: a text that is not printable
// ASCII, a tag with '=' or ';' in it, what this version of the server does not know.
#define TRADEBUS_IBKR_ENCODE(Request) \
  Result<void> encode(const Request& request, std::int32_t version, std::string& out);
TRADEBUS_IBKR_REQUESTS(TRADEBUS_IBKR_ENCODE)
#undef TRADEBUS_IBKR_ENCODE

}  // namespace tradebus::ibkr::wire
