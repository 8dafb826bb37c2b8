#include <algorithm>
#include <tuple>

#include "config/loading.hpp"
#include "config/names.hpp"
#include "config/toml.hpp"

namespace tradebus::loading {

namespace {

// Dotted keys nest as deep as a line is long; this bounds the depth.
constexpr std::size_t line_bytes_max = 16 * 1024;

// The number of the first line that is too long; 0 when none is.
std::size_t overlong_line(std::string_view text) {
  for (std::size_t line = 1; !text.empty(); ++line) {
    const auto end = std::min(text.find('\n'), text.size());
    if (end > line_bytes_max) return line;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return 0;
}

bool gives_up(std::string_view text) {
  try {
    std::ignore = toml::parse(text);
  } catch (const toml::parse_error&) {
    return false;
  } catch (const TomlAssertion&) {
    return true;
  }
  return false;
}

// The line the parser gave up at: the last one of the shortest text that makes it do so.
std::size_t line_given_up(std::string_view text) {
  std::vector<std::size_t> ends;
  for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n', end + 1))
    ends.push_back(end + 1);
  const auto first =
      std::partition_point(ends.begin(), ends.end(), [&](std::size_t end) { return !gives_up(text.substr(0, end)); });
  return static_cast<std::size_t>(first - ends.begin()) + 1;
}

}  // namespace

std::string_view kind_of(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::none:
      return "nothing";
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return node.as_array()->is_array_of_tables() ? "a list of tables" : "a list";
    case toml::node_type::string:
      return "a text";
    case toml::node_type::integer:
      return "a whole number";
    case toml::node_type::floating_point:
      return "a number with decimals";
    case toml::node_type::boolean:
      return "true or false";
    case toml::node_type::date:
      return "a date";
    case toml::node_type::time:
      return "a time";
    case toml::node_type::date_time:
      return "a date and time";
  }
  return "something else";
}

std::optional<toml::table> parse_toml(const std::string& text, const std::string& file, Problems& problems) {
  if (const auto line = overlong_line(text); line != 0) {
    problems.add(file + ":" + std::to_string(line) + ": the line is longer than " + std::to_string(line_bytes_max) +
                     " bytes; break it",
                 line);
    return std::nullopt;
  }
  try {
    return toml::parse(text, file);
  } catch (const toml::parse_error& error) {
    const auto& at = error.source().begin;
    problems.add(file + ":" + std::to_string(at.line) + ":" + std::to_string(at.column) + ": " +
                     printable(error.description(), 400),
                 at.line);
  } catch (const TomlAssertion&) {
    const auto line = line_given_up(text);
    problems.add(file + ":" + std::to_string(line) + ": this is not TOML; a section is written [name], a key = value",
                 line);
  }
  return std::nullopt;
}

}  // namespace tradebus::loading
