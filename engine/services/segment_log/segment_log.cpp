#include "engine/services/segment_log/segment_log.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "engine/services/segment_log/segment_files.hpp"
#include "engine/services/segment_log/segment_scan.hpp"

namespace tradebus {

namespace {

namespace fs = std::filesystem;
using segments::header_bytes;

constexpr std::uint64_t megabyte = 1U << 20U;
constexpr std::uint64_t segment_bytes_max = 0xffff'ffffU;  // an offset has 32 bits
constexpr std::uint64_t writeback_bytes = 4 * megabyte;

// Says of the first record whether all before it had been acknowledged.
void mark_front(RecordBatch& batch, bool acknowledged) {
  char* at = batch.data();
  const auto length = segments::load<std::uint32_t>(at) & ~segments::acknowledged_bit;
  segments::store(at, acknowledged ? length | segments::acknowledged_bit : length);
  segments::store(at + 4, segments::record_crc(at, length));
}

// What the system says when a disk, a quota or a limit leaves no room: this may pass.
bool is_no_room(int error) { return error == ENOSPC || error == EDQUOT || error == EFBIG; }

std::string megabytes(std::uint64_t bytes) { return std::to_string((bytes + (1U << 20U) - 1) >> 20U) + " MB"; }

Result<File> lock_folder(const std::string& folder) {
  const auto path = folder + "/LOCK";
  auto lock = File::open(path, O_RDWR | O_CREAT);
  if (!lock) return lock;
  if (::flock(lock->fd(), LOCK_EX | LOCK_NB) == 0) return lock;
  if (errno != EWOULDBLOCK) return fail(Errc::internal, "can't lock " + path + ": " + system_text(errno));
  return fail(Errc::internal, "the folder " + folder +
                                  " is in use by another process (it holds its file LOCK): end that one, or use "
                                  "another folder");
}

// From the last one on: what is left, should this end half way, is a whole log.
Result<void> remove_segments(const std::string& folder) {
  auto listed = segments::list_segments(folder);
  if (!listed) return tl::unexpected{listed.error()};
  for (auto it = listed->rbegin(); it != listed->rend(); ++it) {
    const auto path = folder + "/" + segments::segment_name(*it);
    std::error_code error;
    if (!fs::remove(path, error) && error)
      return fail(Errc::internal, "can't remove " + path + ", to begin anew: " + error.message());
  }
  return {};
}

segments::LogId random_id() {
  segments::LogId out{};
  if (::getentropy(out.data(), out.size()) != 0) throw std::system_error{errno, std::generic_category()};
  return out;
}

}  // namespace

SegmentLog::SegmentLog(std::string folder, SegmentLogOptions options)
    : folder_{std::move(folder)}, options_{std::move(options)} {}
SegmentLog::~SegmentLog() = default;

std::uint64_t SegmentLog::segment_bytes() const {
  return std::min(options_.segment_bytes.value_or(options_.segment_mb * megabyte), segment_bytes_max);
}
std::uint64_t SegmentLog::reserve_bytes() const {
  return options_.reserve_bytes.value_or(options_.reserve_mb * megabyte);
}
std::uint64_t SegmentLog::room() const {
  return current_.bytes - std::min(offset_, current_.bytes) + (spare_ ? spare_->bytes - header_bytes : 0);
}
std::size_t SegmentLog::payload_max() const { return (segment_bytes() - header_bytes - segments::frame_bytes) / 8 * 8; }

// ---- opening -------------------------------------------------------------------------------------------------------

// The files of a folder, one after the other.
struct SegmentLog::Opening {
  SegmentLog& log;
  const LogVisitor& visit;
  std::string cut;

  tl::unexpected<Error> damaged(const std::string& path, std::size_t offset, const std::string& what) const {
    return fail(Errc::internal, path + ": " + what + " at offset " + std::to_string(offset) + ", after record " +
                                    std::to_string(log.written_seq_) +
                                    "; nothing was changed: restore the folder from a backup, or see docs/journal.md");
  }

