// Option contracts and the chain with its quotes and greeks. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "actors/providers/massive/page.hpp"
#include "bus/model/instrument.hpp"
#include "bus/model/market_data.hpp"

namespace tradebus::massive {

// One listed contract. `standard`: 100 shares of one underlying; others must not be priced as such.
struct ContractRow {
  Instrument instrument;
  Symbol underlying;
  std::string exchange;  // MIC
  bool standard = true;
};

// GET /v3/reference/options/contracts and /{O:ticker}. Contracts of type `other` are left out.
Result<Page<ContractRow>> decode_contracts(std::string_view body);

// GET /v3/snapshot/options/{underlying} and /{O:contract}. Each quote carries `underlying` as its own. What the plan or
// the contract lacks (quotes, trades, greeks) is absent. Adjusted contracts are left out: the bus has no word for them.
// `now` is the time of a contract that has none.
struct ChainPage {
  Page<OptionQuote> page;
  std::uint32_t adjusted = 0;  // left out
};
Result<ChainPage> decode_chain(std::string_view body, const Symbol& underlying, Timestamp now);

// As GetOptionChain answers: by expiry, strike, call before put; each contract once.
void sort_chain(std::vector<OptionQuote>& quotes);

}  // namespace tradebus::massive
