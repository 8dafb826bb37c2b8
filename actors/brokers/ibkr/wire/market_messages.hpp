// Market data. Nothing here allocates: texts are views into the payload, and end with it.
#pragma once

#include <cstdint>
#include <string_view>

#include "actors/brokers/ibkr/wire/reader.hpp"
#include "bus/model/time.hpp"

namespace tradebus::ibkr::wire {

// 1. With its size for bid, ask and last; what the type is: tick_types.hpp.
struct TickPrice {
  std::int32_t req_id = 0;
  std::int32_t type = 0;
  Price price;    // see has_data
  Quantity size;  // in shares from 159 on
  bool can_auto_execute = false;
  bool is_past_limit = false;
  bool is_pre_open = false;

  // A price of -1 or 0 without a size says that there is none. Spreads and oil may well be at -1 with a size.
  bool has_data() const { return !size.is_zero() || !(price.is_zero() || price == Price::from_int(-1)); }
};
// 2
struct TickSize {
  std::int32_t req_id = 0;
  std::int32_t type = 0;
  Quantity size;
};
// 21. Empty: not computed.
struct TickOption {
  std::int32_t req_id = 0;
  std::int32_t type = 0;
  std::int32_t attribute = 0;  // 0 return based, 1 price based
  std::optional<double> implied_volatility;
  std::optional<double> delta;
  std::optional<double> price;
  std::optional<double> dividends;  // present value
  std::optional<double> gamma;
  std::optional<double> vega;
  std::optional<double> theta;
  std::optional<double> underlying_price;
};
// 45
struct TickGeneric {
  std::int32_t req_id = 0;
  std::int32_t type = 0;
  double value = 0;
};
// 46
struct TickString {
  std::int32_t req_id = 0;
  std::int32_t type = 0;
  std::string_view text;
};
// 57
struct TickSnapshotEnd {
  std::int32_t req_id = 0;
};
// 58
struct MarketDataType {
  std::int32_t req_id = 0;
  std::int32_t type = 1;  // 1 live, 2 frozen, 3 delayed, 4 delayed and frozen
};
// 81
struct TickReqParams {
  std::int32_t req_id = 0;
  Price min_tick;
  std::string_view bbo_exchange;
  std::int32_t snapshot_permissions = 0;
};
// 91: a CFD's market data is that of this contract.
struct RerouteMarketData {
  std::int32_t req_id = 0;
  std::int64_t con_id = 0;
  std::string_view exchange;
};
// 92
struct RerouteMarketDepth {
  std::int32_t req_id = 0;
  std::int64_t con_id = 0;
  std::string_view exchange;
};
// 99, types 1 (Last) and 2 (AllLast)
struct TickByTickLast {
  std::int32_t req_id = 0;
  bool is_all = false;
  Timestamp at{};
  Price price;
  Quantity size;
  bool is_past_limit = false;
  bool is_unreported = false;
  std::string_view exchange;
  std::string_view conditions;
};
// 99, type 3
struct TickByTickBidAsk {
  std::int32_t req_id = 0;
  Timestamp at{};
  Price bid;
  Price ask;
  Quantity bid_size;
  Quantity ask_size;
  bool is_bid_past_low = false;
  bool is_ask_past_high = false;
};
// 99, type 4
struct TickByTickMidpoint {
  std::int32_t req_id = 0;
  Timestamp at{};
  Price price;
};
// 50: five seconds
struct RealTimeBar {
  std::int32_t req_id = 0;
  Timestamp at{};  // its beginning
  Price open;
  Price high;
  Price low;
  Price close;
  Quantity volume;
  Price wap;
  std::int32_t count = 0;
};

void read(Reader& r, TickPrice& m);
void read(Reader& r, TickSize& m);
void read(Reader& r, TickOption& m);
void read(Reader& r, TickGeneric& m);
void read(Reader& r, TickString& m);
void read(Reader& r, TickSnapshotEnd& m);
void read(Reader& r, MarketDataType& m);
void read(Reader& r, TickReqParams& m);
void read(Reader& r, RerouteMarketData& m);
void read(Reader& r, RerouteMarketDepth& m);
void read(Reader& r, RealTimeBar& m);
// 99 begins alike: req_id, type, time. Returns the type; then the rest.
struct TickByTickHead {
  std::int32_t req_id = 0;
  std::int32_t type = 0;
  Timestamp at{};
};
void read(Reader& r, TickByTickHead& m);
void read_rest(Reader& r, TickByTickLast& m);
void read_rest(Reader& r, TickByTickBidAsk& m);
void read_rest(Reader& r, TickByTickMidpoint& m);

}  // namespace tradebus::ibkr::wire
