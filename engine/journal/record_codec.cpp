#include "engine/journal/record_codec.hpp"

#include "bus/wire/compact.hpp"
#include "engine/orders/order_state.hpp"
#include "engine/services/segment_log/segment_format.hpp"

namespace tradebus::journal {

namespace compact = wire::compact;

namespace {

constexpr std::size_t head_bytes = 18;

char* put_head(char* at, const RecordHead& head) {
  *at = static_cast<char>(head.kind);
  at[1] = static_cast<char>(head.flags);
  segments::store(at + 2, head.number);
  segments::store(at + 10, head.client_key);
  return at + head_bytes;
}

}  // namespace

std::size_t most(const OrderRecord& record) { return head_bytes + compact::most(record); }
std::size_t most(const StateRecord& record) { return head_bytes + compact::most(record); }

char* encode(const OrderRecord& record, char* at) {
  RecordHead head{RecordKind::order, 0, record.number, record.client_key};
  if (is_closed(record.event.order.status)) head.flags |= RecordFlag::closed;
  if (record.event.event == OrderEventType::fill && record.event.fill) head.flags |= RecordFlag::fill;
  if (record.event.event == OrderEventType::bust) head.flags |= RecordFlag::bust;
  return compact::put(put_head(at, head), record);
}

char* encode(const StateRecord& record, char* at) {
  return compact::put(put_head(at, {RecordKind::state, 0, 0, 0}), record);
}

std::optional<RecordHead> decode_head(std::string_view payload) {
  if (payload.size() < head_bytes) return std::nullopt;
  const char* at = payload.data();
  const auto kind = static_cast<std::uint8_t>(*at);
  if (kind != 1 && kind != 2) return std::nullopt;
  return RecordHead{static_cast<RecordKind>(kind), static_cast<std::uint8_t>(at[1]),
                    segments::load<std::uint64_t>(at + 2), segments::load<std::uint64_t>(at + 10)};
}

std::optional<OrderRecord> decode_order(std::string_view payload) {
  const auto head = decode_head(payload);
  OrderRecord out;
  if (!head || head->kind != RecordKind::order || !compact::unpack(payload.substr(head_bytes), out))
    return std::nullopt;
  if (out.number != head->number || out.client_key != head->client_key) return std::nullopt;
  return out;
}

std::optional<StateRecord> decode_state(std::string_view payload) {
  const auto head = decode_head(payload);
  StateRecord out;
  if (!head || head->kind != RecordKind::state || !compact::unpack(payload.substr(head_bytes), out))
    return std::nullopt;
  return out;
}

}  // namespace tradebus::journal
