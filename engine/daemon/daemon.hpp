// The assembly: the only place that knows every part. Makes them in order, and takes them down in order.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "actors/registry.hpp"
#include "bus/model/error.hpp"
#include "config/config.hpp"
#include "engine/calendar/calendars.hpp"
#include "engine/risk/trading_state.hpp"

namespace tradebus {

struct Adapters {
  ProviderRegistry providers;
  BrokerRegistry brokers;
  CacheRegistry caches;
};
// All adapters of this build.
Adapters all_adapters();

// Every section that the configuration may have: the daemon's own and one an adapter.
std::vector<SectionSpec> all_sections(const Adapters& adapters);

// What the sections can't check by themselves: that the named adapters exist, that endpoints are safe. Names what is
// wrong and the nearest known name.
Result<void> check_config(const Config& config, const Adapters& adapters);

// The built-in calendars with what calendar.files and data_dir/calendars add. config.invalid names file, line and key.
Result<std::shared_ptr<const Calendars>> load_calendars(const Config& config, const std::string& data_dir);

class Daemon {
 public:
  // `reload` reads the configuration again, checked; called on an actor's thread.
  Daemon(Config config, Adapters adapters, std::shared_ptr<const Calendars> calendars, std::string data_dir,
         std::string version, std::function<Result<Config>()> reload = {});
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  // Binds, starts everything, and answers with the line that says so:
  // `ready stream=<endpoint> command=<endpoint> admin=<url> epoch=<n>`. One sentence when something is in the way.
  Result<std::string> start();
  // Everything down, in order; takes well under two seconds.
  void stop();
  // The part that has died, "" while all live. Providers and brokers are started anew; without its hub, cache, order
  // manager, gateway or supervisor the daemon is of no use: it raises SIGTERM, and whoever runs it starts it again.
  std::string failed() const;
  // What operators do by signals; both return at once, the log says what came of it.
  void reload_risk();
  void set_trading_state(TradingState state, const std::string& reason);

 private:
  class Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace tradebus
