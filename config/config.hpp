// The daemon's configuration, checked: one TOML file, the environment over it, defaults below it.
// Read once at start-up, by one thread; afterwards it is a constant.
// Order of precedence for a key: TRADEBUS_<SECTION>_<KEY>, then the key's own variables (BROKER, ...), then the file,
// then the default. A variable that is set but empty sets an empty value; a key's own variable that is empty counts as
// not set.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bus/model/strong_string.hpp"
#include "config/section.hpp"

namespace tradebus {

// Where the configuration comes from. The environment is a value, so that a test can make one.
struct ConfigSource {
  std::optional<std::string> file = {};  // --config FILE; without it the usual places are tried
  std::map<std::string, std::string> environment = {};
  std::string home = {};  // the user's home directory; empty when there is none
  std::string system_dir = "/etc";

  // This process's environment and home.
  static ConfigSource of_process(std::optional<std::string> file);
};

// One [[bus.client]]: who may use the bus when CURVE is on.
struct BusClientSpec {
  ClientName name;
  std::string public_key;           // Z85, 40 characters
  std::vector<std::string> roles;   // of read, trade, admin; at least one
  std::vector<AccountId> accounts;  // empty: every account
  std::string origin;               // FILE:LINE
};

class Config {
 public:
  // All defaults.
  Config() = default;
  explicit Config(const std::vector<SectionSpec>& specs);

  // A section that nobody declared is a programming error: std::logic_error.
  const Section& section(std::string_view path) const;
  // The names of the tables [section.kind.NAME], in order; each one is section("section.kind.NAME"), all keys present.
  std::vector<std::string> tables(std::string_view section, std::string_view kind) const;
  const std::string& file() const { return file_; }  // empty when there is none: built-in defaults
  const std::vector<BusClientSpec>& clients() const { return clients_; }
  // "default", "FILE:LINE" or "environment VAR".
  const std::string& origin(std::string_view section, std::string_view key) const;

  void add_table(const SectionSpec& spec, const std::string& path) { sections_.try_emplace(path, Section{spec}); }
  void set(const std::string& section, const std::string& key, ConfigValue value, std::string origin);
  void set_file(std::string file) { file_ = std::move(file); }
  void set_clients(std::vector<BusClientSpec> clients) { clients_ = std::move(clients); }

 private:
  std::map<std::string, Section, std::less<>> sections_;
  std::map<std::string, std::string, std::less<>> origins_;  // by "section.key"
  std::string file_;
  std::vector<BusClientSpec> clients_;
};

// The error (config.invalid) tells all problems at once, a line each:
//   tradebus.toml:3: key engine.brokr is not known; did you mean "broker"?
Result<Config> load_config(const std::vector<SectionSpec>& specs, const ConfigSource& source);

// The whole configuration as TOML: every key with its value and where it comes from. Secrets are masked, so that the
// output can be shown to anyone; apart from them it loads again to the same configuration.
std::string print_config(const Config& config, const std::vector<SectionSpec>& specs);

// engine.data_dir, or $XDG_DATA_HOME/tradebus, or ~/.local/share/tradebus. Not created here.
Result<std::string> data_dir(const Config& config, const ConfigSource& source);

}  // namespace tradebus
