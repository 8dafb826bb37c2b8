#include "actors/brokers/ibkr/wire/account_messages.hpp"

#include "actors/brokers/ibkr/wire/contract_blocks.hpp"

namespace tradebus::ibkr::wire {

// A version stands first in all but the last two.

void read(Reader& r, AccountValue& m) {
  r.skip();
  r(m.key, m.value, m.currency, m.account);
}

void read(Reader& r, PortfolioValue& m) {
  auto& c = m.contract;
  r.skip();
  r(c.con_id, c.symbol, c.sec_type, c.last_trade_date, c.strike, c.right, c.multiplier, c.primary_exchange, c.currency,
    c.local_symbol, c.trading_class);
  r(m.position, m.market_price, m.market_value, m.average_cost, m.unrealized_pnl, m.realized_pnl, m.account);
}

void read(Reader& r, AccountUpdateTime& m) {
  r.skip();
  r(m.time);
}

void read(Reader& r, AccountDownloadEnd& m) {
  r.skip();
  r(m.account);
}

void read(Reader& r, PositionMessage& m) {
  r.skip();
  r(m.account);
  contract_told(r, m.contract);
  r(m.position, m.average_cost);
}

void read(Reader&, PositionEnd&) {}

void read(Reader& r, AccountSummaryMessage& m) {
  r.skip();
  r(m.req_id, m.account, m.tag, m.value, m.currency);
}

void read(Reader& r, AccountSummaryEnd& m) {
  r.skip();
  r(m.req_id);
}

void read(Reader& r, PositionMulti& m) {
  r.skip();
  r(m.req_id, m.account);
  contract_told(r, m.contract);
  r(m.position, m.average_cost, m.model_code);
}

void read(Reader& r, PositionMultiEnd& m) {
  r.skip();
  r(m.req_id);
}

void read(Reader& r, AccountUpdateMulti& m) {
  r.skip();
  r(m.req_id, m.account, m.model_code, m.key, m.value, m.currency);
}

void read(Reader& r, AccountUpdateMultiEnd& m) {
  r.skip();
  r(m.req_id);
}

void read(Reader& r, ProfitAndLoss& m) { r(m.req_id, m.daily, m.unrealized, m.realized); }

void read(Reader& r, ProfitAndLossSingle& m) { r(m.req_id, m.position, m.daily, m.unrealized, m.realized, m.value); }

}  // namespace tradebus::ibkr::wire
