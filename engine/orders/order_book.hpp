// The only owner of orders: commands and broker reports in, effects out. A pure class: no I/O, no actors, no clock.
// Whoever drives it carries the effects out in their order: a change goes to the journal before anything that stands
// after it goes to a broker.
#pragma once

#include <boost/intrusive/list.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "engine/orders/key_set.hpp"
#include "engine/orders/order_effects.hpp"
#include "engine/orders/order_messages.hpp"
#include "engine/orders/order_state.hpp"
#include "engine/risk/risk_engine.hpp"

namespace tradebus {

// Where an order goes: resolved by the driver before each command. `can` is valid during the call.
struct BrokerRoute {
  BrokerName broker;
  AccountId account;
  const BrokerCapabilities* can = nullptr;
};

struct OrderBookLimits {
  std::size_t open_max = 100'000;    // beyond it: overloaded
  std::size_t closed_max = 100'000;  // the oldest closed orders leave memory; their client_order_ids never do
};

// An order that has left memory, as the journal has it.
struct RecalledOrder {
  Order order;
  std::uint64_t fingerprint = 0;

  static constexpr std::string_view type_name = "RecalledOrder";
  static constexpr auto fields() {
    return std::tuple{field("order", &RecalledOrder::order), field("fingerprint", &RecalledOrder::fingerprint)};
  }
};

class OrderBook {
 public:
  // Order ids are id_prefix + "1", "2", ... in base 36. The prefix begins with "o-" and is this start's own: a number
  // that is given out again, for the journal has lost its end, is then still no id that a broker has seen.
  // `risk` hears of every change; without one nothing is checked.
  OrderBook(std::string id_prefix, OrderBookLimits limits, std::shared_ptr<RiskEngine> risk = nullptr)
      : id_prefix_{std::move(id_prefix)}, limits_{limits}, risk_{std::move(risk)} {}

  // -- commands (order_book.cpp): the order after the command (valid until the next call), or why it was refused ------

  // True: this client_order_id was used by an order that has left memory (or, once in 1.8e19 times, looks so): ask the
  // journal, and give place() what it has.
  bool is_forgotten(const ClientName& client, const ClientOrderId& id) const;

  // Has the form of our order ids, whether there is such an order or not.
  bool is_own(const OrderId& id) const { return number_of(id) != 0; }

  // The same as is_forgotten(), of an order id of ours.
  bool has_left_memory(const OrderId& id) const;

  // A repeat of (client, client_order_id) with the same content answers the first order with duplicate set, with other
  // content order.duplicate_id. Then, in this order: request.invalid, the route's own error, broker.unsupported, risk
  // (recorded as rejected; the reply is the error).
  struct Placed {
    const Order* order = nullptr;
    bool duplicate = false;
  };
  Result<Placed> place(const PlaceOrder& command, const Result<BrokerRoute>& route, const RiskContext& context,
                       Timestamp now, Effects& out, const RecalledOrder* recalled = nullptr);
  Result<const Order*> replace(const OrderId& id, const ReplaceOrder& command, const Result<BrokerRoute>& route,
                               const RiskContext& context, Timestamp now, Effects& out);
  // An order whose cancel is under way is answered as it is. In doubt: the cancel is sent, the doubt stays.
  Result<const Order*> cancel(const OrderId& id, const Result<BrokerRoute>& route, Timestamp now, Effects& out);

  // -- what brokers answer and report (order_reports.cpp) -------------------------------------------------------------

  void on_accepted(const OrderId& id, const OrderAccepted& accepted, Timestamp now, Effects& out);
  // The answer to a submit was an error, or never came: rejected only when the broker says so, in_doubt otherwise.
  void on_place_failed(const OrderId& id, const Error& error, Timestamp now, Effects& out);
  void on_replace_failed(const OrderId& id, const Error& error, Timestamp now, Effects& out);
  void on_cancel_failed(const OrderId& id, const Error& error, Timestamp now, Effects& out);
  // `read_back`: an execution that the broker was asked for, maybe an old one.
  void on_report(const BrokerEvent& report, Timestamp now, Effects& out, bool read_back = false);
  // Orders with an unanswered request are in doubt from now on.
  void on_broker_down(const BrokerName& broker, const std::string& reason, Timestamp now, Effects& out);

