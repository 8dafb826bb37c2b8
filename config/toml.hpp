// INTERNAL to who reads TOML files (config/, engine/calendar): toml++, made safe for broken files.
// Its 3.3.0 assumes (in release builds: undefined behaviour) that a table header begins with a key, so that a file with
// "[=" is outside its contract. Here its assertions stay on in every build, and throw.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace tradebus::loading {
struct TomlAssertion : std::logic_error {
  using std::logic_error::logic_error;
};
[[noreturn]] inline void toml_assertion(const char* text) { throw TomlAssertion(text); }
}  // namespace tradebus::loading

#undef NDEBUG
#define TOML_ASSERT(expr) ((expr) ? static_cast<void>(0) : ::tradebus::loading::toml_assertion(#expr))
#include <toml++/toml.h>

namespace tradebus::loading {

class Problems;

// A whole file; a broken one is told with its line, and is empty.
std::optional<toml::table> parse_toml(const std::string& text, const std::string& file, Problems& problems);

// "a text", "a list", ...: what a node is, for error texts.
std::string_view kind_of(const toml::node& node);

}  // namespace tradebus::loading
