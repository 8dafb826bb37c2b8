// INTERNAL to config/: [[bus.client]], who may use the bus.
#pragma once

#include <string>
#include <vector>

#include "config/loading.hpp"
#include "config/toml.hpp"

namespace tradebus::loading {

// Appends the good entries of the file; a bad one is told with its line.
void read_clients(const toml::node& node, const std::string& file, std::vector<BusClientSpec>& clients,
                  Problems& problems);

}  // namespace tradebus::loading