  // -- reconciliation (order_reconcile.cpp) ---------------------------------------------------------------------------
  // After a broker's link came up, in this order: its executions as reports, each of its open orders, what it says of
  // those that were not among them, resume().

  // Before anything else of it: whether the broker itself keeps groups. Until then it is not known of orders that were
  // restored.
  void knows_groups(const BrokerName& broker, bool keeps);
  // Of ours: settles what was in doubt. Placed elsewhere: adopted as external, shown, never changed from here.
  void on_broker_order(const BrokerName& broker, const BrokerOrder& order, Timestamp now, Effects& out);
  // Placed elsewhere, and closed before it was known here: shown as that, with `fills`, which are executions of it.
  // Those that are known, or have left memory, are left alone.
  void on_closed_elsewhere(const BrokerName& broker, const BrokerOrder& order, const std::vector<BrokerEvent>& fills,
                           Timestamp now, Effects& out);
  // The broker has never had it, or has forgotten it.
  void on_not_found(const OrderId& id, Timestamp now, Effects& out);
  // Open here, and sent, but not among the `listed` ones; external ones that are not among those listed by the broker's
  // own id, whoever placed them, are closed at once.
  std::vector<OrderId> missing(const BrokerName& broker, const std::unordered_set<OrderId>& listed,
                               const std::unordered_set<BrokerOrderId>& listed_there, Timestamp now, Effects& out);
  // Carries on what the end of the link, or of the process, had interrupted: cancels, exits of brackets, OCO groups.
  // Exits that never arrived get another order in their stead, where the broker keeps groups.
  // `after_break`: what the broker had refused may be asked for again.
  void resume(const BrokerName& broker, const BrokerCapabilities& can, Timestamp now, Effects& out,
              bool after_break = true);
  // Exits that never arrived wait for resume().
  bool has_lost_exits(const BrokerName& broker) const;
  // Its order was placed elsewhere, and is known here.
  bool knows_elsewhere(const BrokerEvent& report) const {
    return report.broker_order_id && elsewhere_.contains(elsewhere_key(report.broker, *report.broker_order_id));
  }
  // Of those that were placed here.
  std::vector<OrderId> in_doubt(const BrokerName& broker) const;
  // When its oldest open order was placed: executions are read back from then on.
  std::optional<Timestamp> oldest_open(const BrokerName& broker) const;

  // -- recovery (order_recovery.cpp) ----------------------------------------------------------------------------------

  // Into an empty book. What had no answer when the process ended is in doubt from now on.
  void restore(std::vector<RecoveredOrder> orders, std::vector<std::uint64_t> forgotten, std::uint64_t last_number,
               Timestamp now, Effects& out);

  // -- look-ups -------------------------------------------------------------------------------------------------------

  const Order* find(const OrderId& id) const;
  // request.invalid when neither is given, order.not_found.
  Result<const Order*> find(const ClientName& client, const std::optional<OrderId>& id,
                            const std::optional<ClientOrderId>& client_order_id) const;
  std::vector<Order> list(const GetOrders& query) const;
  // Open orders that CancelAll means, oldest first; external ones are not among them.
  std::vector<OrderId> matching(const CancelAll& command) const;
  bool has_exits(const OrderId& id) const;  // the entry of a bracket
  std::size_t open_count() const { return open_.size(); }
  std::size_t in_doubt_count() const { return in_doubt_; }
  std::size_t kept_count() const { return orders_.size(); }
  std::uint64_t placed_count() const { return last_number_; }  // of all that were ever recorded
  std::size_t forgotten_count() const { return forgotten_.size(); }

