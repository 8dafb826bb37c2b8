#include "engine/daemon/daemon.hpp"

#include <spdlog/logger.h>
#include <unistd.h>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <utility>

#include "bus/bridge/admin_server.hpp"
#include "bus/bridge/bridge.hpp"
#include "config/core_sections.hpp"
#include "config/endpoints.hpp"
#include "config/names.hpp"
#include "engine/daemon/actor_listener.hpp"
#include "engine/daemon/log.hpp"
#include "engine/daemon/metrics.hpp"
#include "engine/daemon/settings.hpp"
#include "engine/faults/faulty_broker.hpp"
#include "engine/gateway/gateway.hpp"
#include "engine/journal/journal_config.hpp"
#include "engine/journal/order_history.hpp"
#include "engine/market/market_hub.hpp"
#include "engine/orders/bus_outlet.hpp"
#include "engine/orders/order_manager.hpp"
#include "engine/supervisor/supervisor.hpp"

namespace tradebus {

namespace {

using namespace std::chrono_literals;

std::string join(const std::vector<std::string>& parts) {
  std::string out;
  for (const auto& part : parts) out += (out.empty() ? "" : ",") + part;
  return out;
}

// Somebody has to write prices down for these limits.
bool needs_prices(const RiskTable& table) {
  const auto one = [](const ScopeLimits& limits) {
    // The quantities too: an order by notional has one at a price only.
    return limits.max_qty || limits.max_position_qty || limits.max_notional || limits.price_band_pct ||
           limits.quote_max_age || limits.max_position_notional || limits.max_gross_notional ||
           limits.check_buying_power;
  };
  const auto any = [&](const RiskTable::Named& named) {
    return std::ranges::any_of(named, [&](const auto& each) { return one(each.second); });
  };
  return one(table.global) || any(table.clients) || any(table.accounts) || any(table.symbols);
}

constexpr const char* epoch_file = "/epoch";
constexpr std::uint64_t epoch_max = std::uint64_t{1} << 53U;  // what every client holds exactly; more is no epoch

RiskContext risk_context(const LastPrices& prices, const Calendars& calendars, const Symbol& symbol, Timestamp now) {
  RiskContext out;
  out.now = now;
  if (const auto instrument = Instrument::parse(symbol.str())) {
    const auto& calendar = calendars.of(*instrument);
    out.day = Date::from_days(calendar.date_of(now));
    out.market_open = calendar.is_open(now);
  }
  if (!prices.wanted()) return out;
  if (const auto price = prices.find(symbol))
    out.quote = RiskQuote{price->bid, price->ask, price->last, price->ts, price->quality};
  return out;
}

}  // namespace

// The order of the members is the order of construction; they go down the other way round.
class Daemon::Parts {
 public:
  Parts(Config config, Adapters adapters, std::shared_ptr<const Calendars> calendars, std::string data_dir,
        std::string version, std::function<Result<Config>()> reload)
      : config_{std::move(config)},
        adapters_{std::move(adapters)},
        calendars_{std::move(calendars)},
        data_dir_{std::move(data_dir)},
        version_{std::move(version)},
        reload_{std::move(reload)} {}

  Result<std::string> start() {
    auto log = make_logger(config_.section("log"));
    if (!log) return tl::unexpected{log.error()};
    log_ = *log;
    epoch_ = next_epoch();
    queue_ = std::make_unique<BusQueue>(queue_batches(config_));
    publisher_ = std::make_unique<Publisher>(*queue_);
    listener_ = std::make_unique<ActorListener>();
    try {
      bridge_ = std::make_unique<Bridge>(bridge_config(config_, version_, epoch_), *queue_, *listener_);
    } catch (const std::exception& e) {
      return fail(Errc::internal, std::string{"can't make the bus's sockets: "} + e.what());
    }
    auto endpoints = bridge_->bind();
    if (!endpoints) return tl::unexpected{endpoints.error()};
    if (const auto& address = config_.section("bus").get<std::string>("admin"); !address.empty()) {
      admin_ = std::make_unique<AdminServer>(
          AdminConfig{address},
          AdminHandlers{[this] { return metrics_text(bridge_->stats(), *queue_, version_, epoch_); },
                        [this] { return ready_.load(); }});
      auto url = admin_->bind();
      if (!url) return tl::unexpected{url.error()};
      admin_url_ = *url;
      admin_->start();
    }

    configure(system_config_);
    system_ = std::make_unique<caf::actor_system>(system_config_);
    if (auto ok = spawn(); !ok) return tl::unexpected{ok.error()};
    keep_epoch();
    bridge_->start();
    start_children();
    ready_.store(true);
    log_->info("daemon-ready version={} epoch={} stream={} command={}", version_, epoch_, join(endpoints->stream),
               join(endpoints->command));
    return "ready stream=" + join(endpoints->stream) + " command=" + join(endpoints->command) + " admin=" + admin_url_ +
           " epoch=" + std::to_string(epoch_);
  }

