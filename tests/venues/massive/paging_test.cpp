// Cursors, filters, pages.
#include "tests/venues/massive/page.hpp"

#include <boost/test/unit_test.hpp>

using namespace tradebus::massive_sim;

namespace {

struct NoMarket final : Market {
  const std::vector<Listing>& listings() const override { return none; }
  std::vector<Trade> trades(std::string_view, Span) const override { return {}; }
  std::vector<Quote> quotes(std::string_view, Span) const override { return {}; }
  bool known(std::string_view) const override { return false; }
  Span extent() const override { return {}; }
  std::vector<Contract> contracts(std::string_view, Day) const override { return {}; }
  std::optional<Greeks> greeks(const Contract&, Ns) const override { return std::nullopt; }
  std::optional<double> open_interest(const Contract&, Day) const override { return std::nullopt; }
  const std::vector<Split>& splits() const override { return no_splits; }
  const std::vector<Dividend>& dividends() const override { return no_dividends; }

  std::vector<Listing> none;
  std::vector<Split> no_splits;
  std::vector<Dividend> no_dividends;
};

Call call_with(const Market& market, const Access& access, std::string_view query) {
  return {market, access, Query{query}, {}, "/v3/things", "https://127.0.0.1:4000", "id", 0};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(paging)

BOOST_AUTO_TEST_CASE(a_cursor_carries_the_query_but_never_the_key) {
  const std::string cursor = to_cursor(Query{"ticker.gte=A%26B&apiKey=SECRETKEY&limit=2"});
  BOOST_CHECK(cursor.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
              std::string::npos);
  const auto back = from_cursor(cursor);
  BOOST_REQUIRE(back);
  BOOST_CHECK_EQUAL(back->get("ticker.gte"), "A&B");
  BOOST_CHECK_EQUAL(back->get("limit"), "2");
  BOOST_CHECK(!back->find("apiKey"));
}

BOOST_AUTO_TEST_CASE(a_foreign_cursor_is_refused) {
  for (const char* cursor : {"", "abc", "YWN0aXZlPXRydWU", "***"}) BOOST_CHECK(!from_cursor(cursor));
}

BOOST_AUTO_TEST_CASE(all_pages_together_are_the_list_whatever_the_limit_and_order) {
  const NoMarket market;
  const Access access;
  std::vector<int> rows(23);
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<int>(i);
  for (const char* order : {"asc", "desc"}) {
    for (std::size_t limit = 1; limit <= 24; ++limit) {
      Call call = call_with(market, access, std::string("order=") + order);
      std::vector<int> seen;
      while (true) {
        const auto page = page_of(call, rows, limit);
        for (const int* row : page.rows) seen.push_back(*row);
        if (page.next_url.empty()) break;
        BOOST_REQUIRE_EQUAL(page.rows.size(), limit);
        const Target next = parse_target(std::string_view{page.next_url}.substr(call.base_url.size()));
        BOOST_CHECK_EQUAL(next.path, "/v3/things");
        BOOST_CHECK_EQUAL(next.query.all().size(), 1U);
        call.query = *from_cursor(next.query.get("cursor"));
      }
      auto expected = rows;
      if (std::string_view{order} == "desc") std::reverse(expected.begin(), expected.end());
      BOOST_CHECK_EQUAL_COLLECTIONS(seen.begin(), seen.end(), expected.begin(), expected.end());
    }
  }
}

BOOST_AUTO_TEST_CASE(ranges_filter_texts_and_numbers) {
  BOOST_CHECK(wanted_text(Query{"ticker.gte=AAPL&ticker.lt=B"}, "ticker", "AMD"));
  BOOST_CHECK(!wanted_text(Query{"ticker.gt=AAPL"}, "ticker", "AAPL"));
  BOOST_CHECK(wanted_text(Query{"ticker.any_of=A,AAPL"}, "ticker", "AAPL"));
  BOOST_CHECK(!wanted_text(Query{"ticker.any_of=A,AAPL"}, "ticker", "AA"));
  BOOST_CHECK(
      wanted_number(Query{"strike_price.gte=95&strike_price.lte=100"}, "strike_price", 100));  // as text 95 > 100
  BOOST_CHECK(!wanted_number(Query{"strike_price=100"}, "strike_price", 100.5));
}

BOOST_AUTO_TEST_CASE(targets_are_decoded_once) {
  const Target target = parse_target("/v3/snapshot/options/AAPL/O%3AAAPL240621C00190000?a=b+c%2B&empty=");
  BOOST_CHECK_EQUAL(target.segments.back(), "O:AAPL240621C00190000");
  BOOST_CHECK_EQUAL(target.query.get("a"), "b c+");
  BOOST_CHECK_EQUAL(target.query.get("empty", "x"), "");
}

BOOST_AUTO_TEST_CASE(limits_have_bounds) {
  BOOST_CHECK_EQUAL(*limit_of(Query{}, 10, 250), 10U);
  BOOST_CHECK_EQUAL(*limit_of(Query{"limit=1000"}, 10, 250), 250U);
  for (const char* bad : {"limit=0", "limit=-1", "limit=x", "limit=1.5"}) BOOST_CHECK(!limit_of(Query{bad}, 10, 250));
}

BOOST_AUTO_TEST_SUITE_END()
