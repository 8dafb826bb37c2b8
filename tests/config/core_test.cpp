#include "config/endpoints.hpp"
#include "tests/config/support.hpp"

using namespace tradebus;
using tradebus::test::ConfigFixture;

namespace {
std::string default_file() { return std::string{TRADEBUS_SOURCE_DIR} + "/config/tradebus.toml"; }
}  // namespace

BOOST_FIXTURE_TEST_CASE(the_default_file_says_what_is_built_in, ConfigFixture) {
  source.file = default_file();
  const auto config = load_config(core_sections(), source);
  BOOST_REQUIRE_MESSAGE(config.has_value(), config.error().message);
  const Config defaults{core_sections()};
  for (const auto& section : core_sections()) {
    BOOST_CHECK(config->section(section.path).values() == defaults.section(section.path).values());
    for (const auto& key : section.keys)
      BOOST_CHECK_MESSAGE(config->origin(section.path, key.key).starts_with(*source.file),
                          section.path + "." + key.key + " is missing in the default file");
  }
  BOOST_CHECK(check_core(*config).has_value());
}

BOOST_AUTO_TEST_CASE(every_core_key_is_described_in_one_line_and_has_a_good_default) {
  for (const auto& section : core_sections()) {
    BOOST_CHECK(!section.about.empty());
    for (const auto& key : section.keys)
      BOOST_CHECK_MESSAGE(!key.about.empty() && key.about.find('\n') == std::string::npos, key.key);
  }
}

BOOST_FIXTURE_TEST_CASE(what_the_types_cannot_say_is_checked, ConfigFixture) {
  struct Case {
    std::string text;
    std::string error;  // of its first line the beginning
  };
  const std::vector<Case> cases = {
      {"[bus]\nstream = []\n", "FILE:2: bus.stream needs at least one endpoint"},
      {"[bus]\nstream = [\"udp://127.0.0.1:1\"]\n", "FILE:2: bus.stream \"udp://127.0.0.1:1\" is no endpoint"},
      {"[bus]\ncommand = [\"tcp://127.0.0.1\"]\n", "FILE:2: bus.command \"tcp://127.0.0.1\" is no endpoint"},
      {"[bus]\ncommand = [\"tcp://127.0.0.1:70000\"]\n", "FILE:2: bus.command \"tcp://127.0.0.1:70000\" has a port"},
      {"[bus]\nadmin = \"5572\"\n", "FILE:2: bus.admin \"5572\" is no address"},
      {"[bus]\nadmin = \"127.0.0.1:x\"\n", "FILE:2: bus.admin \"127.0.0.1:x\" has a port"},
      {"[bus]\nrequest_timeout_ms = 60001\n", "FILE:2: bus.request_timeout_ms must not be greater"},
      {"[engine]\ndata_provider = []\n", "FILE:2: engine.data_provider needs at least one provider"},
      {"[risk]\nmax_qty = \"many\"\n", "FILE:2: risk.max_qty "},
      {"[risk]\nmax_notional = \"0\"\n", "FILE:2: risk.max_notional must be greater than 0"},
      {"[bus]\nstream = [\"tcp://0.0.0.0:5570\"]\n",
       "FILE:2: bus.stream \"tcp://0.0.0.0:5570\" can be reached from other machines"},
      {"[bus]\nadmin = \"0.0.0.0:5572\"\n", "FILE:2: bus.admin \"0.0.0.0:5572\" can be reached from other machines"},
      {"[bus.curve]\nsecret_key = \"x\"\n",
       "FILE:2: bus.curve.secret_key is set, but CURVE is not supported yet by this build"},
      {"[[bus.client]]\nname = \"a\"\nroles = [\"read\"]\npublic_key = \"" + std::string(40, 'a') + "\"\n",
       "FILE:1: [[bus.client]] needs CURVE, which is not supported yet by this build"},
  };
  for (const auto& c : cases) {
    const auto config = load(c.text);
    BOOST_REQUIRE_MESSAGE(config.has_value(), config.error().message);
    const auto ok = check_core(*config);
    BOOST_REQUIRE_MESSAGE(!ok.has_value(), c.text);
    BOOST_CHECK_MESSAGE(shown(ok.error()).starts_with(c.error), shown(ok.error()));
  }
  for (const std::string text : {"[bus]\ninsecure = true\nstream = [\"tcp://*:5570\"]\nadmin = \"0.0.0.0:0\"\n",
                                 "[bus]\nadmin = \"\"\n", "[bus]\nstream = [\"ipc:///run/s\", \"tcp://[::1]:0\"]\n",
                                 "[risk]\nmax_qty = \"100.5\"\n", "[risk]\nmax_qty = 100.5\nmax_notional = 1000\n"})
    BOOST_CHECK_MESSAGE(check_core(*load(text)).has_value(), text);
  // Without CURVE not even insecure makes client keys work.
  BOOST_CHECK(!check_core(*load("[bus]\ninsecure = true\n[bus.curve]\nsecret_key = \"x\"\n")).has_value());
}

