#include "tests/config/support.hpp"

using namespace tradebus;
using tradebus::test::ConfigFixture;
using Texts = std::vector<std::string>;

BOOST_FIXTURE_TEST_CASE(without_a_file_the_defaults_are_in_force, ConfigFixture) {
  const auto config = load_config(specs(), source);
  BOOST_REQUIRE(config.has_value());
  BOOST_CHECK_EQUAL(config->file(), "");
  BOOST_CHECK(config->section("engine").get<Texts>("broker") == Texts{"paper"});
  BOOST_CHECK_EQUAL(config->section("bus").get<double>("linger_s"), 30.0);
  BOOST_CHECK_EQUAL(config->origin("bus", "linger_s"), "default");
  BOOST_CHECK_THROW(config->section("nothing"), std::logic_error);
}

BOOST_FIXTURE_TEST_CASE(values_of_each_type_come_from_the_file_with_their_line, ConfigFixture) {
  const auto config = load(
      "[engine]\nbroker = [\"paper\", \"ibkr\"]\n"
      "[bus]\nlinger_s = 5\nring_messages = 16\ninsecure = true\n"
      "[providers.venue]\nrate = 2.25\n"
      "[cache]\nttl.news_s = 7\n[log]\nlevel = \"debug\"\n");
  BOOST_REQUIRE_MESSAGE(config.has_value(), config.error().message);
  BOOST_CHECK_EQUAL(config->file(), *source.file);
  BOOST_CHECK((config->section("engine").get<Texts>("broker") == Texts{"paper", "ibkr"}));
  BOOST_CHECK_EQUAL(config->section("bus").get<double>("linger_s"), 5.0);  // an integer where a number is asked
  BOOST_CHECK_EQUAL(config->section("bus").get<std::int64_t>("ring_messages"), 16);
  BOOST_CHECK_EQUAL(config->section("bus").get<bool>("insecure"), true);
  BOOST_CHECK_EQUAL(config->section("providers.venue").get<double>("rate"), 2.25);
  BOOST_CHECK_EQUAL(config->section("cache.ttl").get<double>("news_s"), 7.0);
  BOOST_CHECK_EQUAL(config->section("log").get<std::string>("level"), "debug");
  BOOST_CHECK_EQUAL(config->origin("bus", "ring_messages"), *source.file + ":5");
  BOOST_CHECK_EQUAL(config->origin("bus", "ring_memory_mb"), "default");
}

BOOST_FIXTURE_TEST_CASE(every_mistake_is_named_with_its_line, ConfigFixture) {
  struct Case {
    std::string text;
    std::string error;
  };
  const std::vector<Case> cases = {
      {"[engine]\nbrokr = [\"paper\"]\n", "FILE:2: key engine.brokr is not known; did you mean \"broker\"?"},
      {"[engine]\nzzzzzzzz = 1\n",
       "FILE:2: key engine.zzzzzzzz is not known; known are: broker, data_provider, cache, data_dir"},
      {"[bus]\nlevel = \"info\"\n", "FILE:2: key bus.level is not known; did you mean \"log.level\"?"},
      {"broker = [\"paper\"]\n",
       "FILE:1: key broker is not known: it stands above the first [section]; did you mean \"engine.broker\"?"},
      {"[providers]\nrate = 2\n",
       "FILE:2: key providers.rate is not known: [providers] has no keys of its own; did you mean "
       "\"providers.venue.rate\"?"},
      {"[engin]\nbroker = [\"paper\"]\n", "FILE:1: section [engin] is not known; did you mean \"engine\"?"},
      {"[providers.venu]\n", "FILE:1: section [providers.venu] is not known; did you mean \"providers.venue\"?"},
      {"[\"providers.venue\"]\nrate = 2\n",
       "FILE:1: section [providers.venue] is not known; did you mean \"providers.venue\"?"},
      {"[[engine]]\n", "FILE:1: engine is a section: write [engine], once, and its keys below it"},
      {"engine = 3\n", "FILE:1: engine is a section: write [engine], once, and its keys below it"},
      {"[engine]\nbroker = \"paper\"\n",
       "FILE:2: key engine.broker must be a list of texts (for example [\"a\", \"b\"]), not a text"},
      {"[engine]\nbroker = [1]\n",
       "FILE:2: key engine.broker must be a list of texts (for example [\"a\", \"b\"]), not a list of something else"},
      {"[engine]\nbroker = [\"paper\", \"paper\"]\n", "FILE:2: key engine.broker names \"paper\" twice"},
      {"[engine]\nbroker = [\"\"]\n", "FILE:2: key engine.broker has an empty entry"},
      {"[bus]\nlinger_s = \"30\"\n", "FILE:2: key bus.linger_s must be a number, not a text"},
      {"[bus]\nlinger_s = nan\n", "FILE:2: key bus.linger_s must be a finite number"},
      {"[bus]\nlinger_s = -1\n", "FILE:2: key bus.linger_s must be at least 0, not -1"},
      {"[bus]\nring_messages = 1.5\n",
       "FILE:2: key bus.ring_messages must be a whole number, not a number with decimals"},
      {"[bus]\nring_memory_mb = 0\n", "FILE:2: key bus.ring_memory_mb must be at least 1, not 0"},
      {"[bus]\nfeed_items = 10001\n", "FILE:2: key bus.feed_items must be at most 10000, not 10001"},
      {"[bus]\ninsecure = 1\n", "FILE:2: key bus.insecure must be true or false, not a whole number"},
      {"[bus]\nadmin = 2024-01-01\n", "FILE:2: key bus.admin must be a text, not a date"},
      {"[log]\nfile = \"a\\u0000b\"\n", "FILE:2: key log.file holds bytes that are no text"},
      {"[log]\nlevel = \"inf\"\n",
       "FILE:2: key log.level must be one of trace, debug, info, warn, error, critical, not \"inf\"; did you mean "
       "\"info\"?"},
  };
  for (const auto& c : cases) BOOST_CHECK_EQUAL(error_of(c.text), c.error);
}

