#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "actors/providers/sim/details.hpp"
#include "actors/providers/sim/news.hpp"
#include "actors/providers/sim/options.hpp"
#include "bus/model/print.hpp"

using namespace tradebus;
using namespace tradebus::sim;
using namespace std::chrono_literals;

namespace {

struct Board {
  Universe universe = *Universe::make(1, {});
  TradingDays days{AssetClass::equity, Calendars::shipped()};
  Timestamp now = Timestamp{std::chrono::sys_days{std::chrono::year{2024} / 6 / 12}} + 15h;  // a Wednesday

  std::vector<OptionQuote> ask(const char* symbol, GetOptionChain query = {}, const char* spot = "212.34") {
    auto chain = option_chain(*universe.find(Symbol{symbol}), query, *Price::parse(spot), now, days);
    BOOST_REQUIRE(chain);
    return *chain;
  }
};

std::vector<std::string> texts(const std::vector<Date>& dates) {
  std::vector<std::string> out;
  for (const auto& d : dates) out.push_back(d.to_string());
  return out;
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(the_board_lists_four_fridays_and_three_months, Board) {
  const std::vector<std::string> expected = {"2024-06-14", "2024-06-21", "2024-06-28",
                                             "2024-07-05", "2024-07-19", "2024-08-16"};
  const auto listed = texts(expiries(now, days));
  BOOST_CHECK_EQUAL_COLLECTIONS(listed.begin(), listed.end(), expected.begin(), expected.end());
  // On a Friday, today's expiry is listed until the close in New York.
  const Timestamp friday = Timestamp{std::chrono::sys_days{std::chrono::year{2024} / 6 / 14}};
  BOOST_CHECK_EQUAL(expiries(friday + 19h, days).front().to_string(), "2024-06-14");
  BOOST_CHECK_EQUAL(expiries(friday + 20h, days).front().to_string(), "2024-06-21");
}

BOOST_FIXTURE_TEST_CASE(an_expiry_on_a_holiday_is_the_day_before, Board) {
  now = Timestamp{std::chrono::sys_days{std::chrono::year{2024} / 3 / 25}} + 15h;
  BOOST_CHECK_EQUAL(expiries(now, days).front().to_string(), "2024-03-28");  // Good Friday is the 29th
  BOOST_CHECK_EQUAL(expiries(now + 5 * 24h, days).front().to_string(), "2024-04-05");
}

BOOST_FIXTURE_TEST_CASE(a_chain_is_sorted_filtered_and_limited, Board) {
  const auto all = ask("AAPL");
  BOOST_REQUIRE(!all.empty());
  const auto key = [](const OptionQuote& q) { return std::tuple{q.expiry, q.strike, q.right}; };
  BOOST_CHECK(std::ranges::is_sorted(all, {}, key));
  BOOST_CHECK_EQUAL(all.size(), 6 * 41 * 2);

  GetOptionChain query;
  query.expiry = *Date::parse("2024-06-21");
  query.strike_min = *Price::parse("200");
  query.strike_max = *Price::parse("220");
  query.right = OptionRight::put;
  const auto some = ask("AAPL", query);
  BOOST_REQUIRE_EQUAL(some.size(), 5);
  BOOST_CHECK_EQUAL(some[0].symbol.str(), "AAPL240621P00200000");
  BOOST_CHECK_EQUAL(some[4].symbol.str(), "AAPL240621P00220000");
  query.limit = 2;
  BOOST_CHECK_EQUAL(ask("AAPL", query).size(), 2);
  query.expiry = *Date::parse("2024-06-20");
  BOOST_CHECK(ask("AAPL", query).empty());
}

BOOST_FIXTURE_TEST_CASE(quotes_are_sound_and_smile, Board) {
  const auto all = ask("AAPL");
  for (const auto& q : all) {
    BOOST_CHECK(q.bid->is_positive() && *q.bid < *q.ask);
    BOOST_CHECK(q.right == OptionRight::call ? (*q.delta >= 0 && *q.delta <= 1) : (*q.delta <= 0 && *q.delta >= -1));
    BOOST_CHECK(*q.gamma >= 0 && *q.vega >= 0 && *q.iv > 0.05 && *q.iv < 2);
    BOOST_CHECK(q.quality == Quality::simulated && q.underlying.str() == "AAPL" && q.open_interest && q.last);
  }
  const auto iv = [&](const char* symbol) {
    return *std::ranges::find(all, std::string{symbol}, [](const OptionQuote& q) { return q.symbol.str(); })->iv;
  };
  BOOST_CHECK_GT(iv("AAPL240719C00115000"), iv("AAPL240719C00210000"));
}

BOOST_FIXTURE_TEST_CASE(strikes_fit_the_price, Board) {
  const auto at = [](const char* spot) { return strikes(*Price::parse(spot)); };
  BOOST_CHECK_EQUAL(at("12.3").at(1).to_string(), "3");
  BOOST_CHECK_EQUAL(at("650")[20].to_string(), "650");
  for (const char* spot : {"0.4", "5", "24.99", "99", "420", "41000"})
    for (const Price p : at(spot)) BOOST_CHECK(p.is_positive());
}

BOOST_FIXTURE_TEST_CASE(share_classes_have_roots_without_a_dot, Board) {
  const auto chain = ask("BRK.B", {}, "410");
  BOOST_REQUIRE(!chain.empty());
  BOOST_CHECK(chain[0].symbol.str().starts_with("BRKB2406"));
  BOOST_CHECK_EQUAL(chain[0].underlying.str(), "BRK.B");
  const auto contract = universe.find_option(chain[0].symbol);
  BOOST_REQUIRE(contract);
  BOOST_CHECK_EQUAL(contract->underlying.symbol.str(), "BRK.B");
}

BOOST_FIXTURE_TEST_CASE(what_has_no_options_says_so, Board) {
  for (const char* symbol : {"BTC-USD", "LONGSYMBOL", "lower"}) {
    const auto chain = option_chain(*universe.find(Symbol{symbol}), {}, *Price::parse("50"), now, days);
    BOOST_REQUIRE(!chain);
    BOOST_CHECK(chain.error().code == Errc::provider_not_found);
  }
}

// ---- the rest of what can be asked ---------------------------------------------------------------------------------

BOOST_FIXTURE_TEST_CASE(listings_have_their_real_names, Board) {
  BOOST_CHECK_EQUAL(std::ranges::count(tickers(), AssetClass::equity, &Ticker::asset_class), 50);
  const auto apple = ticker_details(*universe.find(Symbol{"AAPL"}));
  BOOST_CHECK_EQUAL(apple.name, "Apple Inc.");
  BOOST_CHECK_EQUAL(*apple.exchange, "XNAS");
  BOOST_CHECK_EQUAL(apple.market_cap->to_string(), "3219300000000");
  const auto invented = ticker_details(*universe.find(Symbol{"NOBODY"}));
  BOOST_CHECK_EQUAL(invented.name, "NOBODY (simulated)");
  BOOST_CHECK(invented.shares_outstanding->is_positive());
  BOOST_CHECK_EQUAL(*ticker_details(*universe.find(Symbol{"USD-JPY"})).currency, "JPY");
}

BOOST_FIXTURE_TEST_CASE(search_ranks_symbols_before_names, Board) {
  const auto first = [&](const char* text) {
    const auto matches = search(universe, text, 10);
    return matches.empty() ? std::string{} : matches[0].symbol.str();
  };
  BOOST_CHECK_EQUAL(first("v"), "V");
  BOOST_CHECK_EQUAL(first("aap"), "AAPL");
  BOOST_CHECK_EQUAL(first("berkshire"), "BRK.B");
  BOOST_CHECK_EQUAL(first("no such thing"), "");
  BOOST_CHECK_EQUAL(search(universe, "a", 3).size(), 3);
}

BOOST_FIXTURE_TEST_CASE(past_news_is_repeatable_and_newest_first, Board) {
  const auto profile = *universe.find(Symbol{"AAPL"});
  const auto items = past_news(profile, 20, std::nullopt, now);
  BOOST_REQUIRE_EQUAL(items.size(), 20);
  BOOST_CHECK(std::ranges::is_sorted(items, std::greater{}, &NewsItem::ts));
  BOOST_CHECK(items[0].ts <= now);
  BOOST_CHECK(items[0].url.starts_with("https://news.example/") && items[0].title.starts_with("[simulated] AAPL "));
  BOOST_CHECK(past_news(profile, 20, std::nullopt, now + 1ns) == items);
  const auto recent = past_news(profile, 1'000, now - 48h, now);
  BOOST_CHECK(recent.size() >= 10 && recent.size() <= 14);
  for (const auto& item : recent) BOOST_CHECK(item.ts >= now - 48h);
  BOOST_CHECK_EQUAL(past_market_news({profile}, 1, 50, std::nullopt, now).size(), 50);
  BOOST_CHECK(past_news(profile, 10, now + 1h, now).empty());
}
