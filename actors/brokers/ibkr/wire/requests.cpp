#include "actors/brokers/ibkr/wire/requests.hpp"

#include "actors/brokers/ibkr/wire/contract_blocks.hpp"
#include "actors/brokers/ibkr/wire/order_requests.hpp"
#include "actors/brokers/ibkr/wire/writer.hpp"

namespace tradebus::ibkr::wire {

namespace {

void legs(Writer& w, const Contract& contract, const std::vector<ComboLeg>& all) {
  if (contract.sec_type == "BAG") w.list(all, 4, [](Writer& out, const ComboLeg& leg) { leg_short(out, leg); });
}

const char* word(TickByTickKind kind) {
  switch (kind) {
    case TickByTickKind::last:
      return "Last";
    case TickByTickKind::all_last:
      return "AllLast";
    case TickByTickKind::bid_ask:
      return "BidAsk";
    case TickByTickKind::midpoint:
      return "MidPoint";
  }
  return "";
}

void write_options(Writer& w, const std::vector<TagValue>& options) {
  w(static_cast<std::int32_t>(options.size()));
  w.tags(options);
}

// The number of a message stands first, often a version second.

void write(Writer& w, const StartApi& m) { w(71, 2, m.client_id, m.optional_capabilities); }
void write(Writer& w, const ReqIds&) { w(8, 1, 1); }
void write(Writer& w, const ReqCurrentTime&) { w(49, 1); }
void write(Writer& w, const ReqManagedAccounts&) { w(17, 1); }
void write(Writer& w, const SetServerLogLevel& m) { w(14, 1, m.level); }

void write(Writer& w, const ReqMarketData& m) {
  w(1, 11, m.req_id);
  contract_asked(w, m.contract);
  legs(w, m.contract, m.legs);
  w(m.delta_contract.has_value());
  if (m.delta_contract) delta_contract_block(w, *m.delta_contract);
  w(m.generic_ticks, m.snapshot, m.regulatory_snapshot);
  w.tags(m.options);
}
void write(Writer& w, const CancelMarketData& m) { w(2, 2, m.req_id); }
void write(Writer& w, const ReqMarketDataType& m) { w(59, 1, m.type); }

void write(Writer& w, const ReqTickByTick& m) {
  w(97, m.req_id);
  contract_asked(w, m.contract);
  w(word(m.kind), m.number_of_ticks, m.ignore_size);
}
void write(Writer& w, const CancelTickByTick& m) { w(98, m.req_id); }

void write(Writer& w, const ReqRealTimeBars& m) {
  w(50, 3, m.req_id);
  contract_asked(w, m.contract);
  w(5, m.what_to_show, m.use_rth);
  w.tags(m.options);
}
void write(Writer& w, const CancelRealTimeBars& m) { w(51, 1, m.req_id); }

void write(Writer& w, const ReqMarketDepth& m) {
  w(10, 5, m.req_id);
  contract_asked(w, m.contract);
  w(m.rows, m.is_smart);
  w.tags(m.options);
}
void write(Writer& w, const CancelMarketDepth& m) { w(11, 1, m.req_id, m.is_smart); }

void write(Writer& w, const CalculateImpliedVolatility& m) {
  w(54, 3, m.req_id);
  contract_asked(w, m.contract);
  w(m.option_price, m.under_price);
  write_options(w, m.options);
}
void write(Writer& w, const CalculateOptionPrice& m) {
  w(55, 3, m.req_id);
  contract_asked(w, m.contract);
  w(m.volatility, m.under_price);
  write_options(w, m.options);
}
void write(Writer& w, const CancelImpliedVolatility& m) { w(56, 1, m.req_id); }
void write(Writer& w, const CancelOptionPrice& m) { w(57, 1, m.req_id); }

void write(Writer& w, const PlaceOrder& m) { write_order(w, m); }

void write(Writer& w, const CancelOrder& m) {
  if (w.version() >= 192) return w(4, m.order_id, m.manual_cancel_time, m.ext_operator, m.manual_order_indicator);
  w(4, 1, m.order_id);
  w.since(169, m.manual_cancel_time);
}
void write(Writer& w, const GlobalCancel& m) {
  if (w.version() >= 192) return w(58, m.ext_operator, m.manual_order_indicator);
  w(58, 1);
}
void write(Writer& w, const ReqOpenOrders&) { w(5, 1); }
void write(Writer& w, const ReqAllOpenOrders&) { w(16, 1); }
void write(Writer& w, const ReqAutoOpenOrders& m) { w(15, 1, m.auto_bind); }
void write(Writer& w, const ReqCompletedOrders& m) { w(99, m.api_only); }

void write(Writer& w, const ReqExecutions& m) {
  w(7, 3, m.req_id, m.client_id, m.account, m.time, m.symbol, m.sec_type, m.exchange, m.side);
  if (w.version() < 200) return;
  w(m.last_days.value_or(2147483647));
  w.list(m.dates, 1, [](Writer& out, std::int32_t date) { out(date); });
}

void write(Writer& w, const ReqPositions&) { w(61, 1); }
void write(Writer& w, const CancelPositions&) { w(64, 1); }
void write(Writer& w, const ReqPositionsMulti& m) { w(74, 1, m.req_id, m.account, m.model_code); }
void write(Writer& w, const CancelPositionsMulti& m) { w(75, 1, m.req_id); }
void write(Writer& w, const ReqAccountSummary& m) { w(62, 1, m.req_id, m.group, m.tags); }
void write(Writer& w, const CancelAccountSummary& m) { w(63, 1, m.req_id); }
void write(Writer& w, const ReqAccountUpdates& m) { w(6, 2, m.subscribe, m.account); }
void write(Writer& w, const ReqAccountUpdatesMulti& m) {
  w(76, 1, m.req_id, m.account, m.model_code, m.ledger_and_nlv);
}
void write(Writer& w, const CancelAccountUpdatesMulti& m) { w(77, 1, m.req_id); }
void write(Writer& w, const ReqProfitAndLoss& m) { w(92, m.req_id, m.account, m.model_code); }
void write(Writer& w, const CancelProfitAndLoss& m) { w(93, m.req_id); }
void write(Writer& w, const ReqProfitAndLossSingle& m) { w(94, m.req_id, m.account, m.model_code, m.con_id); }
void write(Writer& w, const CancelProfitAndLossSingle& m) { w(95, m.req_id); }

void write(Writer& w, const ReqContractData& m) {
  w(9, 8, m.req_id);
  contract_asked(w, m.contract);
  w(m.include_expired, m.sec_id_type, m.sec_id);
  w.since(176, m.issuer_id);
}
void write(Writer& w, const ReqOptionParameters& m) {
  w(78, m.req_id, m.under_symbol, m.fut_fop_exchange, m.under_sec_type, m.under_con_id);
}
void write(Writer& w, const ReqMatchingSymbols& m) { w(81, m.req_id, m.pattern); }
void write(Writer& w, const ReqMarketRule& m) { w(91, m.rule_id); }

// The bar's size stands before the duration.
void write(Writer& w, const ReqHistoricalData& m) {
  w(20, m.req_id);
  contract_asked(w, m.contract);
  w(m.include_expired, m.end, m.bar_size, m.duration, m.use_rth, m.what_to_show, m.format_date);
  legs(w, m.contract, m.legs);
  w(m.keep_up_to_date);
  w.tags(m.options);
}
void write(Writer& w, const CancelHistoricalData& m) { w(25, 1, m.req_id); }

void write(Writer& w, const ReqHeadTimestamp& m) {
  w(87, m.req_id);
  contract_asked(w, m.contract);
  w(m.include_expired, m.use_rth, m.what_to_show, m.format_date);
}
void write(Writer& w, const CancelHeadTimestamp& m) { w(90, m.req_id); }

void write(Writer& w, const ReqHistoricalTicks& m) {
  w(96, m.req_id);
  contract_asked(w, m.contract);
  w(m.include_expired, m.start, m.end, m.number_of_ticks, m.what_to_show, m.use_rth, m.ignore_size);
  w.tags(m.options);
}

void write(Writer& w, const ReqNewsProviders&) { w(85); }
void write(Writer& w, const ReqHistoricalNews& m) {
  w(86, m.req_id, m.con_id, m.providers, m.start, m.end, m.total_results);
  w.tags(m.options);
}
void write(Writer& w, const ReqNewsArticle& m) {
  w(84, m.req_id, m.provider, m.article_id);
  w.tags(m.options);
}
void write(Writer& w, const ReqNewsBulletins& m) { w(12, 1, m.all_messages); }
void write(Writer& w, const CancelNewsBulletins&) { w(13, 1); }

template <class Request>
Result<void> encode_any(const Request& request, std::int32_t version, std::string& out) {
  Writer w{out, version};
  write(w, request);
  return w.finish();
}

}  // namespace

#define TRADEBUS_IBKR_ENCODE(Request)                                                   \
  Result<void> encode(const Request& request, std::int32_t version, std::string& out) { \
    return encode_any(request, version, out);                                           \
  }
TRADEBUS_IBKR_REQUESTS(TRADEBUS_IBKR_ENCODE)
#undef TRADEBUS_IBKR_ENCODE

}  // namespace tradebus::ibkr::wire