  void stop() {
    // What failed to start has said so in one line, and nothing is added to it.
    const bool ready_before = ready_.exchange(false);
    if (system_ != nullptr && gateway_) {
      if (ready_before) log_->info("daemon-stopping");
      caf::scoped_actor self{*system_};
      // After a start that failed half way some of these were never made.
      if (supervisor_)
        self->request(supervisor_, 500ms, StopAll{}).receive([](const Done&) {}, [](const caf::error&) {});
      for (const auto& actor : {caf::actor_cast<caf::actor>(supervisor_), caf::actor_cast<caf::actor>(orders_),
                                caf::actor_cast<caf::actor>(history_), caf::actor_cast<caf::actor>(cache_),
                                caf::actor_cast<caf::actor>(hub_), caf::actor_cast<caf::actor>(gateway_)}) {
        if (!actor) continue;
        self->monitor(actor);
        // The order manager takes what brokers still told it first; questions about history are answered no more.
        if (actor == caf::actor_cast<caf::actor>(history_)) {
          history_interrupt_->set();
          send_urgent_exit(self, actor);
        } else {
          self->send_exit(actor, caf::exit_reason::user_shutdown);
        }
        bool gone = false;
        self->receive([&](const caf::down_msg&) { gone = true; }, caf::after(300ms) >> [] {});
        if (!gone) {
          log_->error("actor-did-not-end id={}", actor.id());
          self->send_exit(actor, caf::exit_reason::kill);
        }
      }
    }
    if (admin_ != nullptr) admin_->stop();
    if (bridge_ != nullptr) bridge_->stop();
    listener_.reset();
    supervisor_ = nullptr;
    orders_ = nullptr;
    history_ = nullptr;
    cache_ = nullptr;
    hub_ = nullptr;
    gateway_ = nullptr;
    system_.reset();
    bridge_.reset();
    if (ready_before) log_->info("daemon-stopped");
  }

  template <class Message>
  void tell_orders(Message message) {
    if (orders_) caf::anon_send(orders_, std::move(message));
  }

  std::string failed() const {
    const auto* part = failed_.load();
    return part == nullptr ? "" : part;
  }

