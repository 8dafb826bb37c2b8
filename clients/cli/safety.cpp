// kill-switch, reload-risk, accept-positions
#include <memory>

#include "clients/cli/commands.hpp"

namespace tradebus::cli {

namespace {

using client::Value;

const std::vector<Column> state_columns{
    {"SCOPE", "scope"}, {"NAME", "name"},     {"STATE", "state"}, {"SINCE (UTC)", "since", Format::time},
    {"BY", "source"},   {"REASON", "reason"},
};

void add_kill_switch(Commands& commands) {
  struct Switch {
    std::string state, account, client, symbol, reason;
    bool cancel_open = false;
  };
  auto s = std::make_shared<Switch>();
  auto* command = commands.add("kill-switch", "Stop trading, or show what is stopped", [s](Context& ctx) -> int {
    Value args = Value::make_map();
    const std::vector<std::pair<std::string, std::string>> texts{{"state", s->state},
                                                                 {"account", s->account},
                                                                 {"client", s->client},
                                                                 {"symbol", s->symbol},
                                                                 {"reason", s->reason}};
    for (const auto& [key, text] : texts)
      if (!text.empty()) args.set(key, text);
    if (s->cancel_open) args.set("cancel_open", true);
    if (s->state.empty() && !args.map()->empty())
      return ctx.usage("kill-switch: name the state too: active, reducing or halted");
    return ctx.ask_rows("kill_switch", args, "states", state_columns);
  });
  command->add_option("state", s->state, "active, reducing (only what shrinks a position) or halted; without one: show")
      ->check(CLI::IsMember({"active", "reducing", "halted"}));
  command->add_option("--account", s->account, "only this account");
  command->add_option("--client", s->client, "only orders of this client");
  command->add_option("--symbol", s->symbol, "only this symbol");
  command->add_option("--reason", s->reason, "why; shown with the state");
  command->add_flag("--cancel-open", s->cancel_open, "cancel its working orders too");
}

void add_reload_risk(Commands& commands) {
  commands.add("reload-risk", "Have the daemon read the limits of its configuration again",
               [](Context& ctx) { return ctx.ask_record("reload_risk", Value::make_map()); });
}

void add_accept_positions(Commands& commands) {
  struct Which {
    std::string broker, account, symbol;
  };
  auto w = std::make_shared<Which>();
  auto* command = commands.add("accept-positions", "Take positions that differ from the fills as the broker tells them",
                               [w](Context& ctx) {
                                 Value args = Value::make_map();
                                 if (!w->broker.empty()) args.set("broker", w->broker);
                                 if (!w->account.empty()) args.set("account", w->account);
                                 if (!w->symbol.empty()) args.set("symbol", w->symbol);
                                 return ctx.ask_record("accept_positions", args);
                               });
  command->add_option("--broker", w->broker, "only at this broker");
  command->add_option("--account", w->account, "only of this account");
  command->add_option("--symbol", w->symbol, "only of this symbol");
}

}  // namespace

void add_safety_commands(Commands& commands) {
  add_kill_switch(commands);
  add_reload_risk(commands);
  add_accept_positions(commands);
}

}  // namespace tradebus::cli
