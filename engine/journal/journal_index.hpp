// The journal's query index: SQLite, filled behind the segments and rebuilt from them whenever it is missing, damaged,
// of another journal or ahead of this one. Nothing rests on it but the speed of questions. Failures: `internal`;
// `overloaded` when the disk has no room for it. One thread; it blocks.
//
// It is not synced: the process's death leaves it whole, the machine's may not. So it is checked as a whole (a second
// for a million orders) when the machine has started since, or the file is not the one that was written here.
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
#include "engine/services/sqlite/sqlite.hpp"

namespace tradebus {

class JournalIndex {
 public:
  struct Opened {
    std::unique_ptr<JournalIndex> index;
    std::string rebuilt;  // why it begins anew; empty: it goes on
  };
  struct Options {
    bool begins_anew = false;  // what is there was found damaged
    // Once it is set, what takes long ends soon, with `internal`.
    std::shared_ptr<sqlite::Interrupt> interrupt = {};
  };
  // `folder` has the segments; the index is its file index.sqlite.
  static Result<Opened> open(const std::string& folder, const Options& options);
  ~JournalIndex();

  // Takes up records up to `durable_seq`, at most `records` of them; true once all are. `ahead_of_need`: nobody waits
  // for it, and threads that share the core are let by.
  enum class Haste : std::uint8_t { ahead_of_need, awaited };
  Result<bool> catch_up(std::uint64_t durable_seq, std::size_t records, Haste haste = Haste::awaited);
  std::uint64_t indexed_seq() const { return indexed_; }
  // Something that failed said so: it is to be opened anew.
  bool is_damaged() const { return damaged_; }

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
  bool was_written(const std::string& here);
  bool is_whole();
  tl::unexpected<Error> failed(const sqlite::Failure& failure);

  std::string folder_;
  SegmentReader reader_;  // tails
  SegmentReader finder_;  // looks records up
  std::uint64_t indexed_ = 0;
  bool damaged_ = false;
  std::shared_ptr<sqlite::Interrupt> interrupt_;
  std::unique_ptr<Parts> parts_;
};

}  // namespace tradebus
