#include "bus/wire/topic.hpp"

#include <algorithm>

#include "bus/model/instrument.hpp"

namespace tradebus {

std::optional<StreamKind> market_kind(std::string_view topic) {
  if (topic.size() < 3 || topic.back() != '|') return std::nullopt;
  const auto bar = topic.find('|');
  if (bar + 1 == topic.size() || topic.find('|', bar + 1) != topic.size() - 1) return std::nullopt;
  return enum_from_string<StreamKind>(topic.substr(0, bar));
}

Result<SymbolAtProvider> parse_symbol_at_provider(std::string_view text) {
  const auto at = text.find('@');
  auto symbol = parse_symbol(text.substr(0, at));
  if (!symbol) return tl::unexpected{symbol.error()};
  SymbolAtProvider out{*symbol, {}};
  if (at != std::string_view::npos) {
    const auto name = text.substr(at + 1);
    const bool good = !name.empty() && name.size() <= 32 && std::ranges::all_of(name, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
    if (!good)
      return fail(Errc::provider_unavailable, "not a provider's name: \"" + std::string{name.substr(0, 32)} + "\"");
    out.provider = ProviderName{name};
  }
  return out;
}

Result<MarketTopic> parse_market_topic(std::string_view topic) {
  const auto kind = market_kind(topic);
  if (!kind)
    return fail(Errc::request_invalid, "not a market-data topic: \"" + std::string{topic.substr(0, 64)} + "\"");
  const auto bar = topic.find('|');
  auto parts = parse_symbol_at_provider(topic.substr(bar + 1, topic.size() - bar - 2));
  if (!parts) return tl::unexpected{parts.error()};
  return MarketTopic{*kind, parts->symbol, parts->provider};
}

}  // namespace tradebus
