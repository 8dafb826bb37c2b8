// The file: every table and key is looked up among the declared ones; what is not found there is an error with its
// line.
#include <algorithm>

#include "config/client_table.hpp"
#include "config/loading.hpp"
#include "config/names.hpp"
#include "config/toml.hpp"

namespace tradebus::loading {

namespace {

constexpr std::size_t tables_max = 10'000;  // of one kind
constexpr std::size_t table_name_bytes_max = 64;

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
      } else if (section != nullptr && std::ranges::find(section->tables, name) != section->tables.end()) {
        read_tables(*section, node, full, line);
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
  // [risk.client.NAME]: any names, each with the section's keys.
  void read_tables(const SectionSpec& section, const toml::node& node, const std::string& path, std::size_t line) {
    const auto* tables = node.as_table();
    const auto wanted = path + " holds tables: write [" + path + ".NAME] and its keys below it";
    if (tables == nullptr) return tell(line, wanted);
    if (tables->size() > tables_max)
      return tell(line, path + " has more than " + std::to_string(tables_max) + " tables");
    auto spec = section;
    spec.tables.clear();
    for (const auto& [key, inner] : *tables) {
      const auto name = std::string{key.str()};
      const auto at = key.source().begin.line;
      spec.path = path + "." + name;
      if (!inner.is_table())
        tell(at,
             find_key(section, name) != nullptr ? wanted : "key " + printable(spec.path) + " is not known; " + wanted);
      else if (name.empty() || name.size() > table_name_bytes_max || printable(name) != name)
        tell(at, "section [" + path + "." + toml_text(printable(name)) + "] needs a name of 1 to " +
                     std::to_string(table_name_bytes_max) + " printable characters");
      else
        read_table(spec, *inner.as_table());
    }
  }

  void read_table(const SectionSpec& spec, const toml::table& table) {
    for (const auto& [key, node] : table) {
      const auto name = std::string{key.str()};
      const auto line = key.source().begin.line;
      if (const auto* known = find_key(spec, name))
        take(spec, *known, node, line);
      else if (node.is_table())
        tell(line, "section [" + printable(spec.path + "." + name) + "] is not known" +
                       "; a name with dots stands in quotes: [risk.symbol.\"BRK.B\"]");
      else
        tell(line, "key " + printable(spec.path + "." + name) + " is not known" + name_hint(name, key_names(spec)));
    }
  }

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

}  // namespace

void read_toml(const std::string& text, const std::string& file, const std::vector<SectionSpec>& specs, Layer& layer,
               std::vector<BusClientSpec>& clients, Problems& problems) {
  if (const auto table = parse_toml(text, file, problems))
    TomlReader{file, specs, layer, clients, problems}.read(*table, "");
}

}  // namespace tradebus::loading
