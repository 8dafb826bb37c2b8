#include "actors/providers/massive/plans.hpp"

#include <algorithm>
#include <iterator>

#include "actors/providers/massive/bars.hpp"
#include "actors/providers/massive/news.hpp"
#include "actors/providers/massive/venue_time.hpp"
#include "engine/calendar/bar_time.hpp"
#include "engine/net/url.hpp"

namespace tradebus::massive {

namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t bars_max = 1'000'000;
constexpr std::uint32_t base_bars_a_page = 50'000;  // the venue's most: it counts minutes and days, not our bars
constexpr std::uint32_t rows_a_page = 1'000;        // of reference data and news
constexpr std::uint32_t chain_rows_a_page = 250;
constexpr std::size_t search_bytes_max = 200;

std::string date_text(std::chrono::sys_days day) { return Date::from_days(day).to_string(); }

std::int64_t floor_ms(Timestamp t) {
  return std::chrono::floor<std::chrono::milliseconds>(t).time_since_epoch().count();
}

Error about_another(const Symbol& asked, const Symbol& answered) {
  return {Errc::provider_unavailable, "asked about " + asked.str() + ", the venue answered about " + answered.str()};
}

}  // namespace

Timestamp bar_end(const Calendar& calendar, Timeframe timeframe, Timestamp start) {
  if (timeframe != Timeframe::d1 && timeframe != Timeframe::w1) return start + length(timeframe);
  const auto date = calendar.date_of(start);
  const auto days = std::chrono::days{timeframe == Timeframe::d1 ? 1 : 7};
  const auto sessions = calendar.sessions(date, date + days - std::chrono::days{1});
  if (sessions.empty()) return calendar.zone().midnight(date + days);
  const auto& last = sessions.back();
  return last.post.empty() ? last.close : std::max(last.close, last.post.end);
}

// -- bars --------------------------------------------------------------------

BarsPlan::BarsPlan(GetHistoricalData query, const PlanContext& context)
    : query_{std::move(query)}, context_{context}, paging_{context.pages_max, context.provider} {}

Result<Target> BarsPlan::begin() {
  if (query_.start >= query_.end) return invalid("start", "start must lie before end");
  const auto venue = to_venue(query_.symbol);
  if (!venue) return tl::unexpected{venue.error()};
  const auto instrument = Instrument::parse(query_.symbol.str());
  if (!instrument) return tl::unexpected{instrument.error()};
  calendar_ = &context_.calendars->of(*instrument);
  answer_.source = context_.provider;
  query_.limit = std::min(query_.limit, bars_max);
  query_.start = std::max(query_.start, Timestamp{});
  query_.end = std::min(query_.end, context_.now);
  if (query_.start >= query_.end || query_.limit == 0) return Target{};

  // Weeks of markets without a weekend: the venue's end on Saturday, ours on Sunday. They are made from days.
  const bool week = query_.timeframe == Timeframe::w1;
  const bool from_days = week && venue->market == Market::crypto;
  asked_ = from_days ? Timeframe::d1 : query_.timeframe;
  const auto span = span_of(asked_);
  // What is not over is not asked for: it would be thrown away, and plans without today's data refuse all of it.
  const auto known_until = context_.now - context_.lateness;
  auto last = bar_start(*calendar_, query_.timeframe, query_.end - 1ns);
  const auto is_over = [&] { return bar_end(*calendar_, query_.timeframe, last) <= known_until; };
  if (!is_over()) last = std::min(last, bar_start(*calendar_, query_.timeframe, known_until));
  while (last >= query_.start && !is_over()) last = bar_start(*calendar_, query_.timeframe, last - 1ns);
  if (last < query_.start) return Target{};
  std::string from;
  std::string to;
  if (query_.timeframe == Timeframe::d1 || query_.timeframe == Timeframe::w1) {
    // The venue's weeks begin a day earlier than ours: a week more is asked for, and what is too early left out.
    from = date_text(std::max(calendar_->date_of(query_.start) - std::chrono::days{week && !from_days ? 7 : 0},
                              std::chrono::sys_days{}));
    // A week's last trading day, not its last day: that may be yet to come.
    to = date_text(calendar_->date_of(week ? bar_end(*calendar_, query_.timeframe, last) - 1ns : last));
  } else {
    // Whole bars: a bar is built from what lies in the range alone.
    from = std::to_string(std::max<std::int64_t>(floor_ms(bar_start(*calendar_, query_.timeframe, query_.start)), 0));
    to = std::to_string(floor_ms(last + length(query_.timeframe) - 1ns));
  }
  return "/v2/aggs/ticker/" + venue->rest + "/range/" + std::to_string(span.multiplier) + "/" +
         std::string{span.timespan} + "/" + from + "/" + to + "?adjusted=" + (query_.adjusted ? "true" : "false") +
         "&sort=asc&limit=" + std::to_string(base_bars_a_page);
}

