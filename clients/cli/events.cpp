// events
#include <chrono>
#include <cstdio>
#include <memory>

#include "clients/cli/arguments.hpp"
#include "clients/cli/commands.hpp"
#include "clients/cli/interrupt.hpp"
#include "clients/cli/json.hpp"
#include "clients/cli/pages.hpp"
#include "clients/cli/when.hpp"

namespace tradebus::cli {

namespace {

using namespace std::chrono_literals;
using client::Value;

struct EventsOptions {
  EventRange range;
  bool follow = false;
};

const std::vector<Column> event_columns{
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

// Prints what the journal has behind range.after, which moves on.
client::Expected<JournalEnd> print_journal(Context& ctx, EventRange& range) {
  return read_events(ctx, range, [&](const Value& event) {
    print_line(ctx, event);
    return !interrupted();
  });
}

int follow(Context& ctx, const EventsOptions& o) {
  auto stream = ctx.stream();
  if (!stream) return ctx.fail(stream.error());
  catch_interrupts();
  auto range = o.range;
  range.limit = 0;
  // First listen, then read the journal: nothing falls between.
  stream->subscribe(range.account.empty() ? "order|" : client::make_topic("order", range.account));
  const auto past = print_journal(ctx, range);
  if (!past) return interrupted() ? int{exit_ok} : ctx.fail(past.error());
  bool stale = true;  // events since the journal was read may have come before the subscription was in force
  stream->on_disconnected = [&] { ctx.warn("the daemon at " + ctx.globals().stream + " is silent; waiting for it"); };
  stream->on_connected = [&](std::uint64_t, bool) { stale = true; };
  while (!interrupted()) {
    if (stale && stream->state() == client::Stream::State::connected) stale = !print_journal(ctx, range).has_value();
    auto message = stream->next(250ms);
    if (!message || message->kind() != client::Kind::order || message->seq() <= range.after) continue;
    if (message->seq() > range.after + 1) {  // lost, or of another account: the journal knows
      stale = !print_journal(ctx, range).has_value();
      if (stale || message->seq() <= range.after) continue;
    }
    range.after = message->seq();
    print_line(ctx, message->value());
  }
  return exit_ok;
}

int list(Context& ctx, const EventsOptions& o) {
  auto range = o.range;
  Value::Array all;  // a table must know all of its rows
  const auto read = read_events(ctx, range, [&](const Value& event) {
    if (ctx.json())
      print_line(ctx, event);
    else
      all.push_back(event);
    return true;
  });
  return read ? ctx.rows(Value{std::move(all)}, event_columns) : ctx.fail(read.error());
}

}  // namespace

void add_events_command(Commands& commands) {
  auto o = std::make_shared<EventsOptions>();
  auto* command = commands.add("events", "What happened to orders, from the journal", [o](Context& ctx) -> int {
    if (!o->follow) return list(ctx, *o);
    if (o->range.until != 0) return ctx.usage("events: --follow has no end, --until is one: give one of them");
    return follow(ctx, *o);
  });
  command->add_option("--after", o->range.after, "only events with a higher seq")
      ->check(whole_number())
      ->capture_default_str();
  command->add_option("--until", o->range.until, "only events up to this seq")->check(whole_number());
  command->add_option("--limit", o->range.limit, "at most so many")->check(whole_number());
  command->add_option("--account", o->range.account, "only of this account");
  command->add_flag("--follow,-f", o->follow, "go on with new events until Ctrl-C");
}

}  // namespace tradebus::cli