BOOST_AUTO_TEST_CASE(only_loopback_and_ipc_are_local) {
  for (const auto* local : {"tcp://127.0.0.1:5570", "tcp://127.3.2.1:0", "tcp://[::1]:5570", "tcp://localhost:5570",
                            "ipc:///run/tradebus", "ipc://@abstract"})
    BOOST_CHECK_MESSAGE(is_local_endpoint(local), local);
  for (const auto* open :
       {"tcp://*:5570", "tcp://0.0.0.0:5570", "tcp://[::]:5570", "tcp://eth0:5570", "tcp://10.0.0.1:5570",
        "tcp://127.0.0.1.example.com:5570", "tcp://localhost.example.com:5570", "tcp://128.0.0.1:1",
        "tcp://[::ffff:10.0.0.1]:1", "tcp://127.0.0.1", "inproc://x", "", "tcp://", "ws://127.0.0.1:1"})
    BOOST_CHECK_MESSAGE(!is_local_endpoint(open), open);
}

BOOST_AUTO_TEST_CASE(endpoints_are_checked) {
  for (const auto* good : {"tcp://*:*", "tcp://127.0.0.1:0", "tcp://[fe80::1]:65535", "ipc://x", "tcp://eth0:5570"})
    BOOST_CHECK_MESSAGE(check_endpoint(good).has_value(), good);
  for (const auto* bad : {"", "127.0.0.1:5570", "tcp://", "tcp://:1", "tcp://h:", "tcp://h:-1", "tcp://h:65536",
                          "tcp://::1:1", "tcp://[]:1", "tcp://a b:1", "ipc://", "inproc://x", "tcp://h:1/x"})
    BOOST_CHECK_MESSAGE(!check_endpoint(bad).has_value(), bad);
  BOOST_CHECK(check_endpoint("ipc://" + std::string(107, 'x')).has_value());
  BOOST_CHECK(!check_endpoint("ipc://" + std::string(108, 'x')).has_value());
}

BOOST_FIXTURE_TEST_CASE(the_data_folder_is_found, ConfigFixture) {
  source.home = "/home/me";
  source.environment["XDG_DATA_HOME"] = "/data";
  BOOST_CHECK_EQUAL(*data_dir(*load("[engine]\ndata_dir = \"/own\"\n"), source), "/own");
  BOOST_CHECK_EQUAL(*data_dir(*load("[engine]\ndata_dir = \"~/own\"\n"), source), "/home/me/own");
  const auto config = load("");
  BOOST_CHECK_EQUAL(*data_dir(*config, source), "/data/tradebus");
  source.environment["XDG_DATA_HOME"] = "relative";
  BOOST_CHECK_EQUAL(*data_dir(*config, source), "/home/me/.local/share/tradebus");
  source.home = "";
  BOOST_CHECK(data_dir(*config, source).error().message.find("set engine.data_dir") != std::string::npos);
}
