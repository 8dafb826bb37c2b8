// How a connection begins: the versions that we speak go out, the one that the server chose comes back. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bus/model/error.hpp"

namespace tradebus::ibkr::wire {

// Both ends count. Up to 178 everything is plain text, and fields only get more irregular above; 200 is the last one
// that is text at all: later ones speak protobuf.
struct VersionRange {
  std::int32_t min = 157;
  std::int32_t max = 178;
};
inline constexpr std::int32_t text_version_max = 200;

// The client's first bytes: "API", a zero, and the range, framed but without a zero at its end. `options` as the
// gateway knows them ("+PACEAPI": it queues what comes too fast instead of refusing it), or empty.
std::string client_hello(VersionRange range, std::string_view options = {});

struct Redirect {
  std::string host;
  std::optional<std::uint16_t> port;  // absent: the same one
};

struct ServerHello {
  std::int32_t version = 0;
  std::string connection_time;  // "20260405 23:49:26 Central European Standard Time": the zone as the machine names it
  std::optional<Redirect> redirect = {};  // connect there instead, at most twice in a row; nothing else is set
};

// The server's first payload. broker.unavailable when it is none, or names a version outside the range.
Result<ServerHello> parse_server_hello(std::string_view payload, VersionRange range);

}  // namespace tradebus::ibkr::wire
