// The file: every table and key is looked up among the declared ones; what is not found there is an error with its
// line.
#include <algorithm>
#include <tuple>

#include "config/client_table.hpp"
#include "config/loading.hpp"
#include "config/names.hpp"
#include "config/toml.hpp"

namespace tradebus::loading {

namespace {

// Dotted keys nest as deep as a line is long; this bounds the depth.
constexpr std::size_t line_bytes_max = 16 * 1024;

std::optional<ConfigValue> list_of_texts(const toml::array& array) {
  std::vector<std::string> out;
  for (const auto& entry : array) {
    const auto* text = entry.as_string();
    if (text == nullptr) return std::nullopt;
    out.push_back(text->get());
  }
  return out;
}

// A node as the type that is wanted; an integer is taken where a number is asked.
std::optional<ConfigValue> value_of(const toml::node& node, const KeySpec& key) {
  const auto& wanted = key.fallback;
  if (std::holds_alternative<bool>(wanted)) {
    if (const auto* v = node.as_boolean()) return v->get();
  } else if (std::holds_alternative<std::int64_t>(wanted)) {
    if (const auto* v = node.as_integer()) return v->get();
  } else if (std::holds_alternative<double>(wanted)) {
    if (const auto* v = node.as_floating_point()) return v->get();
    if (const auto* v = node.as_integer()) return static_cast<double>(v->get());
  } else if (std::holds_alternative<std::string>(wanted)) {
    if (const auto* v = node.as_string()) return v->get();
    if (const auto* v = node.as_integer(); v != nullptr && key.decimal) return std::to_string(v->get());
    if (const auto* v = node.as_floating_point(); v != nullptr && key.decimal) return number_text(v->get());
  } else if (const auto* v = node.as_array()) {
    return list_of_texts(*v);
  }
  return std::nullopt;
}

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

class TomlReader {
 public:
  TomlReader(const std::string& file, const std::vector<SectionSpec>& specs, Layer& layer,
             std::vector<BusClientSpec>& clients, Problems& problems)
      : file_{file}, specs_{specs}, layer_{layer}, clients_{clients}, problems_{problems} {}

  void read(const toml::table& table, const std::string& path) {
    const auto* section = find_section(specs_, path);
    for (const auto& [key, node] : table) {
      const auto name = std::string{key.str()};
      const auto full = path.empty() ? name : path + "." + name;
      const auto line = key.source().begin.line;
      const bool bare = name.find('.') == std::string::npos;  // ["a.b"] is not [a.b]
      if (bare && full == "bus.client") {
        read_clients(node, file_, clients_, problems_);
      } else if (const auto* spec = section != nullptr ? find_key(*section, name) : nullptr) {
        take(*section, *spec, node, line);
      } else if (bare && leads_to_section(full)) {
        if (const auto* inner = node.as_table())
          read(*inner, full);
        else
          tell(line, full + " is a section: write [" + full + "], once, and its keys below it");
      } else if (node.is_table() || (node.is_array() && node.as_array()->is_array_of_tables())) {
        tell(line, "section [" + printable(full) + "] is not known" + name_hint(full, section_names(specs_)));
      } else {
        unknown_key(section, path, name, full, line);
      }
    }
  }

 private:
  bool leads_to_section(const std::string& path) const {
    for (const auto& spec : specs_)
      if (spec.path == path || spec.path.starts_with(path + ".")) return true;
    return false;
  }

  void take(const SectionSpec& section, const KeySpec& key, const toml::node& node, std::size_t line) {
    const auto name = section.path + "." + key.key;
    auto value = value_of(node, key);
    if (!value) {
      tell(line, "key " + name + " must be " + std::string{type_name(key.fallback)} + ", not " +
                     (node.is_array() && std::holds_alternative<std::vector<std::string>>(key.fallback)
                          ? "a list of something else"
                          : std::string{kind_of(node)}));
    } else if (const auto bad = complaint(key, *value)) {
      tell(line, "key " + name + " " + *bad);
    } else {
      layer_[{section.path, key.key}] = {std::move(*value), file_ + ":" + std::to_string(line)};
    }
  }

  void unknown_key(const SectionSpec* section, const std::string& path, const std::string& name,
                   const std::string& full, std::size_t line) {
    auto text = "key " + printable(full) + " is not known";
    if (section == nullptr) {
      text += path.empty() ? ": it stands above the first [section]" : ": [" + path + "] has no keys of its own";
      return tell(line, text + elsewhere(name));
    }
    const auto near = nearest_name(name, key_names(*section));
    const auto other = elsewhere(name);
    tell(line, text + (near || other.empty() ? name_hint(name, key_names(*section)) : other));
  }
  // The sections that do have such a key.
  std::string elsewhere(const std::string& name) const {
    for (const auto& spec : specs_)
      if (find_key(spec, name) != nullptr) return "; did you mean \"" + spec.path + "." + name + "\"?";
    return "";
  }

  void tell(std::size_t line, const std::string& text) {
    problems_.add(file_ + ":" + std::to_string(line) + ": " + text, line);
  }

  const std::string& file_;
  const std::vector<SectionSpec>& specs_;
  Layer& layer_;
  std::vector<BusClientSpec>& clients_;
  Problems& problems_;
};

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

void read_toml(const std::string& text, const std::string& file, const std::vector<SectionSpec>& specs, Layer& layer,
               std::vector<BusClientSpec>& clients, Problems& problems) {
  if (const auto line = overlong_line(text); line != 0)
    return problems.add(file + ":" + std::to_string(line) + ": the line is longer than " +
                            std::to_string(line_bytes_max) + " bytes; break it",
                        line);
  try {
    TomlReader{file, specs, layer, clients, problems}.read(toml::parse(text, file), "");
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
}

}  // namespace tradebus::loading