 private:
  Result<void> spawn() {
    Clock clock;
    const auto provider_names = names(config_, "data_provider");
    const auto broker_names = names(config_, "broker");

    auto risk = risk_table(config_);
    if (!risk) return tl::unexpected{risk.error()};
    const auto prices = std::make_shared<LastPrices>();
    prices->want(needs_prices(*risk));

    const auto context = [&](const std::string& name, Section settings) {
      return AdapterContext{name, std::move(settings), clock, log_, data_dir_, calendars_};
    };
    const auto& cache_name = config_.section("engine").get<std::string>("cache");
    auto cache = adapters_.caches.find(cache_name)->make(*system_, context(cache_name, cache_settings(config_)));
    if (!cache) return tl::unexpected{cache.error()};
    cache_ = *cache;

    MarketHubContext hub;
    hub.config = hub_config(config_, epoch_);
    hub.clock = clock;
    hub.queue = queue_.get();
    hub.publisher = publisher_.get();
    hub.log = log_;
    hub.prices = prices;
    hub.calendars = calendars_;
    hub.cache = cache_;
    hub_ = system_->spawn(market_hub, std::move(hub));

    GatewayContext gateway_context;
    gateway_context.queue = queue_.get();
    gateway_context.publisher = publisher_.get();
    gateway_context.stats = &bridge_->stats();
    gateway_context.version = version_;
    gateway_context.epoch = epoch_;
    gateway_context.providers = provider_names;
    gateway_context.brokers = broker_names;
    gateway_context.log = log_;
    gateway_context.calendars = calendars_;
    gateway_ = system_->spawn(gateway, std::move(gateway_context));

    SupervisorContext children;
    for (const auto& name : provider_names) {
      const auto* entry = adapters_.providers.find(name);
      ChildSpec spec;
      spec.name = name;
      spec.is_default = name == provider_names.front();
      spec.make_provider = [entry, made = context(name, section(config_, entry->section))](caf::actor_system& system) {
        return entry->make(system, made);
      };
      children.children.push_back(std::move(spec));
    }
    const auto faults = fault_config(config_.section("faults"));
    if (faults.on())
      log_->critical(
          "faults-on seed={} message=\"[faults] is set: orders fail and links break ON PURPOSE. For tests only\"",
          faults.seed);
    for (const auto& name : broker_names) {
      const auto* entry = adapters_.brokers.find(name);
      ChildSpec spec;
      spec.kind = ChildSpec::Kind::broker;
      spec.name = name;
      spec.is_default = name == broker_names.front();
      spec.make_broker = [entry, made = context(name, section(config_, entry->section))](caf::actor_system& system) {
        return entry->make(system, made);
      };
      if (faults.on()) spec.make_broker = with_faults(spec.make_broker, BrokerName{name}, faults, log_);
      children.children.push_back(std::move(spec));
    }
    // A provider or broker that can't be made from its settings ends the start, here, in one sentence.
    for (const auto& child : children.children)
      if (auto ok = try_settings(child); !ok) return ok;
    OrderManagerConfig orders;
    orders.limits = order_limits(config_.section("orders"));
    orders.risk = *risk;
    orders.risk_context = [prices, calendars = calendars_](const Symbol& symbol, Timestamp now) {
      return risk_context(*prices, *calendars, symbol, now);
    };
    if (reload_)
      orders.reload_risk = [reload = reload_, prices]() -> Result<RiskTable> {
        const auto config = reload();
        if (!config) return tl::unexpected{config.error()};
        auto table = risk_table(*config);
        if (table) prices->want(needs_prices(*table));
        return table;
      };
    orders.halt_file = data_dir_ + "/HALT";
    orders.clock = clock;
    if (auto ok = open_journal(orders); !ok) return ok;
    if (const auto watched = watched_clients(orders.recovered.state))
      for (const auto& [client, silence_ms] : *watched)
        bridge_->watch(client.str(), std::chrono::milliseconds{silence_ms});
    orders.log = log_;
    orders.outlet = std::make_shared<BusOutlet>(*queue_, *publisher_, bridge_->stats());
    orders_ = spawn_order_manager(*system_, std::move(orders));

    children.hub = hub_;
    children.orders = orders_;
    children.cache = cache_;
    children.log = log_;
    supervisor_ = system_->spawn(supervisor, std::move(children));
    caf::anon_send(gateway_, GatewayPeers{hub_, cache_, orders_, supervisor_});
    listener_->connect(hub_, orders_, gateway_);
    watch(hub_, "market hub");
    watch(cache_, "cache");
    watch(orders_, "order manager");
    watch(gateway_, "gateway");
    watch(supervisor_, "supervisor");
    return {};
  }

  // Milliseconds since 1970, and always above the last start's: the clock may have been set back meanwhile.
  std::uint64_t next_epoch() const {
    const auto now = static_cast<std::uint64_t>(unix_ns(Clock::wall_now()) / 1'000'000);
    std::uint64_t last = 0;
    std::ifstream{data_dir_ + epoch_file} >> last;
    return std::max(now, last < epoch_max ? last + 1 : 0);
  }
  // The folder is there and this daemon's own by now. Where it can't be written, the clock alone counts.
  void keep_epoch() const {
    const auto path = data_dir_ + epoch_file;
    const auto part = path + ".part";
    std::error_code error;
    std::ofstream out{part};
    if (out << epoch_ << '\n' << std::flush) std::filesystem::rename(part, path, error);
  }

