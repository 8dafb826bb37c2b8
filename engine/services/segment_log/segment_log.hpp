// An append-only log of opaque records in preallocated files, for whoever must not forget: the order journal, a
// simulated venue. A record is kept once write() has it (survives the process's death) or sync() has (survives a power
// cut); docs/journal.md says what happens to files that are damaged. Nothing is ever overwritten, and nothing deleted
// but by begin_anew. One thread at a time, and none of its own; it blocks. Readers: segment_reader.hpp.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "bus/model/enums.hpp"
#include "engine/services/segment_log/disk.hpp"
#include "engine/services/segment_log/record_batch.hpp"
#include "engine/services/segment_log/segment_format.hpp"

namespace tradebus {

// ok; full: the disk has no room for another segment, which is tried again; failed: the disk broke, for good.
enum class LogState : std::uint8_t { ok, full, failed };
TRADEBUS_ENUM(LogState, "ok", "full", "failed");

// What the owner tells others is safe: what was written, or only what was synced.
enum class LogPromise : std::uint8_t { written, synced };

// Where a record stands; later ones compare greater.
struct LogPosition {
  std::uint32_t segment = 0;  // its number
  std::uint32_t offset = 0;   // in the file

  friend auto operator<=>(const LogPosition&, const LogPosition&) = default;
};

struct LogRecord {
  std::uint64_t seq = 0;
  LogPosition position;
  std::string_view payload;  // during the call that hands it over
};
using LogVisitor = std::function<void(const LogRecord&)>;

struct SegmentLogOptions {
  std::string kind;                  // the owner's name for such logs, 1 to 8 characters: another kind is refused
  std::uint32_t schema_version = 1;  // of the owner's payloads: a newer one is refused
  std::uint64_t segment_mb = 64;     // a file's size, allocated as a whole
  std::uint64_t reserve_mb = 16;     // of the last room on a full disk: for essential records only
  LogPromise promise = LogPromise::synced;
  bool begin_anew = false;                     // the log that is there is removed, once its folder's lock is held
  std::optional<std::uint64_t> segment_bytes;  // in place of the megabytes, for tests
  std::optional<std::uint64_t> reserve_bytes;
  std::shared_ptr<Disk> disk = std::make_shared<Disk>();
};

struct SegmentLogStatus {
  LogState state = LogState::ok;
  std::string reason;          // why it isn't ok
  std::uint64_t segments = 0;  // that have records
  std::uint64_t bytes = 0;     // of records and headers
  std::uint64_t last_seq = 0;  // written
  std::uint64_t synced_seq = 0;
  std::uint64_t room = 0;  // bytes that are allocated and free
};

class SegmentLog {
 public:
  struct Opened {
    std::unique_ptr<SegmentLog> log;
    std::string cut;  // not empty: what a write that never ended had left was cut off; names file, offset and size
  };
  // Makes the folder and its first file where they are missing; takes the folder's lock for as long as it lives; shows
  // `visit` every record, in order. What was found is synced. `internal`, and nothing is changed, when: another process
  // has the folder; a file can't be read, is damaged, missing or of a newer version.
  static Result<Opened> open(const std::string& folder, SegmentLogOptions options, const LogVisitor& visit = {});
  ~SegmentLog();
  SegmentLog(const SegmentLog&) = delete;
  SegmentLog& operator=(const SegmentLog&) = delete;

  // -- appending ------------------------------------------------------------------------------------------------------

  // Gathers a record for write(); its seq. `overloaded`, nothing is gathered: see takes_ordinary(), or what is gathered
  // already is more than a segment.
  Result<std::uint64_t> append(std::string_view payload, bool essential = false);
  // Writes what was gathered. `overloaded`: the disk is full, what found no room is kept for the next time. `internal`:
  // the disk broke.
  Result<void> write();
  // The same for records that were gathered elsewhere: their seqs continue the log's. Those written leave the batch.
  Result<void> write(RecordBatch& batch);
  // `internal`: the disk broke. All that was written is as unsure as what comes: the log is over.
  Result<void> sync();

  // `overloaded` when the disk is full and little room is left, `internal` when it broke.
  Result<void> takes_ordinary() const;
  // Of a payload: one that doesn't fit into a segment.
  std::size_t payload_max() const;

  // -- the next file, ahead of need ----------------------------------------------------------------------------------

  // It takes milliseconds to make one: whoever can't wait for them asks wants_spare() now and then, and makes it on
  // another thread: one order at a time, and no write() that could need it before it was taken (room_left()). Without
  // it write() makes it when it needs it.
  struct SpareOrder {
    std::string folder;
    segments::SegmentHeader header;
    std::uint64_t bytes = 0;
    std::shared_ptr<Disk> disk;
    bool by_writer = false;  // made by write() itself, perhaps while another thread is at it
  };
  struct Spare {
    File file;  // none: it was there already
    std::string path;
    segments::SegmentHeader header;
    std::uint64_t bytes = 0;
  };
  bool wants_spare() const;
  // Bytes of records that write() takes without the next file.
  std::uint64_t room_left() const { return room(); }
  SpareOrder spare_order() const;
  static Result<Spare> make_spare(const SpareOrder& order);
  void take_spare(Result<Spare> made);
  // Makes it here and now, if it is wanted; on a full disk that is the way back to ok.
  void retry();

  std::uint64_t last_seq() const { return next_seq_ - 1; }  // gathered, not yet written ones included
  SegmentLogStatus status() const;
  const std::string& folder() const { return folder_; }

 private:
  struct Opening;
  SegmentLog(std::string folder, SegmentLogOptions options);
  std::uint64_t segment_bytes() const;
  std::uint64_t reserve_bytes() const;
  std::uint64_t room() const;
  Result<void> roll(std::uint64_t needed);  // bytes of the first record there
  Result<void> write_at(const char* bytes, std::size_t size, std::uint64_t offset);
  tl::unexpected<Error> broken(const std::string& what, const std::string& path, int error);
  tl::unexpected<Error> full(const std::string& why);
  void become_ok();
  void start_writeback();

  std::string folder_;
  SegmentLogOptions options_;
  File lock_;
  Spare current_;  // where records go
  std::optional<Spare> spare_;
  std::uint64_t offset_ = 0;  // of the end of the current file's records
  std::uint64_t next_seq_ = 1;
  std::uint64_t written_seq_ = 0;
  std::uint64_t synced_seq_ = 0;
  std::uint64_t closed_bytes_ = 0;  // of the segments before the current one
  std::uint64_t writeback_from_ = 0;
  bool roll_first_ = false;  // the current file has an older schema version
  RecordBatch gathered_;
  LogState state_ = LogState::ok;
  std::string reason_;
};

}  // namespace tradebus
