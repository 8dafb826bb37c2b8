// A hundred thousand damaged copies of the default file: each loads or is refused with named errors.
#include <random>
#include <sstream>

#include "config/loading.hpp"
#include "tests/config/support.hpp"

using namespace tradebus;

namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr int mutations = 20'000;
#else
constexpr int mutations = 100'000;
#endif

std::string default_text() {
  std::ifstream in{std::string{TRADEBUS_SOURCE_DIR} + "/config/tradebus.toml"};
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

class Damage {
 public:
  explicit Damage(unsigned seed) : random_{seed} {}

  void apply(std::string& text) {
    const auto at = below(text.size());
    switch (below(6)) {
      case 0:
        text[at] = static_cast<char>(below(256));
        break;
      case 1:
        text.erase(at, 1 + below(20));
        break;
      case 2:
        text.insert(at, 1, "[]{}\"'=.,#\n\\\0\xff-"[below(15)]);
        break;
      case 3:
        text.insert(at, text.substr(below(text.size()), below(60)));
        break;
      case 4:
        std::swap(text[at], text[below(text.size())]);
        break;
      default:
        text.resize(at + 1);
        break;
    }
  }
  std::size_t below(std::size_t n) { return std::uniform_int_distribution<std::size_t>{0, n - 1}(random_); }

 private:
  std::mt19937 random_;
};

}  // namespace

BOOST_AUTO_TEST_CASE(damaged_files_load_or_are_refused_by_name) {
  const auto specs = loading::with_secret_files(core_sections());
  const auto original = default_text();
  BOOST_REQUIRE(original.size() > 1000);
  int loaded = 0;
  Damage damage{20240621};
  for (int i = 0; i < mutations; ++i) {
    auto text = original;
    for (auto n = 1 + damage.below(3); n > 0; --n) damage.apply(text);
    loading::Layer layer;
    std::vector<BusClientSpec> clients;
    loading::Problems problems;
    loading::read_toml(text, "t.toml", specs, layer, clients, problems);
    if (problems.empty()) {
      ++loaded;
      continue;
    }
    const auto error = std::move(problems).to_error();
    std::istringstream lines{error.message};
    for (std::string line; std::getline(lines, line);)
      if (!line.starts_with("t.toml:") || line.find_first_of(" ") == std::string::npos || line.size() > 1000)
        BOOST_FAIL("mutation " << i << ": " << line);
  }
  BOOST_TEST_MESSAGE(loaded << " of " << mutations << " still load");
  BOOST_CHECK(loaded > mutations / 20 && loaded < mutations);
}
