#include "engine/services/segment_log/segment_reader.hpp"

#include <atomic>
#include <chrono>
#include <thread>

#include "tests/engine/services/segment_log/log_world.hpp"

using namespace tradebus;
using namespace tradebus::test;

namespace {

struct ReaderWorld : LogWorld {
  std::vector<Seen> read(SegmentReader& reader, std::uint64_t from, std::uint64_t to) {
    std::vector<Seen> out;
    const auto ok = reader.for_each(from, to, [&](const LogRecord& r) {
      out.push_back({r.seq, std::string{r.payload}});
      positions.push_back(r.position);
      return true;
    });
    BOOST_REQUIRE_MESSAGE(ok.has_value(), (ok ? std::string{} : ok.error().message));
    return out;
  }
  static std::string text(std::uint64_t seq) { return std::string(400 + seq % 700, 'x') + std::to_string(seq); }

  std::vector<LogPosition> positions;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(segment_reader, ReaderWorld)

BOOST_AUTO_TEST_CASE(it_reads_from_anywhere_to_anywhere) {
  auto log = open();
  for (std::uint64_t seq = 1; seq <= 40; ++seq) put(*log, text(seq));
  SegmentReader reader{folder.str()};
  for (const auto& [from, to] : std::vector<std::pair<std::uint64_t, std::uint64_t>>{
           {0, 40}, {1, 1}, {7, 30}, {31, 40}, {3, 5}, {40, 40}, {41, 40}}) {
    const auto got = read(reader, from, to);
    const auto first = std::max<std::uint64_t>(from, 1);
    BOOST_REQUIRE_EQUAL(got.size(), to + 1 - std::min(first, to + 1));
    for (std::size_t i = 0; i < got.size(); ++i) BOOST_CHECK_EQUAL(got[i], (Seen{first + i, text(first + i)}));
  }
  positions.clear();
  const auto all = read(reader, 1, 40);
  for (std::size_t i = 0; i < 40; ++i) {
    BOOST_CHECK(i == 0 || positions[i - 1] < positions[i]);
    BOOST_CHECK_EQUAL(reader.read_at(positions[i]).value_or(""), all[i].payload);
  }
  BOOST_CHECK(!reader.read_at({1, 72}).has_value());
  BOOST_CHECK(!reader.read_at({99, 64}).has_value());
}

// Several places are kept on the way through files as large as these, and some records straddle where one would be.
BOOST_AUTO_TEST_CASE(what_it_came_by_it_finds_again) {
  constexpr std::uint64_t records = 1'500;
  auto log = open(options(400'000));
  for (std::uint64_t seq = 1; seq <= records; ++seq) {
    BOOST_REQUIRE(log->append(text(seq)));
    if (seq % 100 == 0) BOOST_REQUIRE(log->write());
  }
  BOOST_REQUIRE_GE(log->status().segments, 3);
  SegmentReader reader{folder.str()};
  BOOST_REQUIRE_EQUAL(read(reader, 1, records).size(), records);
  for (std::uint64_t turn = 0; turn < 600; ++turn) {
    const auto from = 1 + turn * 7'919 % records;
    const auto to = std::min(records, from + turn % 3);
    const auto got = read(reader, from, to);
    BOOST_REQUIRE_EQUAL(got.size(), to + 1 - from);
    for (std::size_t i = 0; i < got.size(); ++i) BOOST_REQUIRE_EQUAL(got[i], (Seen{from + i, text(from + i)}));
  }
  // What lies before the place is not read again.
  auto bytes = bytes_of(segment(1));
  bytes[100] = '!';
  write_bytes(segment(1), bytes);
  BOOST_CHECK_EQUAL(read(reader, 400, 400).front().seq, 400);
  BOOST_CHECK(!reader.for_each(1, 1, [](const LogRecord&) { return true; }));
}

BOOST_AUTO_TEST_CASE(what_is_not_there_is_an_error) {
  auto log = open();
  put(*log, "one");
  SegmentReader reader{folder.str()};
  const auto beyond = reader.for_each(1, 2, [](const LogRecord&) { return true; });
  BOOST_CHECK(!beyond.has_value());
  BOOST_CHECK_EQUAL(read(reader, 1, 1).size(), 1U);
}

BOOST_AUTO_TEST_CASE(a_stopped_one_goes_on_behind_where_it_stopped) {
  auto log = open();
  for (std::uint64_t seq = 1; seq <= 10; ++seq) put(*log, text(seq));
  SegmentReader reader{folder.str()};
  std::uint64_t last = 0;
  BOOST_REQUIRE(reader.for_each(1, 10, [&](const LogRecord& r) { return (last = r.seq) < 4; }).has_value());
  BOOST_CHECK_EQUAL(last, 4U);
  BOOST_CHECK_EQUAL(read(reader, 5, 10).front().seq, 5U);
}

BOOST_AUTO_TEST_CASE(it_follows_a_writer) {
  constexpr std::uint64_t records = 3'000;
  auto log = open(options(16'384));
  std::atomic<std::uint64_t> durable{0};
  std::atomic<bool> failed{false};
  std::thread writer{[&] {
    while (log->last_seq() < records) {
      for (int i = 0; i < 5 && log->last_seq() < records; ++i)
        if (!log->append(text(log->last_seq() + 1))) failed = true;
      if (!log->write()) failed = true;
      durable.store(log->last_seq(), std::memory_order_release);
      if (failed) return;
    }
  }};
  SegmentReader reader{folder.str()};
  std::uint64_t next = 1;
  std::size_t wrong = 0;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{60};
  while (next <= records && !failed && std::chrono::steady_clock::now() < deadline) {
    const auto to = durable.load(std::memory_order_acquire);
    if (to < next) {
      std::this_thread::yield();
      continue;
    }
    const auto ok = reader.for_each(next, to, [&](const LogRecord& r) {
      wrong += r.seq == next && r.payload == text(r.seq) ? 0 : 1;
      ++next;
      return true;
    });
    if (!ok) {
      BOOST_ERROR(ok.error().message);
      break;
    }
  }
  writer.join();
  BOOST_CHECK(!failed);
  BOOST_CHECK_EQUAL(next, records + 1);
  BOOST_CHECK_EQUAL(wrong, 0U);
}

BOOST_AUTO_TEST_SUITE_END()