  Result<void> run() {
    auto listed = segments::list_segments(log.folder_);
    if (!listed) return tl::unexpected{listed.error()};
    std::optional<segments::LogId> id;
    for (auto it = listed->begin(); it != listed->end(); ++it) {
      const auto path = log.folder_ + "/" + segments::segment_name(*it);
      const auto expected = static_cast<std::uint64_t>(it - listed->begin()) + 1;
      if (*it != expected)
        return fail(Errc::internal, log.folder_ + ": " + segments::segment_name(expected) +
                                        " is missing; restore it from a backup (all segments of a log are needed)");
      auto one = segments::open_segment(path, O_RDWR);
      if (!one) return tl::unexpected{one.error()};
      if (auto ok = check(*one, id.value_or(one->header.log_id)); !ok) return ok;
      id = one->header.log_id;
      const bool last = std::next(it) == listed->end();
      if (one->header.first_seq == 0) {
        if (!last || expected == 1)
          return damaged(path, 40, "a segment that was never used where one with records belongs");
        log.spare_.emplace(Spare{std::move(one->file), path, one->header, one->bytes});
        break;
      }
      if (auto ok = scan(*one, last || next_is_spare(*listed, it)); !ok) return ok;
    }
    if (listed->empty()) return begin();
    // What the last process wrote may not be on the disk yet.
    if (log.options_.disk->sync(log.current_.file.fd()) != 0) return log.broken("sync", log.current_.path, errno);
    log.synced_seq_ = log.written_seq_;
    log.next_seq_ = log.written_seq_ + 1;
    log.writeback_from_ = log.offset_;
    log.roll_first_ = log.current_.header.schema_version < log.options_.schema_version && log.written_seq_ > 0;
    return {};
  }

  Result<void> check(const segments::OpenSegment& one, const segments::LogId& id) const {
    const auto& header = one.header;
    const auto refuse = [&](const std::string& why) { return fail(Errc::internal, one.path + ": " + why); };
    if (header.kind != log.options_.kind)
      return refuse("a segment of a log of \"" + header.kind + "\", not of \"" + log.options_.kind +
                    "\"; use another folder");
    if (header.schema_version > log.options_.schema_version)
      return refuse("records of version " + std::to_string(header.schema_version) + ", this program knows " +
                    std::to_string(log.options_.schema_version) + "; start the program that wrote them");
    if (header.log_id != id) return refuse("a segment of another log; move it to where it came from");
    if (segments::segment_name(header.number) != fs::path{one.path}.filename())
      return refuse("it was renamed: its header says " + segments::segment_name(header.number) +
                    "; give it its name back");
    return {};
  }

  bool next_is_spare(const std::vector<std::uint64_t>& listed, std::vector<std::uint64_t>::const_iterator it) const {
    if (listed.end() - it != 2) return false;
    const auto next = segments::open_segment(log.folder_ + "/" + segments::segment_name(*std::next(it)), O_RDONLY);
    return next && next->header.first_seq == 0;
  }

  Result<void> scan(segments::OpenSegment& one, bool last) {
    if (one.header.first_seq != log.written_seq_ + 1)
      return damaged(one.path, 40, "the segment begins with record " + std::to_string(one.header.first_seq));
    if (one.bytes > segment_bytes_max) return damaged(one.path, 0, "the file is larger than 4 GB");
    segments::SegmentScan records{one.file, one.path, one.bytes};
    segments::ScannedRecord record;
    const auto number = static_cast<std::uint32_t>(one.header.number);
    for (;;) {
      const auto step = records.next(record);
      if (!step) return tl::unexpected{step.error()};
      if (*step == segments::ScanStep::record && record.seq == log.written_seq_ + 1) {
        log.written_seq_ = record.seq;
        if (visit) visit({record.seq, {number, static_cast<std::uint32_t>(record.offset)}, record.payload});
        continue;
      }
      if (*step == segments::ScanStep::record)
        return damaged(one.path, record.offset, "record " + std::to_string(record.seq) + " out of order");
      if (!last && *step == segments::ScanStep::damaged) return damaged(one.path, records.offset(), "a damaged record");
      break;
    }
    const auto end = records.offset();
    if (last)
      if (auto ok = check_tail(one, end); !ok) return ok;
    if (log.current_.file) log.closed_bytes_ += log.offset_;
    log.offset_ = end;
    log.current_ = Spare{std::move(one.file), one.path, one.header, one.bytes};
    return {};
  }

