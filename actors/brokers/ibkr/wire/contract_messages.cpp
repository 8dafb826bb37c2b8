#include "actors/brokers/ibkr/wire/contract_messages.hpp"

#include "actors/brokers/ibkr/wire/contract_blocks.hpp"
#include "actors/brokers/ibkr/wire/text.hpp"

namespace tradebus::ibkr::wire {

namespace {

constexpr int fund_fields = 17;

void texts(Reader& r, std::vector<std::string>& out) {
  r.list(out, 1, [](Reader& in, std::string& text) { in(text); });
}

// "20250620 08:30 US/Central", with '-' as a separator too; nearly always a date alone. A month may stand there as
// well.
void split_last_trade(ContractData& m) {
  const std::string whole = m.contract.last_trade_date;
  std::string* const parts[] = {&m.contract.last_trade_date, &m.last_trade_time, &m.last_trade_zone};
  std::string_view rest = whole;
  for (int i = 0; i < 3; ++i) {
    const auto end = i == 2 ? std::string_view::npos : rest.find_first_of(" -");
    *parts[i] = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
  }
}

}  // namespace

void read(Reader& r, ContractData& m) {
  auto& c = m.contract;
  const auto version = r.version();
  if (version < 164) r.skip();  // a version
  r(m.req_id, c.symbol, c.sec_type, c.last_trade_date);
  r.since(182, m.listed_last_trade_date);
  r(c.strike, c.right, c.exchange, c.currency, c.local_symbol, m.market_name, c.trading_class, c.con_id, m.min_tick);
  if (version < 164) r.skip();  // mdSizeMultiplier
  r(c.multiplier, m.order_types, m.valid_exchanges, m.price_magnifier, m.under_con_id, m.long_name, c.primary_exchange,
    m.contract_month, m.industry, m.category, m.subcategory, m.time_zone_id, m.trading_hours, m.liquid_hours, m.ev_rule,
    m.ev_multiplier);
  counted_tags(r, m.sec_ids);
  r(m.agg_group, m.under_symbol, m.under_sec_type, m.market_rule_ids, m.real_expiration_date, m.stock_type);
  if (version == 163) r(m.min_size);
  r.since(164, m.min_size, m.size_increment, m.suggested_size_increment);
  if (version >= 179 && c.sec_type == "FUND")
    for (int i = 0; i < fund_fields && r.is_good(); ++i) r(m.fund.emplace_back());
  if (version >= 186) counted_tags(r, m.ineligibility_reasons);
  m.long_name = to_utf8(unescape_unicode(m.long_name));
  split_last_trade(m);
}

void read(Reader& r, BondContractData& m) {
  if (r.version() < 164) r.skip();
  r(m.req_id);
  constexpr std::size_t fields_max = 256;
  while (!r.is_at_end() && m.fields.size() < fields_max) r(m.fields.emplace_back());
}

void read(Reader& r, ContractDataEnd& m) {
  r.skip();
  r(m.req_id);
}

void read(Reader& r, OptionParameters& m) {
  r(m.req_id, m.exchange, m.under_con_id, m.trading_class, m.multiplier);
  texts(r, m.expirations);
  r.list(m.strikes, 1, [](Reader& in, Price& strike) { in(strike); });
}

void read(Reader& r, OptionParametersEnd& m) { r(m.req_id); }

void read(Reader& r, SymbolSamples& m) {
  r(m.req_id);
  r.list(m.rows, 6, [](Reader& in, SymbolSamples::Row& row) {
    in(row.con_id, row.symbol, row.sec_type, row.primary_exchange, row.currency);
    texts(in, row.derivative_sec_types);
    in.since(176, row.description, row.issuer_id);
  });
}

void read(Reader& r, MarketRule& m) {
  r(m.rule_id);
  r.list(m.rows, 2, [](Reader& in, MarketRule::Row& row) { in(row.low_edge, row.increment); });
}

}  // namespace tradebus::ibkr::wire
