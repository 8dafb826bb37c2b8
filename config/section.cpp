#include "config/section.hpp"

#include <stdexcept>

namespace tradebus {

Section::Section(const SectionSpec& spec) {
  for (const auto& key : spec.keys) values_[key.key] = key.fallback;
}

const ConfigValue& Section::value(std::string_view key) const {
  const auto it = values_.find(key);
  if (it == values_.end()) throw std::logic_error("configuration key that nobody declared: " + std::string{key});
  return it->second;
}

}  // namespace tradebus
