#include "actors/providers/massive/options.hpp"

#include <algorithm>
#include <tuple>

#include "actors/providers/massive/page_reader.hpp"
#include "actors/providers/massive/symbols.hpp"

namespace tradebus::massive {

namespace {

constexpr std::int64_t standard_shares = 100;

// The symbol says expiry, right and strike; the words beside it must not say otherwise.
struct Contract {
  std::optional<std::string> ticker;
  std::optional<std::string> type;
  std::optional<Date> expiry;
  std::optional<Price> strike;
  std::optional<Quantity> shares;

  bool take(json::Reader& reader, std::string_view key, json::Value& value) {
    if (key == "ticker")
      ticker = reader.text(key, value);
    else if (key == "contract_type")
      type = reader.text(key, value);
    else if (key == "expiration_date")
      expiry = reader.date(key, value);
    else if (key == "strike_price")
      strike = reader.price(key, value);
    else if (key == "shares_per_contract")
      shares = reader.quantity(key, value);
    else
      return false;
    return true;
  }

  std::optional<Instrument> instrument(json::Reader& reader) const {
    auto symbol = from_rest(ticker.value_or(""));
    if (!symbol) {
      reader.mark("ticker", symbol.error().message);
      return std::nullopt;
    }
    auto out = Instrument::parse(symbol->str());
    if (!out || !out->is_option()) {
      reader.mark("ticker", "is no option");
      return std::nullopt;
    }
    const bool agree = (!expiry || *expiry == *out->expiry) && (!strike || *strike == *out->strike) &&
                       (!type || *type == to_string(*out->right));
    if (!agree) {
      reader.mark("ticker", "says another contract than the keys beside it");
      return std::nullopt;
    }
    return std::move(*out);
  }
  bool is_other() const { return type && *type != "call" && *type != "put"; }
  bool is_standard() const { return !shares || *shares == Quantity::from_int(standard_shares); }
};

void later(Timestamp& latest, std::optional<Timestamp> t) {
  if (t && *t > latest) latest = *t;
}

std::optional<Quantity> not_below_zero(std::optional<Quantity> quantity) {
  return quantity && !quantity->is_negative() ? quantity : std::nullopt;
}

struct ChainRow {
  Contract contract;
  OptionQuote quote;
  std::optional<Price> day_close;
  Timestamp latest{};
  bool delayed = false;

  void take(json::Reader& reader, std::string_view key, json::Value& value) {
    const auto each = [&](auto&& f) { reader.fields(key, value, f); };
    if (key == "details") {
      each([&](std::string_view k, json::Value& v) { contract.take(reader, k, v); });
    } else if (key == "day") {
      each([&](std::string_view k, json::Value& v) { take_day(reader, k, v); });
    } else if (key == "greeks") {
      each([&](std::string_view k, json::Value& v) { take_greek(reader, k, v); });
    } else if (key == "last_quote") {
      each([&](std::string_view k, json::Value& v) { take_quote(reader, k, v); });
    } else if (key == "last_trade") {
      each([&](std::string_view k, json::Value& v) { take_trade(reader, k, v); });
    } else if (key == "underlying_asset") {
      each([&](std::string_view k, json::Value& v) {
        if (k != "price" && k != "value") return;
        if (const auto price = reader.price_above_zero(k, v)) quote.underlying_price = price;
      });
    } else if (key == "implied_volatility") {
      const auto iv = reader.number(key, value);
      if (iv && *iv > 0) quote.iv = iv;
    } else if (key == "open_interest") {
      quote.open_interest = not_below_zero(reader.quantity(key, value));
    }
  }

