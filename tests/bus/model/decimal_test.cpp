#include "bus/model/decimal.hpp"

#include <boost/test/unit_test.hpp>
#include <charconv>
#include <limits>
#include <random>

using namespace tradebus;

namespace {
std::string text(const Result<Price>& p) { return p ? p->to_string() : "error: " + p.error().message; }
}  // namespace

BOOST_AUTO_TEST_SUITE(decimal)

BOOST_AUTO_TEST_CASE(decimal_text_is_read_exactly_and_printed_shortest) {
  for (const auto& [in, out] :
       std::initializer_list<std::pair<const char*, const char*>>{{"0", "0"},
                                                                  {"-0", "0"},
                                                                  {"190.50", "190.5"},
                                                                  {"0.000000001", "0.000000001"},
                                                                  {"+7", "7"},
                                                                  {".5", "0.5"},
                                                                  {"5.", "5"},
                                                                  {"-12.345678901", "-12.345678901"},
                                                                  {"1.8E-4", "0.00018"},
                                                                  {"1e3", "1000"},
                                                                  {"1.2500000000000", "1.25"},
                                                                  {"9223372036.854775807", "9223372036.854775807"},
                                                                  {"-9223372036.854775808", "-9223372036.854775808"}})
    BOOST_CHECK_EQUAL(text(Price::parse(in)), out);
}

BOOST_AUTO_TEST_CASE(what_is_no_decimal_or_does_not_fit_is_refused_by_name) {
  for (const char* bad : {"", ".", "-", "abc", "1.2.3", "1e", "1e+-2", "0x10", " 1", "1 ", "1,5", "nan", "inf",
                          "0.0000000001", "9223372036.854775808", "-9223372036.854775809", "1e400", "1e-400",
                          "99999999999999999999999999999999999999999999"}) {
    const auto parsed = Price::parse(bad);
    BOOST_REQUIRE_MESSAGE(!parsed, bad);
    BOOST_CHECK(parsed.error().code == Errc::request_invalid);
  }
  BOOST_CHECK(!Price::parse(std::string(1000, '9')));
}

BOOST_AUTO_TEST_CASE(rounding_is_half_to_even_and_only_where_asked) {
  BOOST_CHECK_EQUAL(Price::parse_rounded("33.35399601000002")->to_string(), "33.35399601");
  BOOST_CHECK_EQUAL(Price::parse_rounded("0.0000000005")->to_string(), "0");
  BOOST_CHECK_EQUAL(Price::parse_rounded("0.0000000015")->to_string(), "0.000000002");
  BOOST_CHECK_EQUAL(Price::parse_rounded("-0.0000000015")->to_string(), "-0.000000002");
}

BOOST_AUTO_TEST_CASE(doubles_come_in_as_the_decimal_their_shortest_text_names) {
  BOOST_CHECK_EQUAL(text(Price::from_double(0.1)), "0.1");
  BOOST_CHECK_EQUAL(text(Price::from_double(190.55)), "190.55");
  BOOST_CHECK_EQUAL(text(Price::from_double(1e9)), "1000000000");
  BOOST_CHECK(!Price::from_double(std::numeric_limits<double>::quiet_NaN()));
  BOOST_CHECK(!Price::from_double(std::numeric_limits<double>::infinity()));
  BOOST_CHECK(!Price::from_double(1.0 / 3));
}

// The nearest double of a decimal is what strtod makes of its text.
BOOST_AUTO_TEST_CASE(the_double_that_goes_out_is_the_nearest_one) {
  std::mt19937_64 random{1};
  for (int i = 0; i < 200'000; ++i) {
    const auto raw = static_cast<std::int64_t>(random()) >> (random() % 60);
    const auto p = Price::from_raw(raw);
    const auto s = p.to_string();
    double nearest = 0;
    std::from_chars(s.data(), s.data() + s.size(), nearest);
    BOOST_REQUIRE_MESSAGE(p.to_double() == nearest, s);
    BOOST_REQUIRE_EQUAL(Price::parse(s)->raw(), raw);
  }
}

BOOST_AUTO_TEST_CASE(arithmetic_that_does_not_fit_is_empty_never_wrong) {
  const auto max = Price::from_raw(std::numeric_limits<std::int64_t>::max());
  BOOST_CHECK(!checked_add(max, Price::from_raw(1)));
  BOOST_CHECK(!checked_sub(Price::from_raw(std::numeric_limits<std::int64_t>::min()), Price::from_raw(1)));
  BOOST_CHECK_EQUAL(notional(*Price::parse("190.55"), *Quantity::parse("100"))->to_string(), "19055");
  BOOST_CHECK_EQUAL(notional(*Price::parse("0.000000001"), *Quantity::parse("0.5"))->to_string(), "0");
  BOOST_CHECK(!notional(max, Quantity::from_raw(static_cast<Int128>(1) << 100)));
  BOOST_CHECK_EQUAL(price_of(*Money::parse("10"), *Quantity::parse("3"))->to_string(), "3.333333333");
  BOOST_CHECK(!price_of(*Money::parse("10"), Quantity{}));
}

BOOST_AUTO_TEST_CASE(quantities_hold_what_no_price_could) {
  BOOST_CHECK_EQUAL(Quantity::parse("589000000000000.123456789")->to_string(), "589000000000000.123456789");
}

BOOST_AUTO_TEST_SUITE_END()
