#include "engine/journal/journal_events.hpp"

#include <algorithm>

#include "engine/journal/record_codec.hpp"

namespace tradebus {

OrderEvents JournalEvents::none(const GetOrderEvents& query, std::uint64_t durable_seq) {
  OrderEvents out;
  out.last_seq = durable_seq;
  out.first_kept = std::min(durable_seq, query.until.value_or(durable_seq)) > 0 ? 1 : 0;
  return out;
}

Result<OrderEvents> JournalEvents::read(const GetOrderEvents& query, std::uint64_t durable_seq) {
  OrderEvents out = none(query, durable_seq);
  const std::size_t limit = std::min(query.limit, orders_limit_max);
  const auto end = std::min(durable_seq, query.until.value_or(durable_seq));
  std::string bad;
  const auto read = segments_.for_each(query.after + 1, end, [&](const LogRecord& each) {
    const auto head = journal::decode_head(each.payload);
    if (!head || head->kind != journal::RecordKind::order) return true;
    auto record = journal::decode_order(each.payload);
    if (!record) {
      bad = "the journal: record " + std::to_string(each.seq) + " can't be read";
      return false;
    }
    out.events.push_back(std::move(record->event));
    return out.events.size() < limit;
  });
  if (!read) return tl::unexpected{read.error()};
  if (!bad.empty()) return fail(Errc::internal, bad);
  return out;
}

}  // namespace tradebus