 private:
  void take_day(json::Reader& reader, std::string_view key, json::Value& value) {
    if (key == "close") day_close = reader.price_above_zero(key, value);
    if (key == "volume") quote.volume = not_below_zero(reader.quantity(key, value));
    if (key == "last_updated") later(latest, reader.ns(key, value));
  }
  void take_greek(json::Reader& reader, std::string_view key, json::Value& value) {
    if (key == "delta") quote.delta = reader.number(key, value);
    if (key == "gamma") quote.gamma = reader.number(key, value);
    if (key == "theta") quote.theta = reader.number(key, value);
    if (key == "vega") quote.vega = reader.number(key, value);
  }
  void take_quote(json::Reader& reader, std::string_view key, json::Value& value) {
    if (key == "bid") quote.bid = reader.price_above_zero(key, value);
    if (key == "ask") quote.ask = reader.price_above_zero(key, value);
    if (key == "bid_size") quote.bid_size = not_below_zero(reader.quantity(key, value));
    if (key == "ask_size") quote.ask_size = not_below_zero(reader.quantity(key, value));
    if (key == "last_updated") later(latest, reader.ns(key, value));
    if (key == "timeframe") delayed |= reader.text(key, value).value_or("") == "DELAYED";
  }
  void take_trade(json::Reader& reader, std::string_view key, json::Value& value) {
    if (key == "price") quote.last = reader.price_above_zero(key, value);
    if (key == "sip_timestamp") later(latest, reader.ns(key, value));
  }
};

std::optional<ContractRow> contract_row(json::Reader& reader, json::Value& object) {
  Contract contract;
  ContractRow out;
  bool mixed = false;  // something else than the shares is delivered
  std::string underlying;
  reader.fields("row", object, [&](std::string_view key, json::Value& value) {
    if (contract.take(reader, key, value)) return;
    if (key == "underlying_ticker")
      underlying = reader.text(key, value).value_or("");
    else if (key == "primary_exchange")
      out.exchange = reader.text(key, value).value_or("");
    else if (key == "additional_underlyings")
      reader.elements(key, value, [&](json::Value&) { mixed = true; });
  });
  if (contract.is_other()) return std::nullopt;
  auto instrument = contract.instrument(reader);
  if (!instrument) return std::nullopt;
  auto symbol = from_rest(underlying);
  out.underlying = symbol ? *symbol : *instrument->underlying;
  out.instrument = std::move(*instrument);
  out.standard = contract.is_standard() && !mixed;
  return out;
}

}  // namespace

Result<Page<ContractRow>> decode_contracts(std::string_view body) {
  return read_page<ContractRow>(body, "results", contract_row);
}

Result<ChainPage> decode_chain(std::string_view body, const Symbol& underlying, Timestamp now) {
  ChainPage out;
  auto page = read_page<OptionQuote>(
      body, "results", [&](json::Reader& reader, json::Value& object) -> std::optional<OptionQuote> {
        ChainRow row;
        reader.fields("row", object, [&](std::string_view key, json::Value& value) { row.take(reader, key, value); });
        if (row.contract.is_other()) return std::nullopt;
        const auto instrument = row.contract.instrument(reader);
        if (!instrument) return std::nullopt;
        if (!row.contract.is_standard()) {
          ++out.adjusted;
          return std::nullopt;
        }
        auto& quote = row.quote;
        quote.symbol = instrument->symbol;
        quote.underlying = underlying;
        quote.expiry = instrument->expiry->to_string();
        quote.strike = *instrument->strike;
        quote.right = *instrument->right;
        quote.ts = row.latest > Timestamp{} ? row.latest : now;
        quote.rx = now;
        if (!quote.last) quote.last = row.day_close;
        // A size without a price is nobody's.
        if (!quote.bid) quote.bid_size.reset();
        if (!quote.ask) quote.ask_size.reset();
        if (row.delayed) quote.quality = Quality::delayed;
        return std::move(quote);
      });
  if (!page) return tl::unexpected{std::move(page.error())};
  out.page = std::move(*page);
  if (out.page.delayed)
    for (auto& quote : out.page.rows) quote.quality = Quality::delayed;
  return out;
}

void sort_chain(std::vector<OptionQuote>& quotes) {
  const auto key = [](const OptionQuote& q) { return std::tie(q.expiry, q.strike, q.right, q.symbol); };
  std::ranges::stable_sort(quotes, {}, key);
  const auto [first, last] = std::ranges::unique(quotes, {}, &OptionQuote::symbol);
  quotes.erase(first, last);
}

}  // namespace tradebus::massive