 private:
  using Hook = boost::intrusive::list_member_hook<boost::intrusive::link_mode<boost::intrusive::normal_link>>;
  struct Execution {
    Quantity qty;
    Price price;
    bool busted = false;
  };
  struct Entry {
    Order order;
    std::uint64_t number = 0;
    std::uint64_t client_key = 0;
    std::uint64_t fingerprint = 0;  // of the order as the client sent it: a repeat has the same
    bool sent = false;              // false: refused or held here, no broker knows it
    bool acknowledged = false;      // the broker's acceptance was announced
    bool cancel_asked = false;
    bool is_open = true;
    bool can_replace = false;              // its broker replaces orders
    bool grouped_at_broker = false;        // the broker itself keeps the group
    bool turnover_fits = true;             // false: it left 128 bits, the mean is no longer known
    Int128 turnover = 0;                   // sum of price x qty of the fills, in 1e-18 units: exact
    Quantity risk_filled;                  // what risk knows to be filled
    Quantity oco_taken;                    // of its quantity, for what others of its group got
    Quantity oco_before;                   // what others of its group had got when its broker took it
    std::optional<Quantity> oco_taking;    // oco_taken once the broker has confirmed `replacing`
    std::optional<Quantity> oco_canceled;  // what they had got when it was canceled for that
    bool oco_cancels = false;              // its broker refused to reduce it
    bool recovered = false;                // and not resumed yet: what its broker can is not known
    Quantity filled_before;                // placed elsewhere: filled by executions that are not known here
    std::unordered_map<ExecId, Execution> executions;
    std::unique_ptr<ReplaceBrokerOrder> replacing;
    std::uint64_t entry_number = 0;  // an exit of a bracket: its entry
    ExitCopy copy;                   // the same: when one that never arrived was placed again
    bool is_recalled = false;        // it was rejected here, and turned up at its broker: canceled there
    std::vector<OrderId> exits;      // an entry: its exits
    std::string group;               // key in groups_; empty: none
    Hook in_kept;
    Hook in_open;

    bool is_external() const { return order.external.value_or(false); }
    bool is_held() const { return order.held.value_or(false); }
    bool is_exit() const { return entry_number != 0; }
  };
  template <Hook Entry::*M>
  using List = boost::intrusive::list<Entry, boost::intrusive::member_hook<Entry, Hook, M>>;

  // Entries by who placed them, under which id of theirs.
  struct ClientKey {
    const ClientName& client;
    const ClientOrderId& id;
  };
  struct ByClient {
    using is_transparent = void;
    static ClientKey key(const Entry* e) { return {e->order.client, e->order.client_order_id}; }
    static ClientKey key(const ClientKey& k) { return k; }
    // Not noexcept: the set keeps the hashes then.
    template <class K>
    std::size_t operator()(const K& k) const {
      return std::hash<ClientName>{}(key(k).client) * 31 + std::hash<ClientOrderId>{}(key(k).id);
    }
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
      return key(a).id == key(b).id && key(a).client == key(b).client;
    }
  };

  static std::string elsewhere_key(const BrokerName& broker, const BrokerOrderId& id) {
    return broker.str() + '\n' + id.str();
  }

  // At the end of what reports bring: beyond closed_max the oldest closed ones go.
  struct Tidy {
    OrderBook& book;
    ~Tidy() { book.forget_oldest(); }
  };

  // order_book.cpp
  OrderId id_of(std::uint64_t number) const;
  static std::uint64_t number_of(const OrderId& id);  // 0: not one of ours
  static std::string prefix_of(const OrderId& id) { return id.str().substr(0, id.str().rfind('-') + 1); }
  bool is_of_this_journal(const OrderId& id) const;  // as far as its prefix tells
  Entry& add(std::uint64_t number);
  void list_entry(Entry& entry);
  Entry& add(const PlaceOrder& command, const BrokerRoute& route, Timestamp now);
  void add_exits(Entry& entry, const PlaceOrder& command, const BrokerRoute& route, Timestamp now, Effects& out);
  // `with_parent`: the broker itself keeps brackets, and makes it wait for its entry.
  void send(const Entry& entry, Effects& out, bool with_parent = false) const;

