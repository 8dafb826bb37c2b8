#include "tests/venues/massive/page.hpp"

#include <cstdlib>

namespace tradebus::massive_sim {
namespace {

template <class T, class Parse>
bool wanted(const Query& query, std::string_view name, const T& value, Parse parse) {
  const std::string prefix{name};
  if (const auto x = query.find(prefix); x && !x->empty() && !(value == parse(*x))) return false;
  if (const auto x = query.find(prefix + ".gt"); x && !(value > parse(*x))) return false;
  if (const auto x = query.find(prefix + ".gte"); x && !(value >= parse(*x))) return false;
  if (const auto x = query.find(prefix + ".lt"); x && !(value < parse(*x))) return false;
  if (const auto x = query.find(prefix + ".lte"); x && !(value <= parse(*x))) return false;
  if (auto x = query.find(prefix + ".any_of")) {
    std::string_view rest = *x;
    while (true) {
      const std::size_t comma = rest.find(',');
      if (value == parse(rest.substr(0, comma))) return true;
      if (comma == std::string_view::npos) return false;
      rest.remove_prefix(comma + 1);
    }
  }
  return true;
}

}  // namespace

bool wanted_text(const Query& query, std::string_view name, std::string_view value) {
  return wanted(query, name, value, [](std::string_view text) { return text; });
}

bool wanted_number(const Query& query, std::string_view name, double value) {
  return wanted(query, name, value,
                [](std::string_view text) { return std::strtod(std::string(text).c_str(), nullptr); });
}

}  // namespace tradebus::massive_sim
