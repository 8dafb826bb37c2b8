// JSON text of a bus value: one line, keys in the order in which they came, numbers as the shortest exact decimal.
#pragma once

#include <string>

#include "tradebus/value.hpp"

namespace tradebus::cli {

std::string to_json(const client::Value& value);

}  // namespace tradebus::cli
