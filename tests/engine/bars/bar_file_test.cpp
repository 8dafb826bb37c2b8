#include "engine/bars/bar_file.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <random>

#include "engine/services/sqlite/sqlite.hpp"

using namespace tradebus;
namespace fs = std::filesystem;

namespace {

constexpr Timestamp now = from_unix_ns(1'718'978'420'000'000'000);
constexpr std::int64_t megabyte = 1 << 20;
constexpr Timestamp at(std::int64_t minute) { return from_unix_ns(minute * 60'000'000'000); }

HistoricalBar bar(std::int64_t minute) {
  HistoricalBar out;
  out.symbol = Symbol{"AAPL"};
  out.ts = at(minute);
  out.open = Price::from_raw(190'123'456'789 + minute);
  out.high = Price::from_raw(191'000'000'001);
  out.low = Price::from_raw(-1);
  out.close = Price::from_int(190);
  out.volume = Quantity::from_int(1'000);
  return out;
}
std::vector<HistoricalBar> bars(std::int64_t from, std::int64_t to) {
  std::vector<HistoricalBar> out;
  for (; from < to; ++from) out.push_back(bar(from));
  return out;
}
BarSeries series(const char* symbol = "AAPL", bool adjusted = false, const char* source = "sim 1",
                 Timeframe timeframe = Timeframe::m1) {
  return {source, Symbol{symbol}, timeframe, adjusted};
}

struct Folder {
  Folder() {
    static std::random_device random;
    path = fs::temp_directory_path() / ("tradebus-bars-" + std::to_string(random()) + std::to_string(random()));
    fs::create_directory(path);
  }
  ~Folder() {
    std::error_code ignored;
    fs::permissions(path, fs::perms::owner_all, ignored);
    fs::remove_all(path, ignored);
  }
  std::string file() const { return path / "bars.sqlite"; }
  std::unique_ptr<BarFile> open(std::int64_t bytes_max = 64 * megabyte) const {
    auto opened = BarFile::open(file(), bytes_max, now);
    BOOST_REQUIRE_MESSAGE(opened.has_value(), (opened ? std::string{} : opened.error().message));
    return std::move(opened->file);
  }
  std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (const auto& each : fs::directory_iterator{path}) out.push_back(each.path().filename());
    return out;
  }
  fs::path path;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(bar_file, Folder)

BOOST_AUTO_TEST_CASE(what_is_kept_comes_back_exactly_after_another_start) {
  auto expected = bars(0, 3);
  expected[1].volume = *Quantity::parse("12345678901234567890.123456789");
  expected[1].vwap = Price::from_raw(7);
  expected[2].trades = 0;
  {
    auto file = open();
    BOOST_REQUIRE(file->keep(series(), {at(0), at(10)}, expected, now));
  }
  auto file = open();
  const auto found = file->read(series(), {at(-5), at(20)}, 100, now);
  BOOST_REQUIRE(found);
  BOOST_CHECK(found->bars == expected);
  BOOST_CHECK((found->known == std::vector<TimeRange>{{at(0), at(10)}}));
  BOOST_CHECK(!found->cut);
}

BOOST_AUTO_TEST_CASE(series_are_apart) {
  auto file = open();
  BOOST_REQUIRE(file->keep(series(), {at(0), at(3)}, bars(0, 3), now));
  for (const auto& other : {series("MSFT"), series("AAPL", true), series("AAPL", false, "sim 2"),
                            series("AAPL", false, "sim 1", Timeframe::m5)}) {
    const auto found = file->read(other, {at(0), at(3)}, 100, now);
    BOOST_REQUIRE(found);
    BOOST_CHECK(found->bars.empty() && found->known.empty());
  }
}

BOOST_AUTO_TEST_CASE(ranges_join_and_the_later_answer_replaces) {
  auto file = open();
  BOOST_REQUIRE(file->keep(series(), {at(0), at(10)}, bars(0, 10), now));
  BOOST_REQUIRE(file->keep(series(), {at(20), at(30)}, {}, now));  // a holiday
  BOOST_CHECK_EQUAL(file->ranges(), 2);
  BOOST_REQUIRE(file->keep(series(), {at(5), at(20)}, bars(5, 8), now));
  BOOST_CHECK_EQUAL(file->ranges(), 1);
  const auto found = file->read(series(), {at(0), at(30)}, 100, now);
  BOOST_REQUIRE(found);
  BOOST_CHECK(found->bars == bars(0, 8));
  BOOST_CHECK((found->known == std::vector<TimeRange>{{at(0), at(30)}}));
}

BOOST_AUTO_TEST_CASE(a_limit_cuts_what_is_said_to_be_known) {
  auto file = open();
  BOOST_REQUIRE(file->keep(series(), {at(0), at(10)}, bars(0, 10), now));
  BOOST_REQUIRE(file->keep(series(), {at(20), at(30)}, bars(20, 30), now));
  const auto found = file->read(series(), {at(0), at(30)}, 4, now);
  BOOST_REQUIRE(found);
  BOOST_CHECK(found->cut);
  BOOST_CHECK(found->bars == bars(0, 4));
  BOOST_CHECK((found->known == std::vector<TimeRange>{{at(0), at(3) + std::chrono::nanoseconds{1}}}));
}

BOOST_AUTO_TEST_CASE(a_split_forgets_what_is_adjusted) {
  auto file = open();
  for (const auto& each : {series(), series("AAPL", true), series("AAPL", true, "other"), series("MSFT", true)})
    BOOST_REQUIRE(file->keep(each, {at(0), at(3)}, bars(0, 3), now));
  BOOST_CHECK(file->forget(Symbol{"AAPL"}, true) == 2);
  BOOST_CHECK(file->read(series("AAPL", true), {at(0), at(3)}, 9, now)->known.empty());
  BOOST_CHECK(!file->read(series(), {at(0), at(3)}, 9, now)->known.empty());
  BOOST_CHECK(!file->read(series("MSFT", true), {at(0), at(3)}, 9, now)->known.empty());
  BOOST_CHECK(file->forget(Symbol{}, false) == 2);
  BOOST_CHECK_EQUAL(file->ranges(), 0);
}

BOOST_AUTO_TEST_CASE(a_damaged_file_is_set_aside_and_made_anew) {
  BOOST_REQUIRE(open()->keep(series(), {at(0), at(3)}, bars(0, 3), now));
  std::ofstream{file(), std::ios::binary | std::ios::trunc} << std::string(8'192, 'x');
  auto opened = BarFile::open(file(), megabyte, now);
  BOOST_REQUIRE(opened);
  BOOST_CHECK_EQUAL(opened->set_aside, file() + ".damaged-20240621T140020");
  BOOST_CHECK(!opened->why.empty());
  BOOST_CHECK_EQUAL(fs::file_size(opened->set_aside), 8'192U);
  BOOST_CHECK(opened->file->keep(series(), {at(0), at(3)}, bars(0, 3), now));
  opened->file.reset();

  // A second one in the same second does not overwrite the first.
  std::ofstream{file(), std::ios::binary | std::ios::trunc} << "SQLite";
  opened = BarFile::open(file(), megabyte, now);
  BOOST_REQUIRE(opened);
  BOOST_CHECK_EQUAL(opened->set_aside, file() + ".damaged-20240621T140020-2");
}

BOOST_AUTO_TEST_CASE(a_page_that_is_damaged_is_found) {
  {
    auto file = open();
    BOOST_REQUIRE(file->keep(series(), {at(0), at(5'000)}, bars(0, 5'000), now));
  }
  {
    std::fstream raw{file(), std::ios::binary | std::ios::in | std::ios::out};
    for (int page = 2; page < 40; ++page) {
      raw.seekp(page * 4'096);
      raw << std::string(512, '\xa5');
    }
  }
  const auto opened = BarFile::open(file(), 64 * megabyte, now);
  BOOST_REQUIRE(opened);
  BOOST_CHECK(!opened->set_aside.empty());
  BOOST_CHECK(opened->file->read(series(), {at(0), at(5'000)}, 9, now)->known.empty());
}

BOOST_AUTO_TEST_CASE(another_programs_file_is_set_aside_too) {
  sqlite::Database{file()}.run("CREATE TABLE secrets (x); INSERT INTO secrets VALUES (1)");
  const auto opened = BarFile::open(file(), megabyte, now);
  BOOST_REQUIRE(opened);
  BOOST_REQUIRE(!opened->set_aside.empty());
  BOOST_CHECK_EQUAL(sqlite::Database{opened->set_aside}.number("SELECT x FROM secrets"), 1);
}

BOOST_AUTO_TEST_CASE(a_newer_layout_is_refused_and_left_alone) {
  BOOST_REQUIRE(open()->keep(series(), {at(0), at(3)}, bars(0, 3), now));
  sqlite::Database{file()}.run("PRAGMA user_version = 2");
  const auto opened = BarFile::open(file(), megabyte, now);
  BOOST_REQUIRE(!opened);
  BOOST_CHECK(opened.error().message.find("layout 2") != std::string::npos);
  BOOST_CHECK(opened.error().message.find('\n') == std::string::npos);
  BOOST_CHECK_EQUAL(sqlite::Database{file()}.number("PRAGMA user_version"), 2);
  BOOST_CHECK_EQUAL(sqlite::Database{file()}.number("SELECT count(*) FROM bar"), 3);
  for (const auto& name : names()) BOOST_CHECK(name.find("damaged") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_folder_that_is_not_there_is_an_error_not_a_crash) {
  const auto opened = BarFile::open(path / "nowhere" / "bars.sqlite", megabyte, now);
  BOOST_REQUIRE(!opened);
  BOOST_CHECK(opened.error().message.find("bars.sqlite") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_size_is_bounded_and_the_series_used_longest_ago_go_first) {
  using std::chrono::hours;
  auto file = open(megabyte);
  BOOST_REQUIRE(file->keep(series("OLD"), {at(0), at(2'000)}, bars(0, 2'000), now));
  BOOST_REQUIRE(file->keep(series("USED"), {at(0), at(2'000)}, bars(0, 2'000), now));
  BOOST_REQUIRE(file->read(series("USED"), {at(0), at(1)}, 1, now + hours{2}));
  for (int i = 0; i < 40; ++i) {
    const auto name = "N" + std::to_string(i);
    BOOST_REQUIRE(file->keep(series(name.c_str()), {at(0), at(2'000)}, bars(0, 2'000), now + hours{1}));
    BOOST_REQUIRE_LE(file->bytes(), megabyte);
  }
  BOOST_CHECK_GT(file->evicted(), 20);
  BOOST_CHECK(file->read(series("OLD"), {at(0), at(1)}, 1, now)->known.empty());
  BOOST_CHECK(!file->read(series("USED"), {at(0), at(1)}, 1, now)->known.empty());
  BOOST_CHECK(!file->read(series("N39"), {at(0), at(1)}, 1, now)->known.empty());
  file.reset();
  BOOST_CHECK_LE(fs::file_size(this->file()), static_cast<std::uintmax_t>(megabyte));
}

BOOST_AUTO_TEST_CASE(a_series_larger_than_the_bound_keeps_its_later_part) {
  auto file = open(megabyte);
  for (std::int64_t from = 0; from < 60'000; from += 2'000)
    BOOST_REQUIRE(file->keep(series(), {at(from), at(from + 2'000)}, bars(from, from + 2'000), now));
  BOOST_CHECK_LE(file->bytes(), megabyte);
  const auto found = file->read(series(), {at(0), at(60'000)}, 100'000, now);
  BOOST_REQUIRE(found);
  BOOST_REQUIRE_EQUAL(found->known.size(), 1U);
  BOOST_CHECK(found->known.front().end == at(60'000));
  BOOST_REQUIRE(!found->bars.empty());
  BOOST_CHECK(found->bars.back() == bar(59'999));
  BOOST_CHECK(found->bars.front().ts >= found->known.front().begin);
  const auto first = unix_ns(found->bars.front().ts) / 60'000'000'000;
  BOOST_CHECK_EQUAL(found->bars.size(), static_cast<std::size_t>(60'000 - first));
}

BOOST_AUTO_TEST_CASE(what_a_clock_that_ran_ahead_believed_is_not_believed_later) {
  auto file = open();
  const auto wrong_now = at(100);
  BOOST_REQUIRE(file->keep(series(), {at(0), at(100)}, bars(0, 50), wrong_now));
  const auto found = file->read(series(), {at(0), at(100)}, 1'000, at(20));
  BOOST_REQUIRE(found);
  BOOST_CHECK((found->known == std::vector<TimeRange>{{at(0), at(20)}}));
  BOOST_CHECK(found->bars == bars(0, 20));
  BOOST_CHECK(file->read(series(), {at(20), at(100)}, 1'000, at(20))->known.empty());
}

// Two daemons on one data_dir: the second goes without, and harms nothing.
BOOST_AUTO_TEST_CASE(the_file_belongs_to_who_opened_it_first) {
  auto first = open();
  BOOST_REQUIRE(first->keep(series(), {at(0), at(10)}, bars(0, 10), now));
  BOOST_CHECK(fs::exists(file() + "-wal"));
  BOOST_CHECK_MESSAGE(!fs::exists(file() + "-shm"), "a full disk ends who has it mapped");
  const auto second = BarFile::open(file(), megabyte, now);
  BOOST_REQUIRE(!second);
  BOOST_CHECK_MESSAGE(second.error().message.find("locked") != std::string::npos, second.error().message);
  BOOST_CHECK(first->keep(series(), {at(10), at(20)}, bars(10, 20), now));
  first.reset();
  BOOST_CHECK(open()->read(series(), {at(0), at(20)}, 100, now)->bars == bars(0, 20));
  BOOST_CHECK_EQUAL(names().size(), 1U);
}

BOOST_AUTO_TEST_SUITE_END()
