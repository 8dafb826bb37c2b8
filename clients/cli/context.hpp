// What every command stands on: the global options, the session, and printing in the asked form.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clients/cli/exit_code.hpp"
#include "clients/cli/table.hpp"
#include "clients/cli/terminal.hpp"
#include "tradebus/client.hpp"

namespace tradebus::cli {

struct Globals {
  std::string stream = client::default_stream;
  std::string command = client::default_command;
  std::string client = "cli";
  bool json = false;
  double timeout_s = 5;
  std::string curve_server_key;  // Z85
  std::string curve_public_key;
  std::string curve_secret_key_file;
};

class Context {
 public:
  Context(const Globals& globals, Terminal terminal) : globals_{globals}, terminal_{terminal} {}

  const Globals& globals() const { return globals_; }
  const Terminal& terminal() const { return terminal_; }
  bool json() const { return globals_.json; }
  std::chrono::milliseconds timeout() const;

  // The one session of this run; opened at the first call.
  client::Expected<client::Session*> session();
  client::Expected<client::Stream> stream();
  client::Expected<client::Value> request(std::string_view op, const client::Value& args);

  // get_historical_data, all pages of it, at most `limit` bars (0: all).
  client::Expected<client::Value::Array> bars(client::Value args, std::uint64_t limit);

  // The daemon's idea of now, so that "-2h" is right in a replay too; the wall clock when it doesn't say.
  std::int64_t now_ns();
  // A time given as an option; prints what is wrong.
  std::optional<std::int64_t> when(const std::string& option, const std::string& text);

  // ---- printing: each gives the exit code
  // -----------------------------------------------------------------------------

  int fail(const client::Error& error) const;
  int no_stream() const;  // nothing comes from the stream endpoint
  int usage(const std::string& message) const;
  void warn(const std::string& message) const;
  int rows(const client::Value& list, const std::vector<Column>& columns) const;
  int record(const client::Value& value) const;
  // Asks and prints the answer, or its list under `key`.
  int ask_rows(std::string_view op, const client::Value& args, std::string_view key,
               const std::vector<Column>& columns);
  int ask_record(std::string_view op, const client::Value& args);

 private:
  client::Expected<std::optional<client::Curve>> curve() const;
  int complain(const client::Error& error, int code) const;

  Globals globals_;
  Terminal terminal_;
  std::optional<client::Session> session_;
};

}  // namespace tradebus::cli
