#include "actors/brokers/ibkr/wire/market_messages.hpp"

#include "actors/brokers/ibkr/wire/venue_time.hpp"

namespace tradebus::ibkr::wire {

namespace {

constexpr bool bit(std::int32_t mask, int n) { return (mask >> n & 1) != 0; }

// What was not computed comes as a number that it can't be.
void drop(std::optional<double>& value, double none) {
  if (value && *value == none) value.reset();
}

}  // namespace

void read(Reader& r, TickPrice& m) {
  std::int32_t mask = 0;
  r.skip();
  r(m.req_id, m.type, m.price, m.size, mask);
  m.can_auto_execute = bit(mask, 0);
  m.is_past_limit = bit(mask, 1);
  m.is_pre_open = bit(mask, 2);
}

void read(Reader& r, TickSize& m) {
  r.skip();
  r(m.req_id, m.type, m.size);
}

void read(Reader& r, TickOption& m) {
  r(m.req_id, m.type, m.attribute, m.implied_volatility, m.delta, m.price, m.dividends, m.gamma, m.vega, m.theta,
    m.underlying_price);
  for (auto* value : {&m.implied_volatility, &m.price, &m.dividends, &m.underlying_price}) drop(*value, -1);
  for (auto* value : {&m.delta, &m.gamma, &m.vega, &m.theta}) drop(*value, -2);
}

void read(Reader& r, TickGeneric& m) {
  r.skip();
  r(m.req_id, m.type, m.value);
}

void read(Reader& r, TickString& m) {
  r.skip();
  r(m.req_id, m.type, m.text);
}

void read(Reader& r, TickSnapshotEnd& m) {
  r.skip();
  r(m.req_id);
}

void read(Reader& r, MarketDataType& m) {
  r.skip();
  r(m.req_id, m.type);
}

void read(Reader& r, TickReqParams& m) { r(m.req_id, m.min_tick, m.bbo_exchange, m.snapshot_permissions); }
void read(Reader& r, RerouteMarketData& m) { r(m.req_id, m.con_id, m.exchange); }
void read(Reader& r, RerouteMarketDepth& m) { r(m.req_id, m.con_id, m.exchange); }

void read(Reader& r, RealTimeBar& m) {
  r.skip();
  r(m.req_id);
  read_seconds(r, m.at);
  r(m.open, m.high, m.low, m.close, m.volume, m.wap, m.count);
}

void read(Reader& r, TickByTickHead& m) {
  r(m.req_id, m.type);
  read_seconds(r, m.at);
}

void read_rest(Reader& r, TickByTickLast& m) {
  std::int32_t mask = 0;
  r(m.price, m.size, mask, m.exchange, m.conditions);
  m.is_past_limit = bit(mask, 0);
  m.is_unreported = bit(mask, 1);
}

void read_rest(Reader& r, TickByTickBidAsk& m) {
  std::int32_t mask = 0;
  r(m.bid, m.ask, m.bid_size, m.ask_size, mask);
  m.is_bid_past_low = bit(mask, 0);
  m.is_ask_past_high = bit(mask, 1);
}

void read_rest(Reader& r, TickByTickMidpoint& m) { r(m.price); }

}  // namespace tradebus::ibkr::wire
