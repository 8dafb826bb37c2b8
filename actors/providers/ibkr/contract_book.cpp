#include "actors/providers/ibkr/contract_book.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "actors/brokers/ibkr/wire/text.hpp"

namespace tradebus::ibkr::data {

namespace {

constexpr auto codes = std::to_array<std::pair<const char*, const char*>>({
    {"NASDAQ", "XNAS"},
    {"ISLAND", "XNAS"},
    {"NYSE", "XNYS"},
    {"ARCA", "ARCX"},
    {"AMEX", "XASE"},
    {"BATS", "BATS"},
    {"IEX", "IEXG"},
    {"CBOE", "XCBO"},
    {"PINK", "OTCM"},
});
constexpr std::size_t named_max = 5;

}  // namespace

wire::Contract KnownContract::contract() const {
  wire::Contract out;
  out.con_id = data.contract.con_id;
  out.symbol = data.contract.symbol;
  out.sec_type = data.contract.sec_type;
  out.exchange = data.contract.exchange;
  out.currency = data.contract.currency;
  return out;
}

KnownContractPtr ContractBook::find(const Symbol& symbol) {
  const auto found = by_symbol_.find(symbol);
  if (found == by_symbol_.end()) return nullptr;
  used_.splice(used_.begin(), used_, found->second);
  return used_.front();
}

void ContractBook::add(KnownContractPtr contract) {
  if (const auto found = by_symbol_.find(contract->symbol); found != by_symbol_.end()) {
    *found->second = std::move(contract);
    return;
  }
  used_.push_front(std::move(contract));
  by_symbol_.emplace(used_.front()->symbol, used_.begin());
  while (used_.size() > size_max_) {
    by_symbol_.erase(used_.back()->symbol);
    used_.pop_back();
  }
}

Result<KnownContractPtr> choose(const Instrument& instrument, std::vector<wire::ContractData> found) {
  const auto& symbol = instrument.symbol.str();
  if (found.empty()) return fail(Errc::instrument_unknown, "the venue has no contract for " + symbol);
  // One contract may come once for each of its exchanges.
  std::set<std::int64_t> numbers;
  std::set<std::string> places;
  for (const auto& each : found) {
    numbers.insert(each.contract.con_id);
    if (places.size() < named_max)
      places.insert(each.contract.primary_exchange.empty() ? each.contract.exchange : each.contract.primary_exchange);
  }
  if (numbers.size() > 1) {
    std::string listed;
    for (const auto& each : places) listed += (listed.empty() ? "" : ", ") + each;
    return fail(Errc::instrument_unknown, symbol + " is ambiguous: " + std::to_string(numbers.size()) +
                                              " contracts, listed at " + listed +
                                              "; name the one that is meant in providers.ibkr.primary_exchanges (\"" +
                                              symbol + "=" + *places.begin() + "\")");
  }
  auto out = std::make_shared<KnownContract>();
  out->symbol = instrument.symbol;
  out->instrument = instrument;
  out->data = std::move(found.front());
  auto& data = out->data;
  data.order_types.clear();
  data.valid_exchanges.clear();
  data.trading_hours.clear();
  data.liquid_hours.clear();
  data.market_rule_ids.clear();
  data.sec_ids.clear();
  return out;
}

Result<std::map<Symbol, std::string>> parse_primary_exchanges(const std::vector<std::string>& texts) {
  std::map<Symbol, std::string> out;
  for (const auto& text : texts) {
    const auto mark = text.find('=');
    auto symbol = parse_symbol(std::string_view{text}.substr(0, mark));
    const auto exchange = mark == std::string::npos ? std::string{} : text.substr(mark + 1);
    const bool is_name = !exchange.empty() && std::ranges::all_of(exchange, [](char c) {
      return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_';
    });
    if (!symbol || !is_name)
      return fail(Errc::config_invalid, "\"" + wire::printable(text) + "\" is not SYMBOL=EXCHANGE, as in CSCO=NASDAQ");
    out[*symbol] = exchange;
  }
  return out;
}

std::string to_mic(const std::string& exchange) {
  for (const auto& [name, code] : codes)
    if (exchange == name) return code;
  return exchange;
}

TickerDetails to_details(const KnownContract& contract) {
  const auto& data = contract.data;
  TickerDetails out;
  out.symbol = contract.symbol;
  out.name = data.long_name.empty() ? data.contract.local_symbol : data.long_name;
  out.asset_class = contract.instrument.asset_class;
  const auto& exchange =
      data.contract.primary_exchange.empty() ? data.contract.exchange : data.contract.primary_exchange;
  if (!exchange.empty()) out.exchange = to_mic(exchange);
  if (!data.contract.currency.empty()) out.currency = data.contract.currency;
  if (!data.industry.empty()) out.sector = data.industry;
  std::string about = data.category;
  if (!data.subcategory.empty() && data.subcategory != data.category)
    about += (about.empty() ? "" : ", ") + data.subcategory;
  if (!data.stock_type.empty()) about += (about.empty() ? "" : "; ") + data.stock_type;
  if (!about.empty()) out.description = about;
  return out;
}

}  // namespace tradebus::ibkr::data