BOOST_FIXTURE_TEST_CASE(all_mistakes_are_told_at_once_in_the_order_of_their_lines, ConfigFixture) {
  source.environment["TRADEBUS_LOG_LEVL"] = "info";
  BOOST_CHECK_EQUAL(error_of("[log]\nlevle = \"info\"\n\n[engine]\nbrokr = []\n[bus]\nring_memory_mb = 0\n"),
                    "FILE:2: key log.levle is not known; did you mean \"level\"?\n"
                    "FILE:5: key engine.brokr is not known; did you mean \"broker\"?\n"
                    "FILE:7: key bus.ring_memory_mb must be at least 1, not 0\n"
                    "environment TRADEBUS_LOG_LEVL is not known; did you mean TRADEBUS_LOG_LEVEL?");
}

BOOST_FIXTURE_TEST_CASE(a_thousand_mistakes_do_not_fill_the_screen, ConfigFixture) {
  std::string text = "[engine]\n";
  for (int i = 0; i < 1000; ++i) text += "k" + std::to_string(i) + " = 1\n";
  const auto error = error_of(text);
  BOOST_CHECK_EQUAL(std::count(error.begin(), error.end(), '\n'), 50);
  BOOST_CHECK(error.ends_with("\n... and 950 more"));
}

BOOST_FIXTURE_TEST_CASE(errors_of_the_toml_itself_carry_line_and_column, ConfigFixture) {
  for (const std::string text :
       {"[engine]\nbroker = [\"paper\"\n", "[engine]\ncache = \n", "[bus]\nring_memory_mb = 1\nring_memory_mb = 2\n",
        "[bus]\n[bus]\n", "[bus\n", "\xff\xfe\n"}) {
    const auto error = error_of(text);
    BOOST_CHECK_MESSAGE(error.starts_with("FILE:") && std::count(error.begin(), error.end(), ':') >= 3, error);
  }
  for (const std::string text : {"[log]\n[=]\nx\n", "[log]\n[[#]]", "\n [ \n[log]\n"})
    BOOST_CHECK_EQUAL(error_of(text), "FILE:2: this is not TOML; a section is written [name], a key = value");
  BOOST_CHECK(error_of("[bus]\nring_memory_mb = 1\nring_memory_mb = 2\n").starts_with("FILE:3:18: "));
}

BOOST_FIXTURE_TEST_CASE(a_file_that_cannot_be_read_is_named, ConfigFixture) {
  source.file = folder / "none.toml";
  auto config = load_config(specs(), source);
  BOOST_REQUIRE(!config);
  BOOST_CHECK_EQUAL(config.error().message,
                    "configuration file " + *source.file + " cannot be read: No such file or directory");
  source.file = folder;
  BOOST_CHECK(load_config(specs(), source).error().message.ends_with("it is not a regular file"));
  BOOST_CHECK_EQUAL(::mkfifo((folder / "fifo").c_str(), 0600), 0);
  source.file = folder / "fifo";
  BOOST_CHECK(load_config(specs(), source).error().message.ends_with("it is not a regular file"));
}

BOOST_FIXTURE_TEST_CASE(size_and_depth_are_bounded, ConfigFixture) {
  BOOST_CHECK(error_of(std::string(1024 * 1024 + 1, '\n')).ends_with("is larger than 1048576 bytes: not read"));
  BOOST_CHECK_EQUAL(error_of(std::string(1024 * 1024, '\n')), "loaded");
  BOOST_CHECK_EQUAL(error_of("\n#" + std::string(17000, 'x')), "FILE:2: the line is longer than 16384 bytes; break it");
  // As deep as a line allows, in keys and in values.
  std::string deep = "[";
  for (int i = 0; i < 8000; ++i) deep += "a.";
  BOOST_CHECK(error_of(deep + "a]\n").find("section [a] is not known") != std::string::npos);
  BOOST_CHECK(error_of("[log]\nfile = " + std::string(8000, '[')).starts_with("FILE:2:"));
}

BOOST_FIXTURE_TEST_CASE(the_usual_places_are_tried_in_order, ConfigFixture) {
  const auto loaded = [&] {
    const auto config = load_config(specs(), source);
    return config ? config->file() : config.error().message;
  };
  source.home = folder / "home";
  source.environment["XDG_CONFIG_HOME"] = folder / "xdg";
  BOOST_CHECK_EQUAL(loaded(), "");
  const auto system = write("etc/tradebus/tradebus.toml", "");
  BOOST_CHECK_EQUAL(loaded(), system);
  const auto home = write("home/.config/tradebus/tradebus.toml", "");
  BOOST_CHECK_EQUAL(loaded(), home);
  const auto xdg = write("xdg/tradebus/tradebus.toml", "");
  BOOST_CHECK_EQUAL(loaded(), xdg);
  source.environment["XDG_CONFIG_HOME"] = "relative";
  BOOST_CHECK_EQUAL(loaded(), home);
  const auto own = write("own.toml", "");
  source.file = own;
  BOOST_CHECK_EQUAL(loaded(), own);
}
