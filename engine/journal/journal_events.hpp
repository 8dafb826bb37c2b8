// Events of all accounts, read from the journal's segments alone: what needs no index is told without one, also when
// the disk has no room for it. One thread; it blocks.
#pragma once

#include <string>

#include "engine/orders/order_messages.hpp"
#include "engine/services/segment_log/segment_reader.hpp"

namespace tradebus {

class JournalEvents {
 public:
  explicit JournalEvents(std::string folder) : segments_{std::move(folder)} {}

  // The answer to `query` before anything is found.
  static OrderEvents none(const GetOrderEvents& query, std::uint64_t durable_seq);
  // The query's account is not looked at. `internal`: a segment is missing or damaged.
  Result<OrderEvents> read(const GetOrderEvents& query, std::uint64_t durable_seq);

 private:
  SegmentReader segments_;
};

}  // namespace tradebus
