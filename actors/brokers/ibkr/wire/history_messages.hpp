// History: bars, ticks, schedules. Times are text, in one of three forms: venue_time.hpp.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "actors/brokers/ibkr/wire/reader.hpp"
#include "bus/model/time.hpp"

namespace tradebus::ibkr::wire {

struct VenueBar {
  std::string date;  // "20230413", "20260402 09:30:00 US/Eastern", seconds
  Price open;
  Price high;
  Price low;
  Price close;
  Quantity volume;
  Price wap;
  std::int32_t count = 0;  // -1: no trade in it
};
// 17
struct HistoricalData {
  std::int32_t req_id = 0;
  std::string start;  // below 196
  std::string end;
  std::vector<VenueBar> bars;
};
// 108, from 196 on
struct HistoricalDataEnd {
  std::int32_t req_id = 0;
  std::string start;
  std::string end;
};
// 90: the bar under way of a request that keeps up to date.
struct HistoricalDataUpdate {
  std::int32_t req_id = 0;
  VenueBar bar;
};
// 88
struct HeadTimestamp {
  std::int32_t req_id = 0;
  std::string time;
};
// 96
struct HistoricalTicks {
  struct Row {
    Timestamp at{};
    Price price;
    Quantity size;
  };
  std::int32_t req_id = 0;
  std::vector<Row> rows;
  bool is_done = false;
};
// 97
struct HistoricalTicksBidAsk {
  struct Row {
    Timestamp at{};
    Price bid;
    Price ask;
    Quantity bid_size;
    Quantity ask_size;
    bool is_bid_past_low = false;
    bool is_ask_past_high = false;
  };
  std::int32_t req_id = 0;
  std::vector<Row> rows;
  bool is_done = false;
};
// 98
struct HistoricalTicksLast {
  struct Row {
    Timestamp at{};
    Price price;
    Quantity size;
    bool is_past_limit = false;
    bool is_unreported = false;
    std::string exchange;
    std::string conditions;
  };
  std::int32_t req_id = 0;
  std::vector<Row> rows;
  bool is_done = false;
};
// 106
struct HistoricalSchedule {
  struct Row {
    std::string start;
    std::string end;
    std::string date;
  };
  std::int32_t req_id = 0;
  std::string start;
  std::string end;
  std::string time_zone;
  std::vector<Row> rows;
};

void read(Reader& r, HistoricalData& m);
void read(Reader& r, HistoricalDataEnd& m);
void read(Reader& r, HistoricalDataUpdate& m);
void read(Reader& r, HeadTimestamp& m);
void read(Reader& r, HistoricalTicks& m);
void read(Reader& r, HistoricalTicksBidAsk& m);
void read(Reader& r, HistoricalTicksLast& m);
void read(Reader& r, HistoricalSchedule& m);

}  // namespace tradebus::ibkr::wire
