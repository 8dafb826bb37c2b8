// Names of the configuration: what a mistyped one was meant to be, and which variable sets a key.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tradebus {

// The known name that is the fewest edits away (Levenshtein, upper and lower case alike); empty when none is near.
std::optional<std::string> nearest_name(std::string_view name, const std::vector<std::string>& known);

// The end of an error about an unknown name: `; did you mean "sim"?`, or `; known are: replay, sim` when none is near.
std::string name_hint(std::string_view name, const std::vector<std::string>& known);

// providers.sim, ticks_per_second -> TRADEBUS_PROVIDERS_SIM_TICKS_PER_SECOND
std::string environment_name(std::string_view section, std::string_view key);

// For error texts: control characters become '?', and what is longer is cut.
std::string printable(std::string_view text, std::size_t bytes_max = 64);

}  // namespace tradebus
