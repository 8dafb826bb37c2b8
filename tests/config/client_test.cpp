#include "tests/config/support.hpp"

using namespace tradebus;
using tradebus::test::ConfigFixture;

namespace {
const std::string key_a(40, 'a');
const std::string key_b(40, 'b');
std::string client(const std::string& name, const std::string& key, const std::string& rest = "roles = [\"read\"]\n") {
  return "[[bus.client]]\nname = \"" + name + "\"\npublic_key = \"" + key + "\"\n" + rest;
}
}  // namespace

BOOST_FIXTURE_TEST_CASE(clients_are_read, ConfigFixture) {
  const auto config =
      load(client("one", key_a) + client("two", key_b, "roles = [\"read\", \"trade\"]\naccounts = [\"U1\", \"U2\"]\n"));
  BOOST_REQUIRE_MESSAGE(config.has_value(), config.error().message);
  BOOST_REQUIRE_EQUAL(config->clients().size(), 2);
  const auto& two = config->clients()[1];
  BOOST_CHECK_EQUAL(two.name.str(), "two");
  BOOST_CHECK_EQUAL(two.public_key, key_b);
  BOOST_CHECK((two.roles == std::vector<std::string>{"read", "trade"}));
  BOOST_CHECK((two.accounts == std::vector<AccountId>{AccountId{"U1"}, AccountId{"U2"}}));
  BOOST_CHECK_EQUAL(two.origin, *source.file + ":5");
  BOOST_CHECK(config->clients()[0].accounts.empty());
}

BOOST_FIXTURE_TEST_CASE(mistakes_in_a_client_are_named, ConfigFixture) {
  struct Case {
    std::string text;
    std::string error;
  };
  const std::string roles =
      "FILE:4: key bus.client.roles must be a list of different names, at least one of read, trade, admin";
  const std::string accounts =
      "FILE:5: key bus.client.accounts must be a list of different names, at least one; leave it out for every account";
  const std::vector<Case> cases = {
      {"[bus.client]\nname = \"a\"\n", "FILE:1: bus.client is a list of tables: write [[bus.client]] for each client"},
      {"[bus]\nclient = []\n", "FILE:2: bus.client is a list of tables: write [[bus.client]] for each client"},
      {"[[bus.client]]\npublic_key = \"" + key_a + "\"\nroles = [\"read\"]\n",
       "FILE:1: key bus.client.name is missing: every [[bus.client]] has one"},
      {"[[bus.client]]\nname = 3\npublic_key = \"" + key_a + "\"\nroles = [\"read\"]\n",
       "FILE:2: key bus.client.name must be a text"},
      {client("a b", key_a), "FILE:2: key bus.client.name must have 1 to 64 printable characters without spaces"},
      {client("", key_a), "FILE:2: key bus.client.name must have 1 to 64 printable characters without spaces"},
      {client("a", "short"), "FILE:3: key bus.client.public_key must be a CURVE public key: 40 characters in Z85"},
      {client("a", std::string(40, '~')),
       "FILE:3: key bus.client.public_key must be a CURVE public key: 40 characters in Z85"},
      {client("a", key_a, ""),
       "FILE:1: key bus.client.roles must be a list of different names, at least one of read, trade, admin"},
      {client("a", key_a, "roles = []\n"), roles},
      {client("a", key_a, "roles = \"read\"\n"), roles},
      {client("a", key_a, "roles = [\"read\", \"read\"]\n"), roles},
      {client("a", key_a, "roles = [\"trad\"]\n"),
       "FILE:4: key bus.client.roles names \"trad\", which is not a role; did you mean \"trade\"?"},
      {client("a", key_a, "roles = [\"read\"]\naccounts = []\n"), accounts},
      {client("a", key_a, "roles = [\"read\"]\naccounts = [1]\n"), accounts},
      {client("a", key_a, "roles = [\"read\"]\nacounts = [\"U1\"]\n"),
       "FILE:5: key bus.client.acounts is not known; did you mean \"accounts\"?"},
      {client("a", key_a) + client("a", key_b), "FILE:5: client \"a\" is there twice; names are unique"},
      {client("a", key_a) + client("b", key_a),
       "FILE:5: client \"b\" has the public key of another client; each has its own"},
  };
  for (const auto& c : cases) BOOST_CHECK_EQUAL(error_of(c.text), c.error);
}