  // Behind the last record of the log: zeros. Anything else is a write that never ended, if nothing behind it says that
  // it had ended.
  Result<void> check_tail(const segments::OpenSegment& one, std::size_t end) {
    segments::SegmentScan records{one.file, one.path, one.bytes, end};
    const auto content = records.end_of_content();
    if (!content) return tl::unexpected{content.error()};
    if (*content == end) return {};
    segments::ScannedRecord record;
    std::size_t whole = 0;
    for (;;) {
      const auto step = records.find_next(log.written_seq_, record);
      if (!step) return tl::unexpected{step.error()};
      if (*step == segments::ScanStep::end) break;
      if (record.after_acknowledged)
        return damaged(one.path, end,
                       "a damaged record before others (record " + std::to_string(record.seq) + " at offset " +
                           std::to_string(record.offset) + " is whole)");
      ++whole;
    }
    const std::string zeros(*content - end, '\0');
    if (auto ok = segments::write_all(*log.options_.disk, one.file, zeros.data(), zeros.size(), end); ok != 0)
      return log.broken("write", one.path, ok);
    cut = one.path + ": " + std::to_string(*content - end) + " bytes of a write that never ended, at offset " +
          std::to_string(end) + " after record " + std::to_string(log.written_seq_) +
          (whole == 0 ? "" : ", with " + std::to_string(whole) + " records that were never acknowledged");
    return {};
  }

