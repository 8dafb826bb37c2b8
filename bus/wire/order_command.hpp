// The arguments of place_order, read in one pass: three times as fast as by way of a msgpack object.
#pragma once

#include <string_view>

#include "bus/model/orders.hpp"

namespace tradebus::wire {

// True: `order`, fresh when it comes, holds just what unpack_fields() would have made of a packed map. False: something
// is wrong or unusual (legs, a key twice, a text that is not ASCII, ...), and unpack_fields() is to read it: it names
// what is wrong. What `order` holds is then of no use. Never allocates but for texts of more than fifteen bytes.
bool read_order(std::string_view args, TradeOrder& order);

}  // namespace tradebus::wire
