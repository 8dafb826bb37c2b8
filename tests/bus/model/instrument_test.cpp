#include "bus/model/instrument.hpp"

#include <boost/test/unit_test.hpp>
#include <random>

#include "bus/model/market_data.hpp"
#include "bus/model/orders.hpp"
#include "bus/model/print.hpp"

using namespace tradebus;

BOOST_AUTO_TEST_SUITE(instrument)

BOOST_AUTO_TEST_CASE(an_occ_symbol_is_taken_apart) {
  const auto i = *Instrument::parse("AAPL240621C00190000");
  BOOST_CHECK(i.asset_class == AssetClass::option);
  BOOST_CHECK_EQUAL(i.underlying->str(), "AAPL");
  BOOST_CHECK_EQUAL(i.expiry->to_string(), "2024-06-21");
  BOOST_CHECK(*i.right == OptionRight::call);
  BOOST_CHECK_EQUAL(i.strike->to_string(), "190");
  BOOST_CHECK_EQUAL(i.multiplier, 100);
}

BOOST_AUTO_TEST_CASE(options_print_as_they_were_read) {
  std::mt19937 random{7};
  for (int n = 0; n < 10'000; ++n) {
    const Date expiry =
        Date::from_days(std::chrono::sys_days{std::chrono::year{2000} / 1 / 1} + std::chrono::days{random() % 36'000});
    const auto strike = Price::from_raw(static_cast<std::int64_t>(1 + random() % 99'999'999) * 1'000'000);
    const auto right = random() % 2 == 0 ? OptionRight::call : OptionRight::put;
    const auto made = Instrument::option("SPXW", expiry, right, strike);
    BOOST_REQUIRE(made);
    const auto again = *Instrument::parse(made->symbol.str());
    BOOST_REQUIRE(again == *made);
    BOOST_REQUIRE(*again.strike == strike && *again.expiry == expiry && *again.right == right);
  }
}

BOOST_AUTO_TEST_CASE(asset_classes_follow_from_the_symbol) {
  BOOST_CHECK(Instrument::parse("BRK.B")->asset_class == AssetClass::equity);
  BOOST_CHECK(Instrument::parse("BTC-USD")->asset_class == AssetClass::crypto);
  BOOST_CHECK(Instrument::parse("EUR-USD")->asset_class == AssetClass::fx);
  BOOST_CHECK(Instrument::parse("ES_201312")->asset_class == AssetClass::equity);
}

BOOST_AUTO_TEST_CASE(what_can_not_be_a_symbol_is_named) {
  for (const std::string bad : {"", " ", "AA PL", "AAPL|", "!!!!", "a\nb", "ÄÖ", "AAPL240231C00190000", "-A"})
    BOOST_CHECK_MESSAGE(!Instrument::parse(bad), bad);
  BOOST_CHECK(!Instrument::parse(std::string(33, 'A')));
  BOOST_CHECK(Instrument::parse("?").error().code == Errc::instrument_unknown);
  BOOST_CHECK(!Instrument::option("TOOLONGROOT", {2024, 6, 21}, OptionRight::call, Price::from_int(1)));
  BOOST_CHECK(!Instrument::option("AAPL", {2024, 6, 21}, OptionRight::call, *Price::parse("0.0001")));
  BOOST_CHECK(!Date::parse("2024-02-30"));
}

BOOST_AUTO_TEST_CASE(equality_and_printing_come_from_the_field_list) {
  Quote a;
  a.symbol = Symbol{"AAPL"};
  a.bid = *Price::parse("190.5");
  Quote b = a;
  BOOST_CHECK(a == b);
  b.ask_size = Quantity::from_int(3);
  BOOST_CHECK(!(a == b));
  BOOST_CHECK_EQUAL(to_string(b),
                    "Quote{symbol=AAPL, ts=1970-01-01T00:00:00.000000000Z, rx=1970-01-01T00:00:00.000000000Z, "
                    "bid=190.5, ask_size=3}");
}

BOOST_AUTO_TEST_SUITE_END()
