#include "actors/brokers/ibkr/wire/execution_messages.hpp"

#include "actors/brokers/ibkr/wire/contract_blocks.hpp"

namespace tradebus::ibkr::wire {

void read(Reader& r, ExecDetails& m) {
  r(m.req_id, m.order_id);
  contract_told(r, m.contract);
  r(m.exec_id, m.time, m.account, m.exchange, m.side, m.shares, m.price, m.perm_id, m.client_id, m.liquidation,
    m.cumulative, m.average_price, m.order_ref, m.ev_rule, m.ev_multiplier, m.model_code, m.last_liquidity);
  r.since(178, m.pending_price_revision);
  r.since(198, m.submitter);
}

void read(Reader& r, ExecDetailsEnd& m) {
  r.skip();
  r(m.req_id);
}

void read(Reader& r, CommissionReport& m) {
  r.skip();
  r(m.exec_id, m.commission, m.currency, m.realized_pnl, m.yield, m.yield_redemption_date);
}

}  // namespace tradebus::ibkr::wire
