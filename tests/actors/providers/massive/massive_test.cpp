// The actor under a stepped scheduler: a scripted venue in the network's place, a fake clock.
#include <boost/test/unit_test.hpp>

#include <caf/typed_event_based_actor.hpp>
#include <deque>

#include "actors/providers/massive/massive.hpp"
#include "actors/providers/massive/venue_time.hpp"
#include "tests/actors/providers/massive/samples.hpp"
#include "tests/support/actor_fixture.hpp"

using namespace tradebus;
using namespace tradebus::massive;
using namespace tradebus::massive::test;
using namespace tradebus::test;
using namespace std::chrono_literals;

namespace {

// Calls wait here until the test answers them.
struct Script {
  struct Asked {
    Target target;
    HttpCallback callback;
  };
  std::deque<Asked> asked;
  std::optional<NetFault> refuse;

  bool has(std::string_view part) const {
    return !asked.empty() && asked.front().target.find(part) != std::string::npos;
  }
  void answer(unsigned status, std::string body, std::optional<std::chrono::milliseconds> retry_after = {}) {
    BOOST_REQUIRE(!asked.empty());
    auto call = std::move(asked.front());
    asked.pop_front();
    HttpResponse response;
    response.status = status;
    response.body = std::move(body);
    response.retry_after = retry_after;
    call.callback(std::move(response));
  }
  void lose(NetFault fault) {
    auto call = std::move(asked.front());
    asked.pop_front();
    NetError error;
    error.fault = fault;
    error.message = "the link to the venue is lost";
    call.callback(tl::unexpected{std::move(error)});
  }
};

class ScriptedRest final : public RestPort {
 public:
  explicit ScriptedRest(std::shared_ptr<Script> script) : script_{std::move(script)} {}
  tl::expected<void, NetError> get(const Target& target, HttpCallback callback) override {
    if (script_->refuse) {
      NetError error;
      error.fault = *script_->refuse;
      error.message = "refused";
      return tl::unexpected{std::move(error)};
    }
    script_->asked.push_back({target, std::move(callback)});
    return {};
  }

 private:
  std::shared_ptr<Script> script_;
};

struct Streaming {
  StreamListener* listener = nullptr;
  std::map<TopicRef, Symbol> open;
  int ticks = 0;
};

class ScriptedStream final : public StreamPort {
 public:
  explicit ScriptedStream(std::shared_ptr<Streaming> state) : state_{std::move(state)} {}
  ~ScriptedStream() override { state_->listener = nullptr; }
  Result<void> subscribe(TopicRef ref, StreamKind, const Symbol& symbol) override {
    if (symbol == Symbol{"ZZZ"}) return fail(Errc::instrument_unknown, "there is no ZZZ");
    state_->open[ref] = symbol;
    return {};
  }
  void unsubscribe(TopicRef ref) override { state_->open.erase(ref); }
  void tick(const OpenMarkets&) override { ++state_->ticks; }
  std::vector<std::pair<std::string, std::int64_t>> counters() const override { return {{"frames", 7}}; }

 private:
  std::shared_ptr<Streaming> state_;
};

MassiveActor::behavior_type spawned(MassiveActor::stateful_pointer<MassiveState> self, const AdapterContext& context,
                                    const MassiveConfig& config) {
  return self->state.make_behavior(context, config);
}

struct Fixture : ActorFixture {
  std::shared_ptr<Script> script = std::make_shared<Script>();
  std::shared_ptr<Streaming> streaming = std::make_shared<Streaming>();
  std::shared_ptr<SinkRecord> seen = std::make_shared<SinkRecord>();
  MarketSink sink = keep(MarketSink{sys.spawn(recording_sink, seen)});
  MassiveConfig config;
  ProviderActor provider;
  Clock wall{parse_rfc3339("2024-03-01T20:00:00Z").value()};

