// Market data as the bus carries it. `ts` is the source's time, `rx` the time this daemon received it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bus/model/decimal.hpp"
#include "bus/model/describe.hpp"
#include "bus/model/enums.hpp"
#include "bus/model/strong_string.hpp"
#include "bus/model/time.hpp"

namespace tradebus {

// The best bid and offer. A side without a price, or a size that the source does not give, is absent.
struct Quote {
  Symbol symbol;
  Timestamp ts{};
  Timestamp rx{};
  std::optional<Price> bid;
  std::optional<Quantity> bid_size;
  std::optional<Price> ask;
  std::optional<Quantity> ask_size;
  std::optional<Quality> quality;  // absent = live

  static constexpr std::string_view type_name = "Quote";
  static constexpr auto fields() {
    return std::tuple{field("symbol", &Quote::symbol),
                      field("ts", &Quote::ts),
                      field("rx", &Quote::rx),
                      field("bid", &Quote::bid),
                      field("bid_size", &Quote::bid_size),
                      field("ask", &Quote::ask),
                      field("ask_size", &Quote::ask_size),
                      field("quality", &Quote::quality)};
  }
};

struct Trade {
  Symbol symbol;
  Timestamp ts{};
  Timestamp rx{};
  Price price;
  Quantity size;
  std::optional<std::string> exchange;
  std::optional<std::vector<std::string>> conditions;
  std::optional<std::string> id;

  static constexpr std::string_view type_name = "Trade";
  static constexpr auto fields() {
    return std::tuple{
        field("symbol", &Trade::symbol),         field("ts", &Trade::ts),     field("rx", &Trade::rx),
        field("price", &Trade::price),           field("size", &Trade::size), field("exchange", &Trade::exchange),
        field("conditions", &Trade::conditions), field("id", &Trade::id)};
  }
};

// One bar; `ts` is its start. Live bars carry `rx` and `final`, historical ones are final and leave both out.
struct HistoricalBar {
  Symbol symbol;
  Timestamp ts{};
  Price open;
  Price high;
  Price low;
  Price close;
  Quantity volume;
  std::optional<Price> vwap;
  std::optional<std::int64_t> trades;
  std::optional<Timestamp> rx;
  std::optional<bool> final;

  static constexpr std::string_view type_name = "HistoricalBar";
  static constexpr auto fields() {
    return std::tuple{field("symbol", &HistoricalBar::symbol), field("ts", &HistoricalBar::ts),
                      field("open", &HistoricalBar::open),     field("high", &HistoricalBar::high),
                      field("low", &HistoricalBar::low),       field("close", &HistoricalBar::close),
                      field("volume", &HistoricalBar::volume), field("vwap", &HistoricalBar::vwap),
                      field("trades", &HistoricalBar::trades), field("rx", &HistoricalBar::rx),
                      field("final", &HistoricalBar::final)};
  }
};

// An option's market and model values. iv is a fraction (0.25 = 25 %); delta and gamma per unit of the underlying;
// theta a calendar day; vega a volatility point (0.01).
struct OptionQuote {
  Symbol symbol;  // compact OCC
  Symbol underlying;
  std::string expiry;  // YYYY-MM-DD
  Price strike;
  OptionRight right = OptionRight::call;
  Timestamp ts{};
  std::optional<Timestamp> rx;
  std::optional<Price> bid;
  std::optional<Quantity> bid_size;
  std::optional<Price> ask;
  std::optional<Quantity> ask_size;
  std::optional<Price> last;
  std::optional<Quantity> volume;
  std::optional<double> iv;
  std::optional<double> delta;
  std::optional<double> gamma;
  std::optional<double> theta;
  std::optional<double> vega;
  std::optional<Quantity> open_interest;
  std::optional<Price> underlying_price;
  std::optional<Quality> quality;

