#include "config/config.hpp"

#include <unistd.h>
#include <cstdlib>
#include <stdexcept>

#include "config/loading.hpp"

namespace tradebus {

namespace {
const std::string by_default = "default";
}

ConfigSource ConfigSource::of_process(std::optional<std::string> file) {
  ConfigSource out;
  out.file = std::move(file);
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text{*entry};
    if (const auto eq = text.find('='); eq != std::string_view::npos)
      out.environment.emplace(text.substr(0, eq), text.substr(eq + 1));
  }
  if (const auto home = out.environment.find("HOME"); home != out.environment.end()) out.home = home->second;
  return out;
}

Config::Config(const std::vector<SectionSpec>& specs) {
  for (const auto& spec : loading::with_secret_files(specs)) sections_.emplace(spec.path, Section{spec});
}

const Section& Config::section(std::string_view path) const {
  const auto it = sections_.find(path);
  if (it == sections_.end()) throw std::logic_error("configuration section that nobody declared: " + std::string{path});
  return it->second;
}

std::vector<std::string> Config::tables(std::string_view section, std::string_view kind) const {
  const auto prefix = std::string{section}.append(".").append(kind).append(".");
  std::vector<std::string> out;
  for (auto it = sections_.lower_bound(prefix); it != sections_.end() && it->first.starts_with(prefix); ++it)
    out.push_back(it->first.substr(prefix.size()));
  return out;
}

const std::string& Config::origin(std::string_view section, std::string_view key) const {
  const auto it = origins_.find(std::string{section} + "." + std::string{key});
  return it == origins_.end() ? by_default : it->second;
}

void Config::set(const std::string& section, const std::string& key, ConfigValue value, std::string origin) {
  sections_[section].set(key, std::move(value));
  origins_[section + "." + key] = std::move(origin);
}

Result<std::string> data_dir(const Config& config, const ConfigSource& source) {
  const auto& dir = config.section("engine").get<std::string>("data_dir");
  if (dir.starts_with("~/") && !source.home.empty()) return source.home + dir.substr(1);
  if (!dir.empty()) return dir;
  const auto xdg = source.environment.find("XDG_DATA_HOME");
  if (xdg != source.environment.end() && xdg->second.starts_with('/')) return xdg->second + "/tradebus";
  if (!source.home.empty()) return source.home + "/.local/share/tradebus";
  return fail(Errc::config_invalid,
              "no place for the journal and the cache: neither engine.data_dir nor XDG_DATA_HOME nor HOME is set; set "
              "engine.data_dir");
}

}  // namespace tradebus
