#include <set>

#include "config/names.hpp"
#include "tests/config/support.hpp"

using namespace tradebus;
using tradebus::test::ConfigFixture;
using Texts = std::vector<std::string>;

BOOST_FIXTURE_TEST_CASE(the_environment_wins_over_the_file, ConfigFixture) {
  source.environment = {{"TRADEBUS_BUS_LINGER_S", "2.5"},
                        {"TRADEBUS_BUS_RING_MESSAGES", " 7 "},
                        {"TRADEBUS_BUS_INSECURE", "true"},
                        {"TRADEBUS_BUS_STREAM", "tcp://127.0.0.1:0, ipc:///run/s"},
                        {"TRADEBUS_CACHE_TTL_NEWS_S", "9"},
                        {"TRADEBUS_PROVIDERS_VENUE_RATE", "4"},
                        {"TRADEBUS_BUS_ADMIN", ""},
                        {"TRADEBUS_SHARED", "/somewhere"},
                        {"PATH", "/bin"}};
  const auto config = load("[bus]\nlinger_s = 1\nring_memory_mb = 9\nadmin = \"127.0.0.1:1\"\n");
  BOOST_REQUIRE_MESSAGE(config.has_value(), config.error().message);
  const auto& bus = config->section("bus");
  BOOST_CHECK_EQUAL(bus.get<double>("linger_s"), 2.5);
  BOOST_CHECK_EQUAL(bus.get<std::int64_t>("ring_messages"), 7);
  BOOST_CHECK_EQUAL(bus.get<std::int64_t>("ring_memory_mb"), 9);
  BOOST_CHECK_EQUAL(bus.get<bool>("insecure"), true);
  BOOST_CHECK_EQUAL(bus.get<std::string>("admin"), "");
  BOOST_CHECK((bus.get<Texts>("stream") == Texts{"tcp://127.0.0.1:0", "ipc:///run/s"}));
  BOOST_CHECK_EQUAL(config->section("cache.ttl").get<double>("news_s"), 9.0);
  BOOST_CHECK_EQUAL(config->section("providers.venue").get<double>("rate"), 4.0);
  BOOST_CHECK_EQUAL(config->origin("bus", "linger_s"), "environment TRADEBUS_BUS_LINGER_S");
}

BOOST_FIXTURE_TEST_CASE(broker_and_data_provider_have_short_names, ConfigFixture) {
  source.environment = {{"BROKER", "paper,ibkr"}, {"DATA_PROVIDER", "replay"}};
  auto config = load("[engine]\nbroker = [\"other\"]\ndata_provider = [\"sim\"]\n");
  BOOST_REQUIRE(config.has_value());
  BOOST_CHECK((config->section("engine").get<Texts>("broker") == Texts{"paper", "ibkr"}));
  BOOST_CHECK((config->section("engine").get<Texts>("data_provider") == Texts{"replay"}));
  BOOST_CHECK_EQUAL(config->origin("engine", "broker"), "environment BROKER");
  // The long name wins over the short one; an empty short one counts as not set, an empty long one as no entry.
  source.environment["TRADEBUS_ENGINE_BROKER"] = "alpaca";
  source.environment["DATA_PROVIDER"] = "";
  config = load("[engine]\nbroker = [\"other\"]\ndata_provider = [\"file\"]\n");
  BOOST_CHECK((config->section("engine").get<Texts>("broker") == Texts{"alpaca"}));
  BOOST_CHECK((config->section("engine").get<Texts>("data_provider") == Texts{"file"}));
  source.environment["TRADEBUS_ENGINE_BROKER"] = "";
  BOOST_CHECK(load("")->section("engine").get<Texts>("broker").empty());
}

BOOST_FIXTURE_TEST_CASE(of_a_keys_own_variables_the_first_wins, ConfigFixture) {
  source.environment = {{"VENUE_API_KEY", "new"}, {"OLD_VENUE_KEY", "old"}};
  BOOST_CHECK_EQUAL(load("")->section("providers.venue").get<std::string>("api_key"), "new");
  source.environment["VENUE_API_KEY"] = "";
  const auto config = load("");
  BOOST_CHECK_EQUAL(config->section("providers.venue").get<std::string>("api_key"), "old");
  BOOST_CHECK_EQUAL(config->origin("providers.venue", "api_key"), "environment OLD_VENUE_KEY");
}

