#include "actors/brokers/ibkr/contracts.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace tradebus::ibkr {

namespace {

constexpr auto classes = std::to_array<std::pair<const char*, const char*>>({
    {"SPXW", "SPX"},
    {"NDXP", "NDX"},
    {"RUTW", "RUT"},
    {"VIXW", "VIX"},
    {"XSPW", "XSP"},
    {"BRKB", "BRK B"},
    {"BFB", "BF B"},
});

// Shares of a class: BRK.B here, "BRK B" there.
std::string replaced(std::string text, char from, char to) {
  std::ranges::replace(text, from, to);
  return text;
}

}  // namespace

std::string underlying_of_class(const std::string& option_class) {
  for (const auto& [name, underlying] : classes)
    if (option_class == name) return underlying;
  return option_class;
}

Result<wire::Contract> to_contract(const Instrument& instrument) {
  wire::Contract out;
  const auto& symbol = instrument.symbol.str();
  out.currency = "USD";
  out.exchange = "SMART";
  switch (instrument.asset_class) {
    case AssetClass::equity:
      out.symbol = replaced(symbol, '.', ' ');
      out.sec_type = "STK";
      return out;
    case AssetClass::option: {
      if (!instrument.expiry || !instrument.right || !instrument.strike || !instrument.underlying) break;
      out.trading_class = instrument.underlying->str();
      out.symbol = underlying_of_class(out.trading_class);
      out.sec_type = "OPT";
      out.last_trade_date = to_venue_date(*instrument.expiry);
      out.strike = *instrument.strike;
      out.right = instrument.right;
      out.multiplier = std::to_string(instrument.multiplier);
      return out;
    }
    case AssetClass::fx: {
      const auto dash = symbol.find('-');
      if (dash == std::string::npos) break;
      out.symbol = symbol.substr(0, dash);
      out.currency = symbol.substr(dash + 1);
      out.sec_type = "CASH";
      out.exchange = "IDEALPRO";
      return out;
    }
    case AssetClass::crypto:
    case AssetClass::future:
      break;
  }
  return fail(Errc::broker_unsupported, "broker ibkr takes stocks, options on them and currency pairs, not " + symbol);
}

std::optional<Symbol> to_symbol(const wire::Contract& contract) {
  std::string text;
  const bool is_foreign = !contract.currency.empty() && contract.currency != "USD";
  if (contract.sec_type == "OPT") {
    if (is_foreign) return std::nullopt;  // these symbols have no room for a currency
    const auto date = from_venue_date(contract.last_trade_date);
    if (!date || !contract.right) return std::nullopt;
    // The class names the series; without one the underlying must do.
    const auto& root = contract.trading_class.empty() ? contract.symbol : contract.trading_class;
    const auto option = Instrument::option(replaced(root, ' ', '.'), *date, *contract.right, contract.strike);
    return option ? std::optional{option->symbol} : std::nullopt;
  }
  if (contract.sec_type == "CASH" || contract.sec_type == "CRYPTO") {
    text = contract.symbol + "-" + contract.currency;
  } else if (contract.sec_type == "STK" || contract.sec_type == "BAG" || contract.sec_type == "IND") {
    text = replaced(contract.symbol, ' ', '.');
    if (is_foreign && contract.sec_type == "STK") text += "." + contract.currency;  // another share than that in USD
  } else {
    text = replaced(contract.local_symbol.empty() ? contract.symbol : contract.local_symbol, ' ', '.');
  }
  auto symbol = parse_symbol(text);
  return symbol ? std::optional{std::move(*symbol)} : std::nullopt;
}

std::int32_t multiplier_of(const wire::Contract& contract) {
  std::int32_t out = 0;
  const auto& text = contract.multiplier;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (failed == std::errc{} && end == text.data() + text.size() && out > 0) return out;
  return contract.sec_type == "OPT" ? 100 : 1;
}

std::string to_venue_date(Date date) {
  auto text = date.to_string();
  std::erase(text, '-');
  return text;
}

std::optional<Date> from_venue_date(const std::string& text) {
  if (text.size() < 8) return std::nullopt;
  auto date = Date::parse(text.substr(0, 4) + "-" + text.substr(4, 2) + "-" + text.substr(6, 2));
  return date ? std::optional{*date} : std::nullopt;
}

}  // namespace tradebus::ibkr
