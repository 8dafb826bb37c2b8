#include "actors/providers/sim/details.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "actors/providers/sim/hash.hpp"

namespace tradebus::sim {

namespace {

std::string upper(std::string_view text) {
  std::string out{text};
  std::ranges::transform(out, out.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return out;
}

std::string name_of(const Profile& profile) {
  return profile.ticker != nullptr ? std::string{profile.ticker->name} : profile.symbol.str() + " (simulated)";
}

std::string currency_of(const Profile& profile) {
  if (profile.asset_class == AssetClass::equity) return "USD";
  const auto& text = profile.symbol.str();
  return text.substr(text.rfind('-') + 1);
}

std::optional<std::string> exchange_of(const Profile& profile) {
  if (profile.asset_class != AssetClass::equity) return std::nullopt;
  return profile.ticker != nullptr ? std::string{profile.ticker->exchange} : std::string{"XNAS"};
}

}  // namespace

TickerDetails ticker_details(const Profile& profile) {
  TickerDetails out;
  out.symbol = profile.symbol;
  out.name = name_of(profile);
  out.asset_class = profile.asset_class;
  out.exchange = exchange_of(profile);
  out.currency = currency_of(profile);
  out.description = "Prices, sizes and news of this symbol are simulated.";
  if (profile.ticker != nullptr) out.sector = std::string{profile.ticker->sector};
  if (profile.asset_class != AssetClass::equity) return out;
  const auto millions = profile.ticker != nullptr ? profile.ticker->shares_millions
                                                  : static_cast<std::int64_t>(10 + hash(profile.seed, 4) % 2'000);
  out.shares_outstanding = Quantity::from_raw(Int128{millions} * 1'000'000 * Quantity::scale);
  out.market_cap = notional(profile.price(profile.base_ticks), *out.shares_outstanding);
  return out;
}

std::vector<SymbolMatch> search(const Universe& universe, std::string_view text, std::uint32_t limit) {
  const std::string wanted = upper(text);
  std::array<std::vector<SymbolMatch>, 3> ranks;
  for (const auto symbol : universe.listed()) {
    const auto profile = universe.find(Symbol{symbol});
    if (!profile) continue;
    const std::string name = name_of(*profile);
    const std::string symbol_upper = upper(symbol);
    const std::size_t rank = symbol_upper == wanted                          ? 0
                             : symbol_upper.starts_with(wanted)              ? 1
                             : upper(name).find(wanted) != std::string::npos ? 2
                                                                             : ranks.size();
    if (rank < ranks.size())
      ranks[rank].push_back({profile->symbol, name, profile->asset_class, exchange_of(*profile)});
  }
  std::vector<SymbolMatch> out;
  for (auto& rank : ranks)
    for (auto& match : rank)
      if (out.size() < limit) out.push_back(std::move(match));
  return out;
}

}  // namespace tradebus::sim
