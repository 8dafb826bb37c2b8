#include "actors/providers/replay/merger.hpp"

#include <algorithm>
#include <random>

#include "actors/providers/replay/topics.hpp"
#include "tests/actors/providers/replay/recording_files.hpp"

namespace tradebus::replay::test {
namespace {

struct Seen {
  std::int64_t due = 0;
  std::size_t file = 0;
  std::int64_t row = 0;  // number within the file, kept in the size
  friend bool operator==(const Seen&, const Seen&) = default;
};

std::vector<Seen> play(const Recording& files, ReadStats* stats = nullptr,
                       std::vector<std::string>* failures = nullptr) {
  std::vector<SymbolTable> symbols;
  std::atomic<bool> stop{false};
  Merger merger{files, symbols, &stop, {.on_file_end = [&](std::size_t, const ReadStats&, const std::string& failure) {
                  if (failures != nullptr && !failure.empty()) failures->push_back(failure);
                }}};
  std::vector<Seen> out;
  while (const Row* row = merger.peek()) {
    out.push_back({row->due, merger.file(), static_cast<std::int64_t>(row->event.qty[0].raw() / Quantity::scale)});
    merger.advance();
  }
  if (stats != nullptr) *stats = merger.stats();
  return out;
}

}  // namespace

BOOST_AUTO_TEST_CASE(random_files_merge_as_a_stable_sort_would) {
  std::mt19937_64 random{42};
  for (int round = 0; round < 60; ++round) {
    const Folder folder;
    const auto file_count = 1 + random() % 12;
    std::vector<std::string> paths;
    std::vector<Seen> expected;
    for (std::size_t file = 0; file < file_count; ++file) {
      std::string text{trade_header};
      auto ts = static_cast<std::int64_t>(random() % 100);
      const auto rows = random() % 40 + (file == 0 ? 1 : 0);
      for (std::uint64_t row = 0; row < rows; ++row) {
        ts += static_cast<std::int64_t>(random() % 4);  // many equal times, within files and between them
        text += std::to_string(ts) + ",S,1," + std::to_string(row) + "\n";
        expected.push_back({ts, file, static_cast<std::int64_t>(row)});
      }
      const auto name = std::to_string(file);
      paths.push_back(random() % 2 == 0 ? folder.write(name, text) : folder.write_gz(name, text));
    }
    std::stable_sort(expected.begin(), expected.end(), [](const Seen& a, const Seen& b) { return a.due < b.due; });
    ReadStats stats;
    BOOST_REQUIRE(play(recording(paths), &stats) == expected);
    BOOST_REQUIRE_EQUAL(stats.rows, expected.size());
  }
}

BOOST_AUTO_TEST_CASE(rows_out_of_order_come_as_they_stand) {
  const Folder folder;
  const auto a = folder.write("a", std::string{trade_header} + "10,S,1,0\n30,S,1,1\n5,S,1,2\n40,S,1,3\n");
  const auto b = folder.write("b", std::string{trade_header} + "20,S,1,0\n35,S,1,1\n");
  ReadStats stats;
  const std::vector<Seen> expected = {{10, 0, 0}, {20, 1, 0}, {30, 0, 1}, {5, 0, 2}, {35, 1, 1}, {40, 0, 3}};
  BOOST_CHECK(play(recording({a, b}), &stats) == expected);
  BOOST_CHECK_EQUAL(stats.out_of_order, 1U);
}

BOOST_AUTO_TEST_CASE(a_bar_comes_behind_the_trades_that_made_it) {
  const Folder folder;
  const auto bars = folder.write("b", std::string{bar_header} + "0,S,1m,1,1,1,1,7\n60000000000,S,1m,1,1,1,1,8\n");
  const auto trades = folder.write("t", std::string{trade_header} + "1,S,1,0\n59999999999,S,1,1\n60000000000,S,1,2\n");
  const std::vector<Seen> expected = {
      {1, 1, 0}, {59'999'999'999, 1, 1}, {60'000'000'000, 0, 7}, {60'000'000'000, 1, 2}, {120'000'000'000, 0, 8}};
  BOOST_CHECK(play(recording({bars, trades})) == expected);
}

BOOST_AUTO_TEST_CASE(a_damaged_or_vanished_file_ends_alone) {
  const Folder folder;
  std::string text{trade_header};
  for (int i = 0; i < 50'000; ++i) text += std::to_string(i * 7919 % 1'000'003) + ",S,1,1\n";
  const auto packed = Folder::pack(text);
  const auto cut = folder.write("cut", packed.substr(0, packed.size() / 2));
  const auto gone = folder.write("gone", std::string{trade_header} + "5,S,1,1\n");
  const auto good = folder.write("good", std::string{trade_header} + "1,S,1,1\n2000000,S,1,2\n");
  const auto files = recording({cut, gone, good});
  std::filesystem::remove(gone);
  std::vector<std::string> failures;
  const auto seen = play(files, nullptr, &failures);
  BOOST_REQUIRE_EQUAL(failures.size(), 2U);
  BOOST_CHECK(failures[0].find("No such file") != std::string::npos ||
              failures[1].find("No such file") != std::string::npos);
  BOOST_CHECK_EQUAL(std::ranges::count_if(seen, [](const Seen& s) { return s.file == 2; }), 2);
  BOOST_CHECK_GT(seen.size(), 1'000U);
}

BOOST_AUTO_TEST_CASE(topics_find_their_rows_in_all_files) {
  const Folder folder;
  const auto files = recording({folder.write("q", std::string{quote_header} + "1,A,1,1,2,2\n"),
                                folder.write("t", std::string{trade_header} + "1,A,1,1\n"),
                                folder.write("u", std::string{trade_header} + "1,B,1,1\n"),
                                folder.write("b", std::string{bar_header} + "1,A,1m,1,1,1,1,1\n")});
  std::vector<SymbolTable> symbols(4);
  Topics topics{files, symbols};
  auto row = [&](std::size_t file, const char* symbol, Timeframe timeframe = Timeframe::s1) {
    Row r;
    r.symbol = *symbols[file].intern(symbol);
    r.timeframe = timeframe;
    return topics.find(file, r);
  };
  BOOST_CHECK_EQUAL(row(1, "A"), Topics::none);
  topics.open({7, StreamKind::trade, "A"});
  BOOST_CHECK_EQUAL(row(1, "A"), 7U);  // known before
  BOOST_CHECK_EQUAL(row(2, "A"), 7U);  // comes up later, in another file
  BOOST_CHECK_EQUAL(row(2, "B"), Topics::none);
  BOOST_CHECK_EQUAL(row(0, "A"), Topics::none);  // another kind
  topics.open({8, StreamKind::bar_1h, "A"});
  BOOST_CHECK_EQUAL(row(3, "A", Timeframe::h1), 8U);
  BOOST_CHECK_EQUAL(row(3, "A", Timeframe::m1), Topics::none);
  BOOST_CHECK_EQUAL(row(3, "A", Timeframe::w1), Topics::none);  // has no stream
  topics.open({9, StreamKind::trade, "A"});                     // opened anew under another number
  topics.close(7);
  BOOST_CHECK_EQUAL(row(1, "A"), 9U);
  topics.open({9, StreamKind::trade, "B"});  // the number means another topic now
  BOOST_CHECK_EQUAL(row(1, "A"), Topics::none);
  BOOST_CHECK_EQUAL(row(2, "B"), 9U);
  topics.close(9);
  topics.close(9);
  BOOST_CHECK_EQUAL(row(2, "B"), Topics::none);
}

}  // namespace tradebus::replay::test
