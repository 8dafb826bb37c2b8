// quote, snapshot, missed
#include <memory>

#include "clients/cli/arguments.hpp"
#include "clients/cli/commands.hpp"
#include "clients/cli/topics.hpp"

namespace tradebus::cli {

namespace {

using client::Value;

const std::vector<Column> quote_columns{
    {"SYMBOL", "symbol"},           {"BID", "bid", Format::number},       {"SIZE", "bid_size", Format::number},
    {"ASK", "ask", Format::number}, {"SIZE", "ask_size", Format::number}, {"TIME (UTC)", "ts", Format::time},
    {"QUALITY", "quality"},
};

// One request a symbol; the answers of those that have one are printed, and the first error decides the exit code.
int quotes(Context& ctx, const std::vector<std::string>& symbols) {
  Value::Array found;
  int code = exit_ok;
  for (const auto& symbol : symbols) {
    auto quote = ctx.request("get_quote", Value{}.set("symbol", symbol));
    if (quote) {
      found.push_back(std::move(*quote));
      continue;
    }
    const int failed = ctx.fail(quote.error());
    if (code == exit_ok) code = failed;
    if (failed == exit_no_daemon) break;
  }
  ctx.rows(Value{std::move(found)}, quote_columns);
  return code;
}

int snapshots(Context& ctx, const std::vector<std::string>& symbols) {
  int code = exit_ok;
  for (const auto& symbol : symbols) {
    const int failed = ctx.ask_record("get_snapshot", Value{}.set("symbol", symbol));
    if (code == exit_ok) code = failed;
    if (failed == exit_no_daemon) break;
  }
  return code;
}

int missed(Context& ctx, const std::string& text, std::uint64_t after, std::uint64_t limit) {
  const auto topic = parse_topic(text);
  if (!topic) return ctx.usage("\"" + text + "\" is no topic; give one like quote:AAPL or \"quote|AAPL|\"");
  Value args;
  args.set("topic", *topic).set("after", after);
  if (limit != 0) args.set("limit", limit);
  auto result = ctx.request("get_missed", args);
  if (!result) return ctx.fail(result.error());
  const auto& messages = (*result)["messages"];
  if (ctx.json()) {
    ctx.rows(messages, {});
  } else if (const auto* list = messages.array(); list != nullptr && !list->empty()) {
    ctx.record(Value{}.set("messages", messages));
  }
  if ((*result)["complete"].boolean().value_or(true)) return exit_ok;
  ctx.warn("messages after " + std::to_string(after) + " are gone; the daemon keeps those from " +
           std::to_string((*result)["first_kept"].integer().value_or(0)) + " on");
  return exit_data_lost;
}

}  // namespace

void add_market_commands(Commands& commands) {
  auto symbols = std::make_shared<std::vector<std::string>>();
  commands.add("quote", "The last quote of each symbol", [symbols](Context& ctx) { return quotes(ctx, *symbols); })
      ->add_option("symbols", *symbols, "AAPL, BRK.B, BTC-USD, SYMBOL@provider")
      ->required();

  auto several = std::make_shared<std::vector<std::string>>();
  commands
      .add("snapshot", "Last quote, last trade and bars of the day",
           [several](Context& ctx) { return snapshots(ctx, *several); })
      ->add_option("symbols", *several, "symbols")
      ->required();

  struct Missed {
    std::string topic;
    std::uint64_t after = 0, limit = 0;
  };
  auto m = std::make_shared<Missed>();
  auto* command = commands.add("missed", "Messages of a topic that the daemon still keeps",
                               [m](Context& ctx) { return missed(ctx, m->topic, m->after, m->limit); });
  command->add_option("topic", m->topic, "quote:AAPL or \"quote|AAPL|\"")->required();
  command->add_option("--after", m->after, "the last seq that was received")->required()->check(whole_number());
  command->add_option("--limit", m->limit, "at most so many")->check(whole_number());
}

}  // namespace tradebus::cli
