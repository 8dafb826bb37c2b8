#include "tests/config/support.hpp"

using namespace tradebus;
using tradebus::test::ConfigFixture;

BOOST_FIXTURE_TEST_CASE(every_key_is_printed_with_its_origin, ConfigFixture) {
  source.environment = {{"BROKER", "paper,ibkr"}};
  const auto config = load("[bus]\nlinger_s = 2\n[log]\nfile = \"a\\\"b\\\\c\\td\"\n");
  const auto text = print_config(*config, specs());
  for (const auto& section : specs()) {
    BOOST_CHECK(has(text, "[" + section.path + "]\n"));
    for (const auto& key : section.keys) BOOST_CHECK_MESSAGE(has(text, "\n" + key.key + " = "), key.key);
  }
  BOOST_CHECK(has(text, "broker = [\"paper\", \"ibkr\"]                # environment BROKER\n"));
  BOOST_CHECK(has(text, "linger_s = 2.0                            # " + *source.file + ":2\n"));
  BOOST_CHECK(has(text, "insecure = false                          # default\n"));
}

BOOST_FIXTURE_TEST_CASE(what_is_printed_loads_again_to_the_same, ConfigFixture) {
  source.environment = {{"BROKER", "paper,ibkr"}, {"TRADEBUS_CACHE_TTL_NEWS_S", "0.1"}};
  const auto first = load("[log]\nfile = \"a\\\"b\\\\c\\td\\u00e9\"\n[[bus.client]]\nname = \"c\"\npublic_key = \"" +
                          std::string(39, 'a') + "#\"\nroles = [\"read\"]\naccounts = [\"U1\"]\n");
  BOOST_REQUIRE_MESSAGE(first.has_value(), first.error().message);
  source.environment.clear();
  const auto second = load(print_config(*first, specs()));
  BOOST_REQUIRE_MESSAGE(second.has_value(), second.error().message);
  for (const auto& section : specs())
    BOOST_CHECK(first->section(section.path).values() == second->section(section.path).values());
  BOOST_REQUIRE_EQUAL(second->clients().size(), 1);
  BOOST_CHECK_EQUAL(second->clients()[0].public_key, first->clients()[0].public_key);
  BOOST_CHECK(second->clients()[0].accounts == first->clients()[0].accounts);
}

BOOST_FIXTURE_TEST_CASE(secrets_are_masked_wherever_they_come_from, ConfigFixture) {
  const auto shown = [&](const std::string& text) {
    const auto config = load(text);
    BOOST_REQUIRE_MESSAGE(config.has_value(), config.error().message);
    auto out = print_config(*config, specs());
    BOOST_CHECK(!has(out, "s3cret"));
    BOOST_CHECK(has(out, "api_key = \"********\""));
    BOOST_CHECK(load(out).has_value());
    return out;
  };
  shown("[providers.venue]\napi_key = \"s3cret\"\n");
  write("key", "s3cret");
  BOOST_CHECK(has(shown("[providers.venue]\napi_key_file = \"key\"\n"), "\n# api_key = \"********\""));
  source.environment = {{"VENUE_API_KEY", "s3cret"}};
  BOOST_CHECK(has(shown(""), "# environment VENUE_API_KEY\n"));
  source.environment.clear();
  BOOST_CHECK(has(print_config(*load(""), specs()), "\napi_key = \"\" "));
}
