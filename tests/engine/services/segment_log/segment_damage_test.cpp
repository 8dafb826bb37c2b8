// What is found in a folder after a crash, and after worse.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "tests/engine/services/segment_log/log_world.hpp"

using namespace tradebus;
using namespace tradebus::test;

namespace {

struct Damage : LogWorld {
  // Records 1 to n, each synced, of which three fill a segment.
  void fill(int n) {
    auto log = open();
    for (int i = 0; i < n; ++i) put(*log, std::string(1'000, static_cast<char>('a' + i)));
  }
  void change(int segment_n, std::size_t offset, char to) {
    auto bytes = bytes_of(segment(segment_n));
    bytes.at(offset) = to;
    write_bytes(segment(segment_n), bytes);
  }
  // Refused with a text that names the file and has `part`; and nothing was changed.
  void refused(int segment_n, const std::string& part) {
    std::vector<std::string> before;
    for (int i = 1; std::filesystem::exists(segment(i)); ++i) before.push_back(bytes_of(segment(i)));
    const auto why = refusal();
    BOOST_CHECK_MESSAGE(has(why, segment(segment_n)) && has(why, part), why);
    for (std::size_t i = 0; i < before.size(); ++i)
      BOOST_CHECK(before[i] == bytes_of(segment(static_cast<int>(i) + 1)));
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(segment_damage, Damage)

BOOST_AUTO_TEST_CASE(a_torn_tail_is_cut_wherever_it_was_torn) {
  {
    auto log = open();
    put(*log, "the first");
    put(*log, "the second, which is torn");
  }
  const auto whole = bytes_of(segment(1));
  const std::size_t second = 64 + segments::record_bytes(9);
  const std::size_t end = second + segments::record_bytes(25);
  for (std::size_t kept = second; kept < end; ++kept) {
    auto torn = whole;
    std::fill(torn.begin() + static_cast<std::ptrdiff_t>(kept), torn.end(), '\0');
    const bool complete = torn == whole;  // only zeros of the padding were lost
    write_bytes(segment(1), torn);
    {
      auto log = open();
      BOOST_REQUIRE_EQUAL(seen.size(), complete ? 2U : 1U);
      // Nothing of it at all, or only zeros.
      const bool nothing = torn.find_first_not_of('\0', second) == std::string::npos;
      BOOST_CHECK_EQUAL(cut.empty(), complete || nothing);
      if (!cut.empty()) BOOST_CHECK(has(cut, segment(1)) && has(cut, "offset " + std::to_string(second)));
      put(*log, "x");
    }
    open();
    BOOST_REQUIRE_EQUAL(seen.size(), complete ? 3U : 2U);
    BOOST_CHECK_EQUAL(seen.back().payload, "x");
  }
}

BOOST_AUTO_TEST_CASE(a_file_that_lost_its_end_is_a_torn_tail_too) {
  fill(2);
  std::filesystem::resize_file(segment(1), 64 + segments::record_bytes(1'000) + 100);
  {
    auto log = open();
    BOOST_CHECK_EQUAL(seen.size(), 1U);
    BOOST_CHECK(has(cut, "after record 1"));
    put(*log, std::string(1'000, 'n'));
    BOOST_CHECK_EQUAL(log->status().segments, 2U);
  }
  open();
  BOOST_CHECK_EQUAL(seen.size(), 2U);
}

// A batch of which a page in the middle never reached the disk before the power went: it was never acknowledged.
BOOST_AUTO_TEST_CASE(whole_records_behind_a_torn_one_go_when_nobody_was_told_of_them) {
  {
    auto log = open();
    put(*log, "safe");
    for (int i = 0; i < 3; ++i) BOOST_REQUIRE(log->append("batch " + std::to_string(i)).has_value());
    BOOST_REQUIRE(log->write().has_value());
  }
  const std::size_t second = 64 + segments::record_bytes(4);
  change(1, second + 20, '!');
  {
    auto log = open();
    BOOST_CHECK_EQUAL(seen.size(), 1U);
    BOOST_CHECK_MESSAGE(has(cut, "with 2 records that were never acknowledged"), cut);
    // The same seq and size as what stood there: what stood behind must not come back to life.
    put(*log, "batch 0");
  }
  open();
  BOOST_CHECK_EQUAL(seen.size(), 2U);
  BOOST_CHECK_EQUAL(cut, "");
}

BOOST_AUTO_TEST_CASE(a_damaged_record_before_acknowledged_ones_is_refused) {
  fill(3);
  const std::size_t second = 64 + segments::record_bytes(1'000);
  change(1, second + 500, '!');
  refused(1, "at offset " + std::to_string(second));
}

BOOST_AUTO_TEST_CASE(with_the_promise_of_written_every_write_counts) {
  auto with = options();
  with.promise = LogPromise::written;
  {
    auto log = open(with);
    for (const char* text : {"one", "two", "three"}) {
      BOOST_REQUIRE(log->append(text).has_value());
      BOOST_REQUIRE(log->write().has_value());
    }
  }
  change(1, 64 + segments::record_bytes(3) + 16, '!');
  refused(1, "record 3 at offset");
}

BOOST_AUTO_TEST_CASE(zeros_in_place_of_a_record_are_no_end) {
  fill(3);
  auto bytes = bytes_of(segment(1));
  const auto size = segments::record_bytes(1'000);
  std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(64 + size), size, '\0');
  write_bytes(segment(1), bytes);
  refused(1, "a damaged record before others");
}

BOOST_AUTO_TEST_CASE(damage_in_an_earlier_segment_is_refused) {
  fill(7);
  change(2, 64 + 30, '!');
  refused(2, "a damaged record at offset 64");
}

BOOST_AUTO_TEST_CASE(a_lost_end_of_an_earlier_segment_is_refused) {
  fill(7);
  auto bytes = bytes_of(segment(1));
  std::fill(bytes.begin() + 64 + 1'016, bytes.end(), '\0');
  write_bytes(segment(1), bytes);
  refused(2, "begins with record 4");
}

BOOST_AUTO_TEST_CASE(a_missing_segment_is_refused) {
  fill(7);
  for (const int n : {2, 1}) {
    std::filesystem::rename(segment(n), folder.file("aside"));
    const auto why = refusal();
    BOOST_CHECK_MESSAGE(has(why, segments::segment_name(static_cast<std::uint64_t>(n)) + " is missing"), why);
    std::filesystem::rename(folder.file("aside"), segment(n));
  }
  open();
  BOOST_CHECK_EQUAL(seen.size(), 7U);
}

BOOST_AUTO_TEST_CASE(headers_that_are_not_ours_are_refused) {
  fill(4);
  const auto whole = bytes_of(segment(2));
  const auto with = [&](std::size_t offset, const std::string& text, const std::string& part) {
    auto bytes = whole;
    bytes.replace(offset, text.size(), text);
    // As if it had been written so, but for the first and the last.
    if (part.find("damaged") == std::string::npos) segments::store(&bytes[60], segments::crc32c(bytes.data(), 60));
    write_bytes(segment(2), bytes);
    refused(2, part);
  };
  with(0, "NOTAFILE", "not a segment of a log (offset 0)");
  with(8, "\2", "format version 2, this program knows 1");
  with(12, "\2", "records of version 2");
  with(16, "\1", "the header is damaged");
  with(16, "1234567890123456", "a segment of another log");
  with(32, "\3", "it was renamed");
  with(48, "other", "a log of \"other\"");
  write_bytes(segment(2), "");
  refused(2, "not a segment of a log");
  write_bytes(segment(2), whole);
  open();
  BOOST_CHECK_EQUAL(seen.size(), 4U);
}

// Any one byte that changes is noticed, or is one that says nothing.
BOOST_AUTO_TEST_CASE(no_changed_byte_makes_a_record_of_its_own) {
  fill(3);
  const auto whole = bytes_of(segment(1));
  const auto expected = (open(), seen);
  for (std::size_t at = 64; at < 64 + 3 * 1'016; at += 13) {
    change(1, at, static_cast<char>(whole[at] ^ 0x10));
    const auto opened = try_open(options());
    BOOST_REQUIRE(seen.size() <= expected.size());
    for (std::size_t i = 0; i < seen.size(); ++i) BOOST_REQUIRE_EQUAL(seen[i], expected[i]);
    if (opened) BOOST_CHECK(at >= 64 + 2 * 1'016);  // only the last one can be taken for a torn tail
    write_bytes(segment(1), whole);
  }
}

BOOST_AUTO_TEST_CASE(nothing_that_was_acknowledged_is_lost_by_a_kill) {
  for (int round = 0; round < 5; ++round) {
    std::array<int, 2> told{};
    BOOST_REQUIRE_EQUAL(::pipe(told.data()), 0);
    const auto child = ::fork();
    BOOST_REQUIRE(child >= 0);
    if (child == 0) {
      auto with = options();
      with.promise = LogPromise::written;
      auto opened = SegmentLog::open(folder.str(), with);
      if (!opened) ::_exit(1);
      for (;;) {
        const auto next = opened->log->last_seq() + 1;
        if (!opened->log->append("record " + std::to_string(next)) || !opened->log->write()) ::_exit(1);
        if (::write(told[1], &next, sizeof next) != sizeof next) ::_exit(1);
      }
    }
    ::close(told[1]);
    std::uint64_t acknowledged = 0;
    for (int i = 0; i < 2'000 * (round + 1); ++i)
      BOOST_REQUIRE(::read(told[0], &acknowledged, sizeof acknowledged) == sizeof acknowledged);
    ::kill(child, SIGKILL);
    while (::read(told[0], &acknowledged, sizeof acknowledged) == sizeof acknowledged) {
    }
    int status = 0;
    BOOST_REQUIRE_EQUAL(::waitpid(child, &status, 0), child);
    BOOST_CHECK(WIFSIGNALED(status));
    ::close(told[0]);
    const auto log = open();
    BOOST_CHECK(log->last_seq() >= acknowledged);
    BOOST_CHECK(log->last_seq() <= acknowledged + 1);
    for (std::size_t i = 0; i < seen.size(); ++i)
      BOOST_REQUIRE_EQUAL(seen[i], (Seen{i + 1, "record " + std::to_string(i + 1)}));
  }
}

BOOST_AUTO_TEST_SUITE_END()
