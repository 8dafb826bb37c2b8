// buy, sell, cancel, replace
#include <memory>
#include <set>

#include "clients/cli/blotter.hpp"
#include "clients/cli/commands.hpp"
#include "clients/cli/follow.hpp"

namespace tradebus::cli {

namespace {

using client::OrderRequest;
using client::Value;

struct Ticket {
  OrderRequest order;
  std::string qty, notional, limit, stop, touch, trail, trail_percent, limit_offset, expires;
  std::vector<std::string> parameters;  // NAME=VALUE
  std::string take_profit, stop_loss, stop_loss_limit;
  bool other_side = false;  // sell short, buy to cover
  bool market_to_limit = false;
  bool extended = false;
  bool wait = false;
  bool preview = false;
};

const char* type_of(const Ticket& ticket, const OrderRequest& order) {
  if (ticket.market_to_limit) return "market_to_limit";
  if (order.trail_amount || order.trail_percent) return order.limit_offset ? "trailing_stop_limit" : "trailing_stop";
  if (!ticket.touch.empty()) return order.limit_price ? "limit_if_touched" : "market_if_touched";
  if (order.stop_price) return order.limit_price ? "stop_limit" : "stop";
  return order.limit_price ? "limit" : "market";
}

OrderRequest make_order(const Ticket& ticket, const std::string& side) {
  OrderRequest order = ticket.order;
  order.side = side;
  if (ticket.other_side) order.side = side == "sell" ? "sell_short" : "buy_to_cover";
  const auto set = [](std::optional<client::Amount>& to, const std::string& typed) {
    if (!typed.empty()) to = client::Amount{typed};  // as text: the decimal that was typed
  };
  set(order.qty, ticket.qty);
  set(order.notional, ticket.notional);
  set(order.limit_price, ticket.limit);
  set(order.stop_price, ticket.touch.empty() ? ticket.stop : ticket.touch);
  set(order.trail_amount, ticket.trail);
  set(order.trail_percent, ticket.trail_percent);
  set(order.limit_offset, ticket.limit_offset);
  for (const auto& typed : ticket.parameters) {
    const auto sign = typed.find('=');
    order.strategy_parameters[typed.substr(0, sign)] = typed.substr(sign + 1);
  }
  client::Bracket exits;
  set(exits.take_profit, ticket.take_profit);
  set(exits.stop_loss, ticket.stop_loss);
  set(exits.stop_loss_limit, ticket.stop_loss_limit);
  if (exits.take_profit || exits.stop_loss || exits.stop_loss_limit) order.bracket = std::move(exits);
  order.order_type = type_of(ticket, order);
  if (ticket.extended) order.extended_hours = true;
  return order;
}

int place(Context& ctx, const Ticket& ticket, const std::string& side) {
  if (ticket.qty.empty() == ticket.notional.empty())
    return ctx.usage(side + " needs a quantity, or --notional and no quantity");
  if (ticket.take_profit.empty() && ticket.stop_loss.empty() && !ticket.stop_loss_limit.empty())
    return ctx.usage("--stop-loss-limit goes with --stop-loss");
  std::set<std::string> named;
  for (const auto& typed : ticket.parameters) {
    const auto sign = typed.find('=');
    if (sign == std::string::npos || sign == 0) return ctx.usage("--parameter " + typed + ": NAME=VALUE is meant");
    if (!named.insert(typed.substr(0, sign)).second)
      return ctx.usage("--parameter " + typed.substr(0, sign) + " comes twice");
  }
  auto order = make_order(ticket, side);
  if (!ticket.expires.empty()) {
    const auto expires = ctx.when("--expires", ticket.expires);
    if (!expires) return exit_usage;
    order.expires_at = *expires;
  }
  if (ticket.preview) return ctx.ask_record("preview_order", order.args());
  return place_order(ctx, std::move(order), ticket.wait);
}

void add_side(Commands& commands, const std::string& side) {
  auto t = std::make_shared<Ticket>();
  const bool buy = side == "buy";
  auto* command =
      commands.add(side, buy ? "Buy: a market order, or one with a limit" : "Sell: a market order, or one with a limit",
                   [side, t](Context& ctx) { return place(ctx, *t, side); });
  command->add_option("symbol", t->order.symbol, "AAPL, or an option in OCC form")->required();
  command->add_option("qty", t->qty, "shares or contracts; or --notional");
  command->add_option("--notional", t->notional, "an amount of money instead, where the broker takes it");
  command->add_option("--limit", t->limit, "limit price");
  auto* stop = command->add_option("--stop", t->stop, "stop price");
  command->add_option("--touch", t->touch, "waits until the market is as good as this price; with --limit or without")
      ->excludes(stop);
  command->add_option("--trail", t->trail, "a stop that follows the market at this distance");
  command->add_option("--trail-percent", t->trail_percent, "the same, in percent");
  command->add_option("--limit-offset", t->limit_offset, "with a trail: its limit lies so far beyond the stop");
  command->add_flag("--market-to-limit", t->market_to_limit,
                    "a market order whose rest stays, limited to the price of its first part");
  command->add_option("--strategy", t->order.target_strategy,
                      "an algo or a type of the broker's own, by its name there");
  command->add_option("--parameter", t->parameters, "NAME=VALUE, of the strategy; may be given several times")
      ->expected(1)
      ->take_all();
  command->add_option("--tif", t->order.time_in_force, "day, gtc, ioc, fok, opg, cls or gtd")->capture_default_str();
  command->add_option("--expires", t->expires, "when it ends (a time), with --tif gtd");
  command->add_option("--take-profit", t->take_profit, "an exit that waits for the fill: a limit order at this price");
  command->add_option("--stop-loss", t->stop_loss, "an exit that waits for the fill: a stop order at this price");
  command->add_option("--stop-loss-limit", t->stop_loss_limit, "makes the stop loss a stop limit order");
  command->add_option("--oco", t->order.oco, "a group's name: what fills one of its orders takes it off the others");
  command->add_option("--account", t->order.account, "the account, where a broker has several");
  command->add_option("--broker", t->order.broker, "the broker, where there are several");
  command->add_option("--id", t->order.client_order_id,
                      "your own id; the same id again is the same order, never a second one");
  command->add_option("--tag", t->order.tag, "a note that stays with the order");
  command->add_flag("--extended", t->extended, "also outside regular hours");
  command->add_flag(buy ? "--cover" : "--short", t->other_side, buy ? "buy to cover a short position" : "sell short");
  command->add_flag("--wait", t->wait,
                    "follow the order until it is closed and print its fills; Ctrl-C leaves it open");
  command->add_flag("--preview", t->preview, "only ask the broker what it would cost; nothing is sent to a market")
      ->excludes("--wait");
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
