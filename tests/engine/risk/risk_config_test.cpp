#include "config/core_sections.hpp"
#include "engine/risk/risk_limits.hpp"
#include "tests/config/support.hpp"

using namespace tradebus;
using tradebus::test::ConfigFixture;

BOOST_AUTO_TEST_SUITE(risk_config)

BOOST_FIXTURE_TEST_CASE(nothing_set_limits_nothing, ConfigFixture) {
  const auto table = risk_table(*load(""));
  BOOST_REQUIRE(table);
  const auto& g = table->global;
  BOOST_CHECK(!g.max_qty && !g.max_notional && !g.price_band_pct && !g.quote_max_age && !g.max_position_qty);
  BOOST_CHECK(!g.max_position_notional && !g.max_gross_notional && !g.orders_per_second && !g.daily_loss_limit);
  BOOST_CHECK(g.allow_symbols.empty() && g.deny_symbols.empty() && g.duplicate_max == 0);
  BOOST_CHECK(!g.allow_without_quote && !g.require_open_market && !g.check_buying_power);
  BOOST_CHECK(table->clients.empty() && table->accounts.empty() && table->symbols.empty());
}

BOOST_FIXTURE_TEST_CASE(every_key_in_every_scope, ConfigFixture) {
  const std::string keys =
      "max_qty = 100\nmax_notional = \"1000.5\"\nprice_band_pct = 2.5\nallow_without_quote = true\n"
      "quote_max_age_ms = 1500\nmax_position_qty = 10\nmax_position_notional = 20\nmax_gross_notional = 30\n"
      "orders_per_second = 0.5\ndaily_loss_limit = 40\nallow_symbols = [\"AAPL\"]\ndeny_symbols = [\"GME\", \"AMC\"]\n"
      "require_open_market = true\ncheck_buying_power = true\nduplicate_max = 3\nduplicate_window_ms = 250\n";
  const auto config = load("[risk]\n" + keys + "[risk.client.momentum]\n" + keys + "[risk.account.\"U 1\"]\n" + keys +
                           "[risk.symbol.\"BRK.B\"]\n" + keys);
  BOOST_REQUIRE_MESSAGE(config, config.error().message);
  BOOST_REQUIRE(check_core(*config));
  const auto table = risk_table(*config);
  BOOST_REQUIRE_MESSAGE(table, table.error().message);
  for (const auto* l :
       {&table->global, &table->clients.at("momentum"), &table->accounts.at("U 1"), &table->symbols.at("BRK.B")}) {
    BOOST_CHECK(l->max_qty == Quantity::from_int(100) && l->max_notional == *Money::parse("1000.5"));
    BOOST_CHECK(l->price_band_pct == *Price::parse("2.5") && l->quote_max_age == std::chrono::milliseconds{1500});
    BOOST_CHECK(l->max_position_qty == Quantity::from_int(10) && l->max_position_notional == Money::from_int(20));
    BOOST_CHECK(l->max_gross_notional == Money::from_int(30) && l->daily_loss_limit == Money::from_int(40));
    BOOST_CHECK(l->orders_per_second == *Quantity::parse("0.5"));
    BOOST_CHECK(l->allow_symbols.contains("AAPL") && l->deny_symbols.size() == 2);
    BOOST_CHECK(l->allow_without_quote && l->require_open_market && l->check_buying_power);
    BOOST_CHECK(l->duplicate_max == 3 && l->duplicate_window == std::chrono::milliseconds{250});
  }
}

BOOST_FIXTURE_TEST_CASE(a_bad_limit_is_named, ConfigFixture) {
  BOOST_CHECK(risk_table(*load("[risk]\nmax_qty = \"x\"\n")).error().message.starts_with("risk.max_qty "));
  BOOST_CHECK_EQUAL(risk_table(*load("[risk.client.c]\nmax_notional = -1\n")).error().message,
                    "risk.client.c.max_notional must be greater than 0; leave it empty for no limit");
}

BOOST_FIXTURE_TEST_CASE(what_is_set_is_told_in_short, ConfigFixture) {
  BOOST_CHECK_EQUAL(risk_summary(*load("")), "none\n");
  BOOST_CHECK_EQUAL(risk_summary(*load("[risk]\nmax_qty = 5\nmax_notional = \"\"\ncheck_buying_power = true\n"
                                       "[risk.symbol.\"BRK.B\"]\nduplicate_max = 2\n[risk.client.c]\n"
                                       "deny_symbols = [\"A\", \"B\"]\n")),
                    "risk: check_buying_power = true, max_qty = 5\nrisk.client.c: deny_symbols = A B\n"
                    "risk.symbol.BRK.B: duplicate_max = 2\n");
}

BOOST_AUTO_TEST_SUITE_END()
