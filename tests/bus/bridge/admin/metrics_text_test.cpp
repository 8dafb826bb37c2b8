#include "bus/bridge/metrics_text.hpp"

#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <limits>

using tradebus::MetricsText;

BOOST_AUTO_TEST_SUITE(metrics_text)

BOOST_AUTO_TEST_CASE(a_metric_is_described_once_and_its_samples_follow) {
  MetricsText out;
  out.counter("tradebus_messages_total", "Messages sent.", std::uint64_t{18'446'744'073'709'551'615U});
  out.gauge("tradebus_link_up", "1 while the link is up.", true, {{"kind", "provider"}, {"name", "sim"}});
  out.gauge("tradebus_link_up", "1 while the link is up.", false, {{"kind", "broker"}, {"name", "paper"}});
  BOOST_CHECK_EQUAL(out.text(),
                    "# HELP tradebus_messages_total Messages sent.\n"
                    "# TYPE tradebus_messages_total counter\n"
                    "tradebus_messages_total 18446744073709551615\n"
                    "# HELP tradebus_link_up 1 while the link is up.\n"
                    "# TYPE tradebus_link_up gauge\n"
                    "tradebus_link_up{kind=\"provider\",name=\"sim\"} 1\n"
                    "tradebus_link_up{kind=\"broker\",name=\"paper\"} 0\n");
}

BOOST_AUTO_TEST_CASE(labels_and_help_are_escaped) {
  MetricsText out;
  out.gauge("x", "two\nlines and a \\ and a \"", 1, {{"l", "a\"b\\c\nd"}});
  BOOST_CHECK_EQUAL(out.text(),
                    "# HELP x two\\nlines and a \\\\ and a \"\n"
                    "# TYPE x gauge\n"
                    "x{l=\"a\\\"b\\\\c\\nd\"} 1\n");
}

BOOST_AUTO_TEST_CASE(numbers_are_written_shortest) {
  MetricsText out;
  for (const double value :
       {0.1, -2.5, 1e300, std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(),
        std::numeric_limits<double>::quiet_NaN(), -std::numeric_limits<double>::denorm_min()})
    out.gauge("x", "h", value);
  out.gauge("x", "h", std::int64_t{-7});
  BOOST_CHECK_EQUAL(out.text(),
                    "# HELP x h\n# TYPE x gauge\nx 0.1\nx -2.5\nx 1e+300\nx +Inf\nx -Inf\nx NaN\nx -5e-324\nx -7\n");
}

BOOST_AUTO_TEST_CASE(taking_the_text_starts_anew) {
  MetricsText out;
  out.counter("x_total", "h", 1);
  const auto first = out.take();
  out.counter("x_total", "h", 1);
  BOOST_CHECK_EQUAL(out.take(), first);
  BOOST_CHECK(out.text().empty());
}

BOOST_AUTO_TEST_SUITE_END()