// To the week that it belongs to. A mean price of a week can't be had exactly from its days': there is none.
void BarsPlan::add_day(HistoricalBar day) {
  day.ts = bar_start(*calendar_, query_.timeframe, day.ts);
  day.vwap.reset();
  if (answer_.bars.empty() || answer_.bars.back().ts != day.ts) {
    answer_.bars.push_back(std::move(day));
    return;
  }
  auto& week = answer_.bars.back();
  week.high = std::max(week.high, day.high);
  week.low = std::min(week.low, day.low);
  week.close = day.close;
  week.volume = checked_add(week.volume, day.volume).value_or(week.volume);
  if (week.trades && day.trades)
    *week.trades += *day.trades;
  else
    week.trades.reset();
}

Result<Target> BarsPlan::take(std::string_view body) {
  auto page = decode_bars(body, query_.symbol, asked_, *calendar_);
  if (!page) return tl::unexpected{std::move(page.error())};
  const bool from_days = asked_ != query_.timeframe;
  const auto known_until = context_.now - context_.lateness;
  bool enough = false;
  for (auto& bar : page->rows) {
    const auto start = from_days ? bar_start(*calendar_, query_.timeframe, bar.ts) : bar.ts;
    if (start < query_.start || start >= query_.end) continue;
    if (bar_end(*calendar_, query_.timeframe, start) > known_until) continue;  // not final yet
    if (bar.ts <= last_) {
      if (page->bad_rows++ == 0) page->bad_row = "t: goes back, or comes twice";
      continue;
    }
    last_ = bar.ts;
    if (from_days) {
      // The last week is complete when the next one begins.
      enough = answer_.bars.size() >= query_.limit && answer_.bars.back().ts != start;
      if (enough) break;
      add_day(std::move(bar));
      continue;
    }
    answer_.bars.push_back(std::move(bar));
    enough = answer_.bars.size() >= query_.limit;
    if (enough) break;
  }
  note_bad(*page);
  if (enough) return Target{};
  return paging_.follow(page->next);
}

// -- snapshot ----------------------------------------------------------------

SnapshotPlan::SnapshotPlan(Symbol symbol, const PlanContext& context) : symbol_{std::move(symbol)}, context_{context} {}

Result<Target> SnapshotPlan::begin() {
  auto venue = to_venue(symbol_);
  if (!venue) return tl::unexpected{venue.error()};
  venue_ = std::move(*venue);
  const auto instrument = Instrument::parse(symbol_.str());
  if (!instrument) return tl::unexpected{instrument.error()};
  calendar_ = &context_.calendars->of(*instrument);
  if (venue_.market == Market::stocks) return "/v2/snapshot/locale/us/markets/stocks/tickers/" + venue_.rest;
  way_ = Way::universal;
  return "/v3/snapshot?ticker.any_of=" + percent_encode(venue_.rest) + "&limit=250";
}

Result<Target> SnapshotPlan::refused(const Error& error) {
  if (error.code != Errc::provider_unsupported || way_ == Way::previous_day) return tl::unexpected{error};
  way_ = Way::previous_day;
  return "/v2/aggs/ticker/" + venue_.rest + "/prev?adjusted=true";
}

