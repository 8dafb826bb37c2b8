#include "actors/providers/replay/player.hpp"

#include <random>
#include <set>

#include "actors/providers/replay/archive.hpp"
#include "actors/providers/replay/catalogue.hpp"
#include "tests/actors/providers/replay/recording_files.hpp"

namespace tradebus::replay::test {
namespace {

constexpr TopicRef ref_a = 1;
constexpr TopicRef ref_b = 2;

// Rows 0..count-1, a millisecond apart, A and B in turn, the number in the size.
std::string numbered(int count, std::int64_t first_ts = 1'000'000'000, bool only_a = false) {
  std::string text{trade_header};
  for (int i = 0; i < count; ++i)
    text += std::to_string(first_ts + i * 1'000'000LL) + (i % 2 == 0 || only_a ? ",A," : ",B,") + "1.5," +
            std::to_string(i) + "\n";
  return text;
}

std::vector<int> numbers(const std::vector<MarketEvent>& events) {
  std::vector<int> out;
  for (const auto& e : events) out.push_back(static_cast<int>(e.qty[0].raw() / Quantity::scale));
  return out;
}

std::vector<int> range(int from, int to, int step = 1) {
  std::vector<int> out;
  for (int i = from; i < to; i += step) out.push_back(i);
  return out;
}

PlayerOptions at_full_speed(std::uint64_t resume_after = 0) {
  PlayerOptions options;
  options.provider = ProviderName{"replay"};
  options.speed = 0.0;
  options.settle = 100ms;  // longer than a busy machine keeps a test between two subscriptions
  options.resume_after = resume_after;
  options.run = 1;
  return options;
}

struct Session {
  Session(const Recording& files, PlayerOptions options, bool generous = true)
      : bus{generous}, player{std::make_unique<Player>(files, std::move(options), listener, bus.send())} {
    bus.serve(player.get());
  }
  ~Session() {
    bus.serve(nullptr);
    player.reset();
  }
  void open_both() {
    player->subscribe({ref_a, StreamKind::trade, "A"});
    player->subscribe({ref_b, StreamKind::trade, "B"});
  }
  FakeListener listener;
  FakeBus bus;
  std::unique_ptr<Player> player;
};

}  // namespace

BOOST_AUTO_TEST_CASE(every_row_of_open_topics_arrives_once_and_in_order) {
  const Folder folder;
  const auto files = recording({folder.write_gz("t", numbered(20'000))});
  Session session{files, at_full_speed()};
  session.open_both();
  BOOST_REQUIRE(session.listener.wait_for<Ended>());
  const auto events = session.bus.events();
  BOOST_CHECK(numbers(events) == range(0, 20'000));
  for (const auto& e : events) {
    BOOST_REQUIRE_EQUAL(e.ref, numbers({e})[0] % 2 == 0 ? ref_a : ref_b);
    BOOST_REQUIRE_EQUAL(unix_ns(e.ts), 1'000'000'000 + numbers({e})[0] * 1'000'000LL);
    BOOST_REQUIRE(e.rx > from_unix_ns(1'500'000'000'000'000'000));
    BOOST_REQUIRE(e.quality == Quality::live);
  }
  const auto counters = session.player->counters();
  BOOST_CHECK_EQUAL(counters.rows, 20'000U);
  BOOST_CHECK_EQUAL(counters.delivered, 20'000U);
  BOOST_CHECK_EQUAL(counters.skipped, 0U);
  BOOST_CHECK_EQUAL(counters.dropped, 0U);
  BOOST_CHECK(session.player->drained());
  BOOST_CHECK_EQUAL(session.listener.all<Ended>()[0].cursor, 20'000U);
  BOOST_CHECK_EQUAL(session.listener.all<Started>().size(), 1U);
  BOOST_CHECK_EQUAL(session.listener.all<FileEnded>()[0].stats.rows, 20'000U);
  BOOST_CHECK_EQUAL(session.bus.cursors().back(), 20'000U);
}

BOOST_AUTO_TEST_CASE(rows_nobody_wants_are_passed_by) {
  const Folder folder;
  Session session{recording({folder.write("t", numbered(1'001))}), at_full_speed()};
  session.player->subscribe({ref_b, StreamKind::trade, "B"});
  session.player->subscribe({77, StreamKind::quote, "A"});
  BOOST_REQUIRE(session.listener.wait_for<Ended>());
  BOOST_CHECK(numbers(session.bus.events()) == range(1, 1'001, 2));
  BOOST_CHECK_EQUAL(session.player->counters().skipped, 501U);
  BOOST_CHECK_EQUAL(session.player->counters().rows, 1'001U);
}

BOOST_AUTO_TEST_CASE(nothing_moves_before_the_first_subscription) {
  const Folder folder;
  Session session{recording({folder.write("t", numbered(10))}), at_full_speed()};
  session.player->unsubscribe(5);
  session.player->go();  // means nothing to the rule `subscribe`
  BOOST_CHECK(!session.listener.wait_for<Started>(1, 0s));
  session.player->subscribe({ref_a, StreamKind::trade, "A"});
  BOOST_REQUIRE(session.listener.wait_for<Ended>());
  BOOST_CHECK(numbers(session.bus.events()) == range(0, 10, 2));
}

BOOST_AUTO_TEST_CASE(a_restart_at_any_row_continues_exactly_once) {
  const Folder folder;
  constexpr int rows = 40;
  const auto text = numbered(rows, 1'000, true);
  const auto files = recording({folder.write("t", text), folder.write("u", text)});
  for (unsigned cursor = 0; cursor <= 2 * rows; ++cursor) {
    auto options = at_full_speed(cursor);
    options.settle = 0ms;
    Session session{files, options};
    session.player->subscribe({ref_a, StreamKind::trade, "A"});
    BOOST_REQUIRE(session.listener.wait_for<Ended>());
    const auto got = session.bus.events();
    BOOST_REQUIRE_EQUAL(got.size(), 2 * rows - cursor);
    for (std::size_t i = 0; i < got.size(); ++i)
      BOOST_REQUIRE_EQUAL(numbers({got[i]})[0], static_cast<int>((cursor + i) / 2));  // both files hold each number
    BOOST_REQUIRE_EQUAL(session.listener.all<Ended>()[0].cursor, 2U * rows);
  }
}

BOOST_AUTO_TEST_CASE(the_cursor_of_a_batch_is_where_a_restart_goes_on) {
  const Folder folder;
  const auto files = recording({folder.write("t", numbered(3'000))});
  std::vector<std::uint64_t> cursors;
  std::vector<std::size_t> sizes;
  {
    Session first{files, at_full_speed()};
    first.player->subscribe({ref_b, StreamKind::trade, "B"});
    BOOST_REQUIRE(first.listener.wait_for<Ended>());
    cursors = first.bus.cursors();
    sizes = first.bus.batch_sizes();
  }
  std::size_t delivered = 0;
  for (std::size_t i = 0; i < cursors.size(); ++i) {
    delivered += sizes[i];
    Session next{files, at_full_speed(cursors[i])};
    next.player->subscribe({ref_b, StreamKind::trade, "B"});
    BOOST_REQUIRE(next.listener.wait_for<Ended>());
    BOOST_REQUIRE(numbers(next.bus.events()) == range(1 + 2 * static_cast<int>(delivered), 3'000, 2));
  }
  BOOST_CHECK_EQUAL(delivered, 1'500U);
}

BOOST_AUTO_TEST_CASE(without_credit_it_stops_and_loses_nothing) {
  const Folder folder;
  constexpr int rows = 20'000;
  Session session{recording({folder.write("t", numbered(rows))}), at_full_speed(), false};
  session.open_both();
  const std::size_t first = batch_credit * batch_events_max;
  BOOST_REQUIRE(session.bus.wait_until([&](FakeBus& bus) { return bus.count() == first; }));
  // The credit is used up: what comes next comes with new credit only, one batch for one.
  BOOST_CHECK(!session.listener.wait_for<Ended>(1, 0s));
  std::size_t batches = batch_credit;
  while (batches * batch_events_max < rows) {
    session.player->add_credit(1);
    ++batches;
    const std::size_t expected = std::min<std::size_t>(batches * batch_events_max, rows);
    BOOST_REQUIRE(session.bus.wait_until([&](FakeBus& bus) { return bus.count() == expected; }));
    BOOST_REQUIRE_EQUAL(session.bus.batches(), batches);
  }
  BOOST_REQUIRE(session.listener.wait_for<Ended>());
  BOOST_CHECK(numbers(session.bus.events()) == range(0, rows));
  BOOST_CHECK_EQUAL(session.player->counters().dropped, 0U);
}

BOOST_AUTO_TEST_CASE(a_live_replay_drops_the_oldest_and_says_so) {
  const Folder folder;
  constexpr int rows = 200'000;  // more than may be held back
  auto options = at_full_speed();
  options.speed = 1e6;
  Session session{recording({folder.write("t", numbered(rows))}), options, false};
  session.open_both();
  BOOST_REQUIRE(session.listener.wait_for<Ended>());
  BOOST_CHECK(!session.player->drained());
  while (!session.player->drained()) session.player->add_credit(1);
  BOOST_CHECK_GT(session.bus.dropped(), 0U);
  BOOST_CHECK_EQUAL(session.bus.count() + session.bus.dropped(), static_cast<std::size_t>(rows));
  BOOST_CHECK_EQUAL(session.player->counters().dropped, session.bus.dropped());
  const auto got = numbers(session.bus.events());
  BOOST_CHECK_EQUAL(got.back(), rows - 1);
  BOOST_CHECK(std::ranges::is_sorted(got));
}

BOOST_AUTO_TEST_CASE(it_can_be_stopped_wherever_it_waits) {
  const Folder folder;
  const auto files = recording({folder.write("t", numbered(20'000))});
  { Session idle{files, at_full_speed()}; }  // for a first subscription
  {
    Session blocked{files, at_full_speed(), false};  // for credit
    blocked.open_both();
    BOOST_REQUIRE(blocked.bus.wait_until([](FakeBus& bus) { return bus.batches() == batch_credit; }));
  }
  {
    auto options = at_full_speed();
    options.speed = 1e-6;
    Session waiting{files, options};  // for a row's time, half an hour away
    waiting.open_both();
    BOOST_REQUIRE(waiting.bus.wait_until([](FakeBus& bus) { return bus.count() == 1; }));
  }
  {
    Session running{files, at_full_speed()};
    running.open_both();
  }
}

BOOST_AUTO_TEST_CASE(what_is_due_leaves_before_a_gap_is_waited_out) {
  const Folder folder;
  auto options = at_full_speed();
  options.speed = 1.0;
  const auto file =
      folder.write("t", std::string{trade_header} + "1000,A,1,0\n1000,A,1,1\n1001,A,1,2\n3600000000000,A,1,3\n");
  Session session{recording({file}), options};
  session.open_both();
  BOOST_REQUIRE(session.bus.wait_until([](FakeBus& bus) { return bus.count() == 3; }));
  // Commands are heard while it waits.
  session.player->unsubscribe(ref_a);
  session.player->go();
  BOOST_CHECK_EQUAL(session.player->counters().dropped, 0U);
}

BOOST_AUTO_TEST_CASE(a_burst_leaves_in_few_batches) {
  const Folder folder;
  constexpr int rows = 20'000;  // 5 us apart: a batch a row would be far more than may be held back
  std::string text{trade_header};
  for (int i = 0; i < rows; ++i) text += std::to_string(1'000'000'000 + i * 5'000) + ",A,1," + std::to_string(i) + "\n";
  auto options = at_full_speed();
  options.speed = 1.0;
  Session session{recording({folder.write("t", text)}), options, false};
  session.player->subscribe({ref_a, StreamKind::trade, "A"});
  BOOST_REQUIRE(session.listener.wait_for<Ended>());
  while (!session.player->drained()) session.player->add_credit(1);
  BOOST_CHECK_EQUAL(session.bus.dropped(), 0U);
  BOOST_CHECK(numbers(session.bus.events()) == range(0, rows));
}

BOOST_AUTO_TEST_CASE(speed_takes_the_recordings_time) {
  const Folder folder;
  auto options = at_full_speed();
  options.speed = 100.0;
  Session session{recording({folder.write("t", numbered(10'001))}), options};  // ten seconds
  session.open_both();
  BOOST_REQUIRE(session.listener.wait_for<Started>());
  const auto start = std::chrono::steady_clock::now();
  BOOST_REQUIRE(session.listener.wait_for<Ended>());
  const auto took = std::chrono::steady_clock::now() - start;
  BOOST_CHECK_MESSAGE(took > 90ms, "100 times as fast as recorded, never faster");
  BOOST_CHECK(numbers(session.bus.events()) == range(0, 10'001));
}

BOOST_AUTO_TEST_CASE(a_topic_opened_during_the_run_joins_at_the_present) {
  const Folder folder;
  Session session{recording({folder.write("t", numbered(20'000))}), at_full_speed(), false};
  session.player->subscribe({ref_a, StreamKind::trade, "A"});
  BOOST_REQUIRE(session.bus.wait_until([](FakeBus& bus) { return bus.batches() == batch_credit; }));
  session.player->subscribe({ref_b, StreamKind::trade, "B"});
  session.player->unsubscribe(ref_a);
  session.bus.serve(session.player.get());
  while (!session.listener.wait_for<Ended>(1, 0s)) session.player->add_credit(1);
  const auto events = session.bus.events();
  const auto first_b = std::ranges::find(events, ref_b, &MarketEvent::ref);
  BOOST_REQUIRE(first_b != events.end());
  BOOST_CHECK_GT(numbers({*first_b})[0], static_cast<int>(batch_credit * batch_events_max));
  std::vector<int> b;
  for (const auto& e : events)
    if (e.ref == ref_b) b.push_back(numbers({e})[0]);
  BOOST_CHECK(b == range(b.front(), 20'000, 2));
  BOOST_CHECK_LT(numbers({*std::find_if(events.rbegin(), events.rend(), [](auto& e) { return e.ref == ref_a; })})[0],
                 b.front() + 2 * static_cast<int>(batch_events_max));
}

BOOST_AUTO_TEST_CASE(a_loop_begins_again_and_its_cursor_goes_on) {
  const Folder folder;
  auto options = at_full_speed();
  options.loop = true;
  const auto files = recording({folder.write("t", numbered(100))});
  {
    Session session{files, options};
    session.open_both();
    BOOST_REQUIRE(session.listener.wait_for<StartsOver>(3));
    const auto passes = session.listener.all<StartsOver>();
    BOOST_CHECK_EQUAL(passes[0].cursor, 100U);
    BOOST_CHECK_EQUAL(passes[2].cursor, 300U);
    BOOST_REQUIRE(session.bus.wait_until([](FakeBus& bus) { return bus.count() >= 300; }));
    const auto got = numbers(session.bus.events());
    for (std::size_t i = 0; i < got.size(); ++i) BOOST_REQUIRE_EQUAL(got[i], static_cast<int>(i % 100));
    BOOST_CHECK_EQUAL(session.listener.all<FileEnded>().size(), 1U);  // told once, not every pass
  }
  options.resume_after = 1'000'042;
  Session resumed{files, options};
  resumed.open_both();
  BOOST_REQUIRE(resumed.bus.wait_until([](FakeBus& bus) { return bus.count() >= 100; }));
  BOOST_CHECK_EQUAL(numbers(resumed.bus.events())[0], 42);
  BOOST_CHECK_GT(resumed.bus.cursors()[0], 1'000'042U);
}

BOOST_AUTO_TEST_CASE(a_damaged_file_is_told_and_the_others_go_on) {
  const Folder folder;
  std::string text{trade_header};
  std::mt19937_64 random{1};
  for (int i = 0; i < 50'000; ++i)
    text += std::to_string(1'000'000'000 + i) + ",A," + std::to_string(random() % 100'000) + ",1\n";
  const auto packed = Folder::pack(text);
  const auto cut = folder.write("cut.gz", packed.substr(0, packed.size() / 2));
  const auto good = folder.write("good", numbered(10, 1'000'000) + "torn\n");
  Session session{recording({cut, good}), at_full_speed()};
  session.open_both();
  BOOST_REQUIRE(session.listener.wait_for<Ended>());
  std::string failure;
  for (const auto& ended : session.listener.all<FileEnded>())
    if (ended.file == cut) failure = ended.failure;
  BOOST_CHECK_EQUAL(failure, "gzip data ends in the middle");
  const auto bad = session.listener.all<BadLine>();
  BOOST_REQUIRE_EQUAL(bad.size(), 1U);
  BOOST_CHECK_EQUAL(bad[0].file, good);
  BOOST_CHECK_EQUAL(bad[0].line, 12U);
  BOOST_CHECK_EQUAL(session.player->counters().read.bad_lines, 1U);
  BOOST_CHECK_GT(session.bus.events().size(), 10'000U);
}

BOOST_AUTO_TEST_CASE(the_archive_lists_and_answers_on_its_own_thread) {
  const Folder folder;
  const auto files = recording({folder.write("t", numbered(1'000))});
  FakeListener listener;
  Archive archive{files, "replay", listener};
  for (std::uint64_t id = 1; id <= 3; ++id) {
    GetHistoricalData query;
    query.symbol = Symbol{id == 3 ? "NONE" : "A"};
    query.timeframe = Timeframe::s1;
    query.end = from_unix_ns(10'000'000'000);
    BOOST_REQUIRE(archive.ask(id, query));
  }
  BOOST_REQUIRE(listener.wait_for<Answered>(3));
  BOOST_CHECK_EQUAL(listener.all<CatalogueReady>().size(), 1U);
  const auto answers = listener.all<Answered>();
  BOOST_CHECK_EQUAL(answers[0].id, 1U);
  const auto& bars = std::get<Result<HistoricalBars>>(answers[0].answer);
  BOOST_REQUIRE(bars);
  BOOST_CHECK_EQUAL(bars->source, "replay");
  BOOST_REQUIRE_EQUAL(bars->bars.size(), 1U);
  BOOST_CHECK_EQUAL(bars->bars[0].trades.value(), 500);
  BOOST_CHECK(std::get<Result<HistoricalBars>>(answers[2].answer).error().code == Errc::instrument_unknown);
}

BOOST_AUTO_TEST_CASE(the_archive_takes_so_many_questions_and_no_more) {
  const Folder folder;
  const auto files = recording({folder.write("t", numbered(100'000))});
  FakeListener listener;
  Archive archive{files, "replay", listener};
  GetHistoricalData query;
  query.symbol = Symbol{"A"};
  query.end = from_unix_ns(INT64_MAX / 2);
  std::uint64_t taken = 0;
  while (taken < 10'000 && archive.ask(taken, query)) ++taken;
  BOOST_CHECK_LT(taken, 10'000U);
  BOOST_CHECK_GE(taken, Archive::questions_max);
}

}  // namespace tradebus::replay::test
