// The journal's query index: SQLite, filled behind the segments and rebuilt from them whenever it is missing, damaged,
// of another journal or ahead of this one. Nothing rests on it but the speed of questions. Failures: `internal`;
// `overloaded` when the disk has no room for it. One thread; it blocks.
//
// Tables, for whoever reads the file with tools of their own (never write to it):
//   orders  one row an order: its last state, and where its last record stands
//   events  one row a record of an order, by the journal's seq
//   fills   one row an execution; busted ones are marked
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/orders/order_book.hpp"
#include "engine/orders/order_messages.hpp"
#include "engine/services/segment_log/segment_reader.hpp"

namespace tradebus {

class JournalIndex {
 public:
  struct Opened {
    std::unique_ptr<JournalIndex> index;
    std::string rebuilt;  // why it begins anew; empty: it goes on
  };
  // `folder` has the segments; the index is its file index.sqlite.
  static Result<Opened> open(const std::string& folder);
  ~JournalIndex();

  // Takes up records up to `durable_seq`, at most `records` of them; true once all are. `ahead_of_need`: nobody waits
  // for it, and threads that share the core are let by.
  enum class Haste : std::uint8_t { ahead_of_need, awaited };
  Result<bool> catch_up(std::uint64_t durable_seq, std::size_t records, Haste haste = Haste::awaited);
  std::uint64_t indexed_seq() const { return indexed_; }

  // After catch_up(). Records come from the segments, found by the index.
  Result<RecalledOrder> recall(const GetOrder& query);
  Result<Orders> orders(const GetOrders& query);
  Result<OrderEvents> events_of(const AccountId& account, const GetOrderEvents& query, std::uint64_t durable_seq);

 private:
  struct Parts;
  explicit JournalIndex(std::string folder);
  Result<OrderRecord> record_at(std::int64_t segment, std::int64_t offset);
  Result<void> begin(const std::string& path, bool anew);
  bool ends_with(std::int64_t crc);

  std::string folder_;
  SegmentReader reader_;  // tails
  SegmentReader finder_;  // looks records up
  std::uint64_t indexed_ = 0;
  std::unique_ptr<Parts> parts_;
};

}  // namespace tradebus
