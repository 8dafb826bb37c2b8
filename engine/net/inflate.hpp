// gzip and zlib bodies, with a bound on what comes out: a few kilobytes can unpack to gigabytes. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace tradebus {

enum class InflateFault { damaged, cut, too_large };

tl::expected<std::string, InflateFault> inflate_body(std::string_view packed, std::size_t bytes_max);

}  // namespace tradebus
