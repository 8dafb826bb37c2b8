// buy, sell, cancel, replace
#include <memory>

#include "clients/cli/blotter.hpp"
#include "clients/cli/commands.hpp"
#include "clients/cli/follow.hpp"

namespace tradebus::cli {

namespace {

using client::OrderRequest;
using client::Value;

struct Ticket {
  OrderRequest order;
  std::string qty, limit, stop;
  bool other_side = false;  // sell short, buy to cover
  bool extended = false;
  bool wait = false;
};

OrderRequest make_order(const Ticket& ticket, const std::string& side) {
  OrderRequest order = ticket.order;
  order.side = side;
  if (ticket.other_side) order.side = side == "sell" ? "sell_short" : "buy_to_cover";
  order.qty = client::Amount{ticket.qty};  // as text: the decimal that was typed
  if (!ticket.limit.empty()) order.limit_price = client::Amount{ticket.limit};
  if (!ticket.stop.empty()) order.stop_price = client::Amount{ticket.stop};
  order.order_type = order.stop_price    ? (order.limit_price ? "stop_limit" : "stop")
                     : order.limit_price ? "limit"
                                         : "market";
  if (ticket.extended) order.extended_hours = true;
  return order;
}

void add_side(Commands& commands, const std::string& side) {
  auto t = std::make_shared<Ticket>();
  const bool buy = side == "buy";
  auto* command =
      commands.add(side, buy ? "Buy: a market order, or one with a limit" : "Sell: a market order, or one with a limit",
                   [side, t](Context& ctx) { return place_order(ctx, make_order(*t, side), t->wait); });
  command->add_option("symbol", t->order.symbol, "AAPL, or an option in OCC form")->required();
  command->add_option("qty", t->qty, "shares or contracts")->required();
  command->add_option("--limit", t->limit, "limit price");
  command->add_option("--stop", t->stop, "stop price");
  command->add_option("--tif", t->order.time_in_force, "day, gtc, ioc, fok, opg or cls")->capture_default_str();
  command->add_option("--account", t->order.account, "the account, where a broker has several");
  command->add_option("--broker", t->order.broker, "the broker, where there are several");
  command->add_option("--id", t->order.client_order_id,
                      "your own id; the same id again is the same order, never a second one");
  command->add_option("--tag", t->order.tag, "a note that stays with the order");
  command->add_flag("--extended", t->extended, "also outside regular hours");
  command->add_flag(buy ? "--cover" : "--short", t->other_side, buy ? "buy to cover a short position" : "sell short");
  command->add_flag("--wait", t->wait,
                    "follow the order until it is closed and print its fills; Ctrl-C leaves it open");
}

// An id may be the daemon's or the client's own.
int by_either_id(Context& ctx, std::string_view op, const std::string& id, const Value& more) {
  Value args = more;
  args.set("order_id", id);
  auto result = ctx.request(op, args);
  if (!result && result.error().code == "order.not_found") {
    Value again = more;
    again.set("client_order_id", id);
    auto second = ctx.request(op, again);
    if (second || second.error().code != "order.not_found")
      return second ? print_order(ctx, *second) : ctx.fail(second.error());
  }
  return result ? print_order(ctx, *result) : ctx.fail(result.error());
}

void add_cancel(Commands& commands) {
  struct Cancel {
    std::string id, symbol, account, broker;
    bool all = false;
  };
  auto c = std::make_shared<Cancel>();
  auto* command = commands.add("cancel", "Cancel one order, or all of them", [c](Context& ctx) -> int {
    if (c->all == !c->id.empty()) return ctx.usage("cancel needs an order id, or --all");
    if (!c->all) return by_either_id(ctx, "cancel_order", c->id, {});
    Value args;
    if (!c->symbol.empty()) args.set("symbol", c->symbol);
    if (!c->account.empty()) args.set("account", c->account);
    if (!c->broker.empty()) args.set("broker", c->broker);
    return ctx.ask_record("cancel_all", args);
  });
  command->add_option("id", c->id, "order_id or client_order_id");
  command->add_flag("--all", c->all, "every open order");
  command->add_option("--symbol", c->symbol, "with --all: only of this symbol");
  command->add_option("--account", c->account, "with --all: only of this account");
  command->add_option("--broker", c->broker, "with --all: only at this broker");
}

void add_replace(Commands& commands) {
  struct Replace {
    std::string id, qty, limit, stop, tif;
  };
  auto r = std::make_shared<Replace>();
  auto* command = commands.add("replace", "Change an open order", [r](Context& ctx) -> int {
    Value args;
    if (!r->qty.empty()) args.set("qty", r->qty);
    if (!r->limit.empty()) args.set("limit_price", r->limit);
    if (!r->stop.empty()) args.set("stop_price", r->stop);
    if (!r->tif.empty()) args.set("time_in_force", r->tif);
    if (args.is_nil()) return ctx.usage("replace needs what to change: --qty, --limit, --stop or --tif");
    return by_either_id(ctx, "replace_order", r->id, args);
  });
  command->add_option("id", r->id, "order_id or client_order_id")->required();
  command->add_option("--qty", r->qty, "new quantity, the filled part included");
  command->add_option("--limit", r->limit, "new limit price");
  command->add_option("--stop", r->stop, "new stop price");
  command->add_option("--tif", r->tif, "new time in force");
}

}  // namespace

void add_trading_commands(Commands& commands) {
  add_side(commands, "buy");
  add_side(commands, "sell");
  add_cancel(commands);
  add_replace(commands);
}

}  // namespace tradebus::cli
