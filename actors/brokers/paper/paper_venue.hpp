// The simulated venue: takes orders, matches them against live quotes and trades, keeps the account. Pure: time and
// market are passed in, reports come out in the order in which they are to be sent. Same events and same orders: same
// reports.
//
// All that happens is a record (paper_records.hpp), applied here and handed out for the journal; a venue to which the
// same records are replayed is the same venue, but for what only the market tells.
//
// Orders of one symbol are served by price, then by time; a replace that changes the price or adds quantity goes to the
// end of its price. What does not cross the quote costs nothing, however many orders rest.
// ioc and fok are decided on the first quote that they see.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <unordered_map>
#include <variant>
#include <vector>

#include "actors/brokers/broker_barrier.hpp"
#include "actors/brokers/paper/fill_model.hpp"
#include "actors/brokers/paper/paper_account.hpp"
#include "actors/brokers/paper/paper_config.hpp"
#include "actors/brokers/paper/paper_options.hpp"
#include "actors/brokers/paper/paper_order.hpp"
#include "actors/brokers/paper/paper_records.hpp"
#include "bus/model/order_id_hash.hpp"
#include "engine/calendar/calendars.hpp"

namespace tradebus::paper {

using Report = std::variant<BrokerEvent, Position, AccountSummary, PositionAdjusted>;
using Reports = std::vector<Report>;

BrokerCapabilities capabilities(Margin margin = Margin::reg_t);

class PaperVenue {
 public:
  PaperVenue(BrokerName broker, PaperConfig config, std::shared_ptr<const Calendars> calendars = Calendars::shipped());

  // -- what happened -------------------------------------------------------------------------------------------------
  // From now on records are gathered for take_news(). A venue to which nothing was replayed begins here.
  void record(Timestamp now);
  // `internal`: it does not follow from what was replayed before.
  Result<void> replay(const Record& record);
  std::vector<Record> take_news() { return std::exchange(news_, {}); }
  // The time of what happens now: reports never go back in time, though a last quote may be older than an order.
  Timestamp at(Timestamp t) { return time_ = std::max(time_, t); }

  // -- orders --------------------------------------------------------------------------------------------------------
  // What can be said before any market is known: broker.unsupported, broker.rejected.
  Result<void> check(const Placement& order) const;
  // The answer given to an order that came before.
  std::optional<OrderAccepted> accepted_before(const OrderId& id) const;
  std::vector<Symbol> symbols_of(const OrderId& id) const;
  // An amount of money becomes a quantity: that needs a price.
  bool waits_for_price(const Placement& order) const;
  // Takes the order, or refuses it for lack of buying power. Nothing is filled before match().
  Result<OrderAccepted> accept(const Placement& order, Timestamp now);
  void match(const OrderId& id, Timestamp now, Reports& out);
  // order.not_found, order.not_open, broker.rejected, broker.unsupported.
  Result<void> replace(const ReplaceBrokerOrder& change, Timestamp now, Reports& out);
  Result<void> cancel(const OrderId& id, Timestamp now, Reports& out);

  // -- market --------------------------------------------------------------------------------------------------------
  void on_event(const Symbol& symbol, const MarketEvent& event, Timestamp now, Reports& out);
  // Only what the market shows: nothing is filled, nothing ends.
  void see(const Symbol& symbol, const MarketEvent& event, Timestamp now);
  // A split or a dividend (venue_actions.cpp): booked once, when its time has come. request.invalid says why it can't
  // be.
  Result<void> take(const CorporateAction& action, Timestamp now, Reports& out);
  bool holds_options_on(const Symbol& symbol) const;
  // Time passes: orders end, closing orders are decided, options expire.
  void advance(Timestamp now, Reports& out);
  std::optional<Timestamp> next_deadline() const;
  // Positions whose marks moved, and the account: at most once an interval.
  void report_marks(Timestamp now, Reports& out);
  bool needs_market(const Symbol& symbol) const;  // open orders, something held, or an option on it
  std::set<Symbol> needed() const;                // all of them
  void forget_market(const Symbol& symbol);       // its quotes stop: what was seen is no longer live

  // -- questions -----------------------------------------------------------------------------------------------------
  Positions positions() const { return {account_.positions()}; }
  AccountSummary summary() const { return account_.summary(reserved_, options_cost_); }
  OpenBrokerOrders open_orders() const;
  Result<BrokerOrder> order(const OrderId& id) const;  // open or closed; order.not_found
  Executions executions(Timestamp since) const;
  Counters counters() const;

 private:
  using Queue = std::set<Working*, ByPriority>;
  using Stops = std::set<Working*, ByStop>;
  using Some = std::set<Working*, ByNumber>;
  struct Market {
    FillModel model;
    Instrument instrument;
    const Calendar* calendar = nullptr;
    Queue buys;
    Queue sells;
    Stops buy_stops;  // not reached
    Stops sell_stops;
    Stops buy_touches;
    Stops sell_touches;
    Some trails;                      // trailing stops, not reached
    Some auctions;                    // opg, cls
    Some combos;                      // that have a leg here
    std::vector<Working*> undecided;  // ioc and fok that wait for the first quote; in order of arrival
    Quantity open_buys;               // leaves of all open buy orders
    Quantity open_sells;
    std::optional<Price> last_trade;
    std::optional<Timestamp> traded_or_seen;  // its last trade; until one comes: since when it is seen

    Queue& queue(const Working& order) { return order.buys() ? buys : sells; }
    Stops& stops(const Working& order) {
      if (is_touch(order.order.order_type)) return order.buys() ? buy_touches : sell_touches;
      return order.buys() ? buy_stops : sell_stops;
    }
    bool has_orders() const {
      return !buys.empty() || !sells.empty() || !buy_stops.empty() || !sell_stops.empty() || !buy_touches.empty() ||
             !sell_touches.empty() || !trails.empty() || !auctions.empty() || !combos.empty();
    }
    std::optional<Price> price() const { return last_trade ? last_trade : model.mid(); }
  };

