// The journal's reader as an actor: on its own thread, as in the daemon. Its clock stands still, so that only questions
// fill the index.
#include "engine/journal/order_history.hpp"

#include <filesystem>
#include <fstream>

#include "bus/wire/unpack.hpp"
#include "tests/engine/journal/journal_world.hpp"
#include "tests/support/actor_fixture.hpp"

using namespace tradebus;
using namespace tradebus::test;

namespace {

struct HistoryWorld : ActorFixture {
  JournalWorld on_disk;
  std::shared_ptr<DurableJournal> journal = on_disk.open();
  std::shared_ptr<sqlite::Interrupt> interrupt;
  std::shared_ptr<std::atomic<std::uint64_t>> indexed_seq;
  OrderHistoryActor history = spawned();

  OrderHistoryActor spawned() {
    OrderHistoryConfig config;
    config.folder = on_disk.path();
    config.durable_seq = [journal = journal] { return journal->durable_seq(); };
    config.log = log;
    interrupt = config.interrupt;
    indexed_seq = config.indexed_seq;
    return spawn_order_history(sys, std::move(config));
  }
  void end() {
    caf::anon_send_exit(history, caf::exit_reason::user_shutdown);
    self->wait_for(history);
  }
  ~HistoryWorld() { end(); }
  void record(std::uint64_t from, std::uint64_t to) {
    for (auto n = from; n <= to; ++n) {
      JournalWorld::put(*journal, record_of(n));
      if (n % 500 == 0) JournalWorld::settled(*journal);
    }
    JournalWorld::settled(*journal);
  }
  static GetOrder named(std::uint64_t n) { return {ClientName{"c"}, {}, ClientOrderId{"k" + std::to_string(n)}}; }
  static GetOrders newest(std::uint32_t limit) {
    GetOrders out;
    out.status = OrderFilter::all;
    out.limit = limit;
    return out;
  }
  template <class T>
  T answered(const Result<PackedAnswer>& answer) {
    T out;
    BOOST_REQUIRE_MESSAGE(answer, (answer ? std::string{} : answer.error().message));
    const auto document = wire::Document::parse(answer->bytes);
    BOOST_REQUIRE(document);
    BOOST_REQUIRE(wire::unpack_fields(document->root(), out, {}));
    return out;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(order_history, HistoryWorld)

BOOST_AUTO_TEST_CASE(an_answer_has_all_that_was_durable_before_the_question) {
  record(1, 3'500);
  const auto found = ask<RecalledOrder>(history, named(3'500));
  BOOST_REQUIRE(found);
  BOOST_CHECK_EQUAL(found->order.order_id.str(), "o-t-3500");
  BOOST_CHECK_EQUAL(indexed_seq->load(), 3'500);
  record(3'501, 6'000);
  const auto orders = answered<Orders>(ask<PackedAnswer>(history, newest(2))).orders;
  BOOST_REQUIRE_EQUAL(orders.size(), 2);
  BOOST_CHECK_EQUAL(orders.back().order_id.str(), "o-t-6000");
  BOOST_CHECK(ask<RecalledOrder>(history, named(6'001)).error().code == Errc::order_not_found);
  for (const bool of_account : {false, true}) {
    GetOrderEvents query;
    query.after = 5'990;
    query.limit = 100;
    if (of_account) query.account = AccountId{"A"};
    const auto events = answered<OrderEvents>(ask<PackedAnswer>(history, query));
    BOOST_CHECK_EQUAL(events.events.size(), of_account ? 5 : 10);
    BOOST_CHECK_EQUAL(events.events.back().seq, 6'000);
    BOOST_CHECK_EQUAL(events.last_seq, 6'000);
    // Asked before the last ones came: a page that is not full says that it is the last one.
    query.as_of = 5'995;
    const auto before = answered<OrderEvents>(ask<PackedAnswer>(history, query));
    BOOST_CHECK_EQUAL(before.events.size(), of_account ? 2 : 5);
    BOOST_CHECK_EQUAL(before.last_seq, 5'995);
  }
}

BOOST_AUTO_TEST_CASE(many_questions_wait_for_one_index) {
  record(1, 5'000);
  constexpr std::uint64_t questions = 300;
  std::vector<std::uint64_t> found;
  for (std::uint64_t n = 1; n <= questions; ++n) self->send(history, named(n * 16));
  while (found.size() < questions)
    self->receive([&](const RecalledOrder& order) { found.push_back(order.fingerprint / 7); },
                  [&](const caf::error& error) { BOOST_FAIL(caf::to_string(error)); });
  for (std::uint64_t n = 1; n <= questions; ++n) BOOST_CHECK_EQUAL(found[n - 1], n * 16);
}

BOOST_AUTO_TEST_CASE(the_end_does_not_wait_for_questions) {
  record(1, 20'000);
  constexpr int questions = 1'000;
  for (const bool indexed : {false, true}) {
    if (indexed) {
      history = spawned();
      BOOST_REQUIRE(ask<PackedAnswer>(history, newest(1)));
    }
    for (int i = 0; i < questions; ++i) self->send(history, newest(1'000));
    self->monitor(history);
    send_urgent_exit(self, caf::actor_cast<caf::actor>(history));
    int answers = 0;
    bool gone = false;
    while (!gone)
      self->receive([&](const PackedAnswer&) { ++answers; }, [&](const caf::error&) { ++answers; },
                    [&](const caf::down_msg&) { gone = true; });
    BOOST_CHECK_LT(answers, questions / 2);
  }
}

BOOST_AUTO_TEST_CASE(at_the_end_an_index_is_made_if_there_is_none) {
  record(1, 100);
  interrupt->set();
  end();
  BOOST_CHECK_EQUAL(sqlite::Database{on_disk.path() + "/index.sqlite"}.number("SELECT count(*) FROM orders"), 100);
}

// Found by who asks: he is told, and the next one is answered from a new index.
BOOST_AUTO_TEST_CASE(a_damaged_index_is_made_anew) {
  record(1, 2'000);
  BOOST_REQUIRE(ask<RecalledOrder>(history, named(1)));
  const auto file = on_disk.path() + "/index.sqlite";
  end();
  const auto size = std::filesystem::file_size(file);
  {
    std::ofstream out{file, std::ios::binary | std::ios::in | std::ios::out};
    out.seekp(static_cast<std::streamoff>(size / 2));
    out << std::string(size / 2, '\xff');
  }
  history = spawned();
  std::uint64_t failed = 0;
  for (std::uint64_t n = 1; n <= 2'000; ++n) {
    const auto found = ask<RecalledOrder>(history, named(n));
    if (!found) {
      BOOST_CHECK(found.error().code == Errc::internal);
      ++failed;
    }
  }
  BOOST_CHECK_EQUAL(failed, 1);
}

BOOST_AUTO_TEST_SUITE_END()