  static constexpr std::string_view type_name = "OptionQuote";
  static constexpr auto fields() {
    return std::tuple{field("symbol", &OptionQuote::symbol),
                      field("underlying", &OptionQuote::underlying),
                      field("expiry", &OptionQuote::expiry),
                      field("strike", &OptionQuote::strike),
                      field("right", &OptionQuote::right),
                      field("ts", &OptionQuote::ts),
                      field("rx", &OptionQuote::rx),
                      field("bid", &OptionQuote::bid),
                      field("bid_size", &OptionQuote::bid_size),
                      field("ask", &OptionQuote::ask),
                      field("ask_size", &OptionQuote::ask_size),
                      field("last", &OptionQuote::last),
                      field("volume", &OptionQuote::volume),
                      field("iv", &OptionQuote::iv),
                      field("delta", &OptionQuote::delta),
                      field("gamma", &OptionQuote::gamma),
                      field("theta", &OptionQuote::theta),
                      field("vega", &OptionQuote::vega),
                      field("open_interest", &OptionQuote::open_interest),
                      field("underlying_price", &OptionQuote::underlying_price),
                      field("quality", &OptionQuote::quality)};
  }
};

struct NewsItem {
  std::string id;
  Timestamp ts{};
  std::string title;
  std::string url;
  std::string publisher;
  std::vector<std::string> symbols;
  std::optional<std::string> summary;

  static constexpr std::string_view type_name = "NewsItem";
  static constexpr auto fields() {
    return std::tuple{field("id", &NewsItem::id),
                      field("ts", &NewsItem::ts),
                      field("title", &NewsItem::title),
                      field("url", &NewsItem::url),
                      field("publisher", &NewsItem::publisher),
                      field("symbols", &NewsItem::symbols),
                      field("summary", &NewsItem::summary)};
  }
};

struct TickerDetails {
  Symbol symbol;
  std::string name;
  AssetClass asset_class = AssetClass::equity;
  std::optional<std::string> exchange;  // MIC: XNYS, XNAS
  std::optional<std::string> currency;
  std::optional<std::string> sector;
  std::optional<std::string> description;
  std::optional<std::string> homepage_url;
  std::optional<Quantity> shares_outstanding;
  std::optional<Money> market_cap;
  std::optional<std::string> list_date;  // YYYY-MM-DD

  static constexpr std::string_view type_name = "TickerDetails";
  static constexpr auto fields() {
    return std::tuple{field("symbol", &TickerDetails::symbol),
                      field("name", &TickerDetails::name),
                      field("asset_class", &TickerDetails::asset_class),
                      field("exchange", &TickerDetails::exchange),
                      field("currency", &TickerDetails::currency),
                      field("sector", &TickerDetails::sector),
                      field("description", &TickerDetails::description),
                      field("homepage_url", &TickerDetails::homepage_url),
                      field("shares_outstanding", &TickerDetails::shares_outstanding),
                      field("market_cap", &TickerDetails::market_cap),
                      field("list_date", &TickerDetails::list_date)};
  }
};

// The day's bar so far, the previous day's, and the change between them.
struct DailySnapshot {
  Symbol symbol;
  Timestamp ts{};
  std::optional<HistoricalBar> day;
  std::optional<HistoricalBar> previous_day;
  std::optional<Price> change;  // last price less the previous close
  std::optional<double> change_percent;

  static constexpr std::string_view type_name = "DailySnapshot";
  static constexpr auto fields() {
    return std::tuple{field("symbol", &DailySnapshot::symbol), field("ts", &DailySnapshot::ts),
                      field("day", &DailySnapshot::day),       field("previous_day", &DailySnapshot::previous_day),
                      field("change", &DailySnapshot::change), field("change_percent", &DailySnapshot::change_percent)};
  }
};

struct SymbolMatch {
  Symbol symbol;
  std::string name;
  AssetClass asset_class = AssetClass::equity;
  std::optional<std::string> exchange;

  static constexpr std::string_view type_name = "SymbolMatch";
  static constexpr auto fields() {
    return std::tuple{field("symbol", &SymbolMatch::symbol), field("name", &SymbolMatch::name),
                      field("asset_class", &SymbolMatch::asset_class), field("exchange", &SymbolMatch::exchange)};
  }
};

}  // namespace tradebus
