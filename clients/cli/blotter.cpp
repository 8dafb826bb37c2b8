// orders, order, positions, account
#include "clients/cli/blotter.hpp"

#include <memory>

#include "clients/cli/commands.hpp"
#include "clients/cli/pages.hpp"

namespace tradebus::cli {

namespace {

using client::Value;

const std::vector<Column> position_columns{
    {"BROKER", "broker"},
    {"ACCOUNT", "account"},
    {"SYMBOL", "symbol"},
    {"QTY", "qty", Format::number},
    {"EXPECTED", "expected_qty", Format::number},
    {"AVG PRICE", "avg_price", Format::number},
    {"PRICE", "market_price", Format::number},
    {"VALUE", "market_value", Format::number},
    {"UNREALIZED", "unrealized_pnl", Format::number},
    {"REALIZED", "realized_pnl", Format::number},
};

struct Where {
  std::string broker, account;

  Value args() const {
    Value out = Value::make_map();
    if (!broker.empty()) out.set("broker", broker);
    if (!account.empty()) out.set("account", account);
    return out;
  }
  void add_to(CLI::App& command) {
    command.add_option("--broker", broker, "only at this broker");
    command.add_option("--account", account, "only of this account");
  }
};

void add_orders(Commands& commands) {
  struct Orders {
    bool all = false;
    std::string symbol, account, client, since;
    std::uint64_t limit = 0;
  };
  auto o = std::make_shared<Orders>();
  auto* command = commands.add("orders", "Open orders, or all", [o](Context& ctx) -> int {
    Value args;
    args.set("status", o->all ? "all" : "open");
    if (!o->symbol.empty()) args.set("symbol", o->symbol);
    if (!o->account.empty()) args.set("account", o->account);
    if (!o->client.empty()) args.set("client", o->client);
    if (!o->since.empty()) {
      const auto since = ctx.when("--since", o->since);
      if (!since) return exit_usage;
      args.set("since", *since);
    }
    if (o->limit != 0) return ctx.ask_rows("get_orders", args.set("limit", o->limit), "orders", order_columns());
    Value::Array all;  // a table must know all of its rows
    const auto read = read_orders(ctx, args, {}, [&](const Value& order) {
      if (!ctx.json())
        all.push_back(order);
      else
        ctx.record(order);
      return true;
    });
    if (!read) return ctx.fail(read.error());
    return ctx.rows(Value{std::move(all)}, order_columns());
  });
  command->add_flag("--all", o->all, "also closed ones");
  command->add_option("--symbol", o->symbol, "only of this symbol");
  command->add_option("--account", o->account, "only of this account");
  command->add_option("--client", o->client, "only of this client");
  command->add_option("--since", o->since, "only changed since (a time, or -2h)");
  command->add_option("--limit", o->limit, "the newest so many")->check(CLI::Range(1, 10'000));
}

int show_order(Context& ctx, const std::string& id) {
  auto order = ctx.request("get_order", Value{}.set("order_id", id));
  if (!order && order.error().code == "order.not_found") {
    auto own = ctx.request("get_order", Value{}.set("client_order_id", id));
    if (own) return ctx.record(*own);
  }
  return order ? ctx.record(*order) : ctx.fail(order.error());
}

}  // namespace

const std::vector<Column>& order_columns() {
  static const std::vector<Column> columns{
      {"ORDER", "order_id"},
      {"SYMBOL", "symbol"},
      {"SIDE", "side"},
      {"QTY", "qty", Format::number},
      {"NOTIONAL", "notional", Format::number},
      {"TYPE", "order_type"},
      {"LIMIT", "limit_price", Format::number},
      {"STOP", "stop_price", Format::number},
      {"TRAIL", "trail_amount", Format::number},
      {"TRAIL %", "trail_percent", Format::number},
      {"LIMIT OFFSET", "limit_offset", Format::number},
      {"STRATEGY", "target_strategy"},
      {"PARAMETERS", "strategy_parameters"},
      {"TIF", "time_in_force"},
      {"STATUS", "status"},
      {"FILLED", "filled_qty", Format::number},
      {"AVG PRICE", "avg_price", Format::number},
      {"CLIENT", "client"},
      {"CLIENT ORDER ID", "client_order_id"},
      {"PARENT", "parent_id"},
      {"OCO", "oco"},
      {"HELD", "held"},
      {"EXTERNAL", "external"},
      {"UNRECORDED", "unrecorded"},
      {"UPDATED (UTC)", "updated", Format::time},
      {"REASON", "reason"},
  };
  return columns;
}

int print_order(Context& ctx, const Value& order) { return ctx.rows(Value{Value::Array{order}}, order_columns()); }

void add_blotter_commands(Commands& commands) {
  add_orders(commands);

  auto id = std::make_shared<std::string>();
  commands.add("order", "All about one order", [id](Context& ctx) { return show_order(ctx, *id); })
      ->add_option("id", *id, "order_id or client_order_id")
      ->required();

  auto positions = std::make_shared<Where>();
  positions->add_to(*commands.add("positions", "What each account holds", [positions](Context& ctx) {
    return ctx.ask_rows("get_positions", positions->args(), "positions", position_columns);
  }));

  auto account = std::make_shared<Where>();
  account->add_to(*commands.add("account", "Cash, equity, buying power, profit and loss", [account](Context& ctx) {
    return ctx.ask_record("get_account_summary", account->args());
  }));
}

}  // namespace tradebus::cli
