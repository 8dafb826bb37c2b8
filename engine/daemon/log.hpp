// The daemon's logger: named events with key=value, to standard error or a file, plain or a JSON object a line.
#pragma once

#include <spdlog/fwd.h>
#include <memory>

#include "bus/model/error.hpp"
#include "config/section.hpp"

namespace tradebus {

// `settings` is section [log].
Result<std::shared_ptr<spdlog::logger>> make_logger(const Section& settings);

}  // namespace tradebus
