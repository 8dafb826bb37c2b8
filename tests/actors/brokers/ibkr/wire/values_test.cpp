// Numbers, times and texts as the venue writes them.
#include <boost/test/unit_test.hpp>

#include <random>

#include "actors/brokers/ibkr/wire/numbers.hpp"
#include "actors/brokers/ibkr/wire/text.hpp"
#include "actors/brokers/ibkr/wire/tick_types.hpp"
#include "actors/brokers/ibkr/wire/venue_time.hpp"
#include "tests/actors/brokers/ibkr/wire/messages.hpp"

using namespace tradebus;
using namespace tradebus::ibkr::wire;
using namespace tradebus::ibkr::wire::test;

namespace {

std::string money_text(std::string_view text) {
  Money out;
  return parse(text, out) == Parsed::good ? out.to_string() : "-";
}

std::string utc(std::string_view text, std::string_view login_zone = "America/New_York") {
  auto times = TimeReader::make(login_zone);
  BOOST_REQUIRE(times);
  const auto at = times->read(text);
  return at ? to_iso8601(*at) : "-";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(values)

BOOST_AUTO_TEST_CASE(decimals_are_exact) {
  BOOST_TEST(money_text("1.8E-4") == "0.00018");
  BOOST_TEST(money_text("1.0E-4") == "0.0001");
  BOOST_TEST(money_text("1.5E7") == "15000000");
  BOOST_TEST(money_text("-68.051912") == "-68.051912");
  BOOST_TEST(money_text("0.1") == "0.1");
  BOOST_TEST(money_text("9999999999.99") == "9999999999.99");
  BOOST_TEST(money_text("1.4974999999999999") == "1.4975");
  BOOST_TEST(money_text("0.5579497967180902") == "0.557949797");
  BOOST_TEST(money_text("-0.0") == "0");
}

BOOST_AUTO_TEST_CASE(there_are_many_ways_to_say_none) {
  for (const auto* text :
       {"", "2147483647", "9223372036854775807", "-9223372036854775808", "1.7976931348623157E308", "None", "NaN"}) {
    Money out;
    BOOST_TEST(is_unset(text));
    BOOST_TEST((parse(text, out) == Parsed::unset), text);
  }
  BOOST_TEST(!is_unset("0"));
  BOOST_TEST(!is_unset("0.0"));
  BOOST_TEST(!amount(""));
  BOOST_TEST(!amount("abc"));
  BOOST_TEST((amount("12.5") == money("12.5")));
}

BOOST_AUTO_TEST_CASE(what_is_no_number_is_refused) {
  Price price_out;
  Money money_out;
  std::int32_t whole = 7;
  double real = 0;
  bool flag = false;
  for (const auto* text : {"x", "-", ".", "1.2.3", "1e", "--1", "1,000", " 1", "1 ", "0x10", "1E999"}) {
    BOOST_TEST((parse(text, price_out) == Parsed::bad), text);
    BOOST_TEST((parse(text, money_out) == Parsed::bad), text);
  }
  BOOST_TEST((parse("99999999999", price_out) == Parsed::out_of_range));
  BOOST_TEST((parse("99999999999", money_out) == Parsed::good));
  BOOST_TEST((parse("1E60", money_out) == Parsed::out_of_range));
  BOOST_TEST((parse("2147483648", whole) == Parsed::out_of_range));
  BOOST_TEST((parse("1.0", whole) == Parsed::bad));
  BOOST_TEST((parse("", whole) == Parsed::unset));
  BOOST_TEST(whole == 7);
  BOOST_TEST((parse("Infinity", real) == Parsed::out_of_range));
  BOOST_TEST((parse("Infinite", real) == Parsed::out_of_range));
  BOOST_TEST((parse("NaN", real) == Parsed::unset));
  BOOST_TEST((parse("2", flag) == Parsed::bad));
  BOOST_TEST((parse("true", flag) == Parsed::good));
  BOOST_TEST(flag);
}

BOOST_AUTO_TEST_CASE(the_short_way_and_the_long_way_agree) {
  std::mt19937_64 random{11};
  for (int i = 0; i < 50'000; ++i) {
    std::string text;
    if (random() % 4 == 0) text += '-';
    for (auto n = random() % 12; n > 0; --n) text += static_cast<char>('0' + random() % 10);
    if (random() % 2 == 0) {
      text += '.';
      for (auto n = random() % 12; n > 0; --n) text += static_cast<char>('0' + random() % 10);
    }
    std::int64_t nanos = 0;
    if (!ibkr::wire::detail::parse_short(text, nanos)) continue;
    const auto exact = Money::parse(text);
    BOOST_REQUIRE_MESSAGE(exact, text);
    BOOST_REQUIRE_MESSAGE(exact->raw() == nanos, text);
  }
}

BOOST_AUTO_TEST_CASE(three_forms_of_one_moment) {
  BOOST_TEST(utc("20260611-13:30:30") == "2026-06-11T13:30:30.000000000Z");
  BOOST_TEST(utc("20260611 09:30:30 US/Eastern") == "2026-06-11T13:30:30.000000000Z");
  BOOST_TEST(utc("20260611  09:30:30") == "2026-06-11T13:30:30.000000000Z");
  BOOST_TEST(utc("20260611  15:30:30", "Central European Standard Time") == "2026-06-11T13:30:30.000000000Z");
}

BOOST_AUTO_TEST_CASE(times_of_every_kind) {
  BOOST_TEST(utc("20250415 19:38:30 British Summer Time") == "2025-04-15T18:38:30.000000000Z");
  BOOST_TEST(utc("20260405 23:49:26 Central European Standard Time") == "2026-04-05T21:49:26.000000000Z");
  BOOST_TEST(utc("20260825 20:11:28 CET") == "2026-08-25T18:11:28.000000000Z");
  BOOST_TEST(utc("20230306 12:28:30 America/Los_Angeles") == "2023-03-06T20:28:30.000000000Z");
  BOOST_TEST(utc("2026-04-14 14:58:42.0") == "2026-04-14T14:58:42.000000000Z");
  BOOST_TEST(utc("2026-04-14 14:58:42.123456789012") == "2026-04-14T14:58:42.123456789Z");
  BOOST_TEST(utc("20250620 08:30 US/Central") == "2025-06-20T13:30:00.000000000Z");
  BOOST_TEST(utc("20250620-08:30:00-US/Central") == "2025-06-20T13:30:00.000000000Z");
  BOOST_TEST(utc("20230413") == "2023-04-13T04:00:00.000000000Z");
  BOOST_TEST(utc("1681133399") == "2023-04-10T13:29:59.000000000Z");
  BOOST_TEST(utc("20261101 01:30:00 US/Eastern") == "2026-11-01T05:30:00.000000000Z");  // of two, the first
  BOOST_TEST(utc("19801212-14:30:00") == "1980-12-12T14:30:00.000000000Z");
}

BOOST_AUTO_TEST_CASE(what_is_no_time_is_refused) {
  for (const auto* text :
       {"", "x", "2026", "20261301", "20260230 10:00:00", "20260611 24:00:00", "20260611-1:30:30", "20260611 09:60:30",
        "20260611 09:30:61", "20260611x09:30:30", "20260611 09:30:30 Mars/Olympus",
        "20260611 09:30:30 ../../etc/passwd", "20260611 09:30:30 /etc/passwd", "18991231 10:00:00", "99999999999"})
    BOOST_TEST(utc(text) == "-", text);
  BOOST_TEST(!TimeReader::make("Nowhere"));
  BOOST_TEST((TimeReader::make("Nowhere").error().code == Errc::config_invalid));
  BOOST_TEST(!from_seconds(-1));
  BOOST_TEST(!from_millis(9'000'000'000'000'000));
}

BOOST_AUTO_TEST_CASE(times_go_out_in_utc) {
  BOOST_TEST(to_venue_time(from_unix_ns(1'781'184'630'999'999'999)) == "20260611-13:30:30");
  const auto text = to_venue_time(from_unix_ns(1'781'184'630'000'000'000));
  BOOST_TEST(utc(text) == "2026-06-11T13:30:30.000000000Z");
}

BOOST_AUTO_TEST_CASE(texts_become_utf8) {
  BOOST_TEST(to_utf8("plain") == "plain");
  BOOST_TEST(to_utf8("\xc3\xbc") == "\xc3\xbc");
  BOOST_TEST(to_utf8("f\xfcr") == "f\xc3\xbcr");
  for (const auto* text : {"\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\x80", "\xff"}) {
    BOOST_TEST(!is_utf8(text));
    BOOST_TEST(is_utf8(to_utf8(text)));
  }
  BOOST_TEST(unescape_unicode("NESTL\\u00c9 S.A.") == "NESTL\xc3\x89 S.A.");
  BOOST_TEST(unescape_unicode("\\ud83d\\ude00") == "\xf0\x9f\x98\x80");
  BOOST_TEST(unescape_unicode("\\ud83d!") == "\xef\xbf\xbd!");
  BOOST_TEST(unescape_unicode("\\u12") == "\\u12");
  BOOST_TEST(unescape_unicode("C:\\users") == "C:\\users");
  BOOST_TEST(unescape_html("a&#10;b &amp;&lt;&#x41; &unknown; & &#;") == "a\nb &<A &unknown; & &#;");
  BOOST_TEST(bare_headline("{A:800015:L:en}!BofA") == "BofA");
  BOOST_TEST(bare_headline("{A:800015:L:en") == "{A:800015:L:en");
  BOOST_TEST(bare_headline("Plain") == "Plain");
}

BOOST_AUTO_TEST_CASE(delayed_ticks_stand_for_live_ones) {
  BOOST_TEST(live_tick(66) == 1);
  BOOST_TEST(live_tick(88) == 45);
  BOOST_TEST(is_delayed(75));
  BOOST_TEST(!is_delayed(9));
  BOOST_TEST(live_tick(1'000) == 1'000);
}

BOOST_AUTO_TEST_SUITE_END()
