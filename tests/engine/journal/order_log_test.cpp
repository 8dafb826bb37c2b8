// The journal on real files: what it was told survives its end; what it finds decides how it begins.
#include <thread>

#include "tests/engine/journal/journal_world.hpp"

using namespace tradebus;
using namespace tradebus::test;

BOOST_FIXTURE_TEST_SUITE(durable_journal, JournalWorld)

BOOST_AUTO_TEST_CASE(what_was_told_is_there_again) {
  for (const auto mode : {JournalSync::full, JournalSync::write}) {
    sync = mode;
    name = to_string(mode);
    {
      auto journal = open();
      put(*journal, record_of(1));
      put(*journal, fill_record(1, "e1", false));
      put(*journal, record_of(2));
      put(*journal, fill_record(1, "e2", true));
      journal->append(StateRecord{"key", "value"});
      journal->append(StateRecord{"gone", "value"});
      journal->append(StateRecord{"gone", ""});
      settled(*journal);
    }
    auto journal = open();
    BOOST_CHECK_EQUAL(journal->last_seq(), 7);
    BOOST_CHECK_EQUAL(journal->durable_seq(), 7);
    BOOST_CHECK_EQUAL(recovered.last_number, 2);
    BOOST_REQUIRE_EQUAL(recovered.orders.size(), 2);
    BOOST_CHECK(recovered.orders[0].last.event.order.status == OrderStatus::filled);
    BOOST_REQUIRE_EQUAL(recovered.orders[0].fills.size(), 2);
    BOOST_CHECK_EQUAL(recovered.orders[0].fills[1].fill.exec_id.str(), "e2");
    BOOST_CHECK(recovered.orders[1].last == [] {
      auto r = record_of(2);
      r.event.seq = 3;
      return r;
    }());
    BOOST_CHECK_EQUAL(recovered.state.at("key"), "value");
    BOOST_CHECK(!recovered.state.contains("gone"));
  }
}