  Market& market(const Symbol& symbol);
  Result<Working*> open_order(const OrderId& id);
  Terms life(const Working& order, Timestamp now);  // begins and deadline
  bool may_trade(const Working& order, const Market& market, Timestamp now) const;

  // -- records (paper_venue.cpp) --
  void commit(Record record);
  bool knows(const Record& record) const;
  void apply(const AccountOpened& r);
  void apply(const OrderTaken& r);
  void apply(const OrderPriced& r);
  void apply(const StopMoved& r);
  void apply(const OrderReplaced& r);
  void apply(const OrderFilled& r);
  void apply(const OrderClosed& r);
  void apply(const OptionSettled& r);
  void apply(const CorporateBooked& r);
  void enqueue(Working& order);
  void dequeue(Working& order);
  void set_deadline(Working& order, bool on);
  void finish(Working& order, OrderStatus status, std::string reason);
  void traded(const Symbol& symbol, Timestamp ts);  // its position changed

  // -- money (paper_money.cpp) --
  // Buying power for an order whose leaves are not counted, at a price. `released`: what it had reserved before.
  Result<Terms> judge(const Working& order, Price price, Money released);
  Result<Quantity> judge_units(const Working& order);  // the part that opens
  std::optional<Price> price_to_judge(const Working& order);
  Money wanted(const Working& order, const Terms& terms);  // what it reserves
  void set_reserved(Working& order, Money reserved);
  void add_leaves(Working& order, Int128 change);
  Money commission_due(const Working& order, Quantity filled) const;
  std::optional<Money> options_loss(const Symbol& underlying, const Working* also = nullptr,
                                    Quantity fewer_shares = {});
  void count_options(const Symbol& symbol);  // of what it is an option on, or is the underlying of

  // -- matching (paper_venue.cpp) --
  void match(const Symbol& symbol, Timestamp now, Reports& out);
  void match_side(Queue& queue, Market& market, Timestamp now, Reports& out);
  void fill_through(Queue& queue, Market& market, const MarketEvent& trade, Timestamp now, Reports& out);
  void try_fill(Working& order, Market& market, Timestamp now, Reports& out);
  bool price_it(Working& order, Price price, Timestamp now, Reports& out);
  void fill(Working& order, Quantity qty, Price price, std::vector<LegFill> legs, Timestamp now, Reports& out);
  void end(Working& order, OrderStatus status, const std::string& reason, Timestamp now, Reports& out);
  void open_auction(Market& market, const MarketEvent& event, Timestamp now, Reports& out);
  void close_auction(Working& order, Timestamp now, Reports& out);
  // -- stops (paper_stops.cpp) --
  void check_stops(Market& market, const MarketEvent& event, Timestamp now);
  void follow(Working& order, Price price);
  // -- several legs (paper_combos.cpp) --
  void match_combo(Working& order, Timestamp now, Reports& out);
  struct Unit {
    Price net;  // what a buy of one unit would pay, negative: get
    std::optional<Quantity> left;
    std::vector<LegFill> legs;  // of one unit
  };
  std::optional<Unit> unit(const Working& order);
  // -- splits and dividends (venue_actions.cpp) --
  using Booked = std::tuple<Symbol, CorporateActionKind, std::int64_t, Int128>;  // with the day, a dividend's amount
  static Booked key_of(const CorporateAction& action);
  bool is_booked(const CorporateAction& action) const { return booked_.contains(key_of(action)); }
  Result<void> book(const CorporateAction& action, Timestamp now, Reports& out);
  Quantity traded_since(const Symbol& symbol, Timestamp ts) const;
  void adjust_orders(CorporateBooked& record);
  // -- expiry --
  void settle_options(Timestamp now, Reports& out);

  BrokerOrder tell(const Working& order) const;
  BrokerEvent report(const Working& order, BrokerReport kind, std::string reason, Timestamp now) const;

  BrokerName broker_;
  PaperConfig config_;
  BrokerCapabilities can_;
  std::shared_ptr<const Calendars> calendars_;
  PaperAccount account_;
  std::unordered_map<OrderId, Working, OrderIdHash> orders_;  // entries never move
  std::deque<OrderId> closed_;
  std::unordered_map<Symbol, Market> markets_;
  std::pair<const Symbol, Market>* recent_ = nullptr;  // of these the one asked for last: one order asks many times
  std::deque<BrokerEvent> executions_;
  std::set<std::tuple<Timestamp, std::uint64_t, Working*>> deadlines_;  // with the number: for order
  Some combos_;
  std::map<Symbol, std::set<Symbol>> contracts_;  // options that matter, by their underlying
  std::map<Symbol, Money> options_costs_;         // by underlying: what they may come to cost
  std::set<Booked> booked_;                       // of the last of them
  std::deque<Booked> booked_in_order_;
  std::multimap<Timestamp, CorporateAction> announced_;  // their time has not come
  std::set<std::pair<Timestamp, Symbol>> expiries_;      // of options held
  std::set<Symbol> moved_;                               // marks that moved since they were reported
  std::optional<Timestamp> marks_reported_;
  Money reserved_;
  Money options_cost_;
  std::size_t open_ = 0;
  std::uint64_t last_order_ = 0;
  std::uint64_t last_queue_ = 0;
  std::uint64_t last_exec_ = 0;
  Timestamp time_{};
  bool begun_ = false;
  bool recording_ = false;
  std::vector<Record> news_;
  std::vector<Position> changed_;  // positions that the record at hand changed
};

}  // namespace tradebus::paper