  Result<void> begin() {
    SpareOrder order = log.spare_order();
    order.header.log_id = random_id();
    order.header.number = 1;
    order.header.first_seq = 1;
    auto made = make_spare(order);
    if (!made) {
      Error why = made.error();
      if (why.code == Errc::overloaded) why.message += "; make room: a file takes " + megabytes(order.bytes);
      return tl::unexpected{std::move(why)};
    }
    log.current_ = std::move(*made);
    log.offset_ = header_bytes;
    log.writeback_from_ = log.offset_;
    return {};
  }
};

Result<SegmentLog::Opened> SegmentLog::open(const std::string& folder, SegmentLogOptions options,
                                            const LogVisitor& visit) {
  constexpr std::uint64_t smallest = 4'096;
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return fail(Errc::internal, "can't make the folder " + folder + ": " + error.message());
  std::unique_ptr<SegmentLog> log{new SegmentLog{folder, std::move(options)}};
  if (log->segment_bytes() < smallest)
    return fail(Errc::config_invalid, "a segment has " + std::to_string(smallest) + " bytes at least");
  if (log->options_.kind.empty() || log->options_.kind.size() > segments::kind_bytes)
    return fail(Errc::internal, "a log's kind has 1 to 8 characters: \"" + log->options_.kind + "\"");
  auto lock = lock_folder(folder);
  if (!lock) return tl::unexpected{lock.error()};
  log->lock_ = std::move(*lock);
  if (log->options_.begin_anew)
    if (auto ok = remove_segments(folder); !ok) return tl::unexpected{ok.error()};
  Opening opening{*log, visit, {}};
  if (auto ok = opening.run(); !ok) return tl::unexpected{ok.error()};
  return Opened{std::move(log), std::move(opening.cut)};
}

// ---- appending -----------------------------------------------------------------------------------------------------

Result<std::uint64_t> SegmentLog::append(std::string_view payload, bool essential) {
  if (payload.empty() || payload.size() > payload_max())
    return fail(Errc::internal, "a record has 1 to " + std::to_string(payload_max()) + " bytes, this one " +
                                    std::to_string(payload.size()));
  if (state_ == LogState::failed) return fail(Errc::internal, reason_);
  if (!essential)
    if (auto ok = takes_ordinary(); !ok) return tl::unexpected{ok.error()};
  if (gathered_.size() + payload.size() > segment_bytes())
    return fail(Errc::overloaded, folder_ + ": more records wait for room on the disk than can be kept; " + reason_);
  gathered_.add(next_seq_, payload);
  return next_seq_++;
}

Result<void> SegmentLog::write() { return write(gathered_); }

Result<void> SegmentLog::write(RecordBatch& batch) {
  if (state_ == LogState::failed) return fail(Errc::internal, reason_);
  while (!batch.empty()) {
    if (batch.first_seq() != written_seq_ + 1)
      return fail(Errc::internal, folder_ + ": record " + std::to_string(batch.first_seq()) + " given after " +
                                      std::to_string(written_seq_));
    const auto part =
        roll_first_ ? RecordBatch::Part{} : batch.fitting(current_.bytes - std::min(offset_, current_.bytes));
    if (part.count == 0) {
      const std::uint64_t needed =
          segments::record_bytes(segments::load<std::uint32_t>(batch.data()) & ~segments::acknowledged_bit);
      if (auto ok = roll(needed); !ok) return ok;
      continue;
    }
    mark_front(batch, options_.promise == LogPromise::written || synced_seq_ == written_seq_);
    const auto last = written_seq_ + part.count;
    if (auto ok = write_at(batch.data(), part.bytes, offset_); !ok) return ok;
    if (state_ == LogState::full && spare_) become_ok();
    offset_ += part.bytes;
    written_seq_ = last;
    if (next_seq_ <= last) next_seq_ = last + 1;
    batch.drop_front(part);
  }
  if (options_.promise == LogPromise::written) start_writeback();
  return {};
}

Result<void> SegmentLog::sync() {
  if (state_ == LogState::failed) return fail(Errc::internal, reason_);
  if (options_.disk->sync(current_.file.fd()) != 0) return broken("sync", current_.path, errno);
  synced_seq_ = written_seq_;
  return {};
}

// On to the next file. The one before is on the disk first, then the new one's header, then its records: so that only
// the end of the last one can be torn.
Result<void> SegmentLog::roll(std::uint64_t needed) {
  if (!spare_) {
    if (state_ == LogState::full) return fail(Errc::overloaded, reason_);
    retry();
    if (!spare_) return state_ == LogState::full ? fail(Errc::overloaded, reason_) : fail(Errc::internal, reason_);
  }
  if (header_bytes + needed > spare_->bytes) {  // the one file that has to be larger
    if (header_bytes + needed > segment_bytes_max) {
      state_ = LogState::failed;
      reason_ = folder_ + ": a record of " + std::to_string(needed) +
                " bytes is too large for a file; nothing more is recorded: this is an error of the program";
      return fail(Errc::internal, reason_);
    }
    if (const int error = options_.disk->allocate(spare_->file.fd(), static_cast<off_t>(header_bytes + needed));
        error != 0)
      return is_no_room(error) ? full(system_text(error)) : broken("allocate", spare_->path, error);
    spare_->bytes = header_bytes + needed;
  }
  if (auto ok = sync(); !ok) return ok;
  auto header = spare_->header;
  header.first_seq = written_seq_ + 1;
  header.schema_version = options_.schema_version;
  const auto bytes = header.encode();
  if (const int error = segments::write_all(*options_.disk, spare_->file, bytes.data(), bytes.size(), 0); error != 0)
    return is_no_room(error) ? full(system_text(error)) : broken("write", spare_->path, error);
  if (options_.disk->sync(spare_->file.fd()) != 0) return broken("sync", spare_->path, errno);
  spare_->header = header;
  closed_bytes_ += offset_;
  current_ = std::move(*spare_);
  spare_.reset();
  offset_ = header_bytes;
  writeback_from_ = offset_;
  roll_first_ = false;
  return {};
}

Result<void> SegmentLog::write_at(const char* bytes, std::size_t size, std::uint64_t offset) {
  const int error = segments::write_all(*options_.disk, current_.file, bytes, size, offset);
  if (error == 0) return {};
  if (is_no_room(error)) return full(system_text(error));  // file systems that copy on write
  return broken("write", current_.path, error);
}

tl::unexpected<Error> SegmentLog::broken(const std::string& what, const std::string& path, int error) {
  state_ = LogState::failed;
  reason_ = "can't " + what + " " + path + ": " + system_text(error) +
            "; nothing more is recorded: mend the disk, then start again";
  return fail(Errc::internal, reason_);
}

tl::unexpected<Error> SegmentLog::full(const std::string& why) {
  state_ = LogState::full;
  reason_ = "no room for another segment of " + std::to_string(segment_bytes()) + " bytes in " + folder_ + ": " + why +
            "; make room on the disk";
  return fail(Errc::overloaded, reason_);
}

void SegmentLog::become_ok() {
  state_ = LogState::ok;
  reason_.clear();
}

Result<void> SegmentLog::takes_ordinary() const {
  if (state_ == LogState::failed) return fail(Errc::internal, reason_);
  if (state_ == LogState::full && room() < reserve_bytes() + gathered_.size()) return fail(Errc::overloaded, reason_);
  return {};
}

// Keeps the disk busy behind the writer, so that the sync at a file's end finds little left to do.
void SegmentLog::start_writeback() {
  if (offset_ - std::min(offset_, writeback_from_) < writeback_bytes) return;
  // Only a hint: whether it worked shows at the next sync.
  static_cast<void>(::sync_file_range(current_.file.fd(), static_cast<off_t>(writeback_from_),
                                      static_cast<off_t>(offset_ - writeback_from_), SYNC_FILE_RANGE_WRITE));
  writeback_from_ = offset_;
}

// ---- the next file -------------------------------------------------------------------------------------------------

bool SegmentLog::wants_spare() const {
  return !spare_ && state_ != LogState::failed &&
         (state_ == LogState::full || roll_first_ || offset_ > current_.bytes / 2);
}

SegmentLog::SpareOrder SegmentLog::spare_order() const {
  SpareOrder out;
  out.folder = folder_;
  out.header.kind = options_.kind;
  out.header.schema_version = options_.schema_version;
  out.header.log_id = current_.header.log_id;
  out.header.number = current_.header.number + 1;
  out.bytes = segment_bytes();
  out.disk = options_.disk;
  return out;
}

// Under another name until it is whole.
Result<SegmentLog::Spare> SegmentLog::make_spare(const SpareOrder& order) {
  Spare out;
  out.path = order.folder + "/" + segments::segment_name(order.header.number);
  out.header = order.header;
  out.bytes = order.bytes;
  const auto draft = out.path + (order.by_writer ? ".writer.new" : ".new");  // two may be at it
  const auto failed = [&](const char* what, int error) {
    return fail(is_no_room(error) ? Errc::overloaded : Errc::internal,
                std::string{"can't "} + what + " " + draft + ": " + system_text(error));
  };
  const int fd = ::open(draft.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return failed("make", errno);
  out.file = File{fd};
  const auto header = order.header.encode();
  const int error = order.disk->allocate(fd, static_cast<off_t>(order.bytes));
  if (error != 0) {
    static_cast<void>(::ftruncate(fd, 0));  // what part of it was allocated is room that records may need
    return failed("allocate", error);
  }
  if (const int e = segments::write_all(*order.disk, out.file, header.data(), header.size(), 0); e != 0)
    return failed("write", e);
  if (order.disk->sync(fd) != 0) return failed("sync", errno);
  // Never in place of a file that is there: it could be the one that is written to.
  if (::renameat2(AT_FDCWD, draft.c_str(), AT_FDCWD, out.path.c_str(), RENAME_NOREPLACE) != 0) {
    if (errno != EEXIST) return failed("rename", errno);
    static_cast<void>(::unlink(draft.c_str()));
    out.file = File{};
    return out;
  }
  if (auto ok = sync_folder(order.folder); !ok) return tl::unexpected{ok.error()};
  return out;
}

void SegmentLog::take_spare(Result<Spare> made) {
  if (state_ == LogState::failed) return;
  // It was made here meanwhile.
  if (spare_ || (made && (!made->file || made->header.number != current_.header.number + 1))) return;
  if (made) {
    spare_ = std::move(*made);
    become_ok();
  } else if (made.error().code == Errc::overloaded) {
    static_cast<void>(full(made.error().message));
  } else {
    state_ = LogState::failed;
    reason_ = made.error().message + "; nothing more is recorded: mend the disk, then start again";
  }
}

void SegmentLog::retry() {
  if (spare_ || state_ == LogState::failed) return;
  auto order = spare_order();
  order.by_writer = true;
  auto made = make_spare(order);
  if (!made || made->file) return take_spare(std::move(made));
  // The other maker was faster, and what it made was not taken yet.
  auto there = segments::open_segment(made->path, O_RDWR);
  if (there && there->header.first_seq == 0) {
    made->file = std::move(there->file);
    made->bytes = there->bytes;
    return take_spare(std::move(made));
  }
  take_spare(fail(Errc::internal, made->path + " is there already, and is not an empty segment of this log"));
}

SegmentLogStatus SegmentLog::status() const {
  SegmentLogStatus out;
  out.state = state_;
  out.reason = reason_;
  out.segments = current_.header.number;
  out.bytes = closed_bytes_ + offset_;
  out.last_seq = written_seq_;
  out.synced_seq = synced_seq_;
  out.room = room();
  return out;
}

}  // namespace tradebus