BOOST_AUTO_TEST_CASE(a_record_larger_than_a_segment_has_a_larger_one) {
  for (const auto mode : {JournalSync::full, JournalSync::write}) {
    sync = mode;
    name = to_string(mode);
    const std::string large(200'000, 'x');
    {
      auto journal = open();
      put(*journal, record_of(1));
      journal->append(StateRecord{"large", large});
      put(*journal, record_of(2));
      settled(*journal);
      BOOST_CHECK(journal->status().state == JournalState::ok);
    }
    auto journal = open();
    BOOST_CHECK_EQUAL(journal->last_seq(), 3);
    BOOST_CHECK_EQUAL(recovered.orders.size(), 2);
    BOOST_CHECK(recovered.state.at("large") == large);
    put(*journal, record_of(3));
    settled(*journal);
  }
}

BOOST_AUTO_TEST_CASE(many_wait_for_one_sync) {
  auto counted = std::make_shared<TestDisk>();
  disk = counted;
  auto journal = open();
  settled(*journal);
  const int before = counted->syncs;
  for (std::uint64_t n = 1; n <= 64; ++n) put(*journal, record_of(n));
  settled(*journal);
  BOOST_CHECK_LE(counted->syncs - before, 2);
}

BOOST_AUTO_TEST_CASE(closed_orders_leave_memory_and_their_ids_stay) {
  closed_max = 10;
  {
    auto journal = open();
    for (std::uint64_t n = 1; n <= 500; ++n) {
      put(*journal, record_of(n));
      if (n % 50 != 0) put(*journal, fill_record(n, "e" + std::to_string(n), true));
    }
    settled(*journal);
  }
  auto journal = open();
  BOOST_CHECK_EQUAL(recovered.orders.size(), 10 + 10);  // open ones, and the newest closed
  BOOST_CHECK_EQUAL(recovered.forgotten.size(), 480);
  BOOST_CHECK(std::ranges::find(recovered.forgotten, client_key(ClientName{"c"}, ClientOrderId{"k1"})) !=
              recovered.forgotten.end());
  BOOST_CHECK_EQUAL(recovered.orders.back().last.number, 500);
  BOOST_CHECK_EQUAL(recovered.orders[recovered.orders.size() - 2].last.number, 499);
}

BOOST_AUTO_TEST_CASE(many_files_in_a_hurry_are_all_there) {
  sync = JournalSync::write;
  {
    auto journal = open();
    for (std::uint64_t n = 1; n <= 20'000; ++n) {
      put(*journal, record_of(n));
      if (n % 7 == 0) journal->flush();
    }
    settled(*journal);
    BOOST_CHECK_GT(journal->status().segments, 30);
  }
  auto journal = open();
  BOOST_CHECK_EQUAL(recovered.orders.size(), 20'000);
}

BOOST_AUTO_TEST_CASE(a_full_disk_keeps_a_reserve_and_recovers) {
  for (const auto mode : {JournalSync::full, JournalSync::write}) {
    sync = mode;
    name = to_string(mode);
    auto small = std::make_shared<TestDisk>();
    disk = small;
    auto journal = open();
    settled(*journal);
    small->full = true;
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    std::uint64_t n = 0;
    for (int turns = 0; turns < 5'000 && journal->takes_orders(); ++turns) {
      put(*journal, record_of(++n));
      if (mode == JournalSync::full) {
        settled(*journal);
        continue;
      }
      journal->flush();
      if (n != 250) continue;  // more than half of the file: the thread has been asked for the next one
      while (journal->status().state == JournalState::ok && std::chrono::steady_clock::now() < deadline) {
        journal->flush();
        std::this_thread::yield();
      }
    }
    const auto refused = journal->takes_orders();
    BOOST_REQUIRE(!refused);
    BOOST_CHECK(refused.error().code == Errc::overloaded);
    BOOST_CHECK(journal->status().state == JournalState::full);
    put(*journal, fill_record(1, "e", true));  // of a known order: there is a reserve for it
    settled(*journal);
    small->full = false;
    BOOST_CHECK(Progress{*journal}.until([&] {
      if (journal->takes_orders()) return true;
      put(*journal, fill_record(1, "e", true));
      return false;
    }));
    BOOST_CHECK(journal->takes_orders());
    BOOST_CHECK(journal->status().state == JournalState::ok);
  }
}

// Nothing is recorded meanwhile.
BOOST_AUTO_TEST_CASE(room_is_looked_for_also_when_nothing_waits_for_it) {
  auto small = std::make_shared<TestDisk>();
  disk = small;
  auto journal = open();
  settled(*journal);
  small->full = true;
  for (std::uint64_t n = 1; journal->takes_orders(); ++n) {
    put(*journal, record_of(n));
    settled(*journal);
  }
  small->full = false;
  BOOST_CHECK(Progress{*journal}.until([&] { return journal->takes_orders().has_value(); }));
}

// The next file is there, and yet a write finds no room.
BOOST_AUTO_TEST_CASE(a_write_that_found_no_room_is_tried_again) {
  for (const auto mode : {JournalSync::full, JournalSync::write}) {
    sync = mode;
    name = to_string(mode);
    auto small = std::make_shared<TestDisk>();
    disk = small;
    auto journal = open();
    for (std::uint64_t n = 1; n <= 250; ++n) {
      put(*journal, record_of(n));
      settled(*journal);
    }
    Progress progress{*journal};
    small->no_room = true;
    put(*journal, record_of(251));
    journal->flush();
    BOOST_CHECK(progress.until([&] { return journal->status().state == JournalState::full; }));
    BOOST_CHECK(!journal->takes_changes());
    small->no_room = false;
    BOOST_CHECK(progress.until([&] { return journal->durable_seq() == journal->last_seq(); }));
    BOOST_CHECK(progress.until([&] { return journal->takes_orders().has_value(); }));
  }
}

BOOST_AUTO_TEST_CASE(the_last_room_is_for_what_brokers_report) {
  for (const auto mode : {JournalSync::full, JournalSync::write}) {
    sync = mode;
    name = to_string(mode);
    auto small = std::make_shared<TestDisk>();
    disk = small;
    auto journal = open();
    settled(*journal);
    small->full = true;
    std::uint64_t n = 0;
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    // Until the disk is known to be full, at most as much as a file holds.
    while (journal->status().state == JournalState::ok && std::chrono::steady_clock::now() < deadline) {
      if (n < 260) put(*journal, record_of(++n));
      journal->flush();
      std::this_thread::yield();
    }
    BOOST_REQUIRE(journal->status().state == JournalState::full);
    const auto take_while = [&](const auto& taken) {
      const auto before = n;
      // Not flushed: what is on its way counts.
      while (taken() && n < 10'000) put(*journal, record_of(++n));
      return n - before;
    };
    const auto orders = take_while([&] { return journal->takes_orders().has_value(); });
    BOOST_CHECK(journal->takes_changes());
    const auto more = take_while([&] { return journal->takes_changes().has_value(); });
    BOOST_CHECK_GT(more, 0);
    BOOST_CHECK(journal->takes_changes().error().code == Errc::overloaded);
    settled(*journal);  // all of it found room
    put(*journal, record_of(++n));
    settled(*journal);
    BOOST_CHECK_LT(orders + more, 10'000);
  }
}

BOOST_AUTO_TEST_CASE(a_broken_disk_ends_order_entry_for_good) {
  struct Case {
    JournalSync sync;
    std::atomic<bool> TestDisk::*fails;
  };
  for (const auto& [mode, fails] :
       {Case{JournalSync::full, &TestDisk::broken}, Case{JournalSync::full, &TestDisk::unwritable},
        Case{JournalSync::write, &TestDisk::unwritable}}) {
    sync = mode;
    name += "-";
    auto weak = std::make_shared<TestDisk>();
    disk = weak;
    auto journal = open();
    settled(*journal);
    const auto before = journal->durable_seq();
    (*weak).*fails = true;
    Progress progress{*journal};
    put(*journal, record_of(1));
    BOOST_CHECK(progress.until([&] { return journal->status().state == JournalState::failed && progress.was_told(); }));
    BOOST_CHECK(journal->takes_orders().error().code == Errc::internal);
    BOOST_CHECK(journal->takes_changes().error().code == Errc::internal);
    BOOST_CHECK_EQUAL(journal->durable_seq(), before);
  }
}

BOOST_AUTO_TEST_CASE(two_daemons_can_not_share_it) {
  auto journal = open();
  const auto second = try_open();
  BOOST_REQUIRE(!second);
  BOOST_CHECK(second.error().message.find("in use by another process") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(too_much_waits_for_a_full_disk) {
  for (const auto mode : {JournalSync::full, JournalSync::write}) {
    sync = mode;
    name = to_string(mode);
    auto small = std::make_shared<TestDisk>();
    disk = small;
    {
      auto journal = open();
      settled(*journal);
      small->full = true;
      for (std::uint64_t n = 1; n <= 20'000; ++n) {
        put(*journal, fill_record(1, "e" + std::to_string(n), false));
        journal->flush();
      }
      BOOST_CHECK(journal->status().state == JournalState::failed);
      BOOST_CHECK(journal->takes_orders().error().code == Errc::internal);
      small->full = false;
      put(*journal, record_of(2));  // behind the hole: never kept
      journal->flush();
      BOOST_CHECK_LT(journal->durable_seq(), journal->last_seq());
    }
    auto journal = open();  // what was told is there, and nothing else
    BOOST_CHECK_EQUAL(recovered.last_number, 1);
  }
}

BOOST_AUTO_TEST_SUITE_END()
