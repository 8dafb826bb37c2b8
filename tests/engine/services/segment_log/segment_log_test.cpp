#include "engine/services/segment_log/segment_log.hpp"

#include "tests/engine/services/segment_log/log_world.hpp"

using namespace tradebus;
using namespace tradebus::test;

BOOST_FIXTURE_TEST_SUITE(segment_log, LogWorld)

BOOST_AUTO_TEST_CASE(the_checksum_is_crc32c) {
  const std::string digits = "123456789";
  BOOST_CHECK_EQUAL(segments::crc32c(digits.data(), digits.size()), 0xe3069283U);  // RFC 3720, B.4
  BOOST_CHECK_EQUAL(segments::crc32c(digits.data() + 4, 5, segments::crc32c(digits.data(), 4)), 0xe3069283U);
}

BOOST_AUTO_TEST_CASE(what_was_written_is_there_again) {
  std::vector<Seen> written;
  {
    auto log = open();
    BOOST_CHECK_EQUAL(log->last_seq(), 0U);
    for (int i = 1; i <= 3; ++i) {
      written.push_back({static_cast<std::uint64_t>(i), "record " + std::to_string(i)});
      const auto seq = log->append(written.back().payload);
      BOOST_REQUIRE(seq.has_value());
      BOOST_CHECK_EQUAL(*seq, written.back().seq);
    }
    BOOST_REQUIRE(log->write().has_value());
    BOOST_REQUIRE(log->sync().has_value());
    BOOST_CHECK_EQUAL(log->status().synced_seq, 3U);
  }
  auto log = open();
  BOOST_CHECK_EQUAL_COLLECTIONS(seen.begin(), seen.end(), written.begin(), written.end());
  BOOST_CHECK_EQUAL(cut, "");
  BOOST_CHECK_EQUAL(log->append("next").value_or(0), 4U);
}

BOOST_AUTO_TEST_CASE(the_format_stays_as_it_is) {
  put(*open(), "hello");
  const auto bytes = bytes_of(segment(1));
  BOOST_REQUIRE_EQUAL(bytes.size(), small);
  BOOST_CHECK_EQUAL(bytes.substr(0, 8), "TRADELOG");
  BOOST_CHECK((bytes.substr(8, 8) == std::string{"\1\0\0\0\1\0\0\0", 8}));  // format and schema version
  BOOST_CHECK((bytes.substr(32, 16) == std::string{"\1\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0", 16}));  // number, first seq
  BOOST_CHECK((bytes.substr(48, 12) == std::string{"test\0\0\0\0\0\0\0\0", 12}));
  BOOST_CHECK_EQUAL(segments::load<std::uint32_t>(&bytes[60]), segments::crc32c(bytes.data(), 60));
  // Length with the top bit, checksum, seq 1, payload, padding.
  const std::string record{"\5\0\0\x80m\xaa\x38\x8a\1\0\0\0\0\0\0\0hello\0\0\0", 24};
  BOOST_CHECK_EQUAL_COLLECTIONS(bytes.begin() + 64, bytes.begin() + 88, record.begin(), record.end());
  BOOST_CHECK(bytes.find_first_not_of('\0', 88) == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_full_segment_is_followed_by_another) {
  {
    auto log = open();
    for (int i = 0; i < 20; ++i) put(*log, std::string(1'000, static_cast<char>('a' + i)));  // three a segment
    BOOST_CHECK_EQUAL(log->status().segments, 7U);
    BOOST_CHECK_EQUAL(log->status().state, LogState::ok);
  }
  auto log = open();
  BOOST_REQUIRE_EQUAL(seen.size(), 20U);
  for (std::size_t i = 0; i < seen.size(); ++i) {
    BOOST_CHECK_EQUAL(seen[i].seq, i + 1);
    BOOST_CHECK_EQUAL(seen[i].payload, std::string(1'000, static_cast<char>('a' + i)));
  }
  BOOST_CHECK_EQUAL(log->status().segments, 7U);
}

BOOST_AUTO_TEST_CASE(a_batch_goes_over_several_segments) {
  disk->short_writes = true;
  RecordBatch batch;
  for (std::uint64_t seq = 1; seq <= 10; ++seq) batch.add(seq, std::string(1'200, 'x'));
  {
    auto log = open();
    BOOST_REQUIRE(log->write(batch).has_value());
    BOOST_CHECK(batch.empty());
    BOOST_CHECK_EQUAL(log->last_seq(), 10U);
  }
  auto log = open();
  BOOST_CHECK_EQUAL(seen.size(), 10U);
}

BOOST_AUTO_TEST_CASE(a_spare_made_elsewhere_is_used) {
  auto log = open();
  BOOST_CHECK(!log->wants_spare());
  put(*log, std::string(2'500, 'a'));
  BOOST_REQUIRE(log->wants_spare());
  log->take_spare(SegmentLog::make_spare(log->spare_order()));
  BOOST_CHECK(!log->wants_spare());
  disk->allocate_error = ENOSPC;  // not asked again
  put(*log, std::string(2'500, 'b'));
  BOOST_CHECK_EQUAL(log->status().segments, 2U);
  log.reset();
  disk->allocate_error = 0;
  open();
  BOOST_CHECK_EQUAL(seen.size(), 2U);
}

BOOST_AUTO_TEST_CASE(an_unused_spare_is_found_again) {
  {
    auto log = open();
    put(*log, "one");
    log->retry();
  }
  BOOST_CHECK(std::filesystem::exists(segment(2)));
  disk->allocate_error = ENOSPC;
  auto log = open();
  put(*log, std::string(3'970, 'x'));
  put(*log, "three");
  BOOST_CHECK_EQUAL(log->status().segments, 2U);
}

BOOST_AUTO_TEST_CASE(only_one_process_has_the_folder) {
  const auto log = open();
  const auto why = refusal();
  BOOST_CHECK_MESSAGE(has(why, folder.str()) && has(why, "in use by another process"), why);
}

BOOST_AUTO_TEST_CASE(records_of_impossible_sizes_are_refused) {
  auto log = open();
  BOOST_CHECK(!log->append("").has_value());
  BOOST_CHECK(!log->append(std::string(log->payload_max() + 1, 'x')).has_value());
  put(*log, std::string(log->payload_max(), 'x'));
  RecordBatch batch;
  batch.add(7, "out of order");
  BOOST_CHECK(!log->write(batch).has_value());
}

BOOST_AUTO_TEST_CASE(a_newer_schema_gets_a_segment_of_its_own) {
  put(*open(), "old");
  auto newer = options();
  newer.schema_version = 2;
  {
    auto log = open(newer);
    put(*log, "new");
    BOOST_CHECK_EQUAL(log->status().segments, 2U);
  }
  const auto why = refusal();
  BOOST_CHECK_MESSAGE(has(why, segment(2)) && has(why, "records of version 2"), why);
  open(newer);
  BOOST_CHECK_EQUAL(seen.size(), 2U);
}

BOOST_AUTO_TEST_SUITE_END()
