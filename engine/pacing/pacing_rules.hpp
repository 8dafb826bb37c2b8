// How often a venue lets itself be called, as an adapter's section of the configuration says it. Zero: no such rule.
#pragma once

#include <cstdint>
#include <string_view>
#include <tuple>
#include <vector>

#include "bus/model/describe.hpp"
#include "config/section.hpp"

namespace tradebus {

struct PacingRules {
  std::int64_t calls_per_second = 0;
  std::int64_t calls_per_minute = 0;
  std::int64_t calls_per_10_minutes = 0;
  std::int64_t calls_at_once = 0;  // without an answer yet
  std::int64_t identical_s = 0;    // seconds between two equal calls

  static constexpr std::string_view type_name = "PacingRules";
  static constexpr auto fields() {
    return std::tuple{field("calls_per_second", &PacingRules::calls_per_second),
                      field("calls_per_minute", &PacingRules::calls_per_minute),
                      field("calls_per_10_minutes", &PacingRules::calls_per_10_minutes),
                      field("calls_at_once", &PacingRules::calls_at_once),
                      field("identical_s", &PacingRules::identical_s)};
  }
};

// The keys of these rules, for an adapter to add to its section; `defaults` are what the venue is known to allow.
std::vector<KeySpec> pacing_keys(const PacingRules& defaults = {});
// What such a section says.
PacingRules pacing_rules(const Section& section);

}  // namespace tradebus
