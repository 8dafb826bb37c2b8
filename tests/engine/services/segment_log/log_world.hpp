// Small logs in a folder of their own.
#pragma once

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <ostream>
#include <string>
#include <vector>

#include "engine/services/segment_log/segment_log.hpp"
#include "tests/support/temp_folder.hpp"

namespace tradebus {
inline std::ostream& operator<<(std::ostream& out, LogState state) { return out << to_string(state); }
}  // namespace tradebus

namespace tradebus::test {

struct Seen {
  std::uint64_t seq = 0;
  std::string payload;
  friend bool operator==(const Seen&, const Seen&) = default;
};
inline std::ostream& operator<<(std::ostream& out, const Seen& s) { return out << s.seq << ":" << s.payload; }

// A disk that can be full, or break.
class TestDisk final : public Disk {
 public:
  ssize_t write_at(int fd, const char* bytes, std::size_t size, off_t offset) override {
    if (write_error == 0)
      return Disk::write_at(fd, bytes, short_writes ? std::min<std::size_t>(size, 7) : size, offset);
    errno = write_error;
    return -1;
  }
  int sync(int fd) override {
    ++syncs;
    if (sync_error == 0) return Disk::sync(fd);
    errno = sync_error;
    return -1;
  }
  int allocate(int fd, off_t size) override { return allocate_error != 0 ? allocate_error : Disk::allocate(fd, size); }

  int write_error = 0;
  int sync_error = 0;
  int allocate_error = 0;
  int syncs = 0;
  bool short_writes = false;
};

struct LogWorld {
  static constexpr std::uint64_t small = 4'096;

  SegmentLogOptions options(std::uint64_t bytes = small) const {
    SegmentLogOptions out;
    out.kind = "test";
    out.segment_bytes = bytes;
    out.reserve_bytes = 512;
    out.disk = disk;
    return out;
  }
  Result<SegmentLog::Opened> try_open(const SegmentLogOptions& with) {
    seen.clear();
    return SegmentLog::open(folder.str(), with, [this](const LogRecord& r) {
      seen.push_back({r.seq, std::string{r.payload}});
    });
  }
  std::unique_ptr<SegmentLog> open(const SegmentLogOptions& with) {
    auto opened = try_open(with);
    BOOST_REQUIRE_MESSAGE(opened.has_value(), (opened ? std::string{} : opened.error().message));
    cut = opened->cut;
    return std::move(opened->log);
  }
  std::unique_ptr<SegmentLog> open() { return open(options()); }
  std::string refusal() {
    const auto opened = try_open(options());
    BOOST_REQUIRE(!opened.has_value());
    return opened.error().message;
  }
  // One record: gathered, written, synced.
  static void put(SegmentLog& log, const std::string& payload) {
    BOOST_REQUIRE(log.append(payload).has_value());
    BOOST_REQUIRE(log.write().has_value());
    BOOST_REQUIRE(log.sync().has_value());
  }
  std::string segment(int n) const { return folder.file(segments::segment_name(static_cast<std::uint64_t>(n))); }

  TempFolder folder{"log"};
  std::shared_ptr<TestDisk> disk = std::make_shared<TestDisk>();
  std::vector<Seen> seen;
  std::string cut;
};

inline bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace tradebus::test