  Result<void> open_journal(OrderManagerConfig& orders) {
    auto options = journal_options(config_.section("journal"), data_dir_);
    if (!options) return tl::unexpected{options.error()};
    // A recording gives the same ids each time.
    orders.id_tag =
        orders.clock.is_driven() ? std::string{"replay"} : order_id_tag(Timestamp{std::chrono::milliseconds{epoch_}});
    if (options->sync == JournalSync::none) {
      log_->warn("journal-off message=\"journal.sync is none: orders are forgotten when the daemon ends\"");
      orders.journal = std::make_shared<MemoryJournal>();
      return {};
    }
    if (orders.clock.is_driven()) {
      // Its orders are of another market and another time: none of them, nor positions and trading states, meets those
      // of a day that is live.
      options->folder = data_dir_ + "/journal-replay";
      options->segments.begin_anew = true;
    }
    options->closed_max = orders.limits.book.closed_max;
    const auto folder = options->folder;
    auto opened = DurableJournal::open(std::move(*options));
    if (!opened) return tl::unexpected{opened.error()};
    if (!opened->cut.empty()) log_->warn("journal-cut message=\"{}\"", opened->cut);
    orders.recovered = std::move(opened->recovered);
    orders.journal = opened->journal;
    OrderHistoryConfig history;
    history.folder = folder;
    history.durable_seq = [journal = opened->journal] { return journal->durable_seq(); };
    history.log = log_;
    history_interrupt_ = history.interrupt;
    orders.indexed_seq = [seq = history.indexed_seq] { return seq->load(std::memory_order_relaxed); };
    history_ = spawn_order_history(*system_, std::move(history));
    orders.history = history_;
    return {};
  }

  template <class Handle>
  void watch(const Handle& actor, const char* name) {
    const auto handle = caf::actor_cast<caf::strong_actor_ptr>(actor);
    handle->get()->attach_functor([this, name](const caf::error&) {
      if (!ready_.load() || failed_.exchange(name) != nullptr) return;
      log_->critical("daemon-failed part=\"{}\" message=\"the daemon ends: start it anew\"", name);
      ::kill(::getpid(), SIGTERM);
    });
  }

  // Makes the actor once and lets it go: wrong settings (a file that is missing, say) are found before anything serves.
  Result<void> try_settings(const ChildSpec& child) {
    if (child.kind == ChildSpec::Kind::provider) {
      auto made = child.make_provider(*system_);
      if (!made) return tl::unexpected{made.error()};
      caf::anon_send_exit(*made, caf::exit_reason::user_shutdown);
      return {};
    }
    auto made = child.make_broker(*system_);
    if (!made) return tl::unexpected{made.error()};
    caf::anon_send_exit(*made, caf::exit_reason::user_shutdown);
    return {};
  }

  void start_children() {
    caf::scoped_actor self{*system_};
    self->request(supervisor_, 10s, StartAll{})
        .receive([](const Done&) {},
                 [&](const caf::error& e) { log_->warn("start-incomplete reason=\"{}\"", system_->render(e)); });
  }

