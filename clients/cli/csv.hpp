// One line of CSV from a bus value.
#pragma once

#include <string>
#include <vector>

#include "tradebus/value.hpp"

namespace tradebus::cli {

// A column's title is its key; the members of a map stand as "order.symbol".
std::string csv_head(const std::vector<std::string>& keys);
// RFC 4180: quoted where it must be. Numbers are the daemon's exact decimals, flags true or false, lists JSON, what is
// absent empty.
std::string csv_line(const client::Value& row, const std::vector<std::string>& keys);

}  // namespace tradebus::cli
