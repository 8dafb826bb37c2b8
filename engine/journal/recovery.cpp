#include "engine/journal/recovery.hpp"

#include <algorithm>
#include <unordered_map>

#include "engine/services/segment_log/segment_reader.hpp"

namespace tradebus::journal {

namespace {

constexpr std::uint64_t numbers_max = 1U << 30U;  // beyond it a number is damage, not an order

}  // namespace

void Recovery::visit(const LogRecord& record) {
  const auto head = decode_head(record.payload);
  if (head && head->kind == RecordKind::state) {
    if (auto state = decode_state(record.payload)) {
      if (state->key == positions_key) positions_seq_ = record.seq;
      if (state->value.empty())
        out_.state.erase(state->key);
      else
        out_.state[std::move(state->key)] = std::move(state->value);
      return;
    }
  }
  if (!head || head->kind != RecordKind::order || head->number == 0 || head->number > numbers_max) {
    if (bad_.empty()) bad_ = "record " + std::to_string(record.seq);
    return;
  }
  if (orders_.size() < head->number) orders_.resize(head->number);
  Known& known = orders_[head->number - 1];
  known.seen = true;
  known.last = record.position;
  known.client_key = head->client_key;
  known.is_closed = (head->flags & RecordFlag::closed) != 0;
  if ((head->flags & (RecordFlag::fill | RecordFlag::bust)) != 0)
    executions_.push_back({head->number, record.seq, record.position, (head->flags & RecordFlag::bust) != 0});
}

Result<RecoveredJournal> Recovery::finish(const std::string& folder, std::size_t closed_max) {
  const auto unreadable = [&](const std::string& what) {
    return fail(Errc::internal, folder + ": " + what +
                                    " is none that this program writes; nothing was changed: start the program that "
                                    "wrote it, or restore the folder from a backup");
  };
  if (!bad_.empty()) return unreadable(bad_);
  out_.last_number = orders_.size();

  std::vector<std::uint64_t> wanted;  // numbers
  std::vector<std::uint64_t> closed;
  for (std::uint64_t number = 1; number <= orders_.size(); ++number)
    if (const Known& known = orders_[number - 1]; known.seen) (known.is_closed ? closed : wanted).push_back(number);
  if (closed.size() > closed_max) {
    const auto later = [&](std::uint64_t a, std::uint64_t b) { return orders_[a - 1].last > orders_[b - 1].last; };
    const auto border = closed.begin() + static_cast<std::ptrdiff_t>(closed_max);
    std::nth_element(closed.begin(), border, closed.end(), later);
    out_.forgotten.reserve(closed.size() - closed_max);
    for (auto it = border; it != closed.end(); ++it)
      if (const auto key = orders_[*it - 1].client_key; key != 0) out_.forgotten.push_back(key);
    closed.erase(border, closed.end());
  }
  wanted.insert(wanted.end(), closed.begin(), closed.end());

  // In the order in which they stand on the disk.
  std::ranges::sort(wanted, {}, [&](std::uint64_t number) { return orders_[number - 1].last; });
  SegmentReader reader{folder};
  std::unordered_map<std::uint64_t, std::size_t> index;
  index.reserve(wanted.size());
  out_.orders.reserve(wanted.size());
  const auto read = [&](LogPosition position) -> Result<OrderRecord> {
    auto payload = reader.read_at(position);
    if (!payload) return tl::unexpected{payload.error()};
    auto record = decode_order(*payload);
    if (!record)
      return unreadable("the record at offset " + std::to_string(position.offset) + " of segment " +
                        std::to_string(position.segment));
    return std::move(*record);
  };
  for (const auto number : wanted) {
    auto record = read(orders_[number - 1].last);
    if (!record) return tl::unexpected{record.error()};
    index.emplace(number, out_.orders.size());
    out_.orders.push_back({std::move(*record), {}});
  }
  for (const Execution& execution : executions_) {
    const auto it = index.find(execution.number);
    const bool of_positions = positions_seq_ != 0 && execution.seq > positions_seq_;
    if (it == index.end() && !of_positions) continue;
    auto record = read(execution.position);
    if (!record) return tl::unexpected{record.error()};
    if (!record->event.fill) continue;
    if (it != index.end()) out_.orders[it->second].fills.push_back({*record->event.fill, execution.busted});
    if (of_positions) out_.fills_after.push_back(std::move(record->event));
  }
  std::ranges::sort(out_.orders, {}, [](const RecoveredOrder& order) { return order.last.number; });
  return std::move(out_);
}

}  // namespace tradebus::journal
