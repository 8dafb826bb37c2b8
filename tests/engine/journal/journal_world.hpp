// An order journal in a folder of its own, on a disk that a test can fill and break.
#pragma once

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>

#include "engine/journal/durable_journal.hpp"
#include "tests/engine/journal/sample.hpp"
#include "tests/support/temp_folder.hpp"

namespace tradebus::test {

using namespace std::chrono_literals;

// Waits for what the journal tells, and writes each time, as the order manager does. What its thread uses is shared: it
// may still be telling when a test has gone on.
class Progress {
 public:
  explicit Progress(DurableJournal& journal) : journal_{journal} {
    journal_.on_progress([heard = heard_] {
      {
        const std::lock_guard lock{heard->mutex};
        ++heard->count;
      }
      heard->changed.notify_all();
    });
  }
  ~Progress() { journal_.on_progress({}); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // False when 20 s were not enough.
  bool until(const std::function<bool()>& reached) {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (!reached()) {
      journal_.flush();
      if (reached()) return true;  // written here: nothing more is told
      std::unique_lock lock{heard_->mutex};
      if (!heard_->changed.wait_until(lock, deadline, [&] { return heard_->count != seen_; })) {
        lock.unlock();
        return reached();
      }
      seen_ = heard_->count;
    }
    return true;
  }
  bool was_told() const {
    const std::lock_guard lock{heard_->mutex};
    return heard_->count > 0;
  }

 private:
  struct Heard {
    std::mutex mutex;
    std::condition_variable changed;
    std::uint64_t count = 0;
  };
  DurableJournal& journal_;
  std::shared_ptr<Heard> heard_ = std::make_shared<Heard>();
  std::uint64_t seen_ = 0;
};

struct JournalWorld {
  TempFolder folder{"journal"};
  std::string name = "journal";
  std::size_t closed_max = 100;
  std::size_t waiting_bytes_max = 1U << 20U;
  JournalSync sync = JournalSync::full;
  std::shared_ptr<Disk> disk = std::make_shared<Disk>();
  RecoveredJournal recovered;

  std::shared_ptr<DurableJournal> open() {
    auto opened = try_open();
    BOOST_REQUIRE_MESSAGE(opened.has_value(), (opened ? std::string{} : opened.error().message));
    recovered = std::move(opened->recovered);
    return opened->journal;
  }
  Result<DurableJournal::Opened> try_open() {
    DurableJournalOptions options;
    options.folder = path();
    options.sync = sync;
    options.closed_max = closed_max;
    options.segments.segment_bytes = 65'536;
    options.segments.reserve_bytes = 16'384;
    options.segments.disk = disk;
    options.retry_interval = 20ms;
    options.waiting_bytes_max = waiting_bytes_max;
    return DurableJournal::open(std::move(options));
  }
  std::string path() const { return folder.file(name); }

  // Waits, with a deadline, until all that was appended is durable.
  static void settled(DurableJournal& journal) {
    BOOST_REQUIRE(Progress{journal}.until([&] { return journal.durable_seq() >= journal.last_seq(); }));
  }
  static void put(DurableJournal& journal, OrderRecord record) { journal.append(record); }
};

// No room for new files while `full`; the count of syncs.
struct TestDisk final : Disk {
  int allocate(int fd, off_t size) override { return full ? ENOSPC : Disk::allocate(fd, size); }
  int sync(int fd) override {
    ++syncs;
    if (broken) {
      errno = EIO;
      return -1;
    }
    return Disk::sync(fd);
  }
  ssize_t write_at(int fd, const char* bytes, std::size_t size, off_t offset) override {
    if (!unwritable && !no_room) return Disk::write_at(fd, bytes, size, offset);
    errno = unwritable ? EIO : ENOSPC;
    return -1;
  }
  std::atomic<bool> full{false};
  std::atomic<bool> broken{false};      // syncs fail
  std::atomic<bool> unwritable{false};  // writes do
  std::atomic<bool> no_room{false};     // the same, as on disks that copy on write
  std::atomic<int> syncs{0};
};

}  // namespace tradebus::test
