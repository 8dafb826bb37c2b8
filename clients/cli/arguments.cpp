#include "clients/cli/arguments.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string_view>

namespace tradebus::cli {

std::optional<std::string> given_without_value(const CLI::App& app) {
  for (const auto* option : app.get_options()) {
    if (option->count() == 0 || option->get_expected_max() == 0) continue;  // a flag
    const auto& values = option->results();
    if (std::ranges::any_of(values, [](const std::string& value) { return value.empty(); })) return option->get_name();
  }
  for (const auto* command : app.get_subcommands())
    if (auto found = given_without_value(*command)) return found;
  return std::nullopt;
}

std::optional<std::string> cut_short(int argc, const char* const* argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view word{argv[i]};
    if (word == "--") break;  // what follows are no options
    if (word.starts_with("--") && word.find('=') == word.size() - 1)
      return std::string{word.substr(0, word.size() - 1)};
  }
  return std::nullopt;
}

const CLI::Validator& whole_number() {
  static const CLI::Validator out{[](std::string& text) -> std::string {
                                    std::int64_t value = 0;
                                    const auto* end = text.data() + text.size();
                                    const auto read = std::from_chars(text.data(), end, value);
                                    if (read.ec == std::errc{} && read.ptr == end && !text.starts_with('-')) return {};
                                    return "\"" + text + "\" is no whole number from 0 to 9223372036854775807";
                                  },
                                  "UINT"};
  return out;
}

}  // namespace tradebus::cli