  Fixture() {
    config.make_rest = [s = script]() -> Result<std::unique_ptr<RestPort>> {
      return std::make_unique<ScriptedRest>(s);
    };
    config.make_stream = [s = streaming](StreamListener& listener) -> Result<std::unique_ptr<StreamPort>> {
      s->listener = &listener;
      return std::make_unique<ScriptedStream>(s);
    };
    config.stream.emplace();
    config.corporate_actions = false;
  }
  void spawn() {
    provider = keep(ProviderActor{sys.spawn(spawned, context("massive", Section{section_spec()}, wall), config)});
  }
  ProviderStatus connect() {
    spawn();
    auto status = ask<ProviderStatus>(provider, ConnectProvider{sink, 0});
    BOOST_REQUIRE(status);
    return *status;
  }
  // Connected, and the venue has said that it is there.
  void up() {
    connect();
    BOOST_REQUIRE(script->has("/v1/marketstatus/now"));
    script->answer(200, sample("market-status.json"));
    run();
    BOOST_REQUIRE(!seen->statuses.empty() && seen->statuses.back().state == LinkState::up);
  }
  // Sends without waiting for the answer; take it by `receive`.
  template <class Request>
  auto begin(Request request) {
    auto pending = self->request(provider, caf::infinite, std::move(request));
    run();
    return pending;
  }
  template <class R, class Pending>
  Result<R> receive(Pending& pending) {
    run();
    Result<R> out = fail(Errc::internal, "no answer");
    BOOST_REQUIRE(self->has_next_message());
    pending.receive([&](R& r) { out = std::move(r); },
                    [&](caf::error& e) { out = tl::unexpected<Error>{from_caf(e, Errc::internal)}; });
    return out;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(the_link_is_up_when_the_venue_answers, Fixture) {
  BOOST_CHECK(connect().state == LinkState::connecting);
  BOOST_CHECK(ask<ProviderStatus>(provider, ConnectProvider{sink, 0}));  // asked once more: no second probe
  BOOST_CHECK_EQUAL(script->asked.size(), 1);
  script->answer(200, sample("market-status.json"));
  run();
  BOOST_REQUIRE_EQUAL(seen->statuses.size(), 1);
  BOOST_CHECK(seen->statuses[0].state == LinkState::up && seen->statuses[0].reason.empty());
  BOOST_CHECK(ask<ProviderStatus>(provider, DisconnectProvider{})->reason == "requested");
  BOOST_CHECK(streaming->listener == nullptr);
}

BOOST_FIXTURE_TEST_CASE(a_refused_key_is_final_and_is_not_asked_again, Fixture) {
  connect();
  script->answer(401, R"({"status":"ERROR","error":"Unknown API Key"})");
  run();
  BOOST_REQUIRE_EQUAL(seen->statuses.size(), 1);
  BOOST_CHECK(seen->statuses[0].state == LinkState::down && seen->statuses[0].reason == "auth");
  BOOST_CHECK(seen->statuses[0].message.find("api_key") != std::string::npos);
  advance(10min, 1s);
  BOOST_CHECK(script->asked.empty());
}

BOOST_FIXTURE_TEST_CASE(a_venue_that_is_away_is_asked_again_with_growing_pauses, Fixture) {
  config.stream.reset();
  connect();
  for (int tries = 0; tries < 3; ++tries) {
    script->lose(NetFault::connect_failed);
    advance(1s);
  }
  BOOST_CHECK(seen->statuses.back().state == LinkState::down && seen->statuses.back().reason == "transport");
  advance(1s);
  BOOST_REQUIRE(script->has("/v1/marketstatus/now"));
  script->answer(200, "{}");
  run();
  BOOST_CHECK(seen->statuses.back().state == LinkState::up);
}

BOOST_FIXTURE_TEST_CASE(a_venue_that_goes_away_later_is_noticed_by_a_question_and_comes_back, Fixture) {
  config.stream.reset();
  up();
  auto details = begin(GetTickerDetails{Symbol{"ABC"}});
  for (int tries = 0; tries < 3; ++tries) {
    script->lose(NetFault::connect_failed);
    advance(1s);
  }
  BOOST_CHECK(receive<TickerDetails>(details).error().code == Errc::provider_unavailable);
  BOOST_REQUIRE(script->has("/v1/marketstatus/now") && script->asked.size() == 1);
  BOOST_CHECK(seen->statuses.back().state == LinkState::up);  // it may have been the question's own fault
  for (int tries = 0; tries < 3; ++tries) {
    script->lose(NetFault::connect_failed);
    run();
    if (tries < 2) advance(1s);
  }
  BOOST_CHECK(seen->statuses.back().state == LinkState::down && seen->statuses.back().reason == "transport");
  BOOST_CHECK(script->asked.empty());
  advance(1s);
  BOOST_REQUIRE(script->has("/v1/marketstatus/now"));
  script->answer(200, "{}");
  run();
  BOOST_CHECK(seen->statuses.back().state == LinkState::up);
}

BOOST_FIXTURE_TEST_CASE(streams_that_flow_keep_the_provider_from_being_down, Fixture) {
  up();
  StreamStatus trouble{LinkState::degraded, "transport", "options: cut", {}};
  streaming->listener->on_status(trouble);
  auto details = begin(GetTickerDetails{Symbol{"ABC"}});
  script->lose(NetFault::timed_out);
  BOOST_CHECK(receive<TickerDetails>(details).error().code == Errc::request_timeout);
  advance(1s);
  script->lose(NetFault::timed_out);  // the probe
  run();
  const auto shown = [&] { return std::pair{seen->statuses.back().state, seen->statuses.back().message}; };
  BOOST_CHECK(shown() == (std::pair{LinkState::degraded, std::string{"options: cut"}}));
  streaming->listener->on_status({});
  run();
  BOOST_CHECK(shown() == (std::pair{LinkState::degraded, std::string{"the link to the venue is lost"}}));
  trouble.state = LinkState::down;
  streaming->listener->on_status(trouble);
  run();
  BOOST_CHECK(shown().first == LinkState::down);
}

BOOST_FIXTURE_TEST_CASE(the_first_topic_changes_nothing_of_a_provider_that_is_up, Fixture) {
  up();
  const auto before = seen->statuses.size();
  streaming->listener->on_status({LinkState::connecting, "", "", {}});
  run();
  streaming->listener->on_status({});
  run();
  BOOST_CHECK_EQUAL(seen->statuses.size(), before);
}

BOOST_FIXTURE_TEST_CASE(a_split_and_a_dividend_of_one_day_are_both_told, Fixture) {
  config.corporate_actions = true;
  up();
  BOOST_CHECK(ask<Done>(provider, Subscribe{1, StreamKind::quote, Symbol{"ABC"}}));
  advance(1s);
  BOOST_REQUIRE(script->has("/v3/reference/splits"));
  script->answer(200, R"({"results":[{"ticker":"ABC","execution_date":"2024-03-01","split_from":1,"split_to":2}]})");
  run();
  BOOST_REQUIRE(script->has("/v3/reference/dividends"));
  script->answer(200, R"({"results":[{"ticker":"ABC","ex_dividend_date":"2024-03-01","cash_amount":0.25}]})");
  run();
  BOOST_REQUIRE_EQUAL(seen->actions.size(), 2);
  BOOST_CHECK(seen->actions[0].action == CorporateActionKind::split);
  BOOST_CHECK(seen->actions[1].action == CorporateActionKind::dividend);
}

BOOST_FIXTURE_TEST_CASE(a_limit_is_named_by_the_section_in_use, Fixture) {
  config.calls.section = "providers.polygon";
  config.calls.questions_max = 1;
  spawn();
  auto first = begin(GetTickerDetails{Symbol{"ABC"}});
  const auto second = ask<TickerDetails>(provider, GetTickerDetails{Symbol{"ABC"}});
  BOOST_REQUIRE(!second);
  BOOST_CHECK(second.error().message.find("(providers.polygon.questions_max)") != std::string::npos);
  script->answer(200, sample("details.json"));
  BOOST_CHECK(receive<TickerDetails>(first));
}

BOOST_FIXTURE_TEST_CASE(all_questions_go_out_and_come_back, Fixture) {
  up();
  GetHistoricalData query;
  query.symbol = Symbol{"ABC"};
  query.start = parse_rfc3339("2024-01-01T05:00:00Z").value();
  query.end = parse_rfc3339("2024-02-01T05:00:00Z").value();
  auto bars = begin(query);
  BOOST_REQUIRE(script->has("/v2/aggs/ticker/ABC/range/1/day/2024-01-01/2024-01-31"));
  script->answer(200, sample("bars.json"));
  run();
  BOOST_REQUIRE(script->has("cursor=bGltaXQ9MQ"));
  script->answer(200, "{}");
  const auto answer = receive<HistoricalBars>(bars);
  BOOST_REQUIRE(answer);
  BOOST_CHECK(answer->source == "massive" && answer->bars.size() == 3);

  auto details = begin(GetTickerDetails{Symbol{"ABC"}});
  script->answer(200, sample("details.json"));
  BOOST_CHECK_EQUAL(receive<TickerDetails>(details)->name, "ABC Inc.");
  auto snapshot = begin(GetDailySnapshot{Symbol{"KIMpL"}});
  script->answer(200, sample("snapshot.json"));
  BOOST_CHECK(receive<DailySnapshot>(snapshot)->day);
  auto news = begin(GetNews{Symbol{"ABC"}, 10, {}});
  script->answer(200, sample("news.json"));
  BOOST_CHECK_EQUAL(receive<NewsItems>(news)->items.size(), 2);
  auto market = begin(GetMarketNews{10, {}});
  script->answer(200, R"({"results":[]})");
  BOOST_CHECK(receive<NewsItems>(market)->items.empty());
  auto chain = begin(GetOptionChain{Symbol{"ABC"}, {}, {}, {}, {}, 100});
  script->answer(200, sample("chain.json"));
  BOOST_CHECK_EQUAL(receive<OptionChain>(chain)->quotes.size(), 2);
  auto matches = begin(SearchSymbols{"ABC", 1});
  script->answer(200, sample("tickers.json"));
  BOOST_CHECK(receive<SymbolMatches>(matches)->matches.at(0).symbol == Symbol{"ABC"});
  const auto counters = ask<Counters>(provider, GetProviderCounters{});
  BOOST_REQUIRE(counters);
  const auto value = [&](const char* name) {
    for (const auto& each : counters->counters)
      if (each.name == name) return each.value;
    return std::int64_t{-1};
  };
  BOOST_CHECK_EQUAL(value("calls"), 9);
  BOOST_CHECK_EQUAL(value("bad_rows"), 4 + 1 + 1 + 1);
  BOOST_CHECK_EQUAL(value("questions_open"), 0);
  BOOST_CHECK_EQUAL(value("stream_frames"), 7);
}

BOOST_FIXTURE_TEST_CASE(questions_need_no_connection, Fixture) {
  spawn();
  auto details = begin(GetTickerDetails{Symbol{"ABC"}});
  script->answer(200, sample("details.json"));
  BOOST_CHECK(receive<TickerDetails>(details));
  BOOST_CHECK(ask<TickerDetails>(provider, GetTickerDetails{Symbol{"?"}}).error().code == Errc::instrument_unknown);
}

BOOST_FIXTURE_TEST_CASE(refusals_arrive_by_name, Fixture) {
  up();
  const std::pair<unsigned, Errc> table[] = {{400, Errc::request_invalid},
                                             {403, Errc::provider_unsupported},
                                             {404, Errc::instrument_unknown},
                                             {429, Errc::provider_rate_limited}};
  for (const auto& [status, code] : table) {
    auto details = begin(GetTickerDetails{Symbol{"ABC"}});
    script->answer(status, "", 5s);
    const auto answer = receive<TickerDetails>(details);
    BOOST_CHECK(!answer && answer.error().code == code);
    if (status == 429) BOOST_CHECK(answer.error().retry_after_ms == 5'000);
  }
  // After the 429 nobody is asked for 5 s.
  auto later = begin(GetTickerDetails{Symbol{"ABC"}});
  BOOST_CHECK(script->asked.empty());
  advance(5s);
  script->answer(200, sample("details.json"));
  BOOST_CHECK(receive<TickerDetails>(later));
  // The key is revoked in the middle: the link says so.
  auto last = begin(GetTickerDetails{Symbol{"ABC"}});
  script->answer(401, "");
  BOOST_CHECK(receive<TickerDetails>(last).error().code == Errc::auth_denied);
  BOOST_CHECK(seen->statuses.back().reason == "auth");
  // What can't be sent is answered too.
  script->refuse = NetFault::overloaded;
  BOOST_CHECK(ask<TickerDetails>(provider, GetTickerDetails{Symbol{"ABC"}}).error().code == Errc::overloaded);
}

BOOST_FIXTURE_TEST_CASE(a_free_plan_has_five_calls_a_minute_whoever_makes_them, Fixture) {
  config.calls.pacing.calls_per_minute = 5;
  config.stream.reset();
  up();
  for (int i = 0; i < 4; ++i) {
    auto details = begin(GetTickerDetails{Symbol{"ABC"}});
    script->answer(200, sample("details.json"));
    BOOST_CHECK(receive<TickerDetails>(details));
  }
  auto sixth = begin(GetTickerDetails{Symbol{"ABC"}});
  advance(59s);
  BOOST_CHECK(script->asked.empty());
  advance(2s);
  BOOST_REQUIRE_EQUAL(script->asked.size(), 1);
  script->answer(200, sample("details.json"));
  BOOST_CHECK(receive<TickerDetails>(sixth));
  BOOST_CHECK_EQUAL(ask<ProviderCapabilities>(provider, GetProviderCapabilities{})->pacing.calls_per_minute, 5);
}

BOOST_FIXTURE_TEST_CASE(topics_are_the_streams_affair, Fixture) {
  spawn();
  BOOST_CHECK(ask<Done>(provider, Subscribe{1, StreamKind::quote, Symbol{"ABC"}}).error().code ==
              Errc::provider_unavailable);
  BOOST_REQUIRE(ask<ProviderStatus>(provider, ConnectProvider{sink, 0}));
  BOOST_CHECK(ask<Done>(provider, Subscribe{1, StreamKind::quote, Symbol{"ABC"}}));
  BOOST_CHECK(ask<Done>(provider, Subscribe{2, StreamKind::quote, Symbol{"ZZZ"}}).error().code ==
              Errc::instrument_unknown);
  BOOST_CHECK(ask<Done>(provider, Subscribe{3, StreamKind::news, Symbol{"ABC"}}).error().code ==
              Errc::provider_unsupported);
  BOOST_REQUIRE(streaming->listener != nullptr);
  streaming->listener->on_event(MarketEvent::quote(1, Timestamp{1s}, Timestamp{1s}, Price::from_int(1),
                                                   Quantity::from_int(1), Price::from_int(2), Quantity::from_int(1)));
  streaming->listener->on_idle();
  streaming->listener->on_topic(1, TopicState::gap, "transport", "cut");
  run();
  BOOST_CHECK(seen->events.size() == 1 && seen->topics.size() == 1 && seen->topics[0].state == TopicState::gap);
  BOOST_CHECK_EQUAL(seen->batches.at(0).provider.str(), "massive");
  advance(2s);
  BOOST_CHECK_GE(streaming->ticks, 4);
  self->send(provider, Unsubscribe{1});
  run();
  BOOST_CHECK(streaming->open.empty());
}

BOOST_FIXTURE_TEST_CASE(the_streams_trouble_is_the_links, Fixture) {
  up();
  StreamStatus trouble;
  trouble.state = LinkState::down;
  trouble.reason = "competing_session";
  trouble.message = "another process uses the key";
  streaming->listener->on_status(trouble);
  run();
  BOOST_CHECK(seen->statuses.back().state == LinkState::down && seen->statuses.back().reason == "competing_session");
  streaming->listener->on_status({});
  run();
  BOOST_CHECK(seen->statuses.back().state == LinkState::up);
}

BOOST_FIXTURE_TEST_CASE(without_its_stream_it_answers_questions_alone, Fixture) {
  config.stream.reset();
  up();
  BOOST_CHECK(ask<Done>(provider, Subscribe{1, StreamKind::quote, Symbol{"ABC"}}).error().code ==
              Errc::provider_unsupported);
  BOOST_CHECK(ask<ProviderCapabilities>(provider, GetProviderCapabilities{})->streams.empty());
}

BOOST_FIXTURE_TEST_CASE(splits_of_asked_symbols_are_told_once_a_day, Fixture) {
  config.corporate_actions = true;
  up();
  BOOST_CHECK(ask<Done>(provider, Subscribe{1, StreamKind::quote, Symbol{"GOOGL"}}));
  advance(1s);
  BOOST_REQUIRE(script->has("/v3/reference/splits?execution_date.gte=2024-01-31&execution_date.lte=2024-03-01"));
  script->answer(200, sample("splits.json"));
  run();
  BOOST_REQUIRE(
      script->has("/v3/reference/dividends?ex_dividend_date.gte=2024-01-31&ex_dividend_date.lte=2024-03-01&"));
  script->answer(200, sample("dividends.json"));
  run();
  BOOST_REQUIRE_EQUAL(seen->actions.size(), 1);
  BOOST_CHECK(seen->actions[0].symbol == Symbol{"GOOGL"} && seen->actions[0].value == Quantity::from_int(20));
  // One that is asked for later is told then, and nothing twice.
  BOOST_CHECK(ask<Done>(provider, Subscribe{2, StreamKind::trade, Symbol{"BRW"}}));
  BOOST_CHECK(ask<Done>(provider, Subscribe{3, StreamKind::trade, Symbol{"GOOGL"}}));
  advance(2h, 10s);
  BOOST_CHECK_EQUAL(seen->actions.size(), 2);
  BOOST_CHECK(script->asked.empty());
}

BOOST_FIXTURE_TEST_CASE(days_that_were_missed_are_asked_for_and_a_month_is_known, Fixture) {
  config.corporate_actions = true;
  up();
  BOOST_CHECK(ask<Done>(provider, Subscribe{1, StreamKind::quote, Symbol{"ABC"}}));
  advance(1s);
  script->answer(200, "{}");
  run();
  script->answer(200, R"({"results":[{"ticker":"XYZ","ex_dividend_date":"2024-02-28","cash_amount":0.25},
                          {"ticker":"ABC","ex_dividend_date":"2024-02-28","cash_amount":0.5,"currency":"CAD"}]})");
  run();
  // Paid in another currency: that there is one is known, its value is not.
  BOOST_REQUIRE_EQUAL(seen->actions.size(), 1);
  BOOST_CHECK(seen->actions[0].symbol == Symbol{"ABC"} && seen->actions[0].value.is_zero());
  wall.advance_to(parse_rfc3339("2024-03-04T15:00:00Z").value());
  advance(2min, 1s);
  BOOST_REQUIRE(script->has("execution_date.gte=2024-03-02&execution_date.lte=2024-03-04"));
  script->answer(200, "{}");
  run();
  BOOST_REQUIRE(script->has("ex_dividend_date.gte=2024-03-02&ex_dividend_date.lte=2024-03-04"));
  script->answer(200, "{}");
  run();
  BOOST_CHECK_EQUAL(seen->actions.size(), 1);
  // Asked for days later, and told of what was before.
  BOOST_CHECK(ask<Done>(provider, Subscribe{2, StreamKind::quote, Symbol{"XYZ"}}));
  run();
  BOOST_REQUIRE_EQUAL(seen->actions.size(), 2);
  BOOST_CHECK(seen->actions[1].symbol == Symbol{"XYZ"} && seen->actions[1].value == Quantity::parse("0.25").value());
}

BOOST_FIXTURE_TEST_CASE(who_waits_hears_of_the_end, Fixture) {
  up();
  auto details = begin(GetTickerDetails{Symbol{"ABC"}});
  caf::anon_send_exit(provider, caf::exit_reason::user_shutdown);
  BOOST_CHECK(receive<TickerDetails>(details).error().code == Errc::provider_unavailable);
  script->answer(200, sample("details.json"));  // too late: nobody is there
  run();
}

// ---- configuration -------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_configuration_is_refused_by_name_and_without_its_secret) {
  const auto with = [](auto&&... pairs) {
    Section section{section_spec()};
    section.set("api_key", std::string{"s3cret-key"});
    (section.set(pairs.first, pairs.second), ...);
    return read_config(section);
  };
  using Pair = std::pair<const char*, ConfigValue>;
  const auto good = with();
  BOOST_REQUIRE(good);
  BOOST_CHECK(good->stream && good->stream->url == "wss://socket.massive.com" && !good->delayed);
  BOOST_CHECK_EQUAL(with(Pair{"delayed", true})->stream->url, "wss://delayed.massive.com");
  BOOST_CHECK(!with(Pair{"stream", false})->stream);
  BOOST_CHECK(with(Pair{"rest_url", std::string{"http://127.0.0.1:8080"}}));
  for (const auto& bad :
       {Pair{"api_key", std::string{}}, Pair{"api_key", std::string{"s3cret key"}},
        Pair{"rest_url", std::string{"http://example.com"}}, Pair{"rest_url", std::string{"ftp://x"}},
        Pair{"rest_url", std::string{"nonsense"}}, Pair{"stream_url", std::string{"ws://example.com"}},
        Pair{"stream_url", std::string{"https://example.com"}}}) {
    const auto refused = with(bad);
    BOOST_REQUIRE_MESSAGE(!refused, bad.first);
    BOOST_CHECK(refused.error().code == Errc::config_invalid);
    BOOST_CHECK_MESSAGE(refused.error().message.starts_with("providers.massive." + std::string{bad.first}),
                        refused.error().message);
    BOOST_CHECK(refused.error().message.find("s3cret") == std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(the_former_name_is_registered_too) {
  ProviderRegistry registry;
  register_in(registry);
  BOOST_REQUIRE(registry.find("massive") && registry.find("polygon"));
  BOOST_CHECK_EQUAL(registry.find("polygon")->section.path, "providers.polygon");
  const auto& key = registry.find("polygon")->section.keys.front();
  BOOST_CHECK(key.secret && key.environment.size() == 2);
}
