// The commands of `tradebus`, one file a group. Each group adds its subcommands; the one that the user names is kept as
// an action that main runs.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <utility>

#include "clients/cli/context.hpp"

namespace tradebus::cli {

using Action = std::function<int(Context&)>;

class Commands {
 public:
  explicit Commands(CLI::App& app) : app_{app} {}

  CLI::App* add(const std::string& name, const std::string& about, Action action) {
    auto* command = app_.add_subcommand(name, about);
    command->fallthrough();  // global options may also stand behind the command
    command->callback([this, action = std::move(action)] { chosen_ = action; });
    return command;
  }
  const Action& chosen() const { return chosen_; }

 private:
  CLI::App& app_;
  Action chosen_;
};

void add_market_commands(Commands& commands);     // quote, snapshot, missed
void add_bars_command(Commands& commands);        // bars
void add_calendar_command(Commands& commands);    // calendar
void add_reference_commands(Commands& commands);  // details, daily, news, search, chain
void add_trading_commands(Commands& commands);    // buy, sell, cancel, replace
void add_blotter_commands(Commands& commands);    // orders, order, positions, account
void add_events_command(Commands& commands);      // events
void add_export_command(Commands& commands);      // export
void add_safety_commands(Commands& commands);     // kill-switch, accept-positions
void add_daemon_commands(Commands& commands);     // status, ping, connect, disconnect, cache-stats, cache-clear
void add_watch_command(Commands& commands);       // watch
void add_record_command(Commands& commands);      // record

}  // namespace tradebus::cli
