#include "actors/providers/massive/symbols.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "bus/model/instrument.hpp"

namespace tradebus::massive {

namespace {

// ISO 4217, and the four metals that are quoted as currencies. Sorted.
constexpr auto currencies = std::to_array<std::string_view>(
    {"AED", "ALL", "AMD", "ANG", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT", "BGN", "BHD", "BIF",
     "BMD", "BND", "BOB", "BRL", "BSD", "BTN", "BWP", "BYN", "BZD", "CAD", "CDF", "CHF", "CLF", "CLP", "CNH",
     "CNY", "COP", "CRC", "CUP", "CVE", "CZK", "DJF", "DKK", "DOP", "DZD", "EGP", "ERN", "ETB", "EUR", "FJD",
     "FKP", "GBP", "GEL", "GHS", "GIP", "GMD", "GNF", "GTQ", "GYD", "HKD", "HNL", "HRK", "HTG", "HUF", "IDR",
     "ILS", "INR", "IQD", "IRR", "ISK", "JMD", "JOD", "JPY", "KES", "KGS", "KHR", "KMF", "KPW", "KRW", "KWD",
     "KYD", "KZT", "LAK", "LBP", "LKR", "LRD", "LSL", "LYD", "MAD", "MDL", "MGA", "MKD", "MMK", "MNT", "MOP",
     "MRU", "MUR", "MVR", "MWK", "MXN", "MYR", "MZN", "NAD", "NGN", "NIO", "NOK", "NPR", "NZD", "OMR", "PAB",
     "PEN", "PGK", "PHP", "PKR", "PLN", "PYG", "QAR", "RON", "RSD", "RUB", "RWF", "SAR", "SBD", "SCR", "SDG",
     "SEK", "SGD", "SHP", "SLE", "SLL", "SOS", "SRD", "SSP", "STN", "SVC", "SYP", "SZL", "THB", "TJS", "TMT",
     "TND", "TOP", "TRY", "TTD", "TWD", "TZS", "UAH", "UGX", "USD", "UYU", "UZS", "VES", "VND", "VUV", "WST",
     "XAF", "XAG", "XAU", "XCD", "XOF", "XPD", "XPF", "XPT", "YER", "ZAR", "ZMW", "ZWL"});
static_assert(std::ranges::is_sorted(currencies));

// What coins are quoted in, beside currencies. No last part of one is another quote: the split below is unambiguous.
constexpr auto coin_quotes = std::to_array<std::string_view>({"USDT", "USDC", "BTC", "ETH"});

// Options of these roots are on an index.
constexpr auto index_roots = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"SPX", "SPX"},
    {"SPXW", "SPX"},
    {"XSP", "XSP"},
    {"NDX", "NDX"},
    {"NDXP", "NDX"},
    {"XND", "XND"},
    {"RUT", "RUT"},
    {"RUTW", "RUT"},
    {"MRUT", "MRUT"},
    {"VIX", "VIX"},
    {"VIXW", "VIX"},
    {"DJX", "DJX"},
    {"OEX", "OEX"},
    {"XEO", "XEO"},
});

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_letter(char c) { return is_upper(c) || (c >= 'a' && c <= 'z'); }

bool is_currency(std::string_view s) { return std::ranges::binary_search(currencies, s); }

bool is_coin_quote(std::string_view s) {
  return is_currency(s) || std::ranges::find(coin_quotes, s) != coin_quotes.end();
}

bool is_base(std::string_view s) {
  return !s.empty() && std::ranges::all_of(s, [](char c) { return is_letter(c) || is_digit(c); });
}

bool is_stock(std::string_view s) {
  return !s.empty() && is_letter(s[0]) &&
         std::ranges::all_of(s, [](char c) { return is_letter(c) || is_digit(c) || c == '.'; });
}

bool is_index(std::string_view s) {
  return !s.empty() &&
         std::ranges::all_of(s, [](char c) { return is_letter(c) || is_digit(c) || c == '.' || c == '_'; });
}

tl::unexpected<Error> unknown(std::string_view text, std::string_view why) {
  return fail(Errc::instrument_unknown, "\"" + std::string{text.substr(0, 48)} + "\" " + std::string{why});
}

// Both halves of a pair decide its market: two currencies are forex, anything else quoted in a known unit a coin.
std::optional<Market> market_of(std::string_view base, std::string_view quote) {
  if (is_currency(base) && is_currency(quote)) return Market::forex;
  if (is_base(base) && is_coin_quote(quote)) return Market::crypto;
  return std::nullopt;
}

