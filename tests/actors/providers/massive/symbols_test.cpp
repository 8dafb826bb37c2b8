// The venue's symbols and ours: a table, and there-and-back for what either side can name.
#include <boost/test/unit_test.hpp>
#include <random>

#include "actors/providers/massive/symbols.hpp"

using namespace tradebus;
using namespace tradebus::massive;

namespace {

struct Row {
  const char* ours;
  Market market;
  const char* rest;
};

constexpr Row rows[] = {
    {"AAPL", Market::stocks, "AAPL"},
    {"BRK.B", Market::stocks, "BRK.B"},
    {"BACpL", Market::stocks, "BACpL"},
    {"KIMpL", Market::stocks, "KIMpL"},
    {"ABC.WS", Market::stocks, "ABC.WS"},
    {"ABC.U", Market::stocks, "ABC.U"},
    {"I", Market::stocks, "I"},
    {"SPY251219C00650000", Market::options, "O:SPY251219C00650000"},
    {"EVRI240119C00002500", Market::options, "O:EVRI240119C00002500"},
    {"UBER1240119P00050500", Market::options, "O:UBER1240119P00050500"},
    {"I/SPX", Market::indices, "I:SPX"},
    {"EUR-USD", Market::forex, "C:EURUSD"},
    {"USD-THB", Market::forex, "C:USDTHB"},
    {"XAU-USD", Market::forex, "C:XAUUSD"},
    {"BTC-USD", Market::crypto, "X:BTCUSD"},
    {"USDT-USD", Market::crypto, "X:USDTUSD"},
    {"BTC-USDT", Market::crypto, "X:BTCUSDT"},
    {"1INCH-USD", Market::crypto, "X:1INCHUSD"},
    {"ETH-BTC", Market::crypto, "X:ETHBTC"},
};

}  // namespace

BOOST_AUTO_TEST_CASE(each_kind_of_symbol_has_its_forms_and_comes_back) {
  for (const auto& row : rows) {
    BOOST_TEST_CONTEXT(row.ours) {
      const auto venue = to_venue(Symbol{row.ours});
      BOOST_REQUIRE(venue);
      BOOST_CHECK(venue->market == row.market);
      BOOST_CHECK_EQUAL(venue->rest, row.rest);
      const auto by_rest = from_rest(row.rest);
      BOOST_REQUIRE(by_rest);
      BOOST_CHECK_EQUAL(by_rest->str(), row.ours);
    }
  }
}

BOOST_AUTO_TEST_CASE(what_the_venue_cannot_name_is_an_unknown_instrument) {
  for (const char* text :
       {"", "?", "ABC_D", "A/B", "I/", "I/A-B", "FOO-BAR", "-USD", "BTC-", "SPY251319C00650000", "1ABC"}) {
    const auto venue = to_venue(Symbol{text});
    BOOST_TEST_CONTEXT(text) {
      BOOST_REQUIRE(!venue);
      BOOST_CHECK(venue.error().code == Errc::instrument_unknown);
    }
  }
}

BOOST_AUTO_TEST_CASE(what_the_bus_cannot_name_is_an_unknown_instrument) {
  for (const char* text : {"", "O:", "O:AAPL", "O:AAPL251319C00650000", "C:EUR", "C:EURUSDX", "C:FOOBAR", "X:USD",
                           "X:BTCFOO", "I:", "I:A B", "Z:ABC", "SPY251219C00650000", "ABC DEF", "A-B", "\xff"}) {
    const auto symbol = from_rest(text);
    BOOST_TEST_CONTEXT(text) {
      BOOST_REQUIRE(!symbol);
      BOOST_CHECK(symbol.error().code == Errc::instrument_unknown);
    }
  }
}

BOOST_AUTO_TEST_CASE(whatever_has_a_form_there_comes_back_as_itself) {
  std::mt19937 random{7};
  constexpr std::string_view letters = "ABCUSDTEHR019.p-/:I";
  std::size_t named = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string text;
    for (std::size_t n = random() % 9; n > 0; --n) text += letters[random() % letters.size()];
    if (const auto venue = to_venue(Symbol{text})) {
      ++named;
      const auto back = from_rest(venue->rest);
      BOOST_REQUIRE_MESSAGE(back && back->str() == text, text);
    }
    if (const auto symbol = from_rest(text)) {
      const auto venue = to_venue(*symbol);
      BOOST_REQUIRE_MESSAGE(venue && venue->rest == text, text);
    }
  }
  BOOST_CHECK_GT(named, 1'000U);
}

BOOST_AUTO_TEST_CASE(chains_of_index_options_are_asked_for_by_their_index) {
  BOOST_CHECK_EQUAL(chain_underlying(Symbol{"AAPL"}).value(), "AAPL");
  BOOST_CHECK_EQUAL(chain_underlying(Symbol{"BRK.B"}).value(), "BRK.B");
  BOOST_CHECK_EQUAL(chain_underlying(Symbol{"SPX"}).value(), "I:SPX");
  BOOST_CHECK_EQUAL(chain_underlying(Symbol{"SPXW"}).value(), "I:SPX");
  BOOST_CHECK_EQUAL(chain_underlying(Symbol{"I/NDX"}).value(), "I:NDX");
  BOOST_CHECK(!chain_underlying(Symbol{"EUR-USD"}));
}
