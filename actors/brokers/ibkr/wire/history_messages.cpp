#include "actors/brokers/ibkr/wire/history_messages.hpp"

#include "actors/brokers/ibkr/wire/venue_time.hpp"

namespace tradebus::ibkr::wire {

void read(Reader& r, HistoricalData& m) {
  r(m.req_id);
  if (r.version() < 196) r(m.start, m.end);
  r.list(m.bars, 8, [](Reader& in, VenueBar& bar) {
    in(bar.date, bar.open, bar.high, bar.low, bar.close, bar.volume, bar.wap, bar.count);
  });
}

void read(Reader& r, HistoricalDataEnd& m) { r(m.req_id, m.start, m.end); }

// The close stands before high and low.
void read(Reader& r, HistoricalDataUpdate& m) {
  auto& bar = m.bar;
  r(m.req_id, bar.count, bar.date, bar.open, bar.close, bar.high, bar.low, bar.wap, bar.volume);
}

void read(Reader& r, HeadTimestamp& m) { r(m.req_id, m.time); }

void read(Reader& r, HistoricalTicks& m) {
  r(m.req_id);
  r.list(m.rows, 4, [](Reader& in, HistoricalTicks::Row& row) {
    read_seconds(in, row.at);
    in.skip();
    in(row.price, row.size);
  });
  r(m.is_done);
}

void read(Reader& r, HistoricalTicksBidAsk& m) {
  r(m.req_id);
  r.list(m.rows, 6, [](Reader& in, HistoricalTicksBidAsk::Row& row) {
    std::int32_t mask = 0;
    read_seconds(in, row.at);
    in(mask, row.bid, row.ask, row.bid_size, row.ask_size);
    row.is_bid_past_low = (mask & 1) != 0;
    row.is_ask_past_high = (mask & 2) != 0;
  });
  r(m.is_done);
}

void read(Reader& r, HistoricalTicksLast& m) {
  r(m.req_id);
  r.list(m.rows, 6, [](Reader& in, HistoricalTicksLast::Row& row) {
    std::int32_t mask = 0;
    read_seconds(in, row.at);
    in(mask, row.price, row.size, row.exchange, row.conditions);
    row.is_past_limit = (mask & 1) != 0;
    row.is_unreported = (mask & 2) != 0;
  });
  r(m.is_done);
}

void read(Reader& r, HistoricalSchedule& m) {
  r(m.req_id, m.start, m.end, m.time_zone);
  r.list(m.rows, 3, [](Reader& in, HistoricalSchedule::Row& row) { in(row.start, row.end, row.date); });
}

}  // namespace tradebus::ibkr::wire
