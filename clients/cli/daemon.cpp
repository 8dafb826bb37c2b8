// status, ping, connect, disconnect, cache-stats, cache-clear
#include <chrono>
#include <cstdio>
#include <memory>

#include "clients/cli/commands.hpp"
#include "clients/cli/json.hpp"
#include "clients/cli/when.hpp"

namespace tradebus::cli {

namespace {

using client::Value;

int ping(Context& ctx) {
  auto session = ctx.session();
  if (!session) return ctx.fail(session.error());
  const auto start = std::chrono::steady_clock::now();
  auto pong = (*session)->request("ping");
  if (!pong) return ctx.fail(pong.error());
  const auto us =
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - start).count();
  const auto& hello = (*session)->hello();
  if (ctx.json()) {
    Value out = *pong;
    out.set("round_trip_us", us).set("epoch", hello["epoch"]).set("version", hello["version"]);
    std::printf("%s\n", to_json(out).c_str());
    return exit_ok;
  }
  std::printf("%s answered in %lld us; its time is %s UTC, epoch %lld\n", ctx.globals().command.c_str(),
              static_cast<long long>(us), time_text((*pong)["ts"].integer().value_or(0)).c_str(),
              static_cast<long long>(hello["epoch"].integer().value_or(0)));
  return exit_ok;
}

void add_switch(Commands& commands, const std::string& op, const std::string& about) {
  auto name = std::make_shared<std::string>();
  commands.add(op, about, [op, name](Context& ctx) { return ctx.ask_record(op, Value{}.set("name", *name)); })
      ->add_option("name", *name, "a broker or provider")
      ->required();
}

struct CacheOptions {
  std::string kind;
  std::string symbol;
};

CLI::App* add_cache(Commands& commands, const std::string& op, const std::shared_ptr<CacheOptions>& o,
                    const std::string& name, const std::string& about) {
  auto* command = commands.add(name, about, [op, o](Context& ctx) {
    Value args;
    if (!o->kind.empty()) args.set("kind", o->kind);
    if (!o->symbol.empty()) args.set("symbol", o->symbol);
    return ctx.ask_record(op, args);
  });
  command->add_option("kind", o->kind, "one kind of answer; without it all");
  return command;
}

}  // namespace

void add_daemon_commands(Commands& commands) {
  commands.add("status", "Every provider, broker, subscription, cache and the journal",
               [](Context& ctx) { return ctx.ask_record("get_status", {}); });
  commands.add("ping", "Whether the daemon answers, and how fast", ping);
  add_switch(commands, "connect", "Connect a broker or provider");
  add_switch(commands, "disconnect", "Disconnect a broker or provider");
  add_cache(commands, "cache_stats", std::make_shared<CacheOptions>(), "cache-stats",
            "Hits, misses and upstream calls of the cache");
  const auto clear = std::make_shared<CacheOptions>();
  add_cache(commands, "cache_clear", clear, "cache-clear", "Forget cached answers")
      ->add_option("--symbol", clear->symbol, "only answers about this symbol");
}

}  // namespace tradebus::cli
