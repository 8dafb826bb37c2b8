// The journal's index: found by it, read from the segments; made again when it is not whole.
#include "engine/journal/journal_index.hpp"

#include <fstream>

#include "engine/journal/journal_events.hpp"
#include "engine/services/sqlite/sqlite.hpp"
#include "tests/engine/journal/journal_world.hpp"

using namespace tradebus;
using namespace tradebus::test;

BOOST_FIXTURE_TEST_SUITE(journal_index, JournalWorld)

BOOST_AUTO_TEST_CASE(the_index_finds_and_is_rebuilt) {
  auto journal = open();
  for (std::uint64_t n = 1; n <= 50; ++n) {
    put(*journal, record_of(n));
    put(*journal, fill_record(n, "e" + std::to_string(n), n % 5 != 0));
  }
  settled(*journal);
  const auto check = [&](JournalIndex& index) {
    bool done = false;
    while (!done) {
      const auto more = index.catch_up(journal->durable_seq(), 7);
      BOOST_REQUIRE_MESSAGE(more.has_value(), (more ? std::string{} : more.error().message));
      done = *more;
    }
    const auto found = index.recall({ClientName{"c"}, {}, ClientOrderId{"k7"}});
    BOOST_REQUIRE(found);
    BOOST_CHECK_EQUAL(found->order.order_id.str(), "o-t-7");
    BOOST_CHECK_EQUAL(found->fingerprint, 49);
    BOOST_CHECK(index.recall({{}, OrderId{"o-t-9"}, {}})->order.status == OrderStatus::filled);
    BOOST_CHECK(index.recall({{}, OrderId{"o-t-99"}, {}}).error().code == Errc::order_not_found);
    GetOrders all;
    all.status = OrderFilter::all;
    BOOST_CHECK_EQUAL(index.orders(all)->orders.size(), 50);
    BOOST_CHECK_EQUAL(index.orders(GetOrders{})->orders.size(), 10);  // partially filled
    all.account = AccountId{"A"};
    all.limit = 3;
    const auto newest = index.orders(all);
    BOOST_REQUIRE_EQUAL(newest->orders.size(), 3);
    BOOST_CHECK_EQUAL(newest->orders.back().order_id.str(), "o-t-50");
    all.after_order = OrderId{"o-t-10"};
    BOOST_CHECK_EQUAL(index.orders(all)->orders.front().order_id.str(), "o-t-12");
    GetOrderEvents events;
    events.after = 0;
    events.limit = 1'000;
    const auto told = JournalEvents{path()}.read(events, journal->durable_seq());
    BOOST_REQUIRE_EQUAL(told->events.size(), 100);
    BOOST_CHECK_EQUAL(told->events[0].seq, 1);
    BOOST_CHECK_EQUAL(told->last_seq, 100);
    events.after = 51;
    events.limit = 2;
    const auto of_account = index.events_of(AccountId{"B"}, events, journal->durable_seq());
    BOOST_REQUIRE_EQUAL(of_account->events.size(), 2);
    BOOST_CHECK(of_account->events[0].order.account == AccountId{"B"});
    BOOST_CHECK_GT(of_account->events[0].seq, 51);
  };
  {
    auto opened = JournalIndex::open(path(), {});
    BOOST_REQUIRE(opened);
    BOOST_CHECK(opened->rebuilt.empty());
    check(*opened->index);
    BOOST_CHECK(std::filesystem::exists(path() + "/index.sqlite-wal"));
    BOOST_CHECK_MESSAGE(!std::filesystem::exists(path() + "/index.sqlite-shm"), "a full disk ends who has it mapped");
    opened->index.reset();
    sqlite::Database db{path() + "/index.sqlite"};
    BOOST_CHECK_EQUAL(db.number("SELECT count(*) FROM fills WHERE busted = 0"), 50);
  }
  {
    auto opened = JournalIndex::open(path(), {});
    BOOST_REQUIRE(opened);
    BOOST_CHECK_EQUAL(opened->index->indexed_seq(), 100);
    check(*opened->index);
  }
  {
    std::ofstream file{path() + "/index.sqlite", std::ios::binary | std::ios::in | std::ios::out};
    file << "this is no database any more";
  }
  auto opened = JournalIndex::open(path(), {});
  BOOST_REQUIRE(opened);
  BOOST_CHECK(!opened->rebuilt.empty());
  check(*opened->index);
}

