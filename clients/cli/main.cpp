// `tradebus`: the bus from a shell.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "clients/cli/arguments.hpp"
#include "clients/cli/commands.hpp"
#include "clients/cli/endpoint.hpp"

namespace {

using namespace tradebus::cli;

void add_globals(CLI::App& app, Globals& g) {
  app.add_option("--stream", g.stream, "the daemon's stream endpoint")
      ->envname("TRADEBUS_BUS_STREAM")
      ->capture_default_str();
  app.add_option("--command", g.command, "the daemon's command endpoint")
      ->envname("TRADEBUS_BUS_COMMAND")
      ->capture_default_str();
  app.add_flag("--json", g.json, "one JSON object a line");
  app.add_option("--timeout", g.timeout_s, "seconds to wait for an answer")
      ->check(CLI::Range(0.001, 86'400.0))
      ->capture_default_str();
  app.add_option("--client", g.client, "the client name that orders carry")->capture_default_str();
  app.add_option("--curve-server-key", g.curve_server_key, "the daemon's public key, where it asks for CURVE");
  app.add_option("--curve-public-key", g.curve_public_key, "this client's public key");
  app.add_option("--curve-secret-key-file", g.curve_secret_key_file, "the file with this client's secret key");
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Watches, records and trades through a tradebus daemon.", "tradebus"};
  app.set_version_flag("--version", "tradebus " TRADEBUS_VERSION);
  app.footer(exit_codes_text);
  app.require_subcommand(1);
  Globals globals;
  add_globals(app, globals);
  Commands commands{app};
  add_market_commands(commands);
  add_bars_command(commands);
  add_reference_commands(commands);
  add_calendar_command(commands);
  add_trading_commands(commands);
  add_blotter_commands(commands);
  add_events_command(commands);
  add_export_command(commands);
  add_safety_commands(commands);
  add_daemon_commands(commands);
  add_watch_command(commands);
  add_record_command(commands);
  auto empty = cut_short(argc, argv);
  try {
    if (!empty) app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? exit_ok : exit_usage;
  }
  if (!empty) empty = given_without_value(app);
  if (empty)
    return Context{globals, Terminal::stdout_now()}.usage(*empty +
                                                          " is given without a value; leave it out, or fill it");
  globals.stream = connectable(globals.stream);
  globals.command = connectable(globals.command);
  Context context{globals, Terminal::stdout_now()};
  const int code = commands.chosen()(context);
  if (std::fflush(stdout) != 0 && code == exit_ok) return exit_usage;  // a full disk, a closed pipe
  return code;
}
