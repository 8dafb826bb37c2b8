// The simulated venue: takes orders, matches them against live quotes, keeps the account. Pure: time and quotes are
// passed in, reports come out in the order in which they are to be sent. Same events and same orders: same reports.
//
// Orders of one symbol are served by price, then by time; a replace that changes the price or adds quantity goes to the
// end of its price. What does not cross the quote costs nothing, however many orders rest.
// ioc and fok are decided on the first quote that they see; day orders are kept until they are canceled.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <unordered_map>
#include <variant>
#include <vector>

#include "actors/brokers/broker.hpp"
#include "actors/brokers/paper/fill_model.hpp"
#include "actors/brokers/paper/paper_account.hpp"
#include "actors/brokers/paper/paper_config.hpp"

namespace tradebus::paper {

using Report = std::variant<BrokerEvent, Position, AccountSummary>;
using Reports = std::vector<Report>;

BrokerCapabilities capabilities();

class PaperVenue {
 public:
  PaperVenue(BrokerName broker, PaperConfig config);

  // -- orders --------------------------------------------------------------------------------------------------------
  // What can be said before any market is known: broker.unsupported, broker.rejected.
  Result<void> check(const PlaceStockOrder& order) const;
  // The id given to an order that came before.
  std::optional<BrokerOrderId> accepted_before(const OrderId& id) const;
  std::optional<Symbol> symbol_of(const OrderId& id) const;
  // Takes the order, or refuses it for lack of buying power. Nothing is filled before match().
  Result<BrokerOrderId> accept(const PlaceStockOrder& order);
  void match(const Symbol& symbol, Timestamp now, Reports& out);
  // order.not_found, order.not_open, broker.rejected, broker.unsupported.
  Result<void> replace(const ReplaceBrokerOrder& change, Timestamp now, Reports& out);
  Result<void> cancel(const OrderId& id, Timestamp now, Reports& out);

  // -- market --------------------------------------------------------------------------------------------------------
  void on_event(const Symbol& symbol, const MarketEvent& event, Timestamp now, Reports& out);
  // Positions whose marks moved, and the account: at most once an interval.
  void report_marks(Timestamp now, Reports& out);
  bool needs_market(const Symbol& symbol) const;  // open orders, or something held
  void forget_market(const Symbol& symbol);       // its quotes stop: what was seen is no longer live

  // -- questions -----------------------------------------------------------------------------------------------------
  Positions positions() const { return {account_.positions()}; }
  AccountSummary summary() const { return account_.summary(buy_reserved_); }
  OpenBrokerOrders open_orders() const;
  Result<BrokerOrder> order(const OrderId& id) const;  // open or closed; order.not_found
  Executions executions(Timestamp since) const;
  Counters counters() const;

 private:
  struct Working {
    OrderId order_id;
    ClientOrderId client_order_id;
    Symbol symbol;
    std::uint64_t number = 0;
    std::uint64_t queue = 0;  // its place in time
    std::optional<Price> limit;
    Price reserve_price;
    Side side = Side::buy;
    OrderType type = OrderType::market;
    TimeInForce tif = TimeInForce::day;
    bool open = true;
    bool priced = false;  // buying power was checked: it needs a price
    Quantity qty;
    Quantity filled;
    Quantity opening;  // what of it opens a position rather than closes one
    Money reserved;

    BrokerOrderId id() const { return BrokerOrderId{"p-" + std::to_string(number)}; }
    Quantity leaves() const { return Quantity::from_raw(qty.raw() - filled.raw()); }
    bool buys() const { return is_buy(side); }
  };
  // Market orders first, then the best limit, then the oldest.
  struct ByPriority {
    bool operator()(const Working* a, const Working* b) const {
      if (a->limit != b->limit) {
        if (!a->limit || !b->limit) return !a->limit;
        return a->buys() ? *a->limit > *b->limit : *a->limit < *b->limit;
      }
      return a->queue < b->queue;
    }
  };
  using Queue = std::set<Working*, ByPriority>;
  struct Market {
    FillModel model;
    Queue buys;
    Queue sells;
    std::vector<Working*> undecided;  // ioc and fok that wait for the first quote; in order of arrival
    Quantity open_buys;               // leaves of all open buy orders
    Quantity open_sells;

    Queue& queue(const Working& order) { return order.buys() ? buys : sells; }
    bool has_orders() const { return !buys.empty() || !sells.empty(); }
  };

  Market& market(const Symbol& symbol);
  void enqueue(Market& market, Working& order);
  Result<Working*> open_order(const OrderId& id);
  Result<void> reserve(Working& order, const Market& market, Price price);
  void set_reserved(Working& order, Money reserved);
  void add_leaves(Market& market, const Working& order, Int128 change);
  void match_side(Queue& queue, Market& market, Timestamp now, Reports& out);
  void try_fill(Working& order, Market& market, Timestamp now, Reports& out);
  void fill(Working& order, Market& market, const FillModel::Take& take, Timestamp now, Reports& out);
  void close(Working& order, Market& market);
  BrokerOrder tell(const Working& order) const;
  BrokerEvent report(const Working& order, BrokerReport kind, std::string reason, Timestamp now) const;

  BrokerName broker_;
  BrokerCapabilities can_ = capabilities();
  PaperConfig config_;
  PaperAccount account_;
  std::unordered_map<OrderId, Working> orders_;  // entries never move
  std::deque<OrderId> closed_;
  std::unordered_map<Symbol, Market> markets_;
  std::deque<BrokerEvent> executions_;
  std::set<Symbol> moved_;  // marks that moved since they were reported
  std::optional<Timestamp> marks_reported_;
  Money buy_reserved_;
  Money short_reserved_;
  std::size_t open_ = 0;
  std::uint64_t last_order_ = 0;
  std::uint64_t last_queue_ = 0;
  std::uint64_t last_exec_ = 0;
};

}  // namespace tradebus::paper
