// The actor, with its real threads and CAF's real scheduler: the test is the hub.
#include "actors/providers/replay/replay.hpp"

#include <spdlog/sinks/ringbuffer_sink.h>
#include <spdlog/spdlog.h>
#include <algorithm>
#include <caf/all.hpp>

#include "bus/model/print.hpp"
#include "tests/actors/providers/replay/recording_files.hpp"

namespace tradebus::replay::test {
namespace {

std::string numbered(const char* symbol, int count) {
  std::string text{trade_header};
  for (int i = 0; i < count; ++i)
    text +=
        std::to_string(1'340'285'400'000'000'000 + i * 1'000'000LL) + "," + symbol + ",1.5," + std::to_string(i) + "\n";
  return text;
}

struct Daemon {
  static caf::actor_system_config& init(caf::actor_system_config& c) {
    configure(c);
    return c;
  }
  caf::actor_system_config cfg;
  caf::actor_system sys{init(cfg)};
  std::shared_ptr<spdlog::sinks::ringbuffer_sink_mt> lines = std::make_shared<spdlog::sinks::ringbuffer_sink_mt>(1'000);
  std::shared_ptr<spdlog::logger> log = std::make_shared<spdlog::logger>("replay", lines);
  Clock clock;
  Folder folder;
  ProviderRegistry registry;
  caf::scoped_actor self{sys};
  std::vector<caf::strong_actor_ptr> kept;

  Daemon() { register_in(registry); }
  ~Daemon() {
    for (auto& actor : kept) {
      self->monitor(actor);
      caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
      self->receive([](const caf::down_msg&) {}, caf::after(30s) >> [] { BOOST_ERROR("an actor does not end"); });
    }
  }

  Section settings(std::vector<std::string> files, double speed = 0.0) {
    Section out{registry.find("replay")->section};
    out.set("files", std::move(files));
    out.set("speed", speed);
    out.set("settle_ms", std::int64_t{100});
    return out;
  }
  AdapterContext context(Section section) { return {"replay", std::move(section), clock, log, {}}; }
  Result<ProviderActor> make(Section section) {
    return registry.find("replay")->make(sys, context(std::move(section)));
  }
  ProviderActor start(Section section) {
    auto out = make(std::move(section));
    BOOST_REQUIRE_MESSAGE(out, (out ? "" : out.error().message));
    kept.push_back(caf::actor_cast<caf::strong_actor_ptr>(*out));
    return *out;
  }
  template <class R, class Handle, class Request>
  Result<R> ask(const Handle& provider, Request request) {
    Result<R> out = fail(Errc::internal, "no answer");
    self->request(provider, 30s, std::move(request))
        .receive([&](R& r) { out = std::move(r); },
                 [&](caf::error& e) { out = tl::unexpected<Error>{from_caf(e, Errc::internal)}; });
    return out;
  }
  MarketSink sink() { return caf::actor_cast<MarketSink>(caf::actor_cast<caf::strong_actor_ptr>(self)); }
  Result<ProviderStatus> connect(const ProviderActor& provider, std::uint64_t resume_after = 0) {
    return ask<ProviderStatus>(provider, ConnectProvider{sink(), resume_after});
  }
  Result<Done> open(const ProviderActor& provider, TopicRef ref, StreamKind kind, const char* symbol) {
    return ask<Done>(provider, Subscribe{ref, kind, Symbol{symbol}});
  }

  // What the hub got, in its order.
  std::vector<MarketEvent> events;
  std::vector<TopicStatus> topics;
  std::vector<ProviderStatus> statuses;
  std::vector<CorporateAction> actions;
  std::uint64_t cursor = 0;
  bool give_credit = true;
  template <class Condition>
  bool receive_until(const ProviderActor& provider, Condition condition) {
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    while (!condition()) {
      bool timeout = false;
      self->receive(
          [&](const MarketBatch& batch) {
            BOOST_REQUIRE_MESSAGE(topics.empty() || topics.back().state != TopicState::ended,
                                  "no batch behind the end");
            events.insert(events.end(), batch.events.begin(), batch.events.end());
            actions.insert(actions.end(), batch.actions.begin(), batch.actions.end());
            cursor = batch.cursor;
            if (give_credit) self->send(provider, BatchCredit{1});
          },
          [&](const TopicStatus& status) { topics.push_back(status); },
          [&](const ProviderStatus& status) { statuses.push_back(status); },
          [&](const CorporateAction& action) { actions.push_back(action); }, caf::after(1s) >> [&] { timeout = true; });
      if (timeout && std::chrono::steady_clock::now() > deadline) return false;
    }
    return true;
  }
  bool logged(const std::string& part) {
    const auto all = lines->last_formatted();
    return std::ranges::any_of(all, [&](const auto& line) { return line.find(part) != std::string::npos; });
  }
  bool warned() {
    const auto all = lines->last_raw();
    return std::ranges::any_of(all, [](const auto& line) { return line.level >= spdlog::level::warn; });
  }
  std::int64_t counter(const ProviderActor& provider, const std::string& name) {
    const auto counters = ask<Counters>(provider, GetProviderCounters{});
    BOOST_REQUIRE(counters);
    for (const auto& each : counters->counters)
      if (each.name == name) return each.value;
    BOOST_ERROR("no counter " + name);
    return -1;
  }
};

int number(const MarketEvent& e) { return static_cast<int>(e.qty[0].raw() / Quantity::scale); }

}  // namespace

BOOST_FIXTURE_TEST_CASE(splits_and_dividends_are_told_at_their_time_whoever_subscribes, Daemon) {
  const auto actions_file = folder.write("actions.csv",
                                         "ts_ns,symbol,action,value\n1340285400000000000,B,split,0.1\n"
                                         "1340285400001000000,A,dividend,\n1340285400001000000,A,merger,2\n"
                                         "1340285400001000000,A,split,-2\n1340285400001000000,A,split,0\n");
  const auto provider = start(settings({folder.write("t.csv", numbered("A", 3)), actions_file}));
  BOOST_REQUIRE(connect(provider));
  // It is no market data: nothing is known of B.
  BOOST_CHECK(open(provider, 2, StreamKind::trade, "B").error().code == Errc::instrument_unknown);
  BOOST_REQUIRE(open(provider, 1, StreamKind::trade, "A"));
  BOOST_REQUIRE(receive_until(provider, [&] { return !statuses.empty() && actions.size() >= 2; }));
  BOOST_CHECK_EQUAL(events.size(), 3U);
  BOOST_REQUIRE_EQUAL(actions.size(), 2U);
  BOOST_CHECK_EQUAL(actions[0].symbol.str(), "B");
  BOOST_CHECK(actions[0].action == CorporateActionKind::split);
  BOOST_CHECK_EQUAL(actions[0].value.to_string(), "0.1");
  BOOST_CHECK_EQUAL(unix_ns(actions[0].ts), 1'340'285'400'000'000'000);
  BOOST_CHECK(actions[1].action == CorporateActionKind::dividend);
  BOOST_CHECK(actions[1].value.is_zero());
  BOOST_CHECK_EQUAL(counter(provider, "actions"), 2);
  BOOST_CHECK_EQUAL(counter(provider, "bad_lines"), 3);
  BOOST_CHECK(logged("value is not above zero"));
}

BOOST_FIXTURE_TEST_CASE(in_lockstep_it_goes_on_only_as_far_as_it_is_told, Daemon) {
  auto with = settings({folder.write("t.csv", numbered("A", 1'000))});
  with.set("lockstep", true);
  const auto provider = start(with);
  const auto steps = caf::actor_cast<ReplayStepsActor>(provider);
  const auto at = [](int row) { return from_unix_ns(1'340'285'400'000'000'000 + row * 1'000'000LL); };
  Result<ReplayStep> step = fail(Errc::internal, "no answer");
  const auto go = [&](Timestamp until) {
    step = fail(Errc::internal, "no answer");
    self->send(steps, AdvanceReplay{ProviderName{"replay"}, until});
  };
  // Takes what comes, the answer too: whatever belongs to the step comes before it.
  const auto answered = [&] {
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    bool done = false;
    while (!done && std::chrono::steady_clock::now() < deadline)
      self->receive(
          [&](const MarketBatch& batch) {
            events.insert(events.end(), batch.events.begin(), batch.events.end());
            self->send(provider, BatchCredit{1});
          },
          [&](const TopicStatus&) {}, [&](const ProviderStatus&) {},
          [&](const ReplayStep& s) {
            step = s;
            done = true;
          },
          [&](const caf::error& e) {
            step = tl::unexpected<Error>{from_caf(e, Errc::internal)};
            done = true;
          },
          caf::after(1s) >> [] {});
    return done;
  };
  BOOST_REQUIRE(connect(provider));
  BOOST_REQUIRE(open(provider, 1, StreamKind::trade, "A"));
  go(at(9));
  BOOST_REQUIRE(answered());
  BOOST_REQUIRE(step);
  BOOST_CHECK_EQUAL(events.size(), 10U);
  BOOST_CHECK(step->ts == at(9) && step->next_ts == at(10) && !step->ended);
  go(at(9));  // nothing more up to there
  BOOST_REQUIRE(answered());
  BOOST_CHECK_EQUAL(events.size(), 10U);
  BOOST_CHECK(step && step->next_ts == at(10));
  go(at(998));
  BOOST_REQUIRE(answered());
  BOOST_CHECK_EQUAL(events.size(), 999U);
  go(at(5'000));
  BOOST_REQUIRE(answered());
  BOOST_CHECK_EQUAL(events.size(), 1'000U);
  BOOST_CHECK(step && step->ended && !step->next_ts);
  go(at(6'000));
  BOOST_REQUIRE(answered());
  BOOST_CHECK(step && step->ended);
}

BOOST_FIXTURE_TEST_CASE(lockstep_needs_full_speed_and_one_pass, Daemon) {
  auto with = settings({folder.write("t.csv", numbered("A", 3))}, 1.0);
  with.set("lockstep", true);
  const auto refused = make(with);
  BOOST_REQUIRE(!refused);
  BOOST_CHECK(refused.error().code == Errc::config_invalid);
  const auto plain = start(settings({folder.write("u.csv", numbered("A", 3))}));
  const auto answer = ask<ReplayStep>(caf::actor_cast<ReplayStepsActor>(plain), AdvanceReplay{});
  BOOST_CHECK(!answer && answer.error().code == Errc::request_invalid);
}

BOOST_FIXTURE_TEST_CASE(a_recording_from_connect_to_its_end, Daemon) {
  const auto provider = start(settings({folder.write_gz("t.csv.gz", numbered("A", 10'000))}));
  BOOST_CHECK(open(provider, 1, StreamKind::trade, "A").error().code == Errc::provider_unavailable);
  const auto status = connect(provider);
  BOOST_REQUIRE(status);
  BOOST_CHECK(status->state == LinkState::up);
  BOOST_CHECK_EQUAL(unix_ns(clock.now()), 1'340'285'400'000'000'000);
  BOOST_REQUIRE(open(provider, 1, StreamKind::trade, "A"));
  BOOST_CHECK(open(provider, 2, StreamKind::trade, "NONE").error().code == Errc::instrument_unknown);
  BOOST_CHECK(open(provider, 3, StreamKind::bar_1m, "A").error().code == Errc::provider_unsupported);
  BOOST_CHECK(open(provider, 4, StreamKind::news, "A").error().code == Errc::provider_unsupported);
  BOOST_REQUIRE(receive_until(provider, [&] { return !statuses.empty(); }));
  BOOST_REQUIRE_EQUAL(events.size(), 10'000U);
  for (int i = 0; i < 10'000; ++i) BOOST_REQUIRE_EQUAL(number(events[static_cast<std::size_t>(i)]), i);
  BOOST_CHECK_EQUAL(cursor, 10'000U);
  BOOST_REQUIRE_EQUAL(topics.size(), 1U);
  BOOST_CHECK_EQUAL(topics[0].ref, 1U);
  BOOST_CHECK(topics[0].state == TopicState::ended);
  BOOST_CHECK_EQUAL(topics[0].reason, "end_of_data");
  BOOST_CHECK(statuses[0].state == LinkState::up);
  BOOST_CHECK_EQUAL(statuses[0].reason, "end_of_data");
  BOOST_CHECK_EQUAL(counter(provider, "rows"), 10'000);
  BOOST_CHECK_EQUAL(counter(provider, "delivered"), 10'000);
  BOOST_CHECK_EQUAL(counter(provider, "dropped"), 0);
  BOOST_CHECK_EQUAL(counter(provider, "files"), 1);
  // The clock is the hub's to move.
  BOOST_CHECK_EQUAL(unix_ns(clock.now()), 1'340'285'400'000'000'000);
  // It stays and answers; a topic opened now has ended already.
  BOOST_REQUIRE(open(provider, 9, StreamKind::trade, "A"));
  BOOST_REQUIRE(receive_until(provider, [&] { return topics.size() == 2; }));
  BOOST_CHECK_EQUAL(topics[1].ref, 9U);
  GetHistoricalData query;
  query.symbol = Symbol{"A"};
  query.timeframe = Timeframe::s1;
  query.end = from_unix_ns(1'400'000'000'000'000'000);
  BOOST_CHECK_EQUAL(ask<HistoricalBars>(provider, query)->bars.size(), 10U);
  BOOST_CHECK_EQUAL(connect(provider)->reason, "end_of_data");
  BOOST_CHECK(!warned());
  BOOST_CHECK(logged("replay-ended"));
}

BOOST_FIXTURE_TEST_CASE(without_credit_nothing_is_lost_and_the_end_waits, Daemon) {
  const auto provider = start(settings({folder.write("t", numbered("A", 10'000))}));
  give_credit = false;
  BOOST_REQUIRE(connect(provider));
  BOOST_REQUIRE(open(provider, 1, StreamKind::trade, "A"));
  const std::size_t first = batch_credit * batch_events_max;
  BOOST_REQUIRE(receive_until(provider, [&] { return events.size() == first; }));
  while (events.size() < 10'000) {
    const auto before = events.size();
    self->send(provider, BatchCredit{1});
    BOOST_REQUIRE(receive_until(provider, [&] { return events.size() > before; }));
    BOOST_REQUIRE_EQUAL(events.size(), std::min<std::size_t>(before + batch_events_max, 10'000));
  }
  BOOST_REQUIRE(receive_until(provider, [&] { return !topics.empty(); }));
}

BOOST_FIXTURE_TEST_CASE(a_live_replay_ends_behind_what_was_held_back, Daemon) {
  const auto provider = start(settings({folder.write("t", numbered("A", 10'000))}, 1e6));
  give_credit = false;
  BOOST_CHECK(!ask<ProviderCapabilities>(provider, GetProviderCapabilities{})->lossless);
  BOOST_REQUIRE(connect(provider));
  BOOST_REQUIRE(open(provider, 1, StreamKind::trade, "A"));
  std::size_t batches = 0;
  BOOST_REQUIRE(receive_until(provider, [&] {
    batches = events.size();
    return logged("replay-ended");
  }));
  give_credit = true;
  self->send(provider, BatchCredit{1});
  BOOST_REQUIRE(receive_until(provider, [&] { return !statuses.empty(); }));
  BOOST_CHECK_EQUAL(events.size(), 10'000U);  // fewer than may be held back: none lost
  BOOST_CHECK_EQUAL(topics.size(), 1U);
}

BOOST_FIXTURE_TEST_CASE(a_new_actor_goes_on_where_the_old_one_stood, Daemon) {
  const auto file = folder.write("t", numbered("A", 20'000));
  give_credit = false;
  {
    const auto provider = start(settings({file}));
    BOOST_REQUIRE(connect(provider));
    BOOST_REQUIRE(open(provider, 1, StreamKind::trade, "A"));
    BOOST_REQUIRE(receive_until(provider, [&] { return events.size() == batch_credit * batch_events_max; }));
    self->monitor(provider);
    self->send_exit(provider, caf::exit_reason::kill);
    self->receive([](const caf::down_msg&) {});
  }
  kept.clear();
  give_credit = true;
  const auto provider = start(settings({file}));
  BOOST_REQUIRE(connect(provider, cursor));
  BOOST_REQUIRE(open(provider, 1, StreamKind::trade, "A"));
  BOOST_REQUIRE(receive_until(provider, [&] { return !topics.empty(); }));
  BOOST_REQUIRE_EQUAL(events.size(), 20'000U);
  for (int i = 0; i < 20'000; ++i) BOOST_REQUIRE_EQUAL(number(events[static_cast<std::size_t>(i)]), i);
}

BOOST_FIXTURE_TEST_CASE(disconnect_forgets_and_connect_begins_anew, Daemon) {
  const auto provider = start(settings({folder.write("t", numbered("A", 1'000))}));
  BOOST_REQUIRE(connect(provider));
  BOOST_REQUIRE(open(provider, 1, StreamKind::trade, "A"));
  BOOST_REQUIRE(receive_until(provider, [&] { return !statuses.empty(); }));
  const auto down = ask<ProviderStatus>(provider, DisconnectProvider{});
  BOOST_CHECK(down->state == LinkState::down);
  BOOST_CHECK_EQUAL(down->reason, "requested");
  BOOST_CHECK(!open(provider, 1, StreamKind::trade, "A"));
  BOOST_CHECK_EQUAL(counter(provider, "delivered"), 1'000);
  events.clear();
  topics.clear();
  statuses.clear();
  BOOST_CHECK_EQUAL(connect(provider)->reason, "");
  BOOST_REQUIRE(open(provider, 7, StreamKind::trade, "A"));
  BOOST_REQUIRE(receive_until(provider, [&] { return !statuses.empty(); }));
  BOOST_CHECK_EQUAL(events.size(), 1'000U);
  BOOST_CHECK_EQUAL(events[0].ref, 7U);
}

BOOST_FIXTURE_TEST_CASE(start_connect_waits_for_the_op_connect, Daemon) {
  auto section = settings({folder.write("t", numbered("A", 100))});
  section.set("start", std::string{"connect"});
  const auto provider = start(section);
  BOOST_REQUIRE(connect(provider));
  BOOST_REQUIRE(open(provider, 1, StreamKind::trade, "A"));
  BOOST_CHECK_EQUAL(counter(provider, "rows"), 0);
  BOOST_REQUIRE(connect(provider));
  BOOST_REQUIRE(receive_until(provider, [&] { return !statuses.empty(); }));
  BOOST_CHECK_EQUAL(events.size(), 100U);
}

BOOST_FIXTURE_TEST_CASE(start_now_waits_for_nobody, Daemon) {
  auto section = settings({folder.write("t", numbered("A", 100))});
  section.set("start", std::string{"now"});
  const auto provider = start(section);
  BOOST_REQUIRE(connect(provider));
  BOOST_REQUIRE(receive_until(provider, [&] { return !statuses.empty(); }));
  BOOST_CHECK_EQUAL(statuses[0].reason, "end_of_data");
  BOOST_CHECK_EQUAL(counter(provider, "skipped_unsubscribed"), 100);
}

BOOST_FIXTURE_TEST_CASE(a_large_recording_is_not_waited_for_for_ever, Daemon) {
  Settings large = *read_settings(settings({folder.write("t", numbered("A", 100'000))}));
  large.list_first_bytes = 0;
  large.list_wait = 0ms;  // the listing certainly takes longer
  const ProviderActor provider = sys.spawn(replay, large, context(settings({})));
  kept.push_back(caf::actor_cast<caf::strong_actor_ptr>(provider));
  BOOST_REQUIRE(connect(provider));
  // Whether the listing or the timer comes first is the machine's choice; the outcome for the subscriber is known.
  const auto unknown = open(provider, 1, StreamKind::trade, "NONE");
  if (unknown) {
    BOOST_REQUIRE(receive_until(provider, [&] { return !topics.empty(); }));
    BOOST_CHECK_EQUAL(topics[0].ref, 1U);
    BOOST_CHECK(topics[0].state == TopicState::rejected);
    BOOST_CHECK_EQUAL(topics[0].reason, "instrument.unknown");
  } else {
    BOOST_CHECK(unknown.error().code == Errc::instrument_unknown);
  }
  BOOST_REQUIRE(open(provider, 2, StreamKind::trade, "A"));
}

BOOST_FIXTURE_TEST_CASE(a_damaged_file_degrades_the_link, Daemon) {
  const auto packed = Folder::pack(numbered("A", 50'000));
  const auto cut = folder.write("cut.csv.gz", packed.substr(0, packed.size() * 3 / 4));
  const auto provider = start(settings({cut, folder.write("t", numbered("B", 10) + "torn,line\n")}));
  BOOST_REQUIRE(connect(provider));
  BOOST_REQUIRE(open(provider, 1, StreamKind::trade, "B"));
  BOOST_REQUIRE(receive_until(provider, [&] { return statuses.size() == 2; }));
  for (const auto& status : statuses) BOOST_CHECK(status.state == LinkState::degraded);
  BOOST_CHECK(statuses[0].message.find(cut) != std::string::npos);
  BOOST_CHECK_EQUAL(statuses[1].reason, "end_of_data");
  BOOST_CHECK_EQUAL(events.size(), 10U);
  BOOST_CHECK_EQUAL(counter(provider, "bad_lines"), 1);
  BOOST_CHECK(logged("file-damaged"));
  BOOST_CHECK(logged("line=12 reason=\"wrong number of fields\""));
}

BOOST_FIXTURE_TEST_CASE(questions_and_what_a_recording_cannot_answer, Daemon) {
  const auto provider = start(settings({folder.write("t", numbered("AAPL", 5'000))}));
  BOOST_CHECK_EQUAL(ask<SymbolMatches>(provider, SearchSymbols{"aa", 5})->matches.size(), 1U);
  const auto capabilities = ask<ProviderCapabilities>(provider, GetProviderCapabilities{});
  BOOST_CHECK(capabilities->lossless && capabilities->drives_clock && capabilities->search &&
              capabilities->daily_snapshot);
  BOOST_CHECK(!capabilities->always_open && !capabilities->news && !capabilities->option_chain);
  BOOST_CHECK((capabilities->streams == std::vector{StreamKind::trade}));
  BOOST_CHECK_EQUAL(capabilities->timeframes.size(), 7U);
  BOOST_REQUIRE(connect(provider));
  clock.advance_to(from_unix_ns(1'340'285'400'000'000'000 + 1'999'500'000));
  const auto snapshot = ask<DailySnapshot>(provider, GetDailySnapshot{Symbol{"AAPL"}});
  BOOST_REQUIRE_MESSAGE(snapshot && snapshot->day, (snapshot ? to_string(*snapshot) : snapshot.error().message));
  BOOST_CHECK_EQUAL(snapshot->day->trades.value(), 2'000);
  BOOST_CHECK(ask<DailySnapshot>(provider, GetDailySnapshot{Symbol{"X"}}).error().code == Errc::instrument_unknown);
  BOOST_CHECK(ask<HistoricalBars>(provider, GetHistoricalData{Symbol{"AAPL"}}).error().code == Errc::request_invalid);
  BOOST_CHECK(ask<TickerDetails>(provider, GetTickerDetails{Symbol{"AAPL"}}).error().code ==
              Errc::provider_unsupported);
  BOOST_CHECK(ask<NewsItems>(provider, GetNews{Symbol{"AAPL"}, 20, {}}).error().code == Errc::provider_unsupported);
  BOOST_CHECK(ask<NewsItems>(provider, GetMarketNews{}).error().code == Errc::provider_unsupported);
  BOOST_CHECK(ask<OptionChain>(provider, GetOptionChain{Symbol{"AAPL"}, {}, {}, {}, {}, 10}).error().code ==
              Errc::provider_unsupported);
}

BOOST_FIXTURE_TEST_CASE(whoever_waits_hears_of_the_end, Daemon) {
  const auto provider = start(settings({folder.write("t", numbered("A", 300'000))}));
  BOOST_REQUIRE(connect(provider));
  auto bars =
      self->request(provider, 30s, GetHistoricalData{Symbol{"A"}, Timeframe::m1, {}, from_unix_ns(INT64_MAX / 2)});
  auto topic = self->request(provider, 30s, Subscribe{1, StreamKind::trade, Symbol{"A"}});
  self->send_exit(provider, caf::exit_reason::user_shutdown);
  bool answered = false;
  bars.receive([&](const HistoricalBars&) { answered = true; }, [&](const caf::error&) { answered = true; });
  BOOST_CHECK(answered);
  answered = false;
  topic.receive([&](const Done&) { answered = true; }, [&](const caf::error&) { answered = true; });
  BOOST_CHECK(answered);
}

BOOST_FIXTURE_TEST_CASE(bad_start_ups_are_one_line, Daemon) {
  auto message = [&](Section section) {
    const auto out = make(std::move(section));
    BOOST_REQUIRE(!out);
    BOOST_CHECK(out.error().code == Errc::config_invalid);
    BOOST_CHECK(out.error().message.find('\n') == std::string::npos);
    return out.error().message;
  };
  BOOST_CHECK(message(settings({})).find("providers.replay.files") != std::string::npos);
  BOOST_CHECK(message(settings({"/nowhere/x.csv"})).find("/nowhere/x.csv") != std::string::npos);
  BOOST_CHECK(message(settings({folder.write("e", "")})).find("is empty") != std::string::npos);
  BOOST_CHECK(message(settings({folder.path("*.none")})).find("no file matches") != std::string::npos);
  auto section = settings({folder.write("t", numbered("A", 1))});
  section.set("start", std::string{"later"});
  BOOST_CHECK(message(section).find("later") != std::string::npos);
}

}  // namespace tradebus::replay::test
