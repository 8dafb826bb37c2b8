// What the bus carries. Times are nanoseconds since 1970-01-01 UTC (`ts` the source's, `rx` the daemon's); prices and
// quantities are doubles, the nearest to the exact decimal (decimal_text() gives that decimal back); what the source
// does not give is absent.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "tradebus/value.hpp"

namespace tradebus::client {

struct Quote {
  std::string symbol;
  std::int64_t ts = 0;
  std::int64_t rx = 0;
  std::optional<double> bid, bid_size, ask, ask_size;
  std::string quality = "live";  // live, delayed, frozen, stale, simulated

  std::optional<double> mid() const { return bid && ask ? std::optional{(*bid + *ask) / 2} : std::nullopt; }
  template <class R>
  void fields(R& r) {
    r("symbol", symbol), r("ts", ts), r("rx", rx), r("bid", bid), r("bid_size", bid_size), r("ask", ask);
    r("ask_size", ask_size), r("quality", quality);
  }
};

struct Trade {
  std::string symbol;
  std::int64_t ts = 0;
  std::int64_t rx = 0;
  double price = 0;
  double size = 0;
  std::optional<std::string> exchange;
  std::vector<std::string> conditions;
  std::optional<std::string> id;

  template <class R>
  void fields(R& r) {
    r("symbol", symbol), r("ts", ts), r("rx", rx), r("price", price), r("size", size), r("exchange", exchange);
    r("conditions", conditions), r("id", id);
  }
};

// `ts` is the bar's start. `final` is false while the bar still grows.
struct Bar {
  std::string symbol;
  std::int64_t ts = 0;
  double open = 0, high = 0, low = 0, close = 0, volume = 0;
  std::optional<double> vwap;
  std::optional<std::int64_t> trades;
  std::int64_t rx = 0;
  bool final = true;

  template <class R>
  void fields(R& r) {
    r("symbol", symbol), r("ts", ts), r("open", open), r("high", high), r("low", low), r("close", close);
    r("volume", volume), r("vwap", vwap), r("trades", trades), r("rx", rx), r("final", final);
  }
};

// iv is a fraction (0.25 = 25 %).
struct OptionQuote {
  std::string symbol;  // compact OCC
  std::string underlying, expiry;
  double strike = 0;
  std::string right;  // call, put
  std::int64_t ts = 0;
  std::optional<double> bid, bid_size, ask, ask_size, last, volume, iv, delta, gamma, theta, vega, open_interest,
      underlying_price;

  template <class R>
  void fields(R& r) {
    r("symbol", symbol), r("underlying", underlying), r("expiry", expiry), r("strike", strike), r("right", right);
    r("ts", ts), r("bid", bid), r("bid_size", bid_size), r("ask", ask), r("ask_size", ask_size), r("last", last);
    r("volume", volume), r("iv", iv), r("delta", delta), r("gamma", gamma), r("theta", theta), r("vega", vega);
    r("open_interest", open_interest), r("underlying_price", underlying_price);
  }
};

struct NewsItem {
  std::string id;
  std::int64_t ts = 0;
  std::string title, url, publisher;
  std::vector<std::string> symbols;
  std::string summary;

  template <class R>
  void fields(R& r) {
    r("id", id), r("ts", ts), r("title", title), r("url", url), r("publisher", publisher), r("symbols", symbols);
    r("summary", summary);
  }
};

// One leg of a multi-leg order.
struct OrderLeg {
  std::string symbol, side;  // buy, sell, ...
  std::int64_t ratio = 1;

  template <class R>
  void fields(R& r) {
    r("symbol", symbol), r("side", side), r("ratio", ratio);
  }
};

// What one leg of a multi-leg order got.
struct LegFill {
  std::string symbol, side;
  double qty = 0, price = 0;

  template <class R>
  void fields(R& r) {
    r("symbol", symbol), r("side", side), r("qty", qty), r("price", price);
  }
};

// One execution. With legs `price` is the net one of a unit.
struct Fill {
  std::string exec_id;
  double qty = 0, price = 0, commission = 0;
  std::int64_t ts = 0;
  std::vector<LegFill> legs;

