// The only owner of orders: commands and broker reports in, effects out. A pure class: no I/O, no actors, no clock.
// Whoever drives it carries the effects out in their order: a change goes to the journal before anything that stands
// after it goes to a broker.
#pragma once

#include <boost/intrusive/list.hpp>
#include <cstdint>
#include <deque>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <variant>
#include <vector>

#include "engine/orders/order_messages.hpp"
#include "engine/orders/order_state.hpp"
#include "engine/orders/risk.hpp"

namespace tradebus {

// ---- effects -------------------------------------------------------------------------------------------------------

struct SendStockOrder {
  BrokerName broker;
  PlaceStockOrder order;
};
struct SendOptionOrder {
  BrokerName broker;
  PlaceOptionOrder order;
};
struct SendReplace {
  BrokerName broker;
  ReplaceBrokerOrder replace;
};
struct SendCancel {
  BrokerName broker;
  CancelBrokerOrder cancel;
};
// A report that made no sense: for the log, nothing was applied (but see what it says).
struct Anomaly {
  OrderId order_id;
  std::string what;
};
// A change of an order, to be recorded and announced; its seq is the journal's to give. From then on nobody changes it,
// and all who keep it share it.
struct Changed {
  std::shared_ptr<OrderEvent> event;
};
using Effect = std::variant<Changed, SendStockOrder, SendOptionOrder, SendReplace, SendCancel, Anomaly>;
using Effects = std::vector<Effect>;

// ---- the book ------------------------------------------------------------------------------------------------------

// Where an order goes: resolved by the driver before each command. `can` is valid during the call.
struct BrokerRoute {
  BrokerName broker;
  AccountId account;
  const BrokerCapabilities* can = nullptr;
};

struct OrderBookLimits {
  std::size_t open_max = 100'000;    // beyond it: overloaded
  std::size_t closed_max = 100'000;  // the oldest closed orders are forgotten, their ids too
};

class OrderBook {
 public:
  // Order ids are id_prefix + "1", "2", ...: the prefix must differ at each start.
  OrderBook(std::string id_prefix, OrderBookLimits limits, RiskLimits risk)
      : id_prefix_{std::move(id_prefix)}, limits_{limits}, risk_{risk} {}

  // -- commands: the order after the command (valid until the next call), or why it was refused -----------------------

  // A repeat of (client, client_order_id) with the same content answers the first order with duplicate set, with other
  // content order.duplicate_id. Then, in this order: request.invalid, the route's own error, broker.unsupported, risk
  // (recorded as rejected; the reply is the error).
  struct Placed {
    const Order* order = nullptr;
    bool duplicate = false;
  };
  Result<Placed> place(const PlaceOrder& command, const Result<BrokerRoute>& route, std::optional<Price> last_price,
                       Timestamp now, Effects& out);
  Result<const Order*> replace(const OrderId& id, const ReplaceOrder& command, const Result<BrokerRoute>& route,
                               std::optional<Price> last_price, Timestamp now, Effects& out);
  // An order whose cancel is under way is answered as it is. In doubt: the cancel is sent, the doubt stays.
  Result<const Order*> cancel(const OrderId& id, const Result<BrokerRoute>& route, Timestamp now, Effects& out);

  // -- what brokers answer and report (order_reports.cpp)
  // ---------------------------------------------------------------

  void on_accepted(const OrderId& id, const BrokerOrderId& broker_order_id, Timestamp now, Effects& out);
  // The answer to a submit was an error, or never came: rejected only when the broker says so, in_doubt otherwise.
  void on_place_failed(const OrderId& id, const Error& error, Timestamp now, Effects& out);
  void on_replace_failed(const OrderId& id, const Error& error, Timestamp now, Effects& out);
  void on_cancel_failed(const OrderId& id, const Error& error, Timestamp now, Effects& out);
  void on_report(const BrokerEvent& report, Timestamp now, Effects& out);
  // Orders with an unanswered request are in doubt from now on.
  void on_broker_down(const BrokerName& broker, const std::string& reason, Timestamp now, Effects& out);

  // -- look-ups -------------------------------------------------------------------------------------------------------

  const Order* find(const OrderId& id) const;
  // request.invalid when neither is given, order.not_found.
  Result<const Order*> find(const ClientName& client, const std::optional<OrderId>& id,
                            const std::optional<ClientOrderId>& client_order_id) const;
  std::vector<Order> list(const GetOrders& query) const;
  // Open orders that CancelAll means, oldest first.
  std::vector<OrderId> matching(const CancelAll& command) const;
  std::size_t open_count() const { return open_.size(); }
  std::size_t in_doubt_count() const { return in_doubt_; }
  std::size_t kept_count() const { return orders_.size(); }

 private:
  using Hook = boost::intrusive::list_member_hook<boost::intrusive::link_mode<boost::intrusive::normal_link>>;
  struct Entry {
    Order order;
    std::uint64_t fingerprint = 0;  // of the order as the client sent it: a repeat has the same
    bool sent = false;              // false: refused here, no broker knows it
    bool acknowledged = false;      // the broker's acceptance was announced
    bool is_open = true;
    bool turnover_fits = true;  // false: it left 128 bits, the mean is no longer known
    Int128 turnover = 0;        // sum of price x qty of the fills, in 1e-18 units: exact
    std::unordered_set<ExecId> exec_ids;
    std::unique_ptr<ReplaceBrokerOrder> replacing;
    Hook in_kept;
    Hook in_open;
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

  Entry& add(const PlaceOrder& command, const BrokerRoute& route, Timestamp now);
  Entry* reported(const OrderId& id, std::string_view what, Effects& out);
  // Takes the step if the table allows it: the new state, or nothing after an anomaly.
  std::optional<OrderStatus> step(Entry& entry, OrderInput input, Effects& out) const;
  void set_status(Entry& entry, OrderStatus status);
  void announce(Entry& entry, OrderEventType event, Timestamp ts, Effects& out, const Fill* fill = nullptr);
  void close_out(Entry& entry);
  void acknowledge(Entry& entry, const BrokerOrderId& broker_order_id, Timestamp ts, Effects& out);
  void fill(Entry& entry, const Fill& fill, const std::optional<BrokerOrderId>& broker_order_id, Timestamp ts,
            Effects& out);
  void replaced(Entry& entry, const BrokerEvent& report, Timestamp ts, Effects& out);
  // Steps that only change the state: announced when they do.
  void change(Entry& entry, OrderInput input, const std::string& reason, Timestamp ts, Effects& out);

  std::string id_prefix_;
  OrderBookLimits limits_;
  RiskLimits risk_;
  std::uint64_t last_number_ = 0;
  std::size_t in_doubt_ = 0;
  std::unordered_map<OrderId, Entry> orders_;  // entries never move
  std::unordered_set<Entry*, ByClient, ByClient> by_client_;
  List<&Entry::in_kept> kept_;  // all, in order of creation
  List<&Entry::in_open> open_;  // of these the open ones
  std::deque<OrderId> closed_;  // in order of closing
};

}  // namespace tradebus
