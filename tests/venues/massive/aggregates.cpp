#include <charconv>
#include <cmath>

#include "tests/venues/massive/endpoints.hpp"
#include "tests/venues/massive/windows.hpp"

namespace tradebus::massive_sim {
namespace {

constexpr std::string_view todays =
    "Attempted to request today's data before end of day. Please upgrade your plan at https://massive.com/pricing";
constexpr std::string_view too_old =
    "Your plan doesn't include this data timeframe. Please upgrade your plan at https://massive.com/pricing";
constexpr int free_years = 2;

struct Edge {
  Ms time = 0;
  bool date = false;
};

// A date or Unix milliseconds.
std::optional<Edge> parse_edge(std::string_view text) {
  if (const auto day = parse_day(text)) return Edge{midnight(*day), true};
  Ms ms = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), ms);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return Edge{ms, false};
}

void write_bar(Json& json, const Bar& bar, std::string_view ticker, bool otc) {
  json.begin_object();
  if (!ticker.empty()) json.field("T", ticker);
  json.key("v")
      .volume(bar.volume)
      .field("vw", bar.vwap)
      .field("o", bar.open)
      .field("c", bar.close)
      .field("h", bar.high);
  json.field("l", bar.low).field("t", bar.time).field("n", bar.trades);
  if (otc) json.field("otc", true);
  json.end_object();
}

// Prices as they stood, for adjusted=false: the market's own are adjusted.
Bar unadjusted(const Call& call, std::string_view ticker, Bar bar) {
  const double factor = call.market.split_factor(ticker, day_of(bar.time), call.today());
  if (factor == 1) return bar;
  for (double* price : {&bar.open, &bar.high, &bar.low, &bar.close, &bar.vwap}) *price = to_4_decimals(*price / factor);
  bar.volume = std::round(bar.volume * factor);
  return bar;
}

bool adjusted(const Call& call) {
  return call.query.get("adjusted", "true") != "false" && call.query.get("adjusted") != "False";
}

// Why a free plan may not read this; empty: it may.
std::string_view beyond_free(const Call& call, Day from, Day to) {
  if (call.access.plan != Plan::free) return {};
  const auto [year, month, day] = civil(call.today());
  if (from < from_civil(year - free_years, month, std::min(day, 28))) return too_old;
  if (to >= call.today() && trades_on(call.today()) && call.now < session_of(call.today()).post * ns_per_ms)
    return todays;
  return {};
}

void open_envelope(Json& json, const Call& call, std::string_view ticker, std::size_t read, std::size_t bars) {
  json.begin_object();
  if (!ticker.empty()) json.field("ticker", ticker);
  json.field("queryCount", read).field("resultsCount", bars).field("adjusted", adjusted(call));
}

Answer close_envelope(Json& json, const Call& call, std::size_t bars, const std::string& next_url) {
  json.field("status", call.status()).field("request_id", call.request_id);
  if (bars > 0) json.field("count", bars);
  if (!next_url.empty()) json.field("next_url", next_url);
  json.end_object();
  return {200, json.take(), next_url, static_cast<std::ptrdiff_t>(bars), "application/json"};
}

BaseBars base_of(const Call& call, const std::string& ticker, Timespan timespan) {
  if (of_days(timespan)) {
    return [&call, ticker](Day day) {
      const auto bar = trades_on(day) ? call.market.day_bar(ticker, day, call.now) : std::nullopt;
      return bar ? std::vector<Bar>{*bar} : std::vector<Bar>{};
    };
  }
  return [&call, ticker, timespan](Day day) {
    const Span span{midnight(day) * ns_per_ms, std::min(call.now, midnight(day + 1) * ns_per_ms)};
    if (!trades_on(day) || span.from >= span.to) return std::vector<Bar>{};
    return timespan == Timespan::second ? call.market.seconds(ticker, span) : call.market.minutes(ticker, span);
  };
}

}  // namespace

double to_4_decimals(double x) { return std::round(x * 1e4) / 1e4; }