Result<Target> SnapshotPlan::take(std::string_view body) {
  switch (way_) {
    case Way::stocks: {
      auto row = only_row(decode_snapshots(body, *calendar_, context_.now), symbol_);
      if (!row) return tl::unexpected{std::move(row.error())};
      answer_ = std::move(*row);
      break;
    }
    case Way::universal: {
      auto row = only_row(decode_universal(body, *calendar_, context_.now), symbol_);
      if (!row) return tl::unexpected{std::move(row.error())};
      if (row->error) return refused(*row->error);
      answer_ = std::move(row->snapshot);
      break;
    }
    case Way::previous_day: {
      auto row = only_row(decode_day_bars(body, *calendar_), symbol_);
      if (!row) return tl::unexpected{std::move(row.error())};
      answer_ = {};
      answer_.symbol = row->symbol;
      answer_.ts = context_.now;
      answer_.previous_day = std::move(*row);
      break;
    }
  }
  if (answer_.symbol != symbol_) return tl::unexpected{about_another(symbol_, answer_.symbol)};
  return Target{};
}

// -- details -----------------------------------------------------------------

Result<Target> DetailsPlan::begin() {
  const auto venue = to_venue(symbol_);
  if (!venue) return tl::unexpected{venue.error()};
  option_ = venue->market == Market::options;
  return (option_ ? "/v3/reference/options/contracts/" : "/v3/reference/tickers/") + venue->rest;
}

Result<Target> DetailsPlan::take(std::string_view body) {
  if (option_) {
    auto row = only_row(decode_contracts(body), symbol_);
    if (!row) return tl::unexpected{std::move(row.error())};
    answer_.symbol = row->instrument.symbol;
    answer_.name = row->underlying.str() + " " + row->instrument.expiry->to_string() + " " +
                   row->instrument.strike->to_string() + " " + std::string{to_string(*row->instrument.right)} +
                   (row->standard ? "" : " (adjusted)");
    answer_.asset_class = AssetClass::option;
    if (!row->exchange.empty()) answer_.exchange = row->exchange;
  } else {
    auto row = only_row(decode_details(body), symbol_);
    if (!row) return tl::unexpected{std::move(row.error())};
    answer_ = std::move(*row);
  }
  if (answer_.symbol != symbol_) return tl::unexpected{about_another(symbol_, answer_.symbol)};
  return Target{};
}

// -- news --------------------------------------------------------------------

NewsPlan::NewsPlan(std::optional<Symbol> symbol, std::uint32_t limit, std::optional<Timestamp> since,
                   const PlanContext& context)
    : symbol_{std::move(symbol)},
      limit_{std::min(limit, items_max)},
      since_{since},
      paging_{context.pages_max, context.provider} {}

Result<Target> NewsPlan::begin() {
  std::string ticker;
  if (symbol_) {
    const auto venue = to_venue(*symbol_);
    if (!venue) return tl::unexpected{venue.error()};
    ticker = "&ticker=" + percent_encode(venue->rest);
  }
  if (limit_ == 0 || (since_ && *since_ >= last_time)) return Target{};
  if (since_ && *since_ <= Timestamp{}) since_.reset();
  return "/v2/reference/news?order=desc&sort=published_utc&limit=" + std::to_string(std::min(limit_, rows_a_page)) +
         ticker + (since_ ? "&published_utc.gte=" + percent_encode(to_rfc3339(*since_)) : "");
}

Result<Target> NewsPlan::take(std::string_view body) {
  auto page = decode_news(body);
  if (!page) return tl::unexpected{std::move(page.error())};
  note_bad(*page);
  for (auto& item : page->rows)
    if ((!since_ || item.ts >= *since_) && ids_.insert(item.id).second) answer_.items.push_back(std::move(item));
  auto next = answer_.items.size() >= limit_ ? Result<Target>{Target{}} : paging_.follow(page->next);
  if (next && next->empty()) {
    std::ranges::stable_sort(answer_.items, std::greater{}, &NewsItem::ts);
    if (answer_.items.size() > limit_) answer_.items.resize(limit_);
  }
  return next;
}

// -- option chain ------------------------------------------------------------

ChainPlan::ChainPlan(GetOptionChain query, const PlanContext& context)
    : query_{std::move(query)}, context_{context}, paging_{context.pages_max, context.provider} {}

