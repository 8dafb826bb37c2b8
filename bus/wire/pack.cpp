#include "bus/wire/pack.hpp"

#include <array>
#include <bit>

namespace tradebus::wire {

void pack(Packer& out, double value) {
  std::array<char, 9> bytes{static_cast<char>(0xcb)};
  auto bits = std::bit_cast<std::uint64_t>(value);
  for (std::size_t i = 8; i > 0; --i, bits >>= 8) bytes[i] = static_cast<char>(bits & 0xff);
  out.pack_str_body(bytes.data(), bytes.size());  // bytes as they are
}

}  // namespace tradebus::wire