BOOST_FIXTURE_TEST_CASE(mistakes_in_the_environment_are_named, ConfigFixture) {
  struct Case {
    std::string variable;
    std::string text;
    std::string error;
  };
  const std::vector<Case> cases = {
      {"TRADEBUS_BUS_STREM", "x", "environment TRADEBUS_BUS_STREM is not known; did you mean TRADEBUS_BUS_STREAM?"},
      {"TRADEBUS_ENGINE_BROKR", "x",
       "environment TRADEBUS_ENGINE_BROKR is not known; did you mean TRADEBUS_ENGINE_BROKER?"},
      {"TRADEBUS_BUS_LINGER_S", "abc", "environment TRADEBUS_BUS_LINGER_S: bus.linger_s must be a number, not \"abc\""},
      {"TRADEBUS_BUS_LINGER_S", "inf", "environment TRADEBUS_BUS_LINGER_S: bus.linger_s must be a finite number"},
      {"TRADEBUS_BUS_RING_MEMORY_MB", "",
       "environment TRADEBUS_BUS_RING_MEMORY_MB: bus.ring_memory_mb must be a whole number, not \"\""},
      {"TRADEBUS_BUS_RING_MEMORY_MB", "5ms",
       "environment TRADEBUS_BUS_RING_MEMORY_MB: bus.ring_memory_mb must be a whole number, not \"5ms\""},
      {"TRADEBUS_BUS_RING_MEMORY_MB", "99999999999999999999",
       "environment TRADEBUS_BUS_RING_MEMORY_MB: bus.ring_memory_mb must be a whole number, not "
       "\"99999999999999999999\""},
      {"TRADEBUS_BUS_RING_MEMORY_MB", "0",
       "environment TRADEBUS_BUS_RING_MEMORY_MB: bus.ring_memory_mb must be at least 1, not 0"},
      {"TRADEBUS_BUS_INSECURE", "yes",
       "environment TRADEBUS_BUS_INSECURE: bus.insecure must be true or false, not \"yes\""},
      {"TRADEBUS_LOG_LEVEL", "loud",
       "environment TRADEBUS_LOG_LEVEL: log.level must be one of trace, debug, info, warn, error, critical, not "
       "\"loud\""},
      {"TRADEBUS_LOG_FILE", "\xff", "environment TRADEBUS_LOG_FILE: log.file holds bytes that are no text"},
      {"BROKER", "paper,,ibkr", "environment BROKER: engine.broker has an empty entry"},
      {"BROKER", "paper, paper", "environment BROKER: engine.broker names \"paper\" twice"},
  };
  for (const auto& c : cases) {
    source.environment = {{c.variable, c.text}};
    BOOST_CHECK_EQUAL(error_of(""), c.error);
  }
  source.environment = {{"TRADEBUS_X", "1"}};
  BOOST_CHECK(error_of("").starts_with("environment TRADEBUS_X is not known; "));
}

BOOST_FIXTURE_TEST_CASE(no_two_keys_share_a_variable, ConfigFixture) {
  std::set<std::string> names;
  for (const auto& section : specs())
    for (const auto& key : section.keys) {
      BOOST_CHECK(names.insert(environment_name(section.path, key.key)).second);
      for (const auto& name : key.environment) BOOST_CHECK(names.insert(name).second);
    }
}

BOOST_AUTO_TEST_CASE(the_process_environment_can_be_taken) {
  ::setenv("TRADEBUS_LOG_LEVEL", "warn", 1);  // NOLINT
  const auto source = ConfigSource::of_process("x.toml");
  BOOST_CHECK_EQUAL(source.environment.at("TRADEBUS_LOG_LEVEL"), "warn");
  BOOST_CHECK_EQUAL(*source.file, "x.toml");
  ::unsetenv("TRADEBUS_LOG_LEVEL");  // NOLINT
}
