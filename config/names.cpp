#include "config/names.hpp"

#include <algorithm>
#include <numeric>

namespace tradebus {

namespace {

constexpr std::size_t name_bytes_max = 64;  // a longer name is never a slip of the finger
constexpr std::size_t listed_max = 24;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

std::size_t edits(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t swap = diagonal + (lower(a[i]) == lower(b[j]) ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({swap, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::optional<std::string> nearest_name(std::string_view name, const std::vector<std::string>& known) {
  if (name.empty() || name.size() > name_bytes_max) return std::nullopt;
  std::optional<std::string> best;
  std::size_t best_edits = std::max<std::size_t>(2, name.size() / 3) + 1;
  for (const auto& candidate : known) {
    const auto n = edits(name, candidate);
    // A short name is not "near" to one that shares none of its letters.
    if (n < best_edits && n < std::max(name.size(), candidate.size())) {
      best = candidate;
      best_edits = n;
    }
  }
  return best;
}

std::string name_hint(std::string_view name, const std::vector<std::string>& known) {
  if (const auto near = nearest_name(name, known)) return "; did you mean \"" + *near + "\"?";
  if (known.empty()) return "; none is known here";
  std::string out = "; known are: ";
  for (std::size_t i = 0; i < known.size() && i < listed_max; ++i) out += (i == 0 ? "" : ", ") + known[i];
  return known.size() > listed_max ? out + ", ..." : out;
}

std::string environment_name(std::string_view section, std::string_view key) {
  std::string out = "TRADEBUS_" + std::string{section} + "_" + std::string{key};
  for (char& c : out) c = (c == '.' || c == '-') ? '_' : upper(c);
  return out;
}

std::string printable(std::string_view text, std::size_t bytes_max) {
  std::string out;
  for (const char c : text.substr(0, bytes_max)) out += (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) ? '?' : c;
  return text.size() > bytes_max ? out + "..." : out;
}

}  // namespace tradebus