  // order_reports.cpp
  Entry* known(const OrderId& id);
  Entry* reported(const OrderId& id, std::string_view what, Effects& out);
  Entry* reported(const BrokerEvent& report, Effects& out);
  // Takes the step if the table allows it: the new state, or nothing after an anomaly.
  std::optional<OrderStatus> step(Entry& entry, OrderInput input, Effects& out) const;
  void set_status(Entry& entry, OrderStatus status);
  void announce(Entry& entry, OrderEventType event, Timestamp ts, Effects& out, const Fill* fill = nullptr);
  void close_out(Entry& entry, Timestamp ts, Effects& out);
  void forget_oldest();
  void acknowledge(Entry& entry, const OrderAccepted& accepted, Timestamp ts, Effects& out);
  void take_quantity(Entry& entry, const std::optional<Quantity>& qty);
  bool count(Entry& entry, const Fill& fill);
  void settle_average(Entry& entry) const;
  static bool may_be_filled(const Entry& entry);
  bool close_if_filled(Entry& entry, std::string reason, Timestamp ts, Effects& out);
  void fill(Entry& entry, const BrokerEvent& report, Timestamp ts, Effects& out);
  void bust(Entry& entry, const BrokerEvent& report, Timestamp ts, Effects& out);
  void replaced(Entry& entry, const BrokerEvent& report, Timestamp ts, Effects& out);
  void change_terms(Entry& entry, const ReplaceBrokerOrder& terms);
  // Steps that only change the state: announced when they do.
  void change(Entry& entry, OrderInput input, const std::string& reason, Timestamp ts, Effects& out);

  // order_groups.cpp
  Result<void> check_group(const PlaceOrder& command, const BrokerRoute& route) const;
  void join_group(Entry& entry, std::string key);
  void leave_group(Entry& entry);
  void take_from_others(Entry& entry, Timestamp ts, Effects& out);
  Int128 others_got(const Entry& entry) const;
  void take(Entry& entry, Timestamp ts, Effects& out);
  void joined(Entry& entry) const;
  static void reduced_there(Entry& entry, Quantity before, Quantity now);
  void took(Entry& entry, const std::optional<Quantity>& replaced_with);
  void not_taken(Entry& entry, Timestamp ts, Effects& out);
  void not_canceled(Entry& entry, Timestamp ts, Effects& out);
  void follow_entry(Entry& entry, Quantity before, Timestamp ts, Effects& out);
  void release_exits(Entry& entry, Timestamp ts, Effects& out);
  void release(Entry& exit, Quantity qty, Timestamp ts, Effects& out);
  void cancel_here(Entry& entry, const std::string& reason, Timestamp ts, Effects& out);
  void ask_cancel(Entry& entry, Timestamp ts, Effects& out);
  void note_lost(Entry& exit, Effects& out);
  void place_lost_exits(const BrokerName& broker, const BrokerCapabilities& can, Timestamp now, Effects& out);
  void place_again(Entry& lost, const BrokerCapabilities& can, Timestamp now, Effects& out);
  std::optional<ClientOrderId> name_of_copy(const Entry& lost) const;
  void recall(Entry& entry, Effects& out);

  // order_reconcile.cpp
  void settle(Entry& entry, const BrokerOrder& told, Timestamp now, Effects& out);
  void adopt(const BrokerName& broker, const BrokerOrder& told, Timestamp now, Effects& out);
  Entry& add_elsewhere(const BrokerName& broker, const BrokerOrder& told, Timestamp now, Effects& out);

  std::string id_prefix_;
  std::unordered_set<std::string> earlier_prefixes_;  // of the orders that were restored
  OrderBookLimits limits_;
  std::shared_ptr<RiskEngine> risk_;
  std::uint64_t last_number_ = 0;
  std::size_t in_doubt_ = 0;
  // The lists stand before what holds their entries: an assignment unlinks them while they are still there.
  List<&Entry::in_kept> kept_;                       // all, in order of creation
  List<&Entry::in_open> open_;                       // of these the open ones
  std::unordered_map<std::uint64_t, Entry> orders_;  // by number; entries never move
  std::unordered_set<Entry*, ByClient, ByClient> by_client_;
  std::unordered_map<std::string, Entry*> elsewhere_;  // external orders, by broker and broker_order_id
  struct Group {
    std::vector<Entry*> members;
    Int128 left = 0;  // filled of members that have left memory
  };
  std::unordered_map<std::string, Group> groups_;
  std::deque<std::uint64_t> closed_;  // in order of closing
  std::unordered_set<BrokerName> group_keepers_;
  std::vector<std::uint64_t> lost_exits_;  // of these, what becomes of them is decided with resume()
  KeySet forgotten_;                       // client keys of orders that have left memory
};

}  // namespace tradebus