Result<Symbol> pair(std::string_view whole, std::string_view base, std::string_view quote, Market market) {
  if (market_of(base, quote) != market) return unknown(whole, "is no pair that the bus can name");
  return parse_symbol(std::string{base} + "-" + std::string{quote});
}

Result<Symbol> from_forex(std::string_view whole, std::string_view joined) {
  if (joined.size() != 6) return unknown(whole, "is no pair of two currencies");
  return pair(whole, joined.substr(0, 3), joined.substr(3), Market::forex);
}

Result<Symbol> from_crypto(std::string_view whole, std::string_view joined) {
  for (const std::size_t length : {4U, 3U}) {
    if (joined.size() <= length) continue;
    const auto quote = joined.substr(joined.size() - length);
    if (!is_coin_quote(quote)) continue;
    return pair(whole, joined.substr(0, joined.size() - length), quote, Market::crypto);
  }
  return unknown(whole, "is no coin quoted in a known currency");
}

Result<Symbol> from_option(std::string_view whole, std::string_view occ) {
  auto instrument = Instrument::parse(occ);
  if (!instrument) return tl::unexpected{instrument.error()};
  if (!instrument->is_option()) return unknown(whole, "is no option symbol");
  return instrument->symbol;
}

Result<Symbol> from_index(std::string_view whole, std::string_view index) {
  if (!is_index(index)) return unknown(whole, "is no index that the bus can name");
  return parse_symbol("I/" + std::string{index});
}

Result<Symbol> from_stock(std::string_view ticker) {
  if (!is_stock(ticker)) return unknown(ticker, "is no listed symbol");
  // One that reads as an option's would mean another instrument on the way back.
  auto instrument = Instrument::parse(ticker);
  if (!instrument) return tl::unexpected{instrument.error()};
  if (instrument->is_option()) return unknown(ticker, "lacks the prefix O: of an option");
  return instrument->symbol;
}

}  // namespace

std::string_view to_string(Market market) {
  switch (market) {
    case Market::stocks:
      return "stocks";
    case Market::options:
      return "options";
    case Market::indices:
      return "indices";
    case Market::forex:
      return "forex";
    case Market::crypto:
      return "crypto";
  }
  return "?";
}

Result<VenueSymbol> to_venue(const Symbol& symbol) {
  const std::string_view text = symbol.str();
  const auto instrument = Instrument::parse(text);
  if (!instrument) return tl::unexpected{instrument.error()};
  if (instrument->is_option()) return VenueSymbol{Market::options, "O:" + symbol.str()};
  if (text.starts_with("I/")) {
    const auto index = text.substr(2);
    if (!is_index(index)) return unknown(text, "names no index: I/ and its letters, as in I/SPX");
    return VenueSymbol{Market::indices, "I:" + std::string{index}};
  }
  if (const auto dash = text.find('-'); dash != std::string_view::npos) {
    const auto base = text.substr(0, dash);
    const auto quote = text.substr(dash + 1);
    const auto market = market_of(base, quote);
    if (!market)
      return unknown(text, "is no pair of the venue's: BASE-QUOTE in known currencies, as in EUR-USD, BTC-USD");
    const auto joined = std::string{base} + std::string{quote};
    return VenueSymbol{*market, (*market == Market::forex ? "C:" : "X:") + joined};
  }
  if (!is_stock(text)) return unknown(text, "is no symbol as US exchanges list them (AAPL, BRK.B)");
  return VenueSymbol{Market::stocks, symbol.str()};
}

Result<Symbol> from_rest(std::string_view ticker) {
  if (ticker.size() < 2 || ticker[1] != ':') return from_stock(ticker);
  const auto rest = ticker.substr(2);
  switch (ticker[0]) {
    case 'O':
      return from_option(ticker, rest);
    case 'I':
      return from_index(ticker, rest);
    case 'C':
      return from_forex(ticker, rest);
    case 'X':
      return from_crypto(ticker, rest);
    default:
      return unknown(ticker, "has a prefix that the bus does not know");
  }
}

bool is_index_root(const Symbol& symbol) {
  return std::ranges::find(index_roots, std::string_view{symbol.str()}, [](const auto& each) { return each.first; }) !=
         index_roots.end();
}

Result<std::string> chain_underlying(const Symbol& symbol) {
  for (const auto& [root, index] : index_roots)
    if (symbol.str() == root) return "I:" + std::string{index};
  auto venue = to_venue(symbol);
  if (!venue) return tl::unexpected{venue.error()};
  if (venue->market != Market::stocks && venue->market != Market::indices)
    return unknown(symbol.str(), "has no options here: name a stock or an index");
  return venue->rest;
}

}  // namespace tradebus::massive
