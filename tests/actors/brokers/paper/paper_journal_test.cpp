// The venue outlives its actor: what its journal holds, and what happens when it can't be written.
#include <boost/test/unit_test.hpp>
#include <cerrno>

#include "actors/brokers/paper/paper.hpp"
#include "tests/support/fake_market.hpp"
#include "tests/support/temp_folder.hpp"

using namespace tradebus;
using namespace tradebus::test;
using namespace std::chrono_literals;

namespace {

class FullDisk final : public Disk {
 public:
  ssize_t write_at(int fd, const char* bytes, std::size_t size, off_t offset) override {
    if (error == 0) return Disk::write_at(fd, bytes, size, offset);
    errno = error;
    return -1;
  }
  int error = 0;
};

// By the wall clock, as a venue that is kept.
struct Kept : BrokerFixture {
  TempFolder folder{"paper"};
  std::shared_ptr<FullDisk> disk = std::make_shared<FullDisk>();
  std::function<void(Section&)> configure;
  std::uint64_t segment_mb = 8;

  Kept() { clock = Clock{}; }
  void start(bool up = true) {
    Section settings{paper::section()};
    if (configure) configure(settings);
    auto with = context("paper", settings, clock);
    with.data_dir = folder.str();
    auto config = *paper::read_config(settings);
    config.segment_mb = segment_mb;
    broker = keep(
        BrokerActor{sys.spawn([with, config, to = disk](paper::PaperActor::stateful_pointer<paper::PaperState> actor) {
          return actor->state.make_behavior(with, config, to);
        })});
    const auto status = connect();
    BOOST_REQUIRE(status);
    run();
    if (!up) return;
    // The thread that makes a file may have the folder for a moment yet.
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    while (said->statuses.back().state != LinkState::up && std::chrono::steady_clock::now() < deadline) advance(6s, 1s);
    BOOST_REQUIRE_EQUAL(to_string(said->statuses.back().state), "up");
  }
  // As the supervisor does it, or a daemon that was killed.
  void kill() {
    caf::anon_send_exit(broker, caf::exit_reason::kill);
    broker = nullptr;
    run();
    market_record->watched.clear();
    market_record->last.clear();
  }
  std::string venue() {
    std::string out;
    const auto open = *ask<OpenBrokerOrders>(broker, GetOpenBrokerOrders{});
    const auto executions = *ask<Executions>(broker, GetExecutions{});
    const auto positions = *ask<Positions>(broker, GetBrokerPositions{});
    for (const auto& o : open.orders) out += to_string(o) + "\n";
    for (const auto& e : executions.fills) out += to_string(e) + "\n";
    for (auto p : positions.positions) {
      p.market_price.reset();
      p.market_value.reset();
      p.unrealized_pnl.reset();
      p.updated = {};
      out += to_string(p) + "\n";
    }
    const auto a = *ask<AccountSummary>(broker, GetBrokerAccount{});
    return out + a.cash.to_string() + " " + a.realized_pnl.to_string() + " " + a.commissions.to_string();
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(paper_journal, Kept)

BOOST_AUTO_TEST_CASE(a_venue_that_was_killed_goes_on) {
  configure = [](Section& s) { s.set("commission_per_share", std::string{"0.005"}); };
  start();
  quote("AAPL", "9.9", "500", "10.1", "60");
  const auto partial = order("AAPL", Side::buy, "100", "10.1", TimeInForce::gtc);
  const auto resting = order("AAPL", Side::buy, "50", "9", TimeInForce::gtc);
  const auto gone = order("AAPL", Side::buy, "5", "9", TimeInForce::gtc);
  for (const auto& o : {partial, resting, gone}) BOOST_REQUIRE(place(o));
  BOOST_REQUIRE(ask<Done>(broker, CancelBrokerOrder{gone.order_id}));
  BOOST_REQUIRE(ask<Done>(broker, ReplaceBrokerOrder{resting.order_id, qty("70"), price("9.5"), {}, {}}));
  const auto before = venue();
  kill();
  said->statuses.clear();
  start();
  BOOST_CHECK_EQUAL(venue(), before);
  BOOST_CHECK((market_record->calls == std::vector<std::string>{"watch AAPL", "watch AAPL"}));
  // Sent again since its answer was lost: the same order.
  const auto again = place(partial);
  BOOST_REQUIRE(again);
  BOOST_CHECK_EQUAL(again->broker_order_id.str(), "p-1");
  const auto closed = ask<BrokerOrder>(broker, GetBrokerOrder{gone.order_id});
  BOOST_REQUIRE(closed);
  BOOST_CHECK(closed->status == OrderStatus::canceled);
  BOOST_CHECK_EQUAL(closed->reason, "canceled on request");
  BOOST_CHECK_EQUAL(code(ask<BrokerOrder>(broker, GetBrokerOrder{OrderId{"nobody"}})), "order.not_found");
  // Numbers go on, the working orders too.
  BOOST_CHECK_EQUAL(place(order("AAPL", Side::buy, "1", "5", TimeInForce::gtc))->broker_order_id.str(), "p-4");
  quote("AAPL", "9.3", "500", "9.4", "1000");
  BOOST_CHECK_EQUAL(said->story(resting.order_id), "replaced, fill 70 @ 9.4");
  BOOST_CHECK(said->fills(partial.order_id).back().exec_id == ExecId{"x-2"});
  BOOST_CHECK_EQUAL(ask<Executions>(broker, GetExecutions{})->fills.size(), 3);
}

BOOST_AUTO_TEST_CASE(without_persist_a_venue_begins_anew) {
  configure = [](Section& s) { s.set("persist", false); };
  start();
  quote("AAPL", "9.9", "500", "10.1", "60");
  BOOST_REQUIRE(place(order("AAPL", Side::buy, "10")));
  kill();
  BOOST_CHECK(!std::filesystem::exists(folder.file("paper")));
  start();
  BOOST_CHECK(ask<Executions>(broker, GetExecutions{})->fills.empty());
}

BOOST_AUTO_TEST_CASE(the_folder_is_locked_by_the_venue_alone) {
  start();
  const auto first = broker;
  start(false);
  BOOST_CHECK(said->statuses.back().state == LinkState::down);
  BOOST_CHECK_EQUAL(said->statuses.back().reason, "journal");
  BOOST_CHECK(said->statuses.back().message.find("in use") != std::string::npos);
  BOOST_CHECK_EQUAL(code(ask<OpenBrokerOrders>(broker, GetOpenBrokerOrders{})), "broker.unavailable");
  BOOST_CHECK_EQUAL(code(place(order("AAPL", Side::buy, "1"))), "broker.unavailable");
  caf::anon_send_exit(first, caf::exit_reason::kill);
  run();
  advance(6s);  // it tries again by itself
  BOOST_CHECK(said->statuses.back().state == LinkState::up);
}

BOOST_AUTO_TEST_CASE(a_full_disk_holds_fills_back_and_refuses_orders) {
  start();
  quote("AAPL", "9.9", "500", "12", "60");
  const auto o = order("AAPL", Side::buy, "100", "10", TimeInForce::gtc);
  BOOST_REQUIRE(place(o));
  disk->error = ENOSPC;
  quote("AAPL", "9.9", "500", "10", "60");
  BOOST_CHECK_EQUAL(said->story(o.order_id), "");  // it happened, but nobody may know
  quote("AAPL", "9.9", "500", "10", "60");         // and nothing more happens
  BOOST_CHECK_EQUAL(code(ask<Executions>(broker, GetExecutions{})), "broker.unavailable");
  const auto refused = place(order("AAPL", Side::buy, "1"));
  BOOST_CHECK_EQUAL(code(refused), "broker.rejected");
  BOOST_CHECK(refused.error().message.starts_with("disk full"));
  BOOST_CHECK_EQUAL(code(place(o)), "broker.unavailable");  // it was taken: not rejected
  advance(2s);
  BOOST_CHECK_EQUAL(said->story(o.order_id), "");
  disk->error = 0;
  advance(2s);
  BOOST_CHECK_EQUAL(said->story(o.order_id), "fill 60 @ 10");
  quote("AAPL", "9.9", "500", "10", "60");
  BOOST_CHECK_EQUAL(said->story(o.order_id), "fill 60 @ 10, fill 40 @ 10");
  const auto before = venue();
  kill();
  start();
  BOOST_CHECK_EQUAL(venue(), before);
}

BOOST_AUTO_TEST_CASE(a_disk_that_broke_ends_the_actor_and_what_nobody_was_told_did_not_happen) {
  start();
  quote("AAPL", "9.9", "500", "12", "60");
  const auto o = order("AAPL", Side::buy, "100", "10", TimeInForce::gtc);
  BOOST_REQUIRE(place(o));
  disk->error = EIO;
  quote("AAPL", "9.9", "500", "10", "60");
  BOOST_CHECK_EQUAL(said->story(o.order_id), "");
  disk->error = 0;
  market_record->watched.clear();
  start();
  BOOST_CHECK_EQUAL(ask<OpenBrokerOrders>(broker, GetOpenBrokerOrders{})->orders.at(0).filled_qty.to_string(), "60");
}

BOOST_AUTO_TEST_CASE(a_recording_has_an_account_of_its_own) {
  start();
  quote("AAPL", "9.9", "500", "10.1", "60");
  BOOST_REQUIRE(place(order("AAPL", Side::buy, "10")));
  const auto before = venue();
  clock.advance_to(from_unix_ns(1'700'000'000'000'000'000));
  quote("AAPL", "9.9", "500", "10.1", "60");
  BOOST_CHECK(ask<Executions>(broker, GetExecutions{})->fills.empty());
  kill();
  clock = Clock{};
  start();
  BOOST_CHECK_EQUAL(venue(), before);
}

BOOST_AUTO_TEST_CASE(a_silent_market_does_not_keep_orders_alive) {
  start();
  quote("AAPL", "9.9", "500", "10.1", "60");
  auto o = order("AAPL", Side::buy, "10", "9", TimeInForce::gtd);
  o.order.expires_at = Clock::wall_now() + 20ms;
  BOOST_REQUIRE(place(o));
  while (Clock::wall_now() <= *o.order.expires_at) {
  }
  advance(100ms, 10ms);
  BOOST_CHECK_EQUAL(said->story(o.order_id), "expired");
}

BOOST_AUTO_TEST_SUITE_END()
