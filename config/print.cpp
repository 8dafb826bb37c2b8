#include "config/loading.hpp"
#include "config/names.hpp"

namespace tradebus {

namespace {

constexpr std::string_view mask = "\"********\"";
constexpr std::size_t origin_bytes_max = 4096;

std::string line(const std::string& key, std::string_view value, const std::string& origin) {
  std::string out = key + " = " + std::string{value};
  if (out.size() < 40) out.resize(40, ' ');
  return out + "  # " + printable(origin, origin_bytes_max) + "\n";
}

std::string print_clients(const std::vector<BusClientSpec>& clients) {
  std::string out;
  for (const auto& client : clients) {
    out += "\n[[bus.client]]  # " + printable(client.origin, origin_bytes_max) + "\n";
    out += "name = " + loading::toml_text(client.name.str()) + "\n";
    out += "public_key = " + loading::toml_text(client.public_key) + "\n";
    out += "roles = " + loading::toml_text(ConfigValue{client.roles}) + "\n";
    std::vector<std::string> accounts;
    for (const auto& account : client.accounts) accounts.push_back(account.str());
    if (!accounts.empty()) out += "accounts = " + loading::toml_text(ConfigValue{accounts}) + "\n";
  }
  return out;
}

std::string print_section(const Config& config, const SectionSpec& spec) {
  const auto& section = config.section(spec.path);
  std::string out = "\n# " + printable(spec.about, origin_bytes_max) + "\n[" + spec.path + "]\n";
  for (const auto& key : spec.keys) {
    const auto& value = section.values().at(key.key);
    const auto& origin = config.origin(spec.path, key.key);
    if (!key.secret || std::get<std::string>(value).empty()) {
      out += line(key.key, loading::toml_text(value), origin);
    } else {
      // One that was read from KEY_file stands there only for the reader: both together would not load.
      const bool from_file = !section.get<std::string>(key.key + "_file").empty();
      out += line((from_file ? "# " : "") + key.key, mask, origin);
    }
  }
  return out;
}

// Only what is set: the rest of a table says nothing.
std::string print_tables(const Config& config, const SectionSpec& spec) {
  std::string out;
  for (const auto& kind : spec.tables)
    for (const auto& name : config.tables(spec.path, kind)) {
      const auto path = spec.path + "." + kind + "." + name;
      out += "\n[" + spec.path + "." + kind + "." + loading::toml_text(name) + "]\n";
      for (const auto& key : spec.keys)
        if (const auto& origin = config.origin(path, key.key); origin != "default")
          out += line(key.key, loading::toml_text(config.section(path).values().at(key.key)), origin);
    }
  return out;
}

}  // namespace

std::string print_config(const Config& config, const std::vector<SectionSpec>& specs) {
  std::string out = config.file().empty()
                        ? "# no configuration file: built-in defaults\n"
                        : "# configuration file: " + printable(config.file(), origin_bytes_max) + "\n";
  for (const auto& spec : loading::with_secret_files(specs))
    out += print_section(config, spec) + print_tables(config, spec);
  return out + print_clients(config.clients());
}

}  // namespace tradebus
