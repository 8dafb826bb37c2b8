// INTERNAL to config/ and to other readers of TOML files (engine/calendar): what the parts of a loader hand to each
// other.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "config/config.hpp"

namespace tradebus::loading {

struct Setting {
  ConfigValue value;
  std::string origin;
};
// What one source (the file, the environment) sets, by section and key.
using Layer = std::map<std::pair<std::string, std::string>, Setting>;

// Gathers everything that is wrong, so that it can be told at once.
class Problems {
 public:
  // `where` is FILE:LINE or a variable; problems are told by line, those without one last.
  void add(std::string text, std::size_t line = SIZE_MAX) { all_.emplace_back(line, std::move(text)); }
  bool empty() const { return all_.empty(); }
  Error to_error() &&;

 private:
  std::vector<std::pair<std::size_t, std::string>> all_;
};

// The declared sections, each secret KEY followed by its KEY_file.
std::vector<SectionSpec> with_secret_files(std::vector<SectionSpec> specs);
const SectionSpec* find_section(const std::vector<SectionSpec>& specs, std::string_view path);
// The section whose keys [section.kind.NAME] has; nothing for a path that is no such table's.
const SectionSpec* find_table_spec(const std::vector<SectionSpec>& specs, std::string_view path);
const KeySpec* find_key(const SectionSpec& section, std::string_view key);
std::vector<std::string> section_names(const std::vector<SectionSpec>& specs);
std::vector<std::string> key_names(const SectionSpec& section);

// ---- values (value.cpp) --------------------------------------------------------------------------------------------

// The shortest text of a number: 30, 0.5.
std::string number_text(double v);
// "a whole number", "a list of texts", ...
std::string_view type_name(const ConfigValue& value);
// What is wrong with a value of the right type: range, choice, repetition. Empty when nothing is.
std::optional<std::string> complaint(const KeySpec& key, const ConfigValue& value);
// The text of a variable as the key's type; the error's message says what is wanted.
Result<ConfigValue> value_from_text(const KeySpec& key, const std::string& text);
std::string toml_text(const std::string& text);
std::string toml_text(const ConfigValue& value);

// ---- sources -------------------------------------------------------------------------------------------------------

// The file to read: --config, or the first of the usual places that exists; empty when there is none.
std::optional<std::string> find_file(const ConfigSource& source);
// A small regular file's text. `secret`: nobody but its owner may read it.
Result<std::string> read_file(const std::string& path, std::size_t bytes_max, bool secret);
void read_toml(const std::string& text, const std::string& file, const std::vector<SectionSpec>& specs, Layer& layer,
               std::vector<BusClientSpec>& clients, Problems& problems);
void read_environment(const std::map<std::string, std::string>& environment, const std::vector<SectionSpec>& specs,
                      Layer& layer, Problems& problems);

}  // namespace tradebus::loading