std::string ChainPlan::filters(const char* separator) const {
  std::string out = separator;
  if (query_.expiry) out += "expiration_date=" + query_.expiry->to_string() + "&";
  if (query_.strike_min) out += "strike_price.gte=" + query_.strike_min->to_string() + "&";
  if (query_.strike_max) out += "strike_price.lte=" + query_.strike_max->to_string() + "&";
  if (query_.right) out += "contract_type=" + std::string{to_string(*query_.right)} + "&";
  // By expiry, so that the first ones are the first ones of the answer.
  return out + "order=asc&sort=expiration_date&limit=";
}

Result<Target> ChainPlan::begin() {
  auto underlying = chain_underlying(query_.underlying);
  if (!underlying) return tl::unexpected{underlying.error()};
  underlying_ = std::move(*underlying);
  one_root_ = is_index_root(query_.underlying);
  query_.limit = std::min(query_.limit, quotes_max);
  if (query_.limit == 0) return Target{};
  return "/v3/snapshot/options/" + underlying_ + filters("?") + std::to_string(chain_rows_a_page);
}

Result<Target> ChainPlan::refused(const Error& error) {
  if (error.code != Errc::provider_unsupported || contracts_) return tl::unexpected{error};
  contracts_ = true;
  return "/v3/reference/options/contracts?underlying_ticker=" + percent_encode(underlying_) + filters("&") +
         std::to_string(rows_a_page);
}

bool ChainPlan::wanted(const OptionQuote& quote) const {
  // The venue's chain of an index holds the contracts of all its roots: SPXW is not SPX.
  constexpr std::size_t behind_root = 15;
  const auto& root = query_.underlying.str();
  if (one_root_ && (quote.symbol.str().size() != root.size() + behind_root || !quote.symbol.str().starts_with(root)))
    return false;
  return (!query_.expiry || quote.expiry == query_.expiry->to_string()) &&
         (!query_.strike_min || quote.strike >= *query_.strike_min) &&
         (!query_.strike_max || quote.strike <= *query_.strike_max) && (!query_.right || quote.right == *query_.right);
}

Result<Target> ChainPlan::take(std::string_view body) {
  std::string next;
  if (contracts_) {
    auto page = decode_contracts(body);
    if (!page) return tl::unexpected{std::move(page.error())};
    note_bad(*page);
    next = page->next;
    for (const auto& row : page->rows) {
      if (!row.standard) {
        ++adjusted_;
        continue;
      }
      OptionQuote quote;
      quote.symbol = row.instrument.symbol;
      quote.underlying = query_.underlying;
      quote.expiry = row.instrument.expiry->to_string();
      quote.strike = *row.instrument.strike;
      quote.right = *row.instrument.right;
      quote.ts = context_.now;
      if (wanted(quote)) answer_.quotes.push_back(std::move(quote));
    }
  } else {
    auto chain = decode_chain(body, query_.underlying, context_.now);
    if (!chain) return tl::unexpected{std::move(chain.error())};
    note_bad(chain->page);
    adjusted_ += chain->adjusted;
    next = chain->page.next;
    for (auto& quote : chain->page.rows)
      if (wanted(quote)) answer_.quotes.push_back(std::move(quote));
  }
  // Enough when the expiry of the last one wanted is complete: later pages begin behind it.
  if (answer_.quotes.size() > query_.limit) {
    const std::string latest = answer_.quotes.back().expiry;
    sort_chain(answer_.quotes);
    if (answer_.quotes.size() > query_.limit && answer_.quotes[query_.limit - 1].expiry < latest) return Target{};
  }
  return paging_.follow(next);
}

OptionChain ChainPlan::answer() {
  sort_chain(answer_.quotes);
  if (answer_.quotes.size() > query_.limit) answer_.quotes.resize(query_.limit);
  return std::move(answer_);
}

// -- search ------------------------------------------------------------------

Result<Target> SearchPlan::begin() {
  if (query_.text.empty()) return invalid("text", "text to search for is empty");
  if (query_.text.size() > search_bytes_max) return invalid("text", "text to search for is longer than 200 bytes");
  if (query_.limit == 0) return Target{};
  // All at once: they come by symbol, and the best ones may be the last.
  return "/v3/reference/tickers?active=true&order=asc&sort=ticker&limit=" + std::to_string(rows_a_page) +
         "&search=" + percent_encode(query_.text);
}

