#include <algorithm>

#include "tests/venues/massive/endpoints.hpp"
#include "tests/venues/massive/option_row.hpp"
#include "tests/venues/massive/page.hpp"

namespace tradebus::massive_sim {
namespace {

constexpr std::size_t asked_max = 250;

void write_error(Json& json, std::string_view ticker, std::string_view error, std::string_view message) {
  json.begin_object().field("ticker", ticker).field("error", error).field("message", message).end_object();
}

void write_stock(Json& json, const Call& call, const Listing& listing) {
  const Day day = last_trading_day(call.today());
  const auto bar = call.market.day_bar(listing.ticker, day, call.now);
  const auto before = call.market.day_bar(listing.ticker, previous_trading_day(day), call.now);
  const auto trade = call.market.last_trade(listing.ticker, call.now);
  const auto quote = call.market.last_quote(listing.ticker, call.now);
  json.begin_object()
      .field("market_status", market_state(call))
      .field("name", listing.name)
      .field("ticker", listing.ticker);
  json.field("type", "stocks");
  json.key("session").begin_object();
  if (bar) {
    const double previous = before ? before->close : bar->open;
    const double change = to_4_decimals(bar->close - previous), percent = to_4_decimals(change / previous * 100);
    json.field("change", change).field("change_percent", percent).field("early_trading_change", 0.0);
    json.field("early_trading_change_percent", 0.0).field("regular_trading_change", change);
    json.field("regular_trading_change_percent", percent).field("late_trading_change", 0.0);
    json.field("late_trading_change_percent", 0.0)
        .field("close", bar->close)
        .field("high", bar->high)
        .field("low", bar->low);
    json.field("open", bar->open).key("volume").volume(bar->volume).field("previous_close", previous);
    json.field("price", trade ? trade->price : bar->close);
  }
  json.end_object();
  if (quote && call.access.has("Q")) {
    json.key("last_quote").begin_object().field("last_updated", quote->time).field("timeframe", call.timeframe());
    json.field("ask", quote->ask).field("ask_size", quote->ask_size).field("ask_exchange", quote->ask_exchange);
    json.field("bid", quote->bid)
        .field("bid_size", quote->bid_size)
        .field("bid_exchange", quote->bid_exchange)
        .end_object();
  }
  if (trade && call.access.has("T")) {
    json.key("last_trade").begin_object().field("last_updated", trade->time).field("timeframe", call.timeframe());
    json.field("id", std::to_string(trade->id)).field("price", trade->price).field("size", trade->size);
    json.field("exchange", trade->exchange).end_object();
  }
  json.field("last_updated", trade ? trade->time : Ns{0}).field("timeframe", call.timeframe()).end_object();
}

void write_contract(Json& json, const Call& call, const Contract& contract) {
  json.begin_object()
      .field("market_status", market_state(call))
      .field("ticker", contract.ticker)
      .field("type", "options");
  json.field("name", contract.underlying + " $" + std::to_string(static_cast<long long>(contract.strike)) +
                         (contract.call ? " Call" : " Put"));
  write_option(json, call, contract, true);
  json.end_object();
}

std::vector<std::string> asked_tickers(const Call& call) {
  std::vector<std::string> out;
  if (const auto list = call.query.find("ticker.any_of"); list && !list->empty()) {
    std::string_view rest = *list;
    while (true) {
      const std::size_t comma = rest.find(',');
      out.emplace_back(rest.substr(0, comma));
      if (comma == std::string_view::npos) break;
      rest.remove_prefix(comma + 1);
    }
    return out;
  }
  const std::string_view type = call.query.get("type", "stocks");
  if (type == "stocks") {
    for (const Listing& listing : call.market.listings()) out.push_back(listing.ticker);
  } else if (type == "options") {
    for (const Listing& listing : call.market.listings()) {
      for (const Contract& contract : call.market.contracts(listing.ticker, call.today()))
        out.push_back(contract.ticker);
    }
  }
  std::sort(out.begin(), out.end());
  std::erase_if(out, [&](const std::string& ticker) { return !wanted_text(call.query, "ticker", ticker); });
  return out;
}

}  // namespace

// /v3/snapshot: failures are rows of a 200.
Answer universal_snapshot(const Call& call) {
  if (call.access.plan == Plan::free) return not_entitled(call);
  const auto limit = limit_of(call.query, 10, asked_max);
  if (!limit) return bad_request(call, "Could not parse the limit.");
  const auto all = asked_tickers(call);
  if (call.query.find("ticker.any_of") && all.size() > asked_max) {
    return bad_request(call, "ticker.any_of can not have more than 250 tickers.");
  }
  const auto page = page_of(call, all, *limit);
  Json json;
  json.begin_array();
  for (const std::string* ticker : page.rows) {
    if (const Listing* listing = call.market.listing(*ticker)) {
      write_stock(json, call, *listing);
    } else if (const auto contract = parse_contract(*ticker); contract && call.market.known(*ticker)) {
      write_contract(json, call, *contract);
    } else if (ticker->starts_with("I:") || ticker->starts_with("C:") || ticker->starts_with("X:")) {
      write_error(json, *ticker, "NOT_ENTITLED", "Not entitled to this ticker.");
    } else {
      write_error(json, *ticker, "NOT_FOUND", "Ticker not found.");
    }
  }
  json.end_array();
  return envelope(call, json.text(), static_cast<std::ptrdiff_t>(page.rows.size()), page.next_url, false);
}

// /v3/snapshot/indices: no index is in the simulated market.
Answer indices_snapshot(const Call& call) {
  Json json;
  json.begin_array();
  for (const std::string& ticker : asked_tickers(call)) {
    if (ticker.starts_with("I:")) write_error(json, ticker, "NOT_ENTITLED", "Not entitled to this ticker.");
  }
  json.end_array();
  return envelope(call, json.text(), -1, {}, false);
}

}  // namespace tradebus::massive_sim
