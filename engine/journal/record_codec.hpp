// A journal's payloads. A fixed head comes first, little-endian, so that a start reads a million of them without
// decoding more than those that still matter:
//   0  1  kind: 1 order, 2 state
//   1  1  flags of an order's record
//   2  8  number of the order
//  10  8  client key
//  18  n  the record itself (bus/wire/compact.hpp)
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/orders/order_record.hpp"

namespace tradebus::journal {

inline constexpr std::uint32_t schema_version = 1;

enum class RecordKind : std::uint8_t { order = 1, state = 2 };
enum RecordFlag : std::uint8_t { closed = 1, fill = 2, bust = 4 };

struct RecordHead {
  RecordKind kind = RecordKind::order;
  std::uint8_t flags = 0;
  std::uint64_t number = 0;
  std::uint64_t client_key = 0;
};

std::size_t most(const OrderRecord& record);
std::size_t most(const StateRecord& record);
// Where the payload ends.
char* encode(const OrderRecord& record, char* at);
char* encode(const StateRecord& record, char* at);

std::optional<RecordHead> decode_head(std::string_view payload);
// Empty when the bytes are not such a record. The event's seq is the log's, not in here.
std::optional<OrderRecord> decode_order(std::string_view payload);
std::optional<StateRecord> decode_state(std::string_view payload);

}  // namespace tradebus::journal