  template <class R>
  void fields(R& r) {
    r("exec_id", exec_id), r("qty", qty), r("price", price), r("commission", commission), r("ts", ts), r("legs", legs);
  }
};

struct Order {
  std::string order_id, client_order_id, client, broker, account, symbol, side;
  double qty = 0;                  // of an order by notional: 0 until the broker has told it
  std::optional<double> notional;  // as it was asked for
  std::string order_type;
  std::optional<double> limit_price, stop_price, trail_amount, trail_percent;
  std::string time_in_force;
  std::optional<std::int64_t> expires_at;
  bool extended_hours = false;
  std::string status;
  double filled_qty = 0, leaves_qty = 0;
  std::optional<double> avg_price;
  std::string broker_order_id, reason;
  std::int64_t created = 0, updated = 0;
  std::string tag;
  std::vector<OrderLeg> legs;
  std::string parent_id;   // an exit of a bracket: its entry
  std::string oco;         // the group: what fills one of its orders takes that much off the others
  bool held = false;       // an exit that waits in the daemon for its entry: no broker has it
  bool external = false;   // placed elsewhere: shown, never changed from here; no client, no client_order_id
  bool duplicate = false;  // in a reply: the same client_order_id came before, nothing was sent again
  std::optional<double> limit_offset;
  std::optional<std::string> target_strategy;  // an algo or a type of the broker's own
  std::map<std::string, std::string> strategy_parameters;
  // In a reply while the daemon's disk is full or broken: it does not have this yet, and may forget it if it dies.
  bool unrecorded = false;

  // Nothing more will happen to it. in_doubt is not closed: reconciliation still decides.
  bool closed() const {
    return status == "filled" || status == "canceled" || status == "rejected" || status == "expired";
  }
  template <class R>
  void fields(R& r) {
    r("order_id", order_id), r("client_order_id", client_order_id), r("client", client), r("broker", broker);
    r("account", account), r("symbol", symbol), r("side", side), r("qty", qty), r("notional", notional);
    r("order_type", order_type), r("limit_price", limit_price), r("stop_price", stop_price);
    r("trail_amount", trail_amount), r("trail_percent", trail_percent), r("time_in_force", time_in_force);
    r("expires_at", expires_at), r("extended_hours", extended_hours), r("status", status), r("filled_qty", filled_qty),
        r("leaves_qty", leaves_qty), r("avg_price", avg_price);
    r("broker_order_id", broker_order_id), r("reason", reason), r("created", created), r("updated", updated);
    r("tag", tag), r("legs", legs), r("parent_id", parent_id), r("oco", oco), r("held", held);
    r("external", external), r("duplicate", duplicate), r("limit_offset", limit_offset);
    r("target_strategy", target_strategy), r("strategy_parameters", strategy_parameters);
    r("unrecorded", unrecorded);
  }
};

// One change of an order's state. `seq` is the journal's own number: one sequence over all accounts.
struct OrderEvent {
  std::uint64_t seq = 0;
  std::int64_t ts = 0;
  std::string event;
  Order order;               // after the change
  std::optional<Fill> fill;  // of a fill, and of a bust: the execution that the venue took back

  template <class R>
  void fields(R& r) {
    r("seq", seq), r("ts", ts), r("event", event), r("order", order), r("fill", fill);
  }
};

// A page of the journal.
struct OrderEvents {
  std::vector<OrderEvent> events;  // oldest first
  std::uint64_t last_seq = 0;      // of the journal
  std::uint64_t first_kept = 0;    // older ones are gone; 0: there are none

  template <class R>
  void fields(R& r) {
    r("events", events), r("last_seq", last_seq), r("first_kept", first_kept);
  }
};

struct Position {
  std::string broker, account, symbol;
  double qty = 0;  // negative when short
  double avg_price = 0;
  std::optional<double> market_price, market_value, unrealized_pnl;
  double realized_pnl = 0;
  std::int64_t updated = 0;
  std::optional<double> expected_qty;  // what the fills known to the daemon make it, when the broker says otherwise

