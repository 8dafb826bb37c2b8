// A section of the configuration as a table of keys: who owns the section declares its keys here, and the loader checks
// the file, the environment, --print-config and the nearest known key against the same table.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "bus/model/error.hpp"

namespace tradebus {

using ConfigValue = std::variant<bool, std::int64_t, double, std::string, std::vector<std::string>>;

struct KeySpec {
  std::string key;
  ConfigValue fallback;  // the default; its alternative is the key's type (an integer is taken where a double is asked)
  std::string about;     // one line: what it is for, its unit, why this default
  std::optional<double> min = {};
  std::optional<double> max = {};
  std::vector<std::string> choices = {};      // texts only: nothing else is accepted
  bool secret = false;                        // masked in --print-config; KEY_file names a file that holds it
  bool decimal = false;                       // a text that holds an exact decimal: a TOML number is taken too
  std::vector<std::string> environment = {};  // more variables that set it, beside TRADEBUS_<SECTION>_<KEY>
};

struct SectionSpec {
  std::string path;  // "engine", "providers.sim"
  std::string about;
  std::vector<KeySpec> keys;
  // Kinds of tables below it, with the same keys: [risk.client.NAME] for kind "client", any number of names. They come
  // from the file alone.
  std::vector<std::string> tables = {};
};

// The values of one section, all keys present.
class Section {
 public:
  Section() = default;
  // All defaults.
  explicit Section(const SectionSpec& spec);

  // T is bool, std::int64_t, double, std::string or std::vector<std::string>, as declared. A key or type that was not
  // declared is a programming error: std::logic_error.
  template <class T>
  const T& get(std::string_view key) const {
    return std::get<T>(value(key));
  }
  void set(std::string_view key, ConfigValue value) { values_[std::string{key}] = std::move(value); }
  const std::map<std::string, ConfigValue, std::less<>>& values() const { return values_; }

 private:
  const ConfigValue& value(std::string_view key) const;
  std::map<std::string, ConfigValue, std::less<>> values_;
};

}  // namespace tradebus
