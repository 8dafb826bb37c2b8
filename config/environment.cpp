#include <algorithm>

#include "config/loading.hpp"
#include "config/names.hpp"

namespace tradebus::loading {

namespace {

// Variables with our prefix that are not the daemon's.
constexpr std::string_view not_ours = "TRADEBUS_SHARED";

struct Target {
  const SectionSpec* section;
  const KeySpec* key;
};

void take(const Target& to, const std::string& variable, const std::string& text, Layer& layer, Problems& problems) {
  const auto where = "environment " + variable + ": " + to.section->path + "." + to.key->key + " ";
  auto value = value_from_text(*to.key, text);
  if (!value) return problems.add(where + value.error().message);
  if (const auto bad = complaint(*to.key, *value)) return problems.add(where + *bad);
  layer[{to.section->path, to.key->key}] = {std::move(*value), "environment " + variable};
}

}  // namespace

void read_environment(const std::map<std::string, std::string>& environment, const std::vector<SectionSpec>& specs,
                      Layer& layer, Problems& problems) {
  std::map<std::string, Target> known;
  std::vector<std::string> names;
  for (const auto& section : specs)
    for (const auto& key : section.keys) {
      names.push_back(environment_name(section.path, key.key));
      known.emplace(names.back(), Target{&section, &key});
    }

  // A key's own variables first, the last of them first, so that what comes later wins.
  for (const auto& section : specs)
    for (const auto& key : section.keys)
      for (auto name = key.environment.rbegin(); name != key.environment.rend(); ++name) {
        const auto it = environment.find(*name);
        if (it != environment.end() && !it->second.empty()) take({&section, &key}, *name, it->second, layer, problems);
      }
  for (const auto& [name, text] : environment) {
    if (!name.starts_with("TRADEBUS_") || name == not_ours) continue;
    if (const auto it = known.find(name); it != known.end()) {
      take(it->second, name, text, layer, problems);
    } else {
      const auto near = nearest_name(name, names);
      problems.add("environment " + printable(name) + " is not known" +
                   (near ? "; did you mean " + *near + "?"
                         : "; variables are named TRADEBUS_<SECTION>_<KEY>, for example TRADEBUS_LOG_LEVEL"));
    }
  }
}

}  // namespace tradebus::loading
