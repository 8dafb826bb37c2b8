// A hash for tables of orders: ids that were given one after the other (o-mi2x7k-1a4, o-mi2x7k-1a5) fall beside each
// other, so that what the last orders have brought into the cache serves the next ones. Any other text is spread as
// well as by a polynomial; nobody outside chooses order ids.
#pragma once

#include <cstddef>

#include "bus/model/strong_string.hpp"

namespace tradebus {

struct OrderIdHash {
  // Not noexcept on purpose: libstdc++ then keeps each key's hash.
  std::size_t operator()(const OrderId& id) const {
    std::size_t hash = 0;
    for (const char c : id.str()) hash = hash * 37 + digit(c);
    return hash;
  }

 private:
  // In base 36, as the ids count.
  static std::size_t digit(char c) {
    const auto byte = static_cast<unsigned char>(c);
    if (c >= '0' && c <= '9') return byte - std::size_t{'0'};
    return byte - std::size_t{'a'} + 10;
  }
};

}  // namespace tradebus
