// Named tables: [risk.client.NAME] and its like.
#include "tests/config/support.hpp"

using namespace tradebus;
using tradebus::test::ConfigFixture;

BOOST_FIXTURE_TEST_CASE(tables_have_any_name_and_the_sections_keys, ConfigFixture) {
  const auto config = load(
      "[risk]\nmax_qty = 5\n[risk.client.zeta]\nmax_qty = 1\n[risk.client.alpha]\n[risk.symbol.\"BRK.B\"]\n"
      "deny_symbols = [\"X\"]\n[risk.client.\"b c\"]\nrequire_open_market = true\n");
  BOOST_REQUIRE_MESSAGE(config, config.error().message);
  BOOST_CHECK((config->tables("risk", "client") == std::vector<std::string>{"b c", "zeta"}));  // alpha says nothing
  BOOST_CHECK((config->tables("risk", "symbol") == std::vector<std::string>{"BRK.B"}));
  BOOST_CHECK(config->tables("risk", "account").empty());
  BOOST_CHECK_EQUAL(config->section("risk.client.zeta").get<std::string>("max_qty"), "1");
  BOOST_CHECK_EQUAL(config->section("risk.client.b c").get<std::string>("max_qty"), "");  // not the section's own
  BOOST_CHECK(config->section("risk.client.b c").get<bool>("require_open_market"));
  BOOST_CHECK_EQUAL(config->origin("risk.client.zeta", "max_qty"), *source.file + ":4");
  BOOST_CHECK_EQUAL(config->origin("risk.client.zeta", "max_notional"), "default");
}

BOOST_FIXTURE_TEST_CASE(what_is_wrong_in_a_table_is_named, ConfigFixture) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"[risk.client.c]\nmax_qtt = 1\n", "FILE:2: key risk.client.c.max_qtt is not known; did you mean \"max_qty\"?"},
      {"[risk.client.c]\nmax_qty = true\n", "FILE:2: key risk.client.c.max_qty must be a text, not "},
      {"[risk.client.c]\nduplicate_max = 101\n", "FILE:2: key risk.client.c.duplicate_max must be at most 100"},
      {"[risk.clients.c]\nmax_qty = 1\n", "FILE:1: section [risk.clients] is not known"},
      {"[risk]\nclient = 3\n", "FILE:2: risk.client holds tables: write [risk.client.NAME] and its keys below it"},
      {"[risk.client]\nmax_qty = 3\n", "FILE:2: risk.client holds tables: write [risk.client.NAME]"},
      {"[[risk.client]]\nmax_qty = 3\n", "FILE:1: risk.client holds tables: write [risk.client.NAME]"},
      {"[risk.client]\nwhat = 3\n", "FILE:2: key risk.client.what is not known; risk.client holds tables"},
      {"[risk.symbol.BRK.B]\nmax_qty = 3\n",
       "FILE:1: section [risk.symbol.BRK.B] is not known; a name with dots stands in quotes: [risk.symbol.\"BRK.B\"]"},
      {"[risk.client.\"\"]\nmax_qty = 3\n", "FILE:1: section [risk.client.\"\"] needs a name of 1 to 64"},
      {"[risk.client.\"a\\nb\"]\nmax_qty = 3\n", "FILE:1: section [risk.client.\"a?b\"] needs a name of 1 to 64"},
      {"[risk.client." + std::string(65, 'x') + "]\nmax_qty = 3\n", "FILE:1: section [risk.client."},
      {"[log.client.c]\nlevel = \"info\"\n", "FILE:1: section [log.client] is not known"},
  };
  for (const auto& [text, error] : cases) BOOST_CHECK_MESSAGE(error_of(text).starts_with(error), error_of(text));
}

BOOST_FIXTURE_TEST_CASE(tables_are_checked_as_their_section_is, ConfigFixture) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"[risk.client.c]\nmax_qty = \"many\"\n", "FILE:2: risk.client.c.max_qty "},
      {"[risk.account.\"U 1\"]\ndaily_loss_limit = 0\n",
       "FILE:2: risk.account.U 1.daily_loss_limit must be greater than 0"},
      {"[risk]\nprice_band_pct = -1\n", "FILE:2: risk.price_band_pct must be greater than 0"},
      {"[risk]\nprice_band_pct = \"10000000000\"\n", "FILE:2: risk.price_band_pct number out of range"},
      {"[risk.symbol.AAPL]\nallow_symbols = [\"A B\"]\n", "FILE:2: risk.symbol.AAPL.allow_symbols not a symbol"},
  };
  for (const auto& [text, error] : cases) {
    const auto config = load(text);
    BOOST_REQUIRE_MESSAGE(config, config.error().message);
    const auto ok = check_core(*config);
    BOOST_REQUIRE_MESSAGE(!ok, text);
    BOOST_CHECK_MESSAGE(shown(ok.error()).starts_with(error), shown(ok.error()));
  }
}

BOOST_FIXTURE_TEST_CASE(tables_are_printed_with_what_they_set_and_load_again, ConfigFixture) {
  const auto first = load(
      "[risk.client.c]\nmax_qty = 1.5\n[risk.symbol.\"BRK.B\"]\ndeny_symbols = [\"X\"]\n[risk.client.\"d\\\"\"]\n"
      "max_qty = 2\n");
  BOOST_REQUIRE_MESSAGE(first, first.error().message);
  const auto text = print_config(*first, specs());
  BOOST_CHECK_MESSAGE(has(text, "\n[risk.client.\"c\"]\nmax_qty = \"1.5\" "), text);
  BOOST_CHECK(has(text, "\n[risk.symbol.\"BRK.B\"]\ndeny_symbols = [\"X\"] "));
  const auto second = load(text);
  BOOST_REQUIRE_MESSAGE(second, second.error().message);
  for (const std::string path : {"risk.client.c", "risk.client.d\"", "risk.symbol.BRK.B"})
    BOOST_CHECK(first->section(path).values() == second->section(path).values());
}

BOOST_FIXTURE_TEST_CASE(tables_come_from_the_file_alone, ConfigFixture) {
  source.environment = {{"TRADEBUS_RISK_CLIENT_C_MAX_QTY", "1"}};
  BOOST_CHECK(
      has(error_of("[risk.client.c]\nmax_qty = 2\n"), "environment TRADEBUS_RISK_CLIENT_C_MAX_QTY is not known"));
}
