#include <boost/test/unit_test.hpp>

#include "actors/brokers/ibkr/wire/error_codes.hpp"

using namespace tradebus;
using namespace tradebus::ibkr::wire;

namespace {

ErrorEffect effect(std::int32_t code, ErrorSubject subject, std::string text = "text") {
  return judge(ErrorMessage{1, code, std::move(text), {}}, subject).effect;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(error_codes_table)

BOOST_AUTO_TEST_CASE(every_known_code_is_found) {
  for (const std::int32_t code :
       {100,   101,   102,   103,   104,   105,   106,   107,   109,   110,   111,   113,   116,   135,   136,   161,
        162,   165,   200,   201,   202,   203,   300,   309,   310,   316,   317,   320,   321,   322,   323,   324,
        326,   327,   329,   354,   366,   382,   383,   384,   385,   386,   387,   388,   399,   404,   420,   430,
        434,   439,   440,   441,   442,   443,   460,   492,   501,   502,   503,   504,   505,   506,   507,   508,
        509,   1100,  1101,  1102,  1300,  2100,  2101,  2102,  2103,  2104,  2105,  2106,  2107,  2108,  2109,  2110,
        2119,  2137,  2150,  2157,  2158,  2168,  2169,  2174,  10089, 10090, 10091, 10092, 10147, 10148, 10167, 10168,
        10172, 10182, 10186, 10187, 10189, 10190, 10197, 10225, 10276, 10285, 10314, 10349}) {
    const auto* entry = find_error_code(code);
    BOOST_REQUIRE_MESSAGE(entry != nullptr, code);
    BOOST_TEST(entry->first <= code);
    BOOST_TEST(!entry->meaning.empty());
    BOOST_TEST(!entry->advice.empty());
  }
  for (const std::int32_t code : {-1, 0, 99, 108, 500, 510, 2111, 99999}) BOOST_TEST(find_error_code(code) == nullptr);
  std::int32_t before = -1;
  for (const auto& entry : error_codes()) {
    BOOST_TEST(entry.first > before);
    BOOST_TEST(entry.last >= entry.first);
    before = entry.last;
  }
}

BOOST_AUTO_TEST_CASE(what_a_code_does_hangs_on_what_it_is_about) {
  using enum ErrorSubject;
  BOOST_TEST((effect(200, request) == ErrorEffect::request_ended));
  BOOST_TEST((effect(200, new_order) == ErrorEffect::order_ended));
  BOOST_TEST((effect(200, nothing) == ErrorEffect::warning));
  BOOST_TEST((effect(201, new_order) == ErrorEffect::order_ended));
  BOOST_TEST((effect(202, cancel) == ErrorEffect::order_ended));
  BOOST_TEST((effect(202, live_order) == ErrorEffect::order_ended));
  // On a change the order lives on.
  for (const auto code : {105, 110, 321, 329, 440, 441, 443, 2102}) {
    BOOST_TEST((effect(code, change) == ErrorEffect::change_refused), code);
    BOOST_TEST((effect(code, live_order) == ErrorEffect::warning), code);
  }
  for (const auto code : {110, 321, 103, 439, 441, 442, 443})
    BOOST_TEST((effect(code, new_order) == ErrorEffect::order_ended), code);
  // Cancels that lost a race.
  for (const auto code : {161, 10147, 10148, 135, 136}) {
    BOOST_TEST((effect(code, cancel) == ErrorEffect::cancel_refused), code);
    BOOST_TEST((effect(code, live_order) == ErrorEffect::warning), code);
    BOOST_TEST((effect(code, new_order) == ErrorEffect::warning), code);
  }
  // Off hours.
  BOOST_TEST((effect(399, new_order) == ErrorEffect::warning));
  BOOST_TEST((effect(399, live_order) == ErrorEffect::warning));
  BOOST_TEST((effect(10167, request) == ErrorEffect::warning));
  BOOST_TEST((effect(354, request) == ErrorEffect::request_ended));
  BOOST_TEST((effect(1100, nothing) == ErrorEffect::connection));
  BOOST_TEST((effect(326, nothing) == ErrorEffect::connection));
  BOOST_TEST((effect(2104, nothing) == ErrorEffect::information));
}

BOOST_AUTO_TEST_CASE(unknown_codes_go_by_the_rule) {
  using enum ErrorSubject;
  BOOST_TEST((effect(99'999, request) == ErrorEffect::request_ended));
  BOOST_TEST((effect(99'999, new_order) == ErrorEffect::order_ended));
  BOOST_TEST((effect(99'999, nothing) == ErrorEffect::warning));
  BOOST_TEST((effect(99'999, request, "Warning: something") == ErrorEffect::warning));
  BOOST_TEST((effect(2'199, new_order) == ErrorEffect::warning));
  BOOST_TEST((effect(201, new_order, "Warning: something") == ErrorEffect::warning));
}

BOOST_AUTO_TEST_CASE(the_protocols_codes) {
  auto errc = [](std::int32_t code, std::string text) {
    return judge(ErrorMessage{1, code, std::move(text), {}}, ErrorSubject::request).errc;
  };
  BOOST_TEST((errc(162, "Historical Market Data Service error message:API historical data query pacing violation") ==
              Errc::provider_rate_limited));
  BOOST_TEST((errc(162, "HMDS query returned no data: ZZZ@SMART Trades") == Errc::provider_not_found));
  BOOST_TEST((errc(162, "No market data permissions for ISLAND STK") == Errc::provider_unsupported));
  BOOST_TEST((errc(162, "API historical data query cancelled: 28") == Errc::ok));
  BOOST_TEST((errc(162, "else") == Errc::provider_unavailable));
  BOOST_TEST((errc(101, "") == Errc::provider_rate_limited));
  BOOST_TEST(
      (judge(ErrorMessage{1, 162, "pacing violation", {}}, ErrorSubject::request).category == CodeCategory::pacing));
  BOOST_TEST((judge(ErrorMessage{-1, 100, "", {}}, ErrorSubject::nothing).category == CodeCategory::pacing));

  const ErrorMessage refused{7, 201, "Order rejected - reason:NO", {}};
  const auto error = to_error(refused, judge(refused, ErrorSubject::new_order));
  BOOST_TEST((error.code == Errc::broker_rejected));
  BOOST_TEST(error.message == "201 Order rejected - reason:NO: the order was rejected; see the reason");
}

BOOST_AUTO_TEST_SUITE_END()
