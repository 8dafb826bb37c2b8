// The daemon as one object, with an adapter that fails.
#include "engine/daemon/daemon.hpp"

#include <pthread.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>

using namespace tradebus;

namespace {

// A cache that answers nothing; the test ends it.
CacheActor::behavior_type deaf_cache(CacheActor::pointer) {
  const auto none = [] { return to_caf(Error{Errc::internal, "a cache for this test"}); };
  return {
      [=](const Ask<GetHistoricalData>&) -> caf::result<CachedAnswer> { return none(); },
      [=](const Ask<GetTickerDetails>&) -> caf::result<CachedAnswer> { return none(); },
      [=](const Ask<GetDailySnapshot>&) -> caf::result<CachedAnswer> { return none(); },
      [=](const Ask<GetNews>&) -> caf::result<CachedAnswer> { return none(); },
      [=](const Ask<GetMarketNews>&) -> caf::result<CachedAnswer> { return none(); },
      [=](const Ask<GetOptionChain>&) -> caf::result<CachedAnswer> { return none(); },
      [=](const Ask<SearchSymbols>&) -> caf::result<CachedAnswer> { return none(); },
      [=](const GetCacheStats&) -> caf::result<CacheStats> { return none(); },
      [=](const ClearCache&) -> caf::result<CacheStats> { return none(); },
      [](const CorporateAction&) {},
      [](const ProviderHandle&) {},
      [](const CacheWake&) {},
  };
}

struct DaemonFixture {
  // SIGTERM is what a failed daemon raises: it waits here for the test instead of ending it.
  DaemonFixture() {
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, &before);
    std::filesystem::create_directories(dir);
    adapters.caches.add("deaf", {}, [this](caf::actor_system& system, AdapterContext) -> Result<CacheActor> {
      cache = system.spawn(deaf_cache);
      return cache;
    });
  }
  ~DaemonFixture() {
    cache = nullptr;
    std::filesystem::remove_all(dir);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }
  Result<Config> config() const {
    ConfigSource source;
    source.environment = {{"TRADEBUS_ENGINE_CACHE", "deaf"},
                          {"TRADEBUS_BUS_STREAM", "tcp://127.0.0.1:0"},
                          {"TRADEBUS_BUS_COMMAND", "tcp://127.0.0.1:0"},
                          {"TRADEBUS_BUS_ADMIN", ""},
                          {"TRADEBUS_LOG_FILE", (dir / "log").string()}};
    return load_config(all_sections(adapters), source);
  }
  bool told_to_end(std::chrono::seconds patience) const {
    const timespec limit{patience.count(), 0};
    return sigtimedwait(&signals, nullptr, &limit) == SIGTERM;
  }

  sigset_t signals{};
  sigset_t before{};
  std::filesystem::path dir =
      std::filesystem::temp_directory_path() / ("tradebus-daemon-test-" + std::to_string(::getpid()));
  Adapters adapters = all_adapters();
  CacheActor cache;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(whole_daemon, DaemonFixture)

BOOST_AUTO_TEST_CASE(it_ends_when_a_part_that_nothing_works_without_has_died) {
  const auto settings = config();
  BOOST_REQUIRE_MESSAGE(settings, (settings ? "" : settings.error().message));
  Daemon daemon{*settings, adapters, Calendars::shipped(), dir.string(), "test"};
  BOOST_REQUIRE(daemon.start());
  BOOST_CHECK_EQUAL(daemon.failed(), "");
  caf::anon_send_exit(cache, caf::exit_reason::kill);
  BOOST_CHECK(told_to_end(std::chrono::seconds{10}));
  BOOST_CHECK_EQUAL(daemon.failed(), "cache");
  daemon.stop();
}

BOOST_AUTO_TEST_CASE(an_ordinary_stop_is_no_failure) {
  const auto settings = config();
  BOOST_REQUIRE(settings);
  Daemon daemon{*settings, adapters, Calendars::shipped(), dir.string(), "test"};
  BOOST_REQUIRE(daemon.start());
  daemon.stop();
  BOOST_CHECK_EQUAL(daemon.failed(), "");
  BOOST_CHECK(!told_to_end(std::chrono::seconds{0}));
}

// Clients tell one start from another by the epoch: also when the clock was set back between them.
BOOST_AUTO_TEST_CASE(an_epoch_is_above_the_last_one) {
  const auto settings = config();
  BOOST_REQUIRE(settings);
  std::ofstream{dir / "epoch"} << "4102444800000\n";
  for (const char* epoch : {"4102444800001", "4102444800002"}) {
    Daemon daemon{*settings, adapters, Calendars::shipped(), dir.string(), "test"};
    const auto line = daemon.start();
    BOOST_REQUIRE(line);
    BOOST_CHECK_MESSAGE(line->ends_with(std::string{" epoch="} + epoch), *line);
    daemon.stop();
  }
}

BOOST_AUTO_TEST_SUITE_END()
