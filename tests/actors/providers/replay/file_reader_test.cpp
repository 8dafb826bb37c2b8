#include "actors/providers/replay/file_reader.hpp"

#include <random>

#include "tests/actors/providers/replay/recording_files.hpp"

namespace tradebus::replay::test {
namespace {

std::vector<std::string> lines_of(const std::string& path, std::string* failure = nullptr) {
  std::vector<std::string> out;
  auto reader = LineReader::open(path, nullptr);
  BOOST_REQUIRE(reader);
  std::string_view line;
  while (true) {
    const auto got = reader->next(line);
    if (got == LineReader::Got::end) break;
    out.push_back(got == LineReader::Got::line ? std::string{line}
                                               : "<too long " + std::to_string(reader->line_number()) + ">");
  }
  if (failure != nullptr) *failure = reader->failure();
  return out;
}

struct Rows {
  std::vector<std::int64_t> ts;
  std::vector<std::int64_t> due;
  ReadStats stats;
  std::string failure;
  std::vector<std::string> bad;
};
Rows rows_of(const RecordedFile& file, FileReader::Order order = FileReader::Order::due) {
  Rows out;
  SymbolTable symbols;
  auto reader =
      FileReader::open(file, symbols, {.order = order, .on_bad_line = [&](std::uint64_t line, std::string_view why) {
                                         out.bad.push_back(std::to_string(line) + ": " + std::string{why});
                                       }});
  BOOST_REQUIRE(reader);
  Row row;
  while (reader->next(row)) {
    out.ts.push_back(unix_ns(row.event.ts));
    out.due.push_back(row.due);
  }
  out.stats = reader->stats();
  out.failure = reader->failure();
  return out;
}

std::string many_trades(int count) {
  std::mt19937_64 random{3};
  std::string text{trade_header};
  for (int i = 0; i < count; ++i)
    text += std::to_string(1'000 + i) + ",S" + std::to_string(random() % 50) + "," + std::to_string(random() % 1'000) +
            ".25," + std::to_string(random() % 900) + "\n";
  return text;
}

}  // namespace

BOOST_AUTO_TEST_CASE(line_ends_of_all_kinds) {
  const Folder folder;
  using Lines = std::vector<std::string>;
  BOOST_CHECK((lines_of(folder.write("a", "one\ntwo\n")) == Lines{"one", "two"}));
  BOOST_CHECK((lines_of(folder.write("b", "one\r\ntwo\r\n")) == Lines{"one", "two"}));
  BOOST_CHECK((lines_of(folder.write("c", "one\n\ntwo")) == Lines{"one", "", "two"}));
  BOOST_CHECK(lines_of(folder.write("d", "")).empty());
  BOOST_CHECK((lines_of(folder.write_gz("e", "one\ntwo")) == Lines{"one", "two"}));
}

BOOST_AUTO_TEST_CASE(huge_lines_are_bounded) {
  const Folder folder;
  const std::string huge(3'000'000, 'x');
  const std::string limit(LineReader::line_max, 'y');
  const std::vector<std::string> expected = {"one",          "<too long 2>", "two",         limit,
                                             "<too long 5>", "end",          "<too long 7>"};
  const std::string text = "one\n" + huge + "\ntwo\n" + limit + "\n" + limit + "z\nend\n" + huge;
  BOOST_CHECK(lines_of(folder.write("plain", text)) == expected);
  BOOST_CHECK(lines_of(folder.write_gz("gz", text)) == expected);
}

BOOST_AUTO_TEST_CASE(packed_and_plain_are_equal) {
  const Folder folder;
  const auto text = many_trades(60'000);  // several pieces of the buffers
  const auto plain = lines_of(folder.write("t.csv", text));
  BOOST_CHECK_EQUAL(plain.size(), 60'001U);
  BOOST_CHECK(plain == lines_of(folder.write_gz("t.csv.gz", text)));
  // Told by content, not by name; many members are one file; padding behind them is none.
  const auto cut = text.size() / 3;
  const auto members = Folder::pack(text.substr(0, cut)) + Folder::pack("") + Folder::pack(text.substr(cut));
  std::string failure;
  BOOST_CHECK(plain == lines_of(folder.write("members.csv", members), &failure));
  BOOST_CHECK_EQUAL(failure, "");
  BOOST_CHECK(plain == lines_of(folder.write("padded.csv", members + std::string(700, '\0')), &failure));
  BOOST_CHECK_EQUAL(failure, "");
}

BOOST_AUTO_TEST_CASE(damaged_gzip_gives_what_stands_before) {
  const Folder folder;
  const auto text = many_trades(60'000);
  const auto whole = lines_of(folder.write("t.csv", text));
  const auto packed = Folder::pack(text);
  std::string failure;
  const auto truncated = lines_of(folder.write("cut.gz", packed.substr(0, packed.size() / 2)), &failure);
  BOOST_CHECK_EQUAL(failure, "gzip data ends in the middle");
  BOOST_CHECK_GT(truncated.size(), 1'000U);
  BOOST_CHECK_LT(truncated.size(), whole.size());
  BOOST_CHECK(std::equal(truncated.begin(), truncated.end(), whole.begin()));
  auto broken = packed;
  for (std::size_t i = packed.size() / 2; i < packed.size() / 2 + 64; ++i) broken[i] = '\x55';
  lines_of(folder.write("broken.gz", broken), &failure);
  BOOST_CHECK_MESSAGE(failure.starts_with("gzip data is damaged"), failure);
}

BOOST_AUTO_TEST_CASE(bad_lines_are_left_out_and_the_first_few_reported) {
  const Folder folder;
  std::string text{trade_header};
  for (int i = 0; i < 20; ++i) text += std::to_string(100 + i) + ",A,1,1\n" + (i < 8 ? "torn,li\n" : "");
  text += "50,A,1.0000000001,1\n\n60,A,1,1\n" + std::string(20'000, '9') + "\n70,A,1,";
  const auto rows = rows_of(recording({folder.write("t.csv", text)})->front());
  BOOST_CHECK_EQUAL(rows.stats.rows, 23U);
  BOOST_CHECK_EQUAL(rows.stats.bad_lines, 9U);
  BOOST_CHECK_EQUAL(rows.stats.rounded, 1U);
  BOOST_CHECK_EQUAL(rows.stats.out_of_order, 1U);
  BOOST_REQUIRE_EQUAL(rows.bad.size(), FileReader::bad_lines_reported);
  BOOST_CHECK_EQUAL(rows.bad[0], "3: wrong number of fields");
  BOOST_CHECK_EQUAL(rows.bad[1], "5: wrong number of fields");
  BOOST_CHECK_EQUAL(rows.ts.back(), 70);  // out of order: as it came
}

BOOST_AUTO_TEST_CASE(bars_of_several_lengths_come_by_their_ends) {
  const Folder folder;
  std::string text{bar_header};
  auto bar = [&](int second, const char* timeframe) {
    text += std::to_string(second) + "000000000,A," + timeframe + ",1,1,1,1,1\n";
  };
  bar(0, "1h");
  bar(0, "5m");
  for (int minute = 0; minute < 120; ++minute) {
    bar(minute * 60, "1m");
    if (minute == 60) bar(3600, "1h");
  }
  const auto file = recording({folder.write("b.csv", text)})->front();
  BOOST_CHECK(file.mixed_timeframes);
  const auto rows = rows_of(file);
  BOOST_CHECK_EQUAL(rows.due.size(), 123U);
  BOOST_CHECK(std::is_sorted(rows.due.begin(), rows.due.end()));
  BOOST_CHECK_EQUAL(file.first_due, 60'000'000'000);
  // Recorded order where that is asked.
  const auto recorded = rows_of(file, FileReader::Order::recorded);
  BOOST_CHECK(std::is_sorted(recorded.ts.begin(), recorded.ts.end()));
}

BOOST_AUTO_TEST_CASE(start_up_names_the_file_and_the_remedy) {
  const Folder folder;
  const auto good = folder.write("good.csv", std::string{trade_header} + "1,A,1,1\n");
  auto error_of = [&](const std::string& path) {
    const auto files = open_recording({good, path});
    BOOST_REQUIRE(!files);
    BOOST_CHECK(files.error().code == Errc::config_invalid);
    BOOST_CHECK(files.error().message.find(path) != std::string::npos);
    BOOST_CHECK(files.error().message.find('\n') == std::string::npos);
    return files.error().message;
  };
  auto contains = [](const std::string& text, const char* part) {
    BOOST_CHECK_MESSAGE(text.find(part) != std::string::npos, text);
  };
  contains(error_of(folder.path("missing.csv")), "No such file");
  contains(error_of(folder.path(".")), "folder");
  contains(error_of(folder.write("empty.csv", "")), "is empty");
  contains(error_of(folder.write_gz("empty.csv.gz", "")), "is empty");
  contains(error_of(folder.write("header.csv", "time,symbol,price\n1,A,1\n")), "no known header");
  contains(error_of(folder.write("noise.csv", std::string(100'000, 'x'))), "longer than a header");
  contains(error_of(folder.write("broken.gz", Folder::pack(trade_header).substr(0, 12))),
           "gzip data ends in the middle");
  contains(error_of(folder.write("wrong.gz", std::string{"\x1f\x8bnothing of that kind"})), "gzip data is damaged");
  // A header alone is a recording of a day without trades, but something must be there.
  const auto bare = folder.write("bare.csv", trade_header);
  BOOST_CHECK(open_recording({good, bare}));
  BOOST_CHECK(!open_recording({bare}));
}

BOOST_AUTO_TEST_CASE(patterns_name_files) {
  const Folder folder;
  folder.write("b.csv", "");
  folder.write("a.csv", "");
  const auto found = expand({folder.path("*.csv"), folder.path("no wildcard")});
  BOOST_REQUIRE(found);
  BOOST_CHECK(
      (*found == std::vector<std::string>{folder.path("a.csv"), folder.path("b.csv"), folder.path("no wildcard")}));
  BOOST_CHECK(!expand({}));
  BOOST_CHECK(expand({folder.path("*.gz")}).error().message.find("no file matches") != std::string::npos);
}

}  // namespace tradebus::replay::test
