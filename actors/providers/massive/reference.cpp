#include "actors/providers/massive/reference.hpp"

#include <algorithm>
#include <tuple>

#include "actors/providers/massive/page_reader.hpp"
#include "actors/providers/massive/symbols.hpp"

namespace tradebus::massive {

namespace {

std::string upper(std::string_view text) {
  std::string out{text};
  for (auto& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return out;
}

AssetClass asset_class_of(std::string_view market, const Symbol& symbol) {
  if (market == "crypto") return AssetClass::crypto;
  if (market == "fx") return AssetClass::fx;
  if (market == "stocks" || market == "otc" || market == "indices") return AssetClass::equity;
  const auto instrument = Instrument::parse(symbol.str());
  return instrument ? instrument->asset_class : AssetClass::equity;
}

std::optional<std::string> unless_empty(std::optional<std::string> text) {
  return text && !text->empty() ? std::move(text) : std::nullopt;
}

std::optional<Symbol> symbol_of(json::Reader& reader, const std::optional<std::string>& ticker) {
  if (!ticker) {
    reader.mark("ticker", "is missing");
    return std::nullopt;
  }
  auto symbol = from_rest(*ticker);
  if (symbol) return std::move(*symbol);
  reader.mark("ticker", symbol.error().message);
  return std::nullopt;
}

std::optional<Quantity> above_zero(std::optional<Quantity> quantity) {
  return quantity && quantity->is_positive() ? quantity : std::nullopt;
}

// to / from, exact to nine decimals.
std::optional<Quantity> factor_of(Quantity to, Quantity from) {
  constexpr Int128 most = static_cast<Int128>(1'000'000'000) * Quantity::scale;  // a billion shares for one
  if (!to.is_positive() || !from.is_positive() || to.raw() > most) return std::nullopt;
  const auto raw = tradebus::detail::divide_half_even(to.raw() * Quantity::scale, from.raw());
  return raw > 0 ? std::optional{Quantity::from_raw(raw)} : std::nullopt;
}

// What details and search say alike. `Out` has symbol, name, exchange and asset_class.
template <class Out>
struct Listing {
  Out out;
  std::optional<std::string> ticker;
  std::string market;

  bool take(json::Reader& reader, std::string_view key, json::Value& value) {
    if (key == "ticker")
      ticker = reader.text(key, value);
    else if (key == "name")
      out.name = reader.text(key, value).value_or("");
    else if (key == "market")
      market = reader.text(key, value).value_or("");
    else if (key == "primary_exchange")
      out.exchange = unless_empty(reader.text(key, value));
    else
      return false;
    return true;
  }
  bool finish(json::Reader& reader) {
    const auto symbol = symbol_of(reader, ticker);
    if (!symbol) return false;
    out.symbol = *symbol;
    out.asset_class = asset_class_of(market, *symbol);
    return true;
  }
};

std::optional<TickerDetails> details_row(json::Reader& reader, json::Value& object) {
  Listing<TickerDetails> row;
  auto& out = row.out;
  std::optional<Quantity> weighted;
  reader.fields("row", object, [&](std::string_view key, json::Value& value) {
    if (row.take(reader, key, value)) return;
    if (key == "currency_name" || key == "currency_symbol") {
      // Pairs have the name in words ("United States dollar") and the code as the symbol.
      auto text = upper(reader.text(key, value).value_or(""));
      if (!text.empty() && (text.size() == 3 || !out.currency)) out.currency = std::move(text);
    } else if (key == "sic_description")
      out.sector = unless_empty(reader.text(key, value));
    else if (key == "description")
      out.description = unless_empty(reader.text(key, value));
    else if (key == "homepage_url")
      out.homepage_url = unless_empty(reader.text(key, value));
    else if (key == "share_class_shares_outstanding")
      out.shares_outstanding = above_zero(reader.quantity(key, value));
    else if (key == "weighted_shares_outstanding")
      weighted = above_zero(reader.quantity(key, value));
    else if (key == "market_cap")
      out.market_cap = reader.money(key, value);
    else if (key == "list_date") {
      if (const auto date = reader.date(key, value)) out.list_date = date->to_string();
    }
  });
  if (!row.finish(reader)) return std::nullopt;
  if (out.name.empty()) out.name = out.symbol.str();
  if (!out.shares_outstanding) out.shares_outstanding = weighted;
  if (out.market_cap && !out.market_cap->is_positive()) out.market_cap.reset();
  return std::move(out);
}

std::optional<SymbolMatch> match_row(json::Reader& reader, json::Value& object) {
  Listing<SymbolMatch> row;
  reader.fields("row", object, [&](std::string_view key, json::Value& value) { row.take(reader, key, value); });
  if (!row.finish(reader)) return std::nullopt;
  return std::move(row.out);
}

}  // namespace

Result<Page<TickerDetails>> decode_details(std::string_view body) {
  return read_page<TickerDetails>(body, "results", details_row);
}

Result<Page<SymbolMatch>> decode_tickers(std::string_view body) {
  return read_page<SymbolMatch>(body, "results", match_row);
}

bool is_meant(const Symbol& symbol, std::string_view text) { return upper(symbol.str()) == upper(text); }

std::string ticker_meant(std::string_view text) {
  const auto is_capital = [](char c) { return c >= 'A' && c <= 'Z'; };
  const bool as_written = text.size() > 1 && (is_capital(text[1]) || is_capital(text.back()));
  const auto symbol = parse_symbol(as_written ? std::string{text} : upper(text));
  if (!symbol) return {};
  const auto venue = to_venue(*symbol);
  return venue && venue->market != Market::options ? venue->rest : std::string{};
}

void rank(std::vector<SymbolMatch>& matches, std::string_view text) {
  const auto wanted = upper(text);
  const auto key = [&](const SymbolMatch& match) {
    const std::string_view symbol = match.symbol.str();
    const auto same = upper(symbol);
    const int order = symbol == text ? 0 : same == wanted ? 1 : same.starts_with(wanted) ? 2 : 3;
    return std::tuple{order, symbol};
  };
  std::ranges::stable_sort(matches, {}, key);
}

Result<void> check_market_status(std::string_view body) {
  json::Reader reader;
  auto envelope = detail::read_envelope(reader, body, [](std::string_view, json::Value&) {});
  if (!envelope) return tl::unexpected{std::move(envelope.error())};
  return {};
}

Result<Page<SplitRow>> decode_splits(std::string_view body) {
  return read_page<SplitRow>(body, "results", [](json::Reader& reader, json::Value& object) -> std::optional<SplitRow> {
    std::optional<std::string> ticker;
    std::optional<Date> date;
    std::optional<Quantity> from;
    std::optional<Quantity> to;
    reader.fields("row", object, [&](std::string_view key, json::Value& value) {
      if (key == "ticker") ticker = reader.text(key, value);
      if (key == "execution_date") date = reader.date(key, value);
      if (key == "split_from") from = reader.quantity(key, value);
      if (key == "split_to") to = reader.quantity(key, value);
    });
    const auto symbol = symbol_of(reader, ticker);
    const auto factor = from && to ? factor_of(*to, *from) : std::nullopt;
    if (!date) reader.mark("execution_date", "is missing");
    if (!factor) reader.mark("split_from, split_to", "are no ratio");
    if (!symbol || !date || !factor) return std::nullopt;
    return SplitRow{*symbol, *date, *factor};
  });
}

Result<Page<DividendRow>> decode_dividends(std::string_view body) {
  return read_page<DividendRow>(body, "results",
                                [](json::Reader& reader, json::Value& object) -> std::optional<DividendRow> {
                                  std::optional<std::string> ticker;
                                  std::optional<Date> date;
                                  std::optional<Quantity> amount;
                                  std::string currency;
                                  reader.fields("row", object, [&](std::string_view key, json::Value& value) {
                                    if (key == "ticker") ticker = reader.text(key, value);
                                    if (key == "ex_dividend_date") date = reader.date(key, value);
                                    if (key == "cash_amount") amount = reader.quantity(key, value);
                                    if (key == "currency") currency = upper(reader.text(key, value).value_or(""));
                                  });
                                  const auto symbol = symbol_of(reader, ticker);
                                  if (!date) reader.mark("ex_dividend_date", "is missing");
                                  if (!symbol || !date) return std::nullopt;
                                  // Accounts here are in dollars: an amount of something else is none that is known.
                                  if (!currency.empty() && currency != "USD") amount.reset();
                                  return DividendRow{*symbol, *date, amount.value_or(Quantity{})};
                                });
}

}  // namespace tradebus::massive
