// The C++ client of tradebus: header-only; needs a C++20 compiler, ZeroMQ (libzmq, cppzmq) and msgpack-cxx, nothing
// else.
//
// Session (requests, orders) speaks to the command endpoint, Stream (market data, order events) to the stream endpoint.
// Neither is shared between threads: one object, one thread.
#pragma once

#include "tradebus/decimal.hpp"
#include "tradebus/expected.hpp"
#include "tradebus/message.hpp"
#include "tradebus/options.hpp"
#include "tradebus/orders.hpp"
#include "tradebus/session.hpp"
#include "tradebus/stream.hpp"
#include "tradebus/topic.hpp"
#include "tradebus/types.hpp"
#include "tradebus/value.hpp"
