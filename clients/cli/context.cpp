#include "clients/cli/context.hpp"

#include <algorithm>
#include <cstdio>
#include <fstream>

#include "clients/cli/json.hpp"
#include "clients/cli/when.hpp"

namespace tradebus::cli {

namespace {

using client::Error;
using client::Expected;
using client::Value;

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

}  // namespace

std::chrono::milliseconds Context::timeout() const {
  return std::chrono::milliseconds{static_cast<std::int64_t>(globals_.timeout_s * 1000)};
}

Expected<std::optional<client::Curve>> Context::curve() const {
  if (globals_.curve_server_key.empty()) return std::optional<client::Curve>{};
  std::ifstream file{globals_.curve_secret_key_file};
  client::Curve keys{globals_.curve_server_key, globals_.curve_public_key, {}};
  if (!(file >> keys.secret_key))
    return Error{"client.endpoint", "cannot read a secret key from \"" + globals_.curve_secret_key_file +
                                        "\"; --curve-server-key needs --curve-public-key and --curve-secret-key-file"};
  return std::optional{keys};
}

Expected<client::Session*> Context::session() {
  if (session_) return &*session_;
  auto keys = curve();
  if (!keys) return keys.error();
  auto opened = client::Session::open(
      {.command = globals_.command, .client = globals_.client, .timeout = timeout(), .curve = *keys});
  if (!opened) return opened.error();
  session_.emplace(std::move(*opened));
  return &*session_;
}

Expected<client::Stream> Context::stream() {
  auto keys = curve();
  if (!keys) return keys.error();
  return client::Stream::open(
      {.stream = globals_.stream, .command = globals_.command, .client = globals_.client, .curve = *keys});
}

Expected<Value> Context::request(std::string_view op, const Value& args) {
  auto open = session();
  if (!open) return open.error();
  return (*open)->request(op, args);
}

std::int64_t Context::now_ns() {
  const auto status = request("get_status", {});
  const auto now = status ? (*status)["now"].integer() : std::nullopt;
  return now.value_or(wall_clock_ns());
}

std::optional<std::int64_t> Context::when(const std::string& option, const std::string& text) {
  const bool relative = text == "now" || text.starts_with('-');
  const auto ns = parse_when(text, relative ? now_ns() : 0);
  if (!ns)
    usage(option + ": \"" + text + "\" is no time; give 2024-06-21, 2024-06-21T13:30:00Z (UTC), -5d, -2h, -30m or now");
  return ns;
}

int Context::fail(const Error& error) const {
  if (error.code == "client.unreachable")
    return complain({error.code, "no daemon answers at " + globals_.command +
                                     "; start one with `tradebusd`, or name its endpoint with --command or "
                                     "TRADEBUS_BUS_COMMAND"},
                    exit_no_daemon);
  if (error.code == "client.timeout" || error.code == "client.disconnected") return complain(error, exit_no_daemon);
  if (error.code == "client.endpoint" || error.code == "client.interrupted") return complain(error, exit_usage);
  return complain(error, exit_refused);
}

int Context::no_stream() const {
  return complain({"client.unreachable", "nothing comes from " + globals_.stream +
                                             "; start a daemon with `tradebusd`, or name its endpoint with --stream or "
                                             "TRADEBUS_BUS_STREAM"},
                  exit_no_daemon);
}

int Context::complain(const Error& error, int code) const {
  std::string line = error.code + ": " + error.message;
  if (globals_.json) {
    Value out;
    out.set("code", error.code).set("message", error.message).set("details", error.details);
    if (error.retry_after_ms) out.set("retry_after_ms", *error.retry_after_ms);
    line = to_json(Value{}.set("error", out));
  } else if (error.retry_after_ms) {
    line += " (retry after " + std::to_string(*error.retry_after_ms) + " ms)";
  }
  std::fflush(stdout);
  std::fprintf(stderr, "%s\n", line.c_str());
  return code;
}

int Context::usage(const std::string& message) const {
  if (globals_.json) return complain({"usage", message}, exit_usage);
  std::fprintf(stderr, "tradebus: %s\n", message.c_str());
  return exit_usage;
}

void Context::warn(const std::string& message) const {
  std::fprintf(stderr, "tradebus: warning: %s\n", message.c_str());
}

int Context::rows(const Value& list, const std::vector<Column>& columns) const {
  const auto* items = list.array();
  if (items == nullptr || items->empty()) return exit_ok;  // nothing is no line at all
  if (globals_.json)
    for (const auto& item : *items) print(to_json(item) + "\n");
  else
    print(table_text(*items, columns, terminal_));
  return exit_ok;
}

int Context::record(const Value& value) const {
  print(globals_.json ? to_json(value) + "\n" : record_text(value, terminal_));
  return exit_ok;
}

int Context::ask_rows(std::string_view op, const Value& args, std::string_view key,
                      const std::vector<Column>& columns) {
  auto result = request(op, args);
  return result ? rows((*result)[key], columns) : fail(result.error());
}

Expected<Value::Array> Context::bars(Value args, std::uint64_t limit) {
  constexpr std::uint64_t page_max = 5'000;
  Value::Array out;
  for (;;) {
    args.set("limit", limit == 0 ? page_max : std::min<std::uint64_t>(page_max, limit - out.size()));
    auto page = request("get_historical_data", args);
    if (!page) return page.error();
    const auto* list = (*page)["bars"].array();
    if (list != nullptr) out.insert(out.end(), list->begin(), list->end());
    const auto next = (*page)["next_start"].integer();
    const bool done = !next || list == nullptr || (limit != 0 && out.size() >= limit);
    if (done || *next <= args["start"].integer().value_or(0) || *next >= args["end"].integer().value_or(0)) return out;
    args.set("start", *next);
  }
}

int Context::ask_record(std::string_view op, const Value& args) {
  auto result = request(op, args);
  return result ? record(*result) : fail(result.error());
}

}  // namespace tradebus::cli
