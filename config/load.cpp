#include <algorithm>

#include "config/loading.hpp"
#include "config/names.hpp"

namespace tradebus {

namespace loading {

namespace {
constexpr std::size_t problems_told_max = 50;
}

Error Problems::to_error() && {
  std::ranges::stable_sort(all_, {}, &std::pair<std::size_t, std::string>::first);
  std::string text;
  for (std::size_t i = 0; i < all_.size() && i < problems_told_max; ++i) text += (i == 0 ? "" : "\n") + all_[i].second;
  if (all_.size() > problems_told_max) text += "\n... and " + std::to_string(all_.size() - problems_told_max) + " more";
  return {Errc::config_invalid, std::move(text)};
}

std::vector<SectionSpec> with_secret_files(std::vector<SectionSpec> specs) {
  for (auto& section : specs) {
    std::vector<KeySpec> keys;
    for (auto& key : section.keys) {
      const bool secret = key.secret;
      const std::string name = key.key;
      keys.push_back(std::move(key));
      if (secret)
        keys.push_back({name + "_file", std::string{}, "a file that holds " + name + "; only its owner may read it"});
    }
    section.keys = std::move(keys);
  }
  return specs;
}

const SectionSpec* find_section(const std::vector<SectionSpec>& specs, std::string_view path) {
  const auto it = std::ranges::find(specs, path, &SectionSpec::path);
  return it == specs.end() ? nullptr : &*it;
}

const SectionSpec* find_table_spec(const std::vector<SectionSpec>& specs, std::string_view path) {
  for (const auto& spec : specs)
    for (const auto& kind : spec.tables)
      if (path.starts_with(spec.path + "." + kind + ".")) return &spec;
  return nullptr;
}

const KeySpec* find_key(const SectionSpec& section, std::string_view key) {
  const auto it = std::ranges::find(section.keys, key, &KeySpec::key);
  return it == section.keys.end() ? nullptr : &*it;
}

std::vector<std::string> section_names(const std::vector<SectionSpec>& specs) {
  std::vector<std::string> out;
  for (const auto& spec : specs) out.push_back(spec.path);
  return out;
}

std::vector<std::string> key_names(const SectionSpec& section) {
  std::vector<std::string> out;
  for (const auto& key : section.keys) out.push_back(key.key);
  return out;
}

}  // namespace loading

namespace {

using loading::Layer;
using loading::Problems;

constexpr std::size_t config_bytes_max = 1024 * 1024;
constexpr std::size_t path_bytes_max = 4096;
constexpr std::size_t secret_bytes_max = 64 * 1024;

const std::string* text_in(const Layer& layer, const std::string& section, const std::string& key) {
  const auto it = layer.find({section, key});
  if (it == layer.end()) return nullptr;
  const auto& text = std::get<std::string>(it->second.value);
  return text.empty() ? nullptr : &text;
}

std::string secret_path(const std::string& path, const std::string& config_file, bool from_file,
                        const ConfigSource& source) {
  if (path.starts_with("~/") && !source.home.empty()) return source.home + path.substr(1);
  const auto slash = config_file.rfind('/');
  // In the configuration file, a relative path is relative to that file.
  if (from_file && !path.starts_with('/') && slash != std::string::npos) return config_file.substr(0, slash + 1) + path;
  return path;
}

// Puts the content of KEY_file into KEY, within one layer.
void read_secrets(const std::vector<SectionSpec>& specs, Layer& layer, const Layer& above,
                  const std::string& config_file, bool from_file, const ConfigSource& source, Problems& problems) {
  for (const auto& section : specs)
    for (const auto& key : section.keys) {
      if (!key.secret) continue;
      const auto* path = text_in(layer, section.path, key.key + "_file");
      // What a stronger source overrides is not even opened.
      if (path == nullptr || above.contains({section.path, key.key}) ||
          above.contains({section.path, key.key + "_file"}))
        continue;
      const auto& origin = layer[{section.path, key.key + "_file"}].origin;
      const auto where = origin + ": " + section.path + "." + key.key + "_file ";
      if (text_in(layer, section.path, key.key) != nullptr) {
        problems.add(where + "and " + key.key + " are both set; set one of them");
        continue;
      }
      const auto file = secret_path(*path, config_file, from_file, source);
      auto text = loading::read_file(file, secret_bytes_max, true);
      if (!text) {
        problems.add(where + "\"" + printable(file, path_bytes_max) + "\" " + text.error().message);
        continue;
      }
      while (!text->empty() && (text->back() == '\n' || text->back() == '\r' || text->back() == ' ')) text->pop_back();
      if (text->empty() || text->find_first_of(std::string_view{"\n\r\0", 3}) != std::string::npos) {
        problems.add(where + "\"" + printable(file, path_bytes_max) +
                     "\": must hold the secret on one line, and nothing else");
        continue;
      }
      layer[{section.path, key.key}] = {std::move(*text), origin + ", read from " + key.key + "_file"};
    }
}

void merge(const std::vector<SectionSpec>& specs, const Layer& layer, Config& config) {
  for (const auto& [name, setting] : layer) {
    if (const auto* spec = loading::find_table_spec(specs, name.first)) config.add_table(*spec, name.first);
    config.set(name.first, name.second, setting.value, setting.origin);
  }
}

// A secret set above makes the KEY_file below meaningless.
void drop_overridden_files(const std::vector<SectionSpec>& specs, Layer& below, const Layer& above) {
  for (const auto& section : specs)
    for (const auto& key : section.keys)
      if (key.secret && above.contains({section.path, key.key})) below.erase({section.path, key.key + "_file"});
}

}  // namespace

Result<Config> load_config(const std::vector<SectionSpec>& declared, const ConfigSource& source) {
  const auto specs = loading::with_secret_files(declared);
  Config config{declared};
  Problems problems;
  Layer file_layer;
  Layer environment_layer;

  const auto file = loading::find_file(source);
  if (file) {
    std::vector<BusClientSpec> clients;
    if (const auto text = loading::read_file(*file, config_bytes_max, false))
      loading::read_toml(*text, printable(*file, path_bytes_max), specs, file_layer, clients, problems);
    else
      problems.add("configuration file " + printable(*file, path_bytes_max) + " " + text.error().message, 0);
    config.set_file(*file);
    config.set_clients(std::move(clients));
  }
  loading::read_environment(source.environment, specs, environment_layer, problems);
  const std::string config_file = file.value_or("");
  read_secrets(specs, environment_layer, {}, config_file, false, source, problems);
  read_secrets(specs, file_layer, environment_layer, config_file, true, source, problems);
  drop_overridden_files(specs, file_layer, environment_layer);
  if (!problems.empty()) return tl::unexpected{std::move(problems).to_error()};
  merge(specs, file_layer, config);
  merge(specs, environment_layer, config);
  return config;
}

}  // namespace tradebus
