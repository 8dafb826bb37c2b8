#include "config/core_sections.hpp"

#include "bus/model/decimal.hpp"
#include "bus/model/instrument.hpp"
#include "config/endpoints.hpp"

namespace tradebus {

namespace {

using Texts = std::vector<std::string>;

KeySpec whole(std::string key, std::int64_t fallback, double min, double max, std::string about) {
  return {std::move(key), fallback, std::move(about), min, max};
}
KeySpec number(std::string key, double fallback, double min, double max, std::string about) {
  return {std::move(key), fallback, std::move(about), min, max};
}
KeySpec text(std::string key, std::string fallback, std::string about) {
  return {std::move(key), std::move(fallback), std::move(about)};
}
KeySpec decimal(std::string key, std::string fallback, std::string about) {
  auto out = text(std::move(key), std::move(fallback), std::move(about));
  out.decimal = true;
  return out;
}
KeySpec flag(std::string key, bool fallback, std::string about) { return {std::move(key), fallback, std::move(about)}; }
KeySpec texts(std::string key, Texts fallback, std::string about, std::vector<std::string> environment = {}) {
  KeySpec out{std::move(key), std::move(fallback), std::move(about)};
  out.environment = std::move(environment);
  return out;
}

constexpr double day_s = 86'400;
constexpr double day_ms = day_s * 1000;

SectionSpec engine() {
  return {
      "engine",
      "What runs: the names are folders of actors/brokers, actors/providers and actors/cache.",
      {
          texts("broker", {"paper"}, "brokers to run; the first one takes orders that name none", {"BROKER"}),
          texts("data_provider", {"sim"}, "data providers to run; the first one serves symbols without @provider",
                {"DATA_PROVIDER"}),
          text("cache", "memory", "the cache that questions to providers go through"),
          text("data_dir", "", "journal and cache files; empty: $XDG_DATA_HOME/tradebus or ~/.local/share/tradebus"),
      }};
}

SectionSpec bus() {
  return {
      "bus",
      "The ZeroMQ endpoints and their limits.",
      {
          texts("stream", {"tcp://127.0.0.1:5570"}, "where strategies subscribe (XPUB); port 0 binds a free one"),
          texts("command", {"tcp://127.0.0.1:5571"}, "where strategies ask and order (ROUTER)"),
          text("admin", "127.0.0.1:5572", "HTTP address of /metrics, /healthz and /readyz; empty: none"),
          flag("insecure", false, "allow endpoints that other machines reach, without CURVE"),
          number("linger_s", 30, 0, day_s,
                 "seconds an upstream subscription stays open after its last subscriber left"),
          whole("subscriber_queue", 20'000, 1, 10'000'000, "messages kept for a slow subscriber before it loses some"),
          whole("queue_batches", 256, 1, 100'000, "batches that wait between the hub and the sockets' thread"),
          whole("lossless_stall_ms", 2'000, 0, 600'000,
                "milliseconds a full-speed replay waits for a subscriber that takes nothing"),
          whole("ring_messages", 1'024, 0, 1'000'000, "messages kept a topic for get_missed"),
          whole("ring_memory_mb", 64, 1, 1'000'000, "memory of the messages that are kept, of all topics together"),
          whole("feed_items", 64, 1, 10'000, "items a feed message carries at most"),
          whole("request_timeout_ms", 10'000, 1, day_ms, "time a request may take when it names none"),
          whole("request_timeout_ms_max", 60'000, 1, day_ms, "the longest time a request may ask for"),
          whole("request_bytes_max", 1'048'576, 1'024, 1'073'741'824, "a larger request is refused"),
          whole("requests_open_max", 10'000, 1, 10'000'000, "requests under way at once; more get overloaded"),
          whole("bulk_bytes_per_second", 33'554'432, 0, 100'000'000'000,
                "pace of answers of 16 kB and more while orders come; 0: none"),
          whole("topics_max", 200'000, 1, 10'000'000, "topics open at once; more are rejected"),
          whole("heartbeat_ms", 1'000, 10, 60'000, "milliseconds between two heartbeats; the protocol says one second"),
      }};
}

SectionSpec curve() {
  KeySpec secret = text("secret_key", "", "the daemon's CURVE secret key, 40 characters in Z85 (not supported yet)");
  secret.secret = true;
  return {"bus.curve", "Encryption and client keys for endpoints beyond this machine.", {std::move(secret)}};
}

SectionSpec market() {
  return {"market",
          "The market-data hub.",
          {
              whole("quote_stale_ms", 15'000, 1, day_ms, "a quote topic silent for longer, in session, is stale"),
              whole("trade_stale_ms", 60'000, 1, day_ms, "a trade topic silent for longer, in session, is stale"),
              whole("bar_update_ms", 250, 1, 60'000, "milliseconds between two updates of a bar under way"),
          }};
}

SectionSpec calendar() {
  return {"calendar",
          "When exchanges are open: what is built in, and what your files add (docs/calendars.md).",
          {
              texts("files", {},
                    "calendar files, or folders of them, over the built-in ones; data_dir/calendars is read too"),
          }};
}

SectionSpec risk() {
  return {
      "risk",
      "Checks before an order is accepted; [risk.client.NAME], [risk.account.NAME], [risk.symbol.SYM] have the same "
      "keys, and all that apply hold.",
      {
          decimal("max_qty", "", "largest quantity of one order, a decimal; empty: no limit"),
          decimal("max_notional", "", "largest price x quantity of one order, a decimal; empty: no limit"),
          decimal("price_band_pct", "", "percent that an order's prices may be from the market's; empty: no limit"),
          flag("allow_without_quote", false, "the price band lets orders pass while there is no quote"),
          whole("quote_max_age_ms", 0, 0, day_ms, "an older quote lets no price check pass; 0: only its mark counts"),
          decimal("max_position_qty", "", "units of a symbol in an account, working orders counted; empty: no limit"),
          decimal("max_position_notional", "", "the same as value; empty: no limit"),
          decimal("max_gross_notional", "", "value of an account's positions and working orders; empty: no limit"),
          decimal("orders_per_second", "", "orders and replaces a client; so many may come at once; empty: no limit"),
          decimal("daily_loss_limit", "", "equity an account may lose in a day; empty: no limit"),
          texts("allow_symbols", {}, "only these, and options on them, are traded; empty: all"),
          texts("deny_symbols", {}, "these, and options on them, are not traded"),
          flag("require_open_market", false, "orders are refused while their exchange is closed"),
          flag("check_buying_power", false, "orders are held against the buying power that the broker reports"),
          whole("duplicate_max", 0, 0, 100, "equal orders of a client within the window; 0: no limit"),
          whole("duplicate_window_ms", 1'000, 1, 3'600'000, "milliseconds that equal orders are counted over"),
      },
      {"client", "account", "symbol"}};
}

SectionSpec cache() {
  return {"cache",
          "Answers kept so that equal questions cost one call.",
          {
              whole("memory_mb", 64, 1, 1'000'000, "memory for answers; the least recently used go first"),
              whole("calls_max", 256, 1, 100'000,
                    "questions under way at providers, or waiting for their pace; more get overloaded"),
              whole("bars_disk_mb", 1'024, 0, 1'000'000,
                    "closed bars kept in data_dir/bars.sqlite; the series used longest ago go first; 0: none"),
              number("stale_max_s", 3'600, 0, 366 * day_s,
                     "seconds past its time that an answer is still given, marked stale, while its provider fails"),
          }};
}

SectionSpec cache_ttl() {
  constexpr double year_s = 366 * day_s;
  return {
      "cache.ttl",
      "Seconds an answer is kept, by kind: while its exchange does something (pre-market to after-hours), or is "
      "closed.",
      {
          number("quote_s", 1, 0, year_s, "the last quote of a topic that was closed"),
          number("bars_s", 0, 0, year_s, "bars that are not past; 0: until the bar under way ends. Past ones are kept"),
          number("details_s", day_s, 0, year_s, "ticker details: they change once a day"),
          number("snapshot_s", 1, 0, year_s, "daily snapshots"),
          number("news_s", 300, 0, year_s, "news"),
          number("chain_s", 60, 0, year_s, "option chains"),
          number("search_s", day_s, 0, year_s, "symbol searches: lists change once a day"),
          number("quote_closed_s", 0, 0, year_s, "the same, while the exchange is closed; 0: until it opens"),
          number("bars_closed_s", 0, 0, year_s, "bars, while the exchange is closed; 0: until it opens"),
          number("snapshot_closed_s", 0, 0, year_s, "daily snapshots, while it is closed; 0: until it opens"),
          number("news_closed_s", 1'800, 0, year_s, "news, while it is closed"),
          number("chain_closed_s", 0, 0, year_s, "option chains, while it is closed; 0: until it opens"),
          number("refusal_s", 5, 0, year_s, "that something does not exist"),
      }};
}

SectionSpec log() {
  KeySpec level = text("level", "info", "the least important line that is written");
  level.choices = {"trace", "debug", "info", "warn", "error", "critical"};
  return {"log",
          "What the daemon writes about itself.",
          {std::move(level), text("file", "", "written to this file; empty: to standard error"),
           flag("json", false, "a JSON object a line, for log collectors")}};
}

class CoreCheck {
 public:
  explicit CoreCheck(const Config& config) : config_{config} {}

  Result<void> run() {
    const auto& bus = config_.section("bus");
    for (const std::string key : {"stream", "command"}) {
      const auto& list = bus.get<Texts>(key);
      if (list.empty()) tell("bus", key, "needs at least one endpoint");
      for (const auto& endpoint : list)
        if (const auto ok = check_endpoint(endpoint); !ok) tell("bus", key, ok.error().message);
    }
    if (const auto& admin = bus.get<std::string>("admin"); !admin.empty())
      if (const auto ok = check_admin_address(admin); !ok) tell("bus", "admin", ok.error().message);
    if (bus.get<std::int64_t>("request_timeout_ms") > bus.get<std::int64_t>("request_timeout_ms_max"))
      tell("bus", "request_timeout_ms", "must not be greater than bus.request_timeout_ms_max");
    if (config_.section("engine").get<Texts>("data_provider").empty())
      tell("engine", "data_provider", "needs at least one provider");
    check_risk("risk");
    for (const std::string kind : {"client", "account", "symbol"})
      for (const auto& name : config_.tables("risk", kind)) check_risk("risk." + kind + "." + name);
    // Whether an endpoint is safe can only be asked of one that is well formed.
    if (text_.empty()) return check_bus_security(config_);
    return fail(Errc::config_invalid, text_);
  }

 private:
  void check_risk(const std::string& section) {
    for (const std::string key : {"max_notional", "max_position_notional", "max_gross_notional", "daily_loss_limit"})
      decimal<Money>(section, key);
    for (const std::string key : {"max_qty", "max_position_qty", "orders_per_second"}) decimal<Quantity>(section, key);
    decimal<Price>(section, "price_band_pct");
    for (const std::string key : {"allow_symbols", "deny_symbols"})
      for (const auto& symbol : config_.section(section).get<Texts>(key))
        if (const auto ok = parse_symbol(symbol); !ok) tell(section, key, ok.error().message);
  }
  template <class D>
  void decimal(const std::string& section, const std::string& key) {
    const auto& value = config_.section(section).get<std::string>(key);
    if (value.empty()) return;
    const auto parsed = D::parse(value);
    if (!parsed)
      tell(section, key, parsed.error().message);
    else if (!parsed->is_positive())
      tell(section, key, "must be greater than 0; leave it empty for no limit");
  }
  void tell(const std::string& section, const std::string& key, const std::string& what) {
    text_ += (text_.empty() ? "" : "\n") + config_.origin(section, key) + ": " + section + "." + key + " " + what;
  }

  const Config& config_;
  std::string text_;
};

}  // namespace

std::vector<SectionSpec> core_sections() {
  return {engine(), bus(), curve(), market(), calendar(), risk(), cache(), cache_ttl(), log()};
}

Result<void> check_core(const Config& config) { return CoreCheck{config}.run(); }

}  // namespace tradebus
