#include "engine/pacing/pacing_rules.hpp"

namespace tradebus {

std::vector<KeySpec> pacing_keys(const PacingRules& defaults) {
  const auto key = [](const char* name, std::int64_t fallback, double max, const char* about) {
    return KeySpec{.key = name, .fallback = fallback, .about = about, .min = 0.0, .max = max};
  };
  return {
      key("calls_per_second", defaults.calls_per_second, 10'000, "questions to the source in any second; 0: no limit"),
      key("calls_per_minute", defaults.calls_per_minute, 10'000, "questions in any minute; 0: no limit"),
      key("calls_per_10_minutes", defaults.calls_per_10_minutes, 10'000, "questions in any ten minutes; 0: no limit"),
      key("calls_at_once", defaults.calls_at_once, 10'000, "questions that it works on at once; 0: no limit"),
      key("identical_s", defaults.identical_s, 3'600, "seconds between two equal questions; 0: no limit"),
  };
}

PacingRules pacing_rules(const Section& section) {
  const auto number = [&](const char* key) { return section.get<std::int64_t>(key); };
  PacingRules out;
  out.calls_per_second = number("calls_per_second");
  out.calls_per_minute = number("calls_per_minute");
  out.calls_per_10_minutes = number("calls_per_10_minutes");
  out.calls_at_once = number("calls_at_once");
  out.identical_s = number("identical_s");
  return out;
}

}  // namespace tradebus