// It is looked at as a whole only when the file is not the one that was written here: that takes a second for a million
// orders.
BOOST_AUTO_TEST_CASE(damage_is_found_at_the_start_or_by_who_asks) {
  namespace fs = std::filesystem;
  const auto file = path() + "/index.sqlite";
  {
    auto journal = open();
    for (std::uint64_t n = 1; n <= 2'000; ++n) put(*journal, record_of(n));
    settled(*journal);
  }
  const auto index_all = [&](const JournalIndex::Options& options) {
    auto opened = JournalIndex::open(path(), options);
    BOOST_REQUIRE_MESSAGE(opened, (opened ? std::string{} : opened.error().message));
    BOOST_REQUIRE(opened->index->catch_up(2'000, 2'000));
    return std::move(*opened);
  };
  const auto damage = [&] {
    std::ofstream out{file, std::ios::binary | std::ios::in | std::ios::out};
    const auto half = fs::file_size(file) / 2;
    out.seekp(static_cast<std::streamoff>(half));
    const std::string rubbish(half, '\xff');
    out << rubbish;
  };
  const auto replace = [&] {
    fs::copy_file(file, file + ".copy");
    fs::rename(file + ".copy", file);
  };
  const auto finds = [](JournalIndex& index, std::uint64_t n) {
    return index.recall({ClientName{"c"}, {}, ClientOrderId{"k" + std::to_string(n)}}).has_value();
  };
  BOOST_CHECK(index_all({}).rebuilt.empty());
  // A copy is looked at, and is the one that was written here from then on.
  replace();
  const auto interrupt = std::make_shared<sqlite::Interrupt>();
  interrupt->set();
  const auto interrupted = JournalIndex::open(path(), {false, interrupt});
  BOOST_REQUIRE(!interrupted);
  BOOST_CHECK(interrupted.error().code == Errc::internal);
  interrupt->clear();
  BOOST_CHECK(index_all({false, interrupt}).rebuilt.empty());
  BOOST_CHECK_EQUAL(sqlite::Database{file}.number("SELECT count(*) FROM orders"), 2'000);

  interrupt->set();
  BOOST_CHECK(JournalIndex::open(path(), {false, interrupt}));  // there is nothing to look at
  damage();
  {
    auto opened = JournalIndex::open(path(), {});
    BOOST_REQUIRE(opened);
    BOOST_CHECK(opened->rebuilt.empty());
    std::uint64_t n = 1;
    while (n < 2'000 && finds(*opened->index, n)) ++n;
    BOOST_CHECK_LT(n, 2'000);
    BOOST_CHECK(opened->index->is_damaged());
  }
  {
    const auto opened = index_all({true, {}});
    BOOST_CHECK(!opened.rebuilt.empty());
    for (std::uint64_t n = 1; n <= 2'000; ++n) BOOST_REQUIRE(finds(*opened.index, n));
    BOOST_CHECK(!opened.index->is_damaged());
  }
  damage();
  replace();
  const auto opened = index_all({});
  BOOST_CHECK(!opened.rebuilt.empty());
  BOOST_CHECK(finds(*opened.index, 7));
}

// What an older journal that was restored, or one that lost its end, does not have is not answered from the index.
BOOST_AUTO_TEST_CASE(an_index_that_is_ahead_is_made_anew) {
  namespace fs = std::filesystem;
  const auto segment = path() + "/000000000001.seg";
  const auto write = [&](std::uint64_t from, std::uint64_t to, const std::string& prefix) {
    auto journal = open();
    for (auto n = from; n <= to; ++n) {
      auto record = record_of(n);
      auto& order = record.event.order;
      order.client_order_id = ClientOrderId{prefix + std::to_string(n)};
      record.client_key = client_key(order.client, order.client_order_id);
      put(*journal, std::move(record));
    }
    settled(*journal);
  };
  const auto index_to = [&](std::uint64_t seq) {
    auto opened = JournalIndex::open(path(), {});
    BOOST_REQUIRE(opened);
    BOOST_REQUIRE(opened->index->catch_up(seq, 100));
    return std::move(*opened);
  };
  const auto finds = [](JournalIndex& index, const char* id) {
    return index.recall({ClientName{"c"}, {}, ClientOrderId{id}}).has_value();
  };
  write(1, 5, "early");
  fs::copy_file(segment, folder.file("backup.seg"));
  write(6, 10, "lost");
  BOOST_CHECK(finds(*index_to(10).index, "lost7"));
  BOOST_CHECK(index_to(10).rebuilt.empty());
  fs::copy_file(path() + "/index.sqlite", folder.file("index.backup"));

  fs::copy_file(folder.file("backup.seg"), segment, fs::copy_options::overwrite_existing);
  {
    const auto opened = index_to(5);
    BOOST_CHECK(!opened.rebuilt.empty());
    BOOST_CHECK(finds(*opened.index, "early3") && !finds(*opened.index, "lost7"));
  }
  // The journal has gone on, beyond where the index ends.
  write(6, 14, "new");
  fs::copy_file(folder.file("index.backup"), path() + "/index.sqlite", fs::copy_options::overwrite_existing);
  {
    const auto opened = index_to(14);
    BOOST_CHECK(!opened.rebuilt.empty());
    BOOST_CHECK(finds(*opened.index, "new7") && finds(*opened.index, "early3") && !finds(*opened.index, "lost7"));
  }
  // Who reads the file when it is opened keeps what was there; a new one is made beside it.
  sqlite::Database reader{path() + "/index.sqlite"};
  BOOST_CHECK_EQUAL(reader.number("SELECT count(*) FROM orders"), 14);
  const auto opened = index_to(14);
  BOOST_CHECK(opened.rebuilt.find("locked") != std::string::npos);
  BOOST_CHECK(finds(*opened.index, "new7"));
  BOOST_CHECK_EQUAL(reader.number("SELECT count(*) FROM orders"), 14);
}

BOOST_AUTO_TEST_SUITE_END()
