// Topics of the stream: `kind|key|`, always closed by a bar.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "bus/model/enums.hpp"
#include "bus/model/error.hpp"
#include "bus/model/strong_string.hpp"

namespace tradebus {

// One exact market-data topic. The key may name a provider: `quote|AAPL@replay|`.
struct MarketTopic {
  StreamKind kind = StreamKind::quote;
  Symbol symbol;
  ProviderName provider;  // empty: the default one

  std::string key() const { return provider.empty() ? symbol.str() : symbol.str() + "@" + provider.str(); }
  std::string topic() const { return std::string{to_string(kind)} + "|" + key() + "|"; }
};

// Is this a whole topic (two bars, the second one closing it) whose first word is a kind of market data?
// Everything else (prefixes, status, order, feed, ...) is not: empty.
std::optional<StreamKind> market_kind(std::string_view topic);

// The parts of such a topic; instrument.unknown when the symbol can't be one.
Result<MarketTopic> parse_market_topic(std::string_view topic);

// "AAPL@sim" -> AAPL on sim.
struct SymbolAtProvider {
  Symbol symbol;
  ProviderName provider;
};
Result<SymbolAtProvider> parse_symbol_at_provider(std::string_view text);

}  // namespace tradebus
