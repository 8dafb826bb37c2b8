// Every answer cut at every place, and with seeded mistakes in it: a named error or sane values, never a crash.
// TRADEBUS_MUTATIONS=100000 for as many mistakes in each answer.
#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <random>

#include "actors/providers/massive/bars.hpp"
#include "actors/providers/massive/news.hpp"
#include "actors/providers/massive/options.hpp"
#include "actors/providers/massive/reference.hpp"
#include "actors/providers/massive/rest_error.hpp"
#include "actors/providers/massive/snapshots.hpp"
#include "actors/providers/massive/venue_time.hpp"
#include "engine/calendar/calendars.hpp"
#include "tests/actors/providers/massive/samples.hpp"

using namespace tradebus;
using namespace tradebus::massive;
using namespace tradebus::massive::test;

namespace {

const Calendar& new_york() { return *Calendars::shipped()->find("XNYS"); }
constexpr Timestamp now{std::chrono::sys_days{std::chrono::year{2024} / 3 / 1}};

void check(const Error& error) {
  if (error.message.empty()) BOOST_ERROR("an error without a text");
}
void check(const HistoricalBar& b) {
  const bool sane = b.low.is_positive() && b.low <= b.open && b.low <= b.close && b.high >= b.open &&
                    b.high >= b.close && !b.volume.is_negative() && b.ts > Timestamp{} && b.ts <= last_time;
  if (!sane) BOOST_ERROR("a bar that makes no sense");
}
void check(const OptionQuote& q) {
  const auto instrument = Instrument::parse(q.symbol.str());
  const bool sane = instrument && instrument->is_option() && q.strike == *instrument->strike &&
                    (!q.bid || q.bid->is_positive()) && (!q.ask || q.ask->is_positive()) && (!q.iv || *q.iv > 0);
  if (!sane) BOOST_ERROR("an option quote that makes no sense");
}
void check(const DailySnapshot& s) {
  if (s.day) check(*s.day);
  if (s.symbol.empty()) BOOST_ERROR("a snapshot of nothing");
}
void check(const UniversalRow& row) {
  if (!row.error) check(row.snapshot);
}
void check(const NewsItem& item) {
  if (item.id.empty() || item.title.empty() || item.ts <= Timestamp{}) BOOST_ERROR("news that say nothing");
}
void check(const TickerDetails& d) {
  if (d.symbol.empty() || d.name.empty()) BOOST_ERROR("details of nothing");
}
void check(const SymbolMatch& m) {
  if (m.symbol.empty()) BOOST_ERROR("a match of nothing");
}
void check(const SplitRow& s) {
  if (!s.factor.is_positive()) BOOST_ERROR("a split into nothing");
}
void check(const DividendRow& d) {
  if (d.symbol.empty()) BOOST_ERROR("a dividend of nothing");
}
void check(const ContractRow& c) {
  if (!c.instrument.is_option()) BOOST_ERROR("a contract that is none");
}
template <class T>
void check(const Result<Page<T>>& page) {
  if (!page) return check(page.error());
  for (const auto& row : page->rows) check(row);
  if (!page->next.empty() && page->next[0] != '/') BOOST_ERROR("a next page without a path");
  if ((page->bad_rows > 0) == page->bad_row.empty()) BOOST_ERROR("bad rows and their reason disagree");
}

void read_as_everything(std::string_view body) {
  check(decode_bars(body, Symbol{"ABC"}, Timeframe::d1, new_york()));
  check(decode_bars(body, Symbol{"ABC"}, Timeframe::w1, new_york()));
  check(decode_day_bars(body, new_york()));
  check(decode_snapshots(body, new_york(), now));
  check(decode_universal(body, new_york(), now));
  check(decode_details(body));
  check(decode_tickers(body));
  check(decode_news(body));
  check(decode_contracts(body));
  check(decode_splits(body));
  check(decode_dividends(body));
  if (const auto chain = decode_chain(body, Symbol{"ABC"}, now))
    for (const auto& quote : chain->page.rows) check(quote);
  else
    check(chain.error());
  if (const auto checked = check_market_status(body); !checked) check(checked.error());
  check(refused_answer(500, body, {}, "providers.massive"));
}

void mutate(std::string& body, std::mt19937_64& random) {
  constexpr std::string_view bytes = "{}[]\",:0123456789.eE+-ntf \\u\x00\x7f\xc3\xff";
  constexpr std::string_view words[] = {
      "null",   "true", "1e999",    "-1",          "99999999999999999999", "\"\"", "{}", "[]",
      "1e-400", "0",    "[[[[[[[[", "\"\\ud800\"", "1651254260800059648"};
  for (std::size_t n = 1 + random() % 3; n > 0 && !body.empty(); --n) {
    const auto at = random() % body.size();
    switch (random() % 4) {
      case 0:
        body[at] = bytes[random() % bytes.size()];
        break;
      case 1:
        body.erase(at, 1 + random() % 8);
        break;
      case 2:
        body.insert(at, words[random() % std::size(words)]);
        break;
      default: {  // one value for another
        const auto colon = body.find(':', at);
        if (colon == std::string::npos) break;
        const auto end = body.find_first_of(",}]", colon + 1);
        if (end != std::string::npos) body.replace(colon + 1, end - colon - 1, words[random() % std::size(words)]);
      }
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(an_answer_cut_anywhere_is_an_error_or_sane) {
  for (const auto& body : all_answers()) {
    // Long ones are cut at every place of their beginning and of their end.
    for (std::size_t n = 0; n < body.size(); n = n == 1'500 && body.size() > 2'000 ? body.size() - 500 : n + 1)
      read_as_everything(std::string_view{body}.substr(0, n));
    read_as_everything(body);
  }
}

BOOST_AUTO_TEST_CASE(an_answer_with_mistakes_is_an_error_or_sane) {
  const char* wanted = std::getenv("TRADEBUS_MUTATIONS");
  const std::size_t count = wanted != nullptr ? std::strtoul(wanted, nullptr, 10) : 300;
  std::size_t number = 0;
  for (const auto& body : all_answers()) {
    std::mt19937_64 random{++number};
    for (std::size_t i = 0; i < count; ++i) {
      std::string changed = body;
      mutate(changed, random);
      BOOST_TEST_CONTEXT("answer " << number << ", mistake " << i) { read_as_everything(changed); }
    }
  }
}