Result<Target> SearchPlan::take(std::string_view body) {
  auto page = decode_tickers(body);
  if (!page) return exact_ ? refused(page.error()) : tl::unexpected{std::move(page.error())};
  note_bad(*page);
  const auto meant = [&](const SymbolMatch& match) { return is_meant(match.symbol, query_.text); };
  if (exact_) {
    std::ranges::copy_if(page->rows, std::back_inserter(answer_.matches), meant);
    return end();
  }
  answer_.matches = std::move(page->rows);
  if (std::ranges::any_of(answer_.matches, meant)) return end();
  // It may stand on a later page; and our form of what is no stock says nothing to the venue's search.
  const auto ticker = ticker_meant(query_.text);
  if (ticker.empty() || (page->next.empty() && ticker.find(':') == std::string::npos)) return end();
  exact_ = true;
  return "/v3/reference/tickers?active=true&limit=1&ticker=" + percent_encode(ticker);
}

// What was found already is an answer without it.
Result<Target> SearchPlan::refused(const Error& error) {
  if (!exact_ || error.code == Errc::auth_denied || error.code == Errc::provider_unavailable)
    return tl::unexpected{error};
  return end();
}

Target SearchPlan::end() {
  rank(answer_.matches, query_.text);
  if (answer_.matches.size() > query_.limit) answer_.matches.resize(query_.limit);
  return {};
}

// -- the venue itself --------------------------------------------------------

Result<Target> ProbePlan::take(std::string_view body) {
  if (auto checked = check_market_status(body); !checked) return tl::unexpected{std::move(checked.error())};
  return Target{};
}

ActionsPlan::ActionsPlan(Date from, Date to, const PlanContext& context)
    : from_{from}, to_{to}, context_{context}, paging_{context.pages_max, context.provider} {}

Result<Target> ActionsPlan::begin() {
  return "/v3/reference/splits?execution_date.gte=" + from_.to_string() + "&execution_date.lte=" + to_.to_string() +
         "&order=desc&sort=execution_date&limit=" + std::to_string(rows_a_page);
}

Target ActionsPlan::dividends() {
  dividends_ = true;
  paging_ = Paging{context_.pages_max, context_.provider};
  return "/v3/reference/dividends?ex_dividend_date.gte=" + from_.to_string() +
         "&ex_dividend_date.lte=" + to_.to_string() +
         "&order=desc&sort=ex_dividend_date&limit=" + std::to_string(rows_a_page);
}

Result<Target> ActionsPlan::refused(const Error& error) {
  if (error.code != Errc::provider_unsupported || dividends_) return tl::unexpected{error};
  return dividends();
}

void ActionsPlan::add(const Symbol& symbol, Date date, CorporateActionKind kind, Quantity value) {
  const auto instrument = Instrument::parse(symbol.str());
  if (!instrument) return;
  CorporateAction action;
  action.symbol = symbol;
  action.ts = context_.calendars->of(*instrument).zone().midnight(date.to_days());
  action.action = kind;
  action.value = value;
  actions_.push_back(std::move(action));
}

Result<Target> ActionsPlan::take(std::string_view body) {
  std::string next_page;
  if (!dividends_) {
    auto page = decode_splits(body);
    if (!page) return tl::unexpected{std::move(page.error())};
    note_bad(*page);
    for (const auto& row : page->rows) add(row.symbol, row.execution_date, CorporateActionKind::split, row.factor);
    next_page = page->next;
  } else {
    auto page = decode_dividends(body);
    if (!page) return tl::unexpected{std::move(page.error())};
    note_bad(*page);
    for (const auto& row : page->rows) add(row.symbol, row.ex_date, CorporateActionKind::dividend, row.amount);
    next_page = page->next;
  }
  auto next = paging_.follow(next_page);
  if (next && next->empty() && !dividends_) return dividends();
  return next;
}

}  // namespace tradebus::massive
