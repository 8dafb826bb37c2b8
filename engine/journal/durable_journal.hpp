// The order journal on disk: a segment log behind the order manager's Journal.
//   full   records are written and synced by one thread of its own, all that gathered meanwhile with one sync: nothing
//          that was told is lost by a power cut
//   write  the order manager's thread writes before it goes on: nothing that was told is lost by the process's death
// Files are never overwritten; damaged or newer ones are refused (segment_log.hpp). On a full disk new orders are
// refused, changes of known ones use a reserve, of which the last quarter is left to what brokers report, and room is
// looked for once a second.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "engine/orders/journal.hpp"
#include "engine/services/core_turn.hpp"
#include "engine/services/segment_log/segment_log.hpp"

namespace tradebus {

// none: kept in memory, for tests and trials.
enum class JournalSync : std::uint8_t { full, write, none };
TRADEBUS_ENUM(JournalSync, "full", "write", "none");

struct DurableJournalOptions {
  std::string folder;
  JournalSync sync = JournalSync::full;
  std::size_t closed_max = 100'000;  // closed orders to recover whole
  SegmentLogOptions segments;        // kind, version and promise are set here
  std::chrono::nanoseconds retry_interval{std::chrono::seconds{1}};
  // Of records that wait for room on a full disk. Beyond it they are given up, and the journal with them.
  std::size_t waiting_bytes_max = 256U << 20U;
};

class DurableJournal final : public Journal {
 public:
  struct Opened {
    std::shared_ptr<DurableJournal> journal;
    RecoveredJournal recovered;
    std::string cut;  // not empty: what a write that never ended had left was cut off
  };
  // `internal`, and nothing is changed: see SegmentLog::open(); or a record that can't be read.
  static Result<Opened> open(DurableJournalOptions options);
  ~DurableJournal() override;

  void append(OrderRecord& record) override;
  void append(const StateRecord& record) override;
  void flush() override;
  std::uint64_t last_seq() const override { return last_seq_; }
  std::uint64_t durable_seq() const override { return durable_seq_.load(std::memory_order_acquire); }
  Result<void> takes_orders() const override;
  Result<void> takes_changes() const override;
  JournalStatus status() const override;
  void on_progress(std::function<void()> tell) override;

 private:
  DurableJournal(DurableJournalOptions options, std::unique_ptr<SegmentLog> log);
  void write_here();
  void run_writer();
  void run_spares();
  void publish(std::uint64_t durable, std::size_t waiting_bytes);
  void tell() const;
  Result<void> has_room(std::uint64_t bytes, const char* for_what) const;
  bool has_failed() const;
  JournalState state_locked() const;
  std::string reason_locked() const;

  DurableJournalOptions options_;
  std::uint64_t reserve_bytes_ = 0;
  std::unique_ptr<SegmentLog> log_;  // sync full: the thread's alone, once it runs
  RecordBatch gathered_;
  bool urgent_ = false;  // of them one at least
  CoreTurn turn_;
  std::uint64_t last_seq_ = 0;
  std::atomic<std::uint64_t> durable_seq_{0};
  std::atomic<bool> constrained_{false};  // not all is taken: look closer

  mutable std::mutex mutex_;
  std::condition_variable work_;
  std::condition_variable made_;  // the next file
  RecordBatch handed_;            // to the thread
  bool handed_urgent_ = false;
  bool waits_ = false;           // the thread, for work
  bool asleep_ = false;          // without a time limit
  std::size_t taken_bytes_ = 0;  // what the thread has and could not write yet
  bool stuck_ = false;           // records found no room
  bool overflowed_ = false;      // records were given up: those behind them can't be kept either
  bool stopping_ = false;
  SegmentLogStatus published_;
  std::shared_ptr<const std::function<void()>> tell_;
  std::optional<SegmentLog::SpareOrder> spare_order_;
  std::optional<Result<SegmentLog::Spare>> spare_made_;
  std::thread thread_;
};

}  // namespace tradebus
