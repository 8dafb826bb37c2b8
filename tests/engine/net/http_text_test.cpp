#include <zlib.h>

#include <boost/test/unit_test.hpp>

#include "engine/net/http_text.hpp"
#include "engine/net/inflate.hpp"
#include "engine/net/jitter.hpp"
#include "tests/engine/net/gzip.hpp"

using namespace tradebus;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(http_text)

BOOST_AUTO_TEST_CASE(retry_after_in_seconds_and_as_a_date) {
  const auto now = std::chrono::system_clock::time_point{784111777s};  // Sun, 06 Nov 1994 08:49:37 GMT
  BOOST_TEST((parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT") == now));
  BOOST_TEST((parse_retry_after("12", now) == 12s));
  BOOST_TEST((parse_retry_after(" 0 ", now) == 0s));
  BOOST_TEST((parse_retry_after("Sun, 06 Nov 1994 08:50:07 GMT", now) == 30s));
  BOOST_TEST((parse_retry_after("Sun, 06 Nov 1994 08:49:00 GMT", now) == 0s));
  BOOST_TEST((parse_retry_after("99999999999999999999999", now) == 24h));
  BOOST_TEST((parse_retry_after("Sun, 06 Nov 2094 08:49:37 GMT", now) == 24h));
  for (const char* text : {"", "soon", "-1", "1.5", "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 25:49:37 GMT",
                           "Sun, 06 Nov 1994 08:49:37 CET", "Sunday, 06-Nov-94 08:49:37 GMT"})
    BOOST_TEST(!parse_retry_after(text, now), text);
}

BOOST_AUTO_TEST_CASE(what_can_not_be_sent) {
  BOOST_TEST(wrong_with("GET", {{"Accept", "text/csv"}}) == "");
  BOOST_TEST(wrong_with("GE T", {}) != "");
  BOOST_TEST(wrong_with("", {}) != "");
  BOOST_TEST(wrong_with("GET", {{"A b", "x"}}) != "");
  BOOST_TEST(wrong_with("GET", {{"host", "x"}}) != "");
  const auto wrong = wrong_with("GET", {{"Authorization", "SECRET\r\nX: y"}});
  BOOST_TEST(wrong != "");
  BOOST_TEST(wrong.find("SECRET") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(logs_show_no_secrets) {
  HttpRequest request;
  request.url = "https://h/v3/x?apiKey=SECRET";
  request.headers = {{"Authorization", "Bearer SECRET"}, {"APCA-API-SECRET-KEY", "SECRET"}, {"Accept", "text/csv"}};
  BOOST_TEST(shown(request) ==
             "GET https://h/v3/x?... Authorization=<redacted> APCA-API-SECRET-KEY=<redacted> Accept=text/csv");
  BOOST_TEST(where_to("https://me:SECRET@other.example/login?token=SECRET") == "https://other.example");
  BOOST_TEST(where_to("/login?token=SECRET") == "another path of the same host");
}

BOOST_AUTO_TEST_CASE(credentials) {
  BOOST_TEST(basic_credentials("Aladdin:open sesame") == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  BOOST_TEST(basic_credentials("a:b") == "Basic YTpi");
  BOOST_TEST(basic_credentials("a:bc") == "Basic YTpiYw==");
}

BOOST_AUTO_TEST_CASE(inflating_has_a_bound) {
  const std::string text(100'000, 'x');
  const auto packed = test::gzip(text);
  BOOST_TEST(packed.size() < 1'000);
  BOOST_TEST((inflate_body(packed, 100'000) == text));
  BOOST_TEST((inflate_body(packed, 99'999).error() == InflateFault::too_large));
  BOOST_TEST((inflate_body(packed.substr(0, packed.size() / 2), 1'000'000).error() == InflateFault::cut));
  BOOST_TEST((inflate_body("plain text", 1'000).error() == InflateFault::damaged));
  BOOST_TEST((inflate_body("", 1'000).error() == InflateFault::cut));
  BOOST_TEST((inflate_body(test::gzip("") + test::gzip("b"), 10) == std::string{"b"}));
  BOOST_TEST((inflate_body(test::gzip("a") + "rubbish", 10).error() == InflateFault::damaged));
  auto damaged = packed;
  damaged[damaged.size() - 6] = static_cast<char>(damaged[damaged.size() - 6] ^ 1);  // the checksum
  BOOST_TEST((inflate_body(damaged, 100'000).error() == InflateFault::damaged));
}

BOOST_AUTO_TEST_CASE(jitter_stays_in_the_upper_half_and_repeats_with_its_seed) {
  Jitter a{7};
  Jitter b{7};
  for (int i = 0; i < 1'000; ++i) {
    const auto wait = a(100ms);
    BOOST_TEST((wait >= 50ms && wait <= 100ms));
    BOOST_TEST((wait == b(100ms)));
  }
  BOOST_TEST((a(0ms) == 0ms));
}

BOOST_AUTO_TEST_SUITE_END()
