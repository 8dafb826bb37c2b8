// Where order events become facts: everything that is recorded passes through it before anyone hears of it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "bus/model/error.hpp"
#include "engine/orders/order_record.hpp"

namespace tradebus {

// ok; full: no room on the disk, which passes; failed: it broke, for good.
enum class JournalState : std::uint8_t { ok, full, failed };
TRADEBUS_ENUM(JournalState, "ok", "full", "failed");

struct JournalStatus {
  JournalState state = JournalState::ok;
  std::string reason;    // why it isn't ok
  std::string sync;      // what is promised: "full", "write" or "none"
  bool durable = false;  // it outlives the process
  std::uint64_t last_seq = 0;
  std::uint64_t durable_seq = 0;
  std::uint64_t indexed_seq = 0;  // of the query index; what it lacks questions of history wait for
  std::uint64_t bytes = 0;
  std::uint64_t segments = 0;

  static constexpr std::string_view type_name = "JournalStatus";
  static constexpr auto fields() {
    return std::tuple{field("state", &JournalStatus::state),
                      field("reason", &JournalStatus::reason),
                      field("sync", &JournalStatus::sync),
                      field("durable", &JournalStatus::durable),
                      field("last_seq", &JournalStatus::last_seq),
                      field("durable_seq", &JournalStatus::durable_seq),
                      field("indexed_seq", &JournalStatus::indexed_seq),
                      field("bytes", &JournalStatus::bytes),
                      field("segments", &JournalStatus::segments)};
  }
};

// Called by the order manager alone.
class Journal {
 public:
  Journal() = default;
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;
  virtual ~Journal() = default;

  // Keeps the record and numbers it: seqs rise over all accounts and are never given twice. The event's own seq is
  // ignored, and set.
  virtual void append(OrderRecord& record) = 0;
  virtual void append(const StateRecord& record) = 0;
  // What was appended goes on its way to the disk. Until durable_seq() has passed a record nobody may hear of it; when
  // that is not at once, the order manager is told later.
  virtual void flush() = 0;
  // The number given last, 0 when nothing was appended yet.
  virtual std::uint64_t last_seq() const = 0;
  virtual std::uint64_t durable_seq() const = 0;
  // `overloaded` or `internal` when no new order should be taken.
  virtual Result<void> takes_orders() const = 0;
  // The same of what clients ask to change: the last of the room is for what brokers report.
  virtual Result<void> takes_changes() const = 0;
  virtual JournalStatus status() const = 0;
  // Called, from any thread, when durable_seq() or the state has changed.
  virtual void on_progress(std::function<void()> tell) = 0;
};

// Numbers from 1 and forgets with the process.
class MemoryJournal final : public Journal {
 public:
  void append(OrderRecord& record) override { record.event.seq = ++last_; }
  void append(const StateRecord&) override { ++last_; }
  void flush() override {}
  std::uint64_t last_seq() const override { return last_; }
  std::uint64_t durable_seq() const override { return last_; }
  Result<void> takes_orders() const override { return {}; }
  Result<void> takes_changes() const override { return {}; }
  JournalStatus status() const override {
    JournalStatus out;
    out.sync = "none";
    out.last_seq = out.durable_seq = last_;
    return out;
  }
  void on_progress(std::function<void()>) override {}

 private:
  std::uint64_t last_ = 0;
};

}  // namespace tradebus
