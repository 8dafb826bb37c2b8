#include <algorithm>
#include <cmath>

#include "tests/venues/massive/endpoints.hpp"
#include "tests/venues/massive/page.hpp"

namespace tradebus::massive_sim {
namespace {

constexpr std::size_t movers = 20;
constexpr double round_lot = 100;

struct Snapshot {
  std::string ticker;
  Bar day, previous, minute;  // all zeros when there is none
  double accumulated = 0;
  std::optional<Trade> trade;
  std::optional<Quote> quote;
  double change = 0, change_percent = 0;
};

// From 03:30 to 04:00 of a trading day everything is cleared.
bool cleared(const Call& call) {
  const Day today = call.today();
  const Ms now = call.now / ns_per_ms;
  return trades_on(today) && now >= at(today, 3, 30) && now < session_of(today).pre;
}

// The day whose session a snapshot shows: yesterday's until 03:30.
Day shown_day(const Call& call) {
  const Day today = call.today();
  if (!trades_on(today)) return last_trading_day(today);
  return call.now / ns_per_ms < at(today, 3, 30) ? previous_trading_day(today) : today;
}

std::optional<Snapshot> snapshot_of(const Call& call, const std::string& ticker) {
  Snapshot out;
  out.ticker = ticker;
  const Day day = shown_day(call);
  if (const auto before = call.market.day_bar(ticker, previous_trading_day(day), call.now)) out.previous = *before;
  if (!cleared(call)) {
    if (const auto today = call.market.day_bar(ticker, day, call.now)) {
      out.day = *today;
      out.accumulated = today->volume;
      const Ns end = std::min(call.now, midnight(day + 1) * ns_per_ms);
      for (Ns back = 600 * ns_per_s; out.minute.time == 0 && back <= 86'400 * ns_per_s; back *= 12) {
        const auto minutes = call.market.minutes(ticker, {std::max(midnight(day) * ns_per_ms, end - back), end});
        if (!minutes.empty()) out.minute = minutes.back();
      }
    }
  }
  out.trade = call.market.last_trade(ticker, call.now);
  out.quote = call.market.last_quote(ticker, call.now);
  if (out.previous.close == 0 && out.day.close == 0 && !out.trade) return std::nullopt;
  if (out.day.close > 0 && out.previous.close > 0) {
    out.change = to_4_decimals(out.day.close - out.previous.close);
    out.change_percent = to_4_decimals(out.change / out.previous.close * 100);
  }
  return out;
}

void write_day(Json& json, const Bar& bar) {
  json.begin_object().field("o", bar.open).field("h", bar.high).field("l", bar.low).field("c", bar.close);
  json.key("v").volume(bar.volume).field("vw", bar.vwap).end_object();
}

void write(Json& json, const Call& call, const Snapshot& x) {
  json.begin_object()
      .field("ticker", x.ticker)
      .field("todaysChangePerc", x.change_percent)
      .field("todaysChange", x.change);
  json.field("updated", x.trade ? x.trade->time : Ns{0});
  json.key("day");
  write_day(json, x.day);
  if (x.quote && call.access.has("Q")) {
    json.key("lastQuote")
        .begin_object()
        .field("P", x.quote->ask)
        .field("S", std::llround(x.quote->ask_size / round_lot));
    json.field("p", x.quote->bid)
        .field("s", std::llround(x.quote->bid_size / round_lot))
        .field("t", x.quote->time)
        .end_object();
  }
  if (x.trade && call.access.has("T")) {
    json.key("lastTrade").begin_object().key("c");
    if (x.trade->condition < 0) {
      json.null();
    } else {
      json.begin_array().value(x.trade->condition).end_array();
    }
    json.field("i", std::to_string(x.trade->id)).field("p", x.trade->price).field("s", x.trade->size);
    json.field("t", x.trade->time).field("x", x.trade->exchange).end_object();
  }
  json.key("min").begin_object().key("av").volume(x.accumulated).field("t", x.minute.time).field("n", x.minute.trades);
  json.field("o", x.minute.open).field("h", x.minute.high).field("l", x.minute.low).field("c", x.minute.close);
  json.key("v").volume(x.minute.volume).field("vw", x.minute.vwap);
  json.field("dav", std::to_string(std::llround(x.accumulated)) + ".0").end_object();
  json.key("prevDay");
  write_day(json, x.previous);
  json.end_object();
}

std::vector<Snapshot> whole_market(const Call& call, bool otc) {
  std::vector<Snapshot> out;
  for (const Listing& listing : call.market.listings()) {
    if (listing.otc && !otc) continue;
    if (auto x = snapshot_of(call, listing.ticker)) out.push_back(std::move(*x));
  }
  return out;
}

Answer list(const Call& call, const std::vector<Snapshot>& rows) {
  Json json;
  json.begin_object().key("tickers").begin_array();
  for (const Snapshot& row : rows) write(json, call, row);
  json.end_array()
      .field("status", call.status())
      .field("request_id", call.request_id)
      .field("count", rows.size())
      .end_object();
  return {200, json.take(), {}, static_cast<std::ptrdiff_t>(rows.size()), "application/json"};
}

}  // namespace

// /v2/snapshot/locale/us/markets/stocks/tickers/{ticker}
Answer snapshot_ticker(const Call& call) {
  if (call.access.plan == Plan::free) return not_entitled(call);
  const auto found = call.market.known(call.parts[0]) ? snapshot_of(call, call.parts[0]) : std::nullopt;
  if (!found) return not_found(call, "Ticker not found.");
  Json json;
  json.begin_object().key("ticker");
  write(json, call, *found);
  json.field("status", call.status()).field("request_id", call.request_id).end_object();
  return {200, json.take(), {}, -1, "application/json"};
}

// /v2/snapshot/locale/us/markets/stocks/tickers
Answer snapshot_all(const Call& call) {
  if (call.access.plan == Plan::free) return not_entitled(call);
  auto rows = whole_market(call, call.query.get("include_otc") == "true");
  // A list with commas; the vendor's JavaScript client sends the parameter once for each.
  std::string asked;
  for (const auto& [name, value] : call.query.all()) {
    if (name == "tickers") asked += (asked.empty() ? "" : ",") + value;
  }
  if (!asked.empty()) {
    Query any;
    any.set("ticker.any_of", asked);
    std::erase_if(rows, [&](const Snapshot& row) { return !wanted_text(any, "ticker", row.ticker); });
  }
  return list(call, rows);
}

// /v2/snapshot/locale/us/markets/stocks/{gainers|losers}
Answer snapshot_direction(const Call& call) {
  if (call.access.plan == Plan::free) return not_entitled(call);
  if (call.parts[0] != "gainers" && call.parts[0] != "losers") return not_found(call, "Unknown direction.");
  auto rows = whole_market(call, call.query.get("include_otc") == "true");
  const double sign = call.parts[0] == "gainers" ? -1 : 1;
  std::erase_if(rows, [&](const Snapshot& row) { return row.change_percent * sign >= 0; });
  std::stable_sort(rows.begin(), rows.end(), [&](const Snapshot& a, const Snapshot& b) {
    return a.change_percent * sign < b.change_percent * sign;
  });
  rows.resize(std::min(rows.size(), movers));
  return list(call, rows);
}

}  // namespace tradebus::massive_sim
