// A request's envelope, read in place: what the bridge needs before anything is decoded.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bus/model/error.hpp"

namespace tradebus::wire {

// Views into the frame they were read from. `id` and `args` are whole msgpack values, empty when absent.
struct Envelope {
  std::string_view id;
  std::string_view op;
  std::string_view args;
  std::optional<std::int64_t> timeout_ms;
};

struct EnvelopeError {
  Error error;
  std::string_view id;  // what could be read of it, so that the reply can carry it
};

// The whole frame is checked to be one msgpack value within limits (depth, no bytes left over). Never allocates on
// success. request.malformed: not msgpack, not a map; request.invalid: v, op, args or timeout_ms of a wrong kind.
tl::expected<Envelope, EnvelopeError> read_envelope(std::string_view frame);

// Length in bytes of the msgpack value that `bytes` begins with; empty when it is torn, too deep or not msgpack.
std::optional<std::size_t> value_length(std::string_view bytes);

// The text under `key` of a packed map that read_envelope() has checked; empty when there is none.
std::optional<std::string_view> find_text(std::string_view packed_map, std::string_view key);

// ---- replies -------------------------------------------------------------------------------------------------------

// {v: 1, id, ok: true, result: <packed>}; `id` and `result` are packed values, id may be empty.
std::string reply_ok(std::string_view id, std::string_view result);
// The same up to the result, which follows it.
std::string reply_head(std::string_view id);
// {v: 1, id, ok: false, error: {code, message, [details], [retry_after_ms]}}
std::string reply_error(std::string_view id, const Error& error);

// Adds one more key (true) to an encoded map : how a stored message becomes a snapshot.
std::string with_flag(std::string_view encoded_map, std::string_view key);

}  // namespace tradebus::wire