  Config config_;
  Adapters adapters_;
  std::shared_ptr<const Calendars> calendars_;
  std::string data_dir_;
  std::string version_;
  std::function<Result<Config>()> reload_;
  std::uint64_t epoch_ = 0;
  std::string admin_url_ = "none";
  std::shared_ptr<spdlog::logger> log_;
  std::unique_ptr<BusQueue> queue_;
  std::unique_ptr<Publisher> publisher_;
  std::unique_ptr<ActorListener> listener_;
  std::unique_ptr<Bridge> bridge_;
  std::atomic<bool> ready_{false};
  std::atomic<const char*> failed_{nullptr};
  std::unique_ptr<AdminServer> admin_;  // reads what stands above
  caf::actor_system_config system_config_;
  std::unique_ptr<caf::actor_system> system_;
  MarketHubActor hub_;
  CacheActor cache_;
  OrderHistoryActor history_;
  std::shared_ptr<sqlite::Interrupt> history_interrupt_;
  OrderManagerActor orders_;
  GatewayActor gateway_;
  SupervisorActor supervisor_;
};

// ---- configuration -------------------------------------------------------------------------------------------------

Adapters all_adapters() {
  Adapters out;
  register_providers(out.providers);
  register_brokers(out.brokers);
  register_caches(out.caches);
  return out;
}

std::vector<SectionSpec> all_sections(const Adapters& adapters) {
  auto out = core_sections();
  out.push_back(orders_section());
  out.push_back(journal_section());
  out.push_back(faults_section());
  const auto add = [&](const auto& registry) {
    for (const auto& name : registry.names())
      if (const auto& section = registry.find(name)->section; !section.path.empty()) out.push_back(section);
  };
  add(adapters.providers);
  add(adapters.brokers);
  add(adapters.caches);
  return out;
}

namespace {

// A recording's journal begins anew at each start, with the same order ids: a venue that outlives the daemon would be
// sent old prices, and all that it has of them would be forgotten.
Result<void> check_recording(const Config& config) {
  constexpr std::string_view recording = "replay";
  constexpr std::string_view simulated = "paper";
  const auto providers = names(config, "data_provider");
  if (std::ranges::find(providers, recording) == providers.end()) return {};
  for (const auto& name : names(config, "broker"))
    if (name != simulated)
      return fail(Errc::config_invalid, config.origin("engine", "broker") +
                                            ": engine.broker: a recording (replay) goes with " +
                                            std::string{simulated} + " only, not with \"" + name +
                                            "\": orders of a replayed day must not reach a venue");
  return {};
}

}  // namespace

Result<void> check_config(const Config& config, const Adapters& adapters) {
  if (auto ok = check_core(config); !ok) return ok;
  if (auto ok = check_bus_security(config); !ok) return ok;
  const auto known = [&](const char* key, const std::vector<std::string>& given, const auto& registry) -> Result<void> {
    for (const auto& name : given)
      if (registry.find(name) == nullptr)
        return fail(Errc::config_invalid, config.origin("engine", key) + ": engine." + key + ": there is no \"" + name +
                                              "\"" + name_hint(name, registry.names()));
    return {};
  };
  if (auto ok = known("data_provider", names(config, "data_provider"), adapters.providers); !ok) return ok;
  if (auto ok = known("broker", names(config, "broker"), adapters.brokers); !ok) return ok;
  if (auto ok = known("cache", {config.section("engine").get<std::string>("cache")}, adapters.caches); !ok) return ok;
  return check_recording(config);
}

Result<std::shared_ptr<const Calendars>> load_calendars(const Config& config, const std::string& data_dir) {
  const auto& paths = config.section("calendar").get<std::vector<std::string>>("files");
  const auto files = read_calendar_files(paths, data_dir + "/calendars");
  if (!files) return tl::unexpected{files.error()};
  return files->empty() ? Calendars::shipped() : Calendars::make(*files);
}

Daemon::Daemon(Config config, Adapters adapters, std::shared_ptr<const Calendars> calendars, std::string data_dir,
               std::string version, std::function<Result<Config>()> reload)
    : parts_{std::make_unique<Parts>(std::move(config), std::move(adapters), std::move(calendars), std::move(data_dir),
                                     std::move(version), std::move(reload))} {}

Daemon::~Daemon() = default;

Result<std::string> Daemon::start() {
  auto line = parts_->start();
  if (!line) parts_->stop();
  return line;
}

void Daemon::stop() { parts_->stop(); }

void Daemon::reload_risk() { parts_->tell_orders(ReloadRisk{}); }

void Daemon::set_trading_state(TradingState state, const std::string& reason) {
  parts_->tell_orders(KillSwitch{state, false, {}, {}, {}, reason});
}

std::string Daemon::failed() const { return parts_->failed(); }

}  // namespace tradebus
