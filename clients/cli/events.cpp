// events
#include <chrono>
#include <cstdio>
#include <memory>

#include "clients/cli/commands.hpp"
#include "clients/cli/interrupt.hpp"
#include "clients/cli/json.hpp"
#include "clients/cli/when.hpp"

namespace tradebus::cli {

namespace {

using namespace std::chrono_literals;
using client::Value;

struct Options {
  std::uint64_t after = 0;
  std::uint64_t limit = 0;
  std::string account;
  bool follow = false;
};

const std::vector<Column> columns{
    {"SEQ", "seq", Format::number},
    {"TIME (UTC)", "ts", Format::time},
    {"EVENT", "event"},
    {"ORDER", "order.order_id"},
    {"SYMBOL", "order.symbol"},
    {"SIDE", "order.side"},
    {"QTY", "order.qty", Format::number},
    {"STATUS", "order.status"},
    {"FILL QTY", "fill.qty", Format::number},
    {"FILL PRICE", "fill.price", Format::number},
    {"CLIENT", "order.client"},
    {"REASON", "order.reason"},
};

// One event as a line of its own: columns could not be aligned before the rest is known.
void print_line(Context& ctx, const Value& event) {
  if (ctx.json()) {
    std::printf("%s\n", to_json(event).c_str());
  } else {
    const auto& order = event["order"];
    std::string line = cell(event["seq"], Format::number) + "  " + cell(event["ts"], Format::time) + "  " +
                       cell(event["event"], Format::text) + "  " + cell(order["order_id"], Format::text) + "  " +
                       cell(order["side"], Format::text) + " " + cell(order["qty"], Format::number) + " " +
                       cell(order["symbol"], Format::text) + "  " + cell(order["status"], Format::text);
    if (const auto& fill = event["fill"]; !fill.is_nil())
      line += "  " + cell(fill["qty"], Format::number) + " @ " + cell(fill["price"], Format::number);
    if (const auto& reason = order["reason"]; !reason.is_nil()) line += "  " + cell(reason, Format::text);
    std::printf("%s\n", line.c_str());
  }
  std::fflush(stdout);
}

// All pages after `after`, at most `limit` events (0: all); `after` moves on.
client::Expected<Value::Array> fetch(Context& ctx, std::uint64_t& after, const Options& o) {
  constexpr std::uint64_t page_max = 1'000;
  Value::Array out;
  for (;;) {
    const auto left = o.limit == 0 ? page_max : std::min<std::uint64_t>(page_max, o.limit - out.size());
    if (left == 0) return out;
    Value args;
    args.set("after", after).set("limit", left);
    if (!o.account.empty()) args.set("account", o.account);
    auto page = ctx.request("get_events", args);
    if (!page) return page.error();
    const auto* events = (*page)["events"].array();
    if (events == nullptr || events->empty()) return out;
    const auto before = after;
    for (const auto& event : *events) {
      after = std::max(after, static_cast<std::uint64_t>(event["seq"].integer().value_or(0)));
      out.push_back(event);
    }
    if (after == before) return out;  // a server that does not move on
  }
}

int follow(Context& ctx, const Options& o) {
  auto stream = ctx.stream();
  if (!stream) return ctx.fail(stream.error());
  catch_interrupts();
  // First listen, then read the journal: nothing falls between.
  stream->subscribe(o.account.empty() ? "order|" : client::make_topic("order", o.account));
  auto after = o.after;
  auto past = fetch(ctx, after, o);
  if (!past) return interrupted() ? int{exit_ok} : ctx.fail(past.error());
  for (const auto& event : *past) print_line(ctx, event);
  bool stale = true;  // events since the journal was read may have come before the subscription was in force
  stream->on_disconnected = [&] { ctx.warn("the daemon at " + ctx.globals().stream + " is silent; waiting for it"); };
  stream->on_connected = [&](std::uint64_t, bool) { stale = true; };
  while (!interrupted()) {
    if (stale && stream->state() == client::Stream::State::connected) {
      stale = false;
      auto more = fetch(ctx, after, o);
      if (more)
        for (const auto& event : *more) print_line(ctx, event);
    }
    auto message = stream->next(250ms);
    if (!message || message->kind() != client::Kind::order || message->seq() <= after) continue;
    after = message->seq();
    print_line(ctx, message->value());
  }
  return exit_ok;
}

}  // namespace

void add_events_command(Commands& commands) {
  auto o = std::make_shared<Options>();
  auto* command = commands.add("events", "What happened to orders, from the journal", [o](Context& ctx) -> int {
    if (o->follow) return follow(ctx, *o);
    auto after = o->after;
    auto events = fetch(ctx, after, *o);
    return events ? ctx.rows(Value{std::move(*events)}, columns) : ctx.fail(events.error());
  });
  command->add_option("--after", o->after, "only events with a higher seq")->capture_default_str();
  command->add_option("--limit", o->limit, "at most so many");
  command->add_option("--account", o->account, "only of this account");
  command->add_flag("--follow,-f", o->follow, "go on with new events until Ctrl-C");
}

}  // namespace tradebus::cli