  template <class R>
  void fields(R& r) {
    r("broker", broker), r("account", account), r("symbol", symbol), r("qty", qty), r("avg_price", avg_price);
    r("market_price", market_price), r("market_value", market_value), r("unrealized_pnl", unrealized_pnl);
    r("realized_pnl", realized_pnl), r("updated", updated), r("expected_qty", expected_qty);
  }
};

struct AccountSummary {
  std::string broker, account, currency = "USD";
  double cash = 0, equity = 0, buying_power = 0, realized_pnl = 0, unrealized_pnl = 0, commissions = 0;
  std::int64_t updated = 0;

  template <class R>
  void fields(R& r) {
    r("broker", broker), r("account", account), r("currency", currency), r("cash", cash), r("equity", equity);
    r("buying_power", buying_power), r("realized_pnl", realized_pnl), r("unrealized_pnl", unrealized_pnl);
    r("commissions", commissions), r("updated", updated);
  }
};

// What an order would cost and do to its account, by the broker's own reckoning; absent: it did not say. Margins and
// equity are the whole account's with the order; `_change` is what the order adds.
struct OrderPreview {
  std::string broker, account;
  std::optional<std::string> currency;
  std::optional<double> commission, commission_min, commission_max, initial_margin, initial_margin_change,
      maintenance_margin, maintenance_margin_change, equity, equity_change;
  std::optional<std::string> warning;

  template <class R>
  void fields(R& r) {
    r("broker", broker), r("account", account), r("currency", currency), r("commission", commission);
    r("commission_min", commission_min), r("commission_max", commission_max), r("initial_margin", initial_margin);
    r("initial_margin_change", initial_margin_change), r("maintenance_margin", maintenance_margin);
    r("maintenance_margin_change", maintenance_margin_change), r("equity", equity), r("equity_change", equity_change);
    r("warning", warning);
  }
};

// A trading day of an exchange; `date` is its own (YYYY-MM-DD), the rest are times. The break is inside open..close;
// the hours before and after come when asked for.
struct CalendarSession {
  std::string date;
  std::int64_t open = 0, close = 0;
  bool early = false;  // closes earlier than on an ordinary day
  std::string name;    // why the day is special
  std::optional<std::int64_t> break_start, break_end, pre_open, pre_close, post_open, post_close;
  std::optional<std::int64_t> utc_offset_s;  // of the exchange's clock, at the opening

  template <class R>
  void fields(R& r) {
    r("date", date), r("open", open), r("close", close), r("early", early), r("name", name);
    r("break_start", break_start), r("break_end", break_end), r("pre_open", pre_open), r("pre_close", pre_close);
    r("post_open", post_open), r("post_close", post_close), r("utc_offset_s", utc_offset_s);
  }
};

// A trading state in force. Of all that apply to an order the strictest counts.
struct KillSwitchState {
  std::string scope;  // global, account, client, symbol
  std::string name;   // which account, client or symbol
  std::string state;  // active, reducing, halted
  std::string reason;
  std::int64_t since = 0;
  std::string source;  // command, or file: who alone lifts it

  template <class R>
  void fields(R& r) {
    r("scope", scope), r("name", name), r("state", state), r("reason", reason), r("since", since), r("source", source);
  }
};

// Of a link (status|provider|NAME|) or of a topic (status|quote|SYM|).
struct Status {
  std::string state, reason;
  std::int64_t since = 0;
  std::optional<std::int64_t> until;

  template <class R>
  void fields(R& r) {
    r("state", state), r("since", since), r("reason", reason), r("until", until);
  }
};

// A message with its type; topics this library does not know come as a Value.
using Event =
    std::variant<Quote, Trade, Bar, OptionQuote, NewsItem, OrderEvent, Position, AccountSummary, Status, Value>;

}  // namespace tradebus::client
