#include "tests/config/support.hpp"

using namespace tradebus;
using tradebus::test::ConfigFixture;

namespace {
const std::string venue = "[providers.venue]\n";
std::string key_of(const Result<Config>& config) {
  return config ? config->section("providers.venue").get<std::string>("api_key") : config.error().message;
}
}  // namespace

BOOST_FIXTURE_TEST_CASE(a_secret_comes_from_its_file, ConfigFixture) {
  const auto path = write("key", "s3cret\n");
  const auto config = load(venue + "api_key_file = \"" + path + "\"\n");
  BOOST_CHECK_EQUAL(key_of(config), "s3cret");
  BOOST_CHECK_EQUAL(config->origin("providers.venue", "api_key"), *source.file + ":2, read from api_key_file");
  // A relative path starts at the configuration file's folder, ~ at home.
  BOOST_CHECK_EQUAL(key_of(load(venue + "api_key_file = \"key\"\n")), "s3cret");
  source.home = folder;
  BOOST_CHECK_EQUAL(key_of(load(venue + "api_key_file = \"~/key\"\n")), "s3cret");
}

BOOST_FIXTURE_TEST_CASE(the_stronger_source_wins_and_the_weaker_is_not_opened, ConfigFixture) {
  const auto key = write("key", "from-env-file");
  const auto text = venue + "api_key_file = \"/does/not/exist\"\n";
  source.environment = {{"TRADEBUS_PROVIDERS_VENUE_API_KEY", "direct"}};
  BOOST_CHECK_EQUAL(key_of(load(text)), "direct");
  source.environment = {{"VENUE_API_KEY", "own"}};
  BOOST_CHECK_EQUAL(key_of(load(text)), "own");
  source.environment = {{"TRADEBUS_PROVIDERS_VENUE_API_KEY_FILE", key}};
  BOOST_CHECK_EQUAL(key_of(load(text)), "from-env-file");
  BOOST_CHECK_EQUAL(key_of(load(venue + "api_key = \"in-the-file\"\n")), "from-env-file");
}

BOOST_FIXTURE_TEST_CASE(a_secret_file_that_others_can_read_is_refused, ConfigFixture) {
  for (const int mode : {0644, 0640, 0604, 0660}) {
    const auto path = write("key", "s3cret", mode);
    const auto error = error_of(venue + "api_key_file = \"key\"\n");
    BOOST_CHECK_MESSAGE(error.starts_with("FILE:2: providers.venue.api_key_file \"" + path + "\" ") &&
                            error.ends_with("run: chmod 600 " + path),
                        error);
    BOOST_CHECK(error.find("s3cret") == std::string::npos);
  }
  write("key", "s3cret", 0400);
  BOOST_CHECK_EQUAL(key_of(load(venue + "api_key_file = \"key\"\n")), "s3cret");
}

BOOST_FIXTURE_TEST_CASE(a_secret_file_that_holds_no_secret_is_refused, ConfigFixture) {
  for (const auto& text : {std::string{}, std::string{"\n"}, std::string{"a\nb\n"}, std::string{"a\0b", 3}}) {
    write("key", text);
    BOOST_CHECK(
        error_of(venue + "api_key_file = \"key\"\n").ends_with("must hold the secret on one line, and nothing else"));
  }
  write("key", std::string(70'000, 'x'));
  BOOST_CHECK(error_of(venue + "api_key_file = \"key\"\n").ends_with("is larger than 65536 bytes: not read"));
  BOOST_CHECK(error_of(venue + "api_key_file = \"none\"\n").ends_with("cannot be read: No such file or directory"));
  BOOST_CHECK_EQUAL(error_of(venue + "api_key = \"a\"\napi_key_file = \"key\"\n"),
                    "FILE:3: providers.venue.api_key_file and api_key are both set; set one of them");
}

BOOST_FIXTURE_TEST_CASE(no_error_shows_a_secret, ConfigFixture) {
  for (const std::string text :
       {"[providers.venue]\napi_kye = \"s3cret\"\n", "[providers.venue]\napi_key = [\"s3cret\"]\n"})
    BOOST_CHECK(error_of(text).find("s3cret") == std::string::npos);
}