// /v2/aggs/ticker/{ticker}/range/{multiplier}/{timespan}/{from}/{to}
Answer aggregates(const Call& call) {
  const std::string& ticker = call.parts[0];
  int multiplier = 0;
  std::from_chars(call.parts[1].data(), call.parts[1].data() + call.parts[1].size(), multiplier);
  const auto timespan = parse_timespan(call.parts[2]);
  const auto from = parse_edge(call.parts[3]), to = parse_edge(call.parts[4]);
  const auto limit = limit_of(call.query, 5000, 50'000);
  if (multiplier < 1 || multiplier > 10'000)
    return bad_request(call, "Could not parse the multiplier '" + call.parts[1] + "'.");
  if (!timespan) return bad_request(call, "Could not parse the timespan '" + call.parts[2] + "'.");
  if (!from || !to) {
    return bad_request(call, "Could not parse the time parameter: '" + call.parts[from ? 4 : 3] +
                                 "'. Use YYYY-MM-DD format or Unix MS Timestamps");
  }
  if (!limit) return bad_request(call, "Could not parse the limit.");
  // A page's `from` is a moment, also within the day that `to` names.
  if ((to->date ? midnight(day_of(to->time) + 1) : to->time + 1) <= from->time)
    return bad_request(call, "'to' can not be before 'from'");
  if (const auto why = beyond_free(call, day_of(from->time), day_of(to->time)); !why.empty())
    return not_entitled(call, why);

  const bool descending = call.query.get("sort", "asc") == "desc";
  const Span extent = call.market.extent();
  Ms begin = of_days(*timespan) ? midnight(day_of(from->time)) : from->time;
  begin = std::max(begin, midnight(day_of(extent.from / ns_per_ms)));
  Ms end = to->date ? midnight(day_of(to->time) + 1) : to->time + 1;
  end = std::min({end, call.now / ns_per_ms + 1, extent.to / ns_per_ms + 86'400'000});
  const BarPage page =
      read_windows({multiplier, *timespan}, begin, end, descending, *limit, base_of(call, ticker, *timespan));

  Json json;
  open_envelope(json, call, ticker, page.read, page.bars.size());
  if (!page.bars.empty()) {
    json.key("results").begin_array();
    const Listing* listing = call.market.listing(ticker);
    for (const Bar& bar : page.bars) {
      write_bar(json, adjusted(call) ? bar : unadjusted(call, ticker, bar), {}, listing != nullptr && listing->otc);
    }
    json.end_array();
  }
  std::string next_url;
  if (page.next) {
    Call rest = call;
    const std::string edge = std::to_string(descending ? *page.next - 1 : *page.next);
    rest.path = "/v2/aggs/ticker/" + ticker + "/range/" + call.parts[1] + '/' + call.parts[2] + '/' +
                (descending ? call.parts[3] : edge) + '/' + (descending ? edge : call.parts[4]);
    next_url = rest.next(call.query);
  }
  return close_envelope(json, call, page.bars.size(), next_url);
}

// /v2/aggs/grouped/locale/us/market/stocks/{date}: the bars' time is the day's end.
Answer grouped_daily(const Call& call) {
  const auto day = parse_day(call.parts[0]);
  if (!day) return bad_request(call, "Could not parse the date '" + call.parts[0] + "'.");
  if (const auto why = beyond_free(call, *day, *day); !why.empty()) return not_entitled(call, why);
  const bool otc = call.query.get("include_otc") == "true";
  Json rows;
  std::size_t count = 0;
  rows.begin_array();
  for (const Listing& listing : call.market.listings()) {
    if ((listing.otc && !otc) || !trades_on(*day)) continue;
    auto bar = call.market.day_bar(listing.ticker, *day, call.now);
    if (!bar) continue;
    bar->time = session_of(*day).close;
    write_bar(rows, adjusted(call) ? *bar : unadjusted(call, listing.ticker, *bar), listing.ticker, listing.otc);
    ++count;
  }
  rows.end_array();
  Json json;
  open_envelope(json, call, {}, count, count);
  if (count > 0) json.key("results").raw(rows.text());
  return close_envelope(json, call, count, {});
}

// /v2/aggs/ticker/{ticker}/prev
Answer previous_close(const Call& call) {
  const std::string& ticker = call.parts[0];
  const Day day = previous_trading_day(call.today());
  auto bar = call.market.day_bar(ticker, day, call.now);
  Json json;
  open_envelope(json, call, ticker, bar ? 1 : 0, bar ? 1 : 0);
  if (bar) {
    bar->time = session_of(day).close;
    json.key("results").begin_array();
    write_bar(json, adjusted(call) ? *bar : unadjusted(call, ticker, *bar), ticker, false);
    json.end_array();
  }
  return close_envelope(json, call, bar ? 1 : 0, {});
}

// /v1/open-close/{ticker}/{date}
Answer open_close(const Call& call) {
  const std::string& ticker = call.parts[0];
  const auto day = parse_day(call.parts[1]);
  if (!day) return bad_request(call, "Could not parse the date '" + call.parts[1] + "'.");
  if (const auto why = beyond_free(call, *day, *day); !why.empty()) return not_entitled(call, why);
  const auto found = trades_on(*day) ? call.market.day_bar(ticker, *day, call.now) : std::nullopt;
  if (!found) return not_found(call, "Data not found.");
  const Bar bar = adjusted(call) ? *found : unadjusted(call, ticker, *found);
  const Session session = session_of(*day);
  Json json;
  json.begin_object().field("status", call.status()).field("from", text_of(*day)).field("symbol", ticker);
  json.field("open", bar.open).field("high", bar.high).field("low", bar.low).field("close", bar.close);
  json.key("volume").volume(bar.volume);
  const double factor = adjusted(call) ? 1 : call.market.split_factor(ticker, *day, call.today());
  const auto early = call.market.minutes(ticker, {session.pre * ns_per_ms, session.open * ns_per_ms});
  const Ns end = std::min(call.now, session.post * ns_per_ms);
  const auto late = call.market.minutes(ticker, {session.close * ns_per_ms, std::max(end, session.close * ns_per_ms)});
  if (!late.empty()) json.field("afterHours", to_4_decimals(late.back().close / factor));
  if (!early.empty()) json.field("preMarket", to_4_decimals(early.front().open / factor));
  if (const Listing* listing = call.market.listing(ticker); listing != nullptr && listing->otc) json.field("otc", true);
  json.end_object();
  return {200, json.take(), {}, -1, "application/json"};
}

}  // namespace tradebus::massive_sim
