// What becomes of our orders: from openOrder, orderStatus, execDetails, commissionReport and error, which come twice,
// not at all, and in any order, to one line of news each in the words of the broker interface. Pure; time is passed in.
//
// - Fills come from executions only, each once, by its id; never from a status. One waits for what it cost, a little.
// - A correction of an execution takes the one before it back.
// - The end of an order waits for executions that its status has counted and that have not come yet.
// - Why an order ended comes after that it ended: an end that nobody asked for waits for its reason, a little.
// - An order is accepted once it has the venue's permanent id.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "actors/brokers/ibkr/wire/error_codes.hpp"
#include "actors/brokers/ibkr/wire/execution_messages.hpp"
#include "actors/brokers/ibkr/wire/order_messages.hpp"
#include "actors/brokers/ibkr/wire/venue_time.hpp"
#include "bus/model/orders.hpp"

namespace tradebus::ibkr::session {

// In the words of BrokerReport.
enum class OrderReport : std::uint8_t {
  accepted,
  fill,
  replaced,
  replace_rejected,
  canceled,
  cancel_rejected,
  rejected,
  busted
};

struct OrderNews {
  OrderId order_id;
  std::int64_t perm_id = 0;  // 0: not given yet
  OrderReport report = OrderReport::accepted;
  std::optional<Fill> fill = {};          // fill, busted
  std::optional<Quantity> qty = {};       // replaced: what is in force
  std::optional<Price> limit_price = {};  //
  std::optional<Price> aux_price = {};    // a stop, or a trailing amount
  Errc errc = Errc::ok;                   // rejected, replace_rejected, cancel_rejected
  std::string reason = {};
  bool may_work_again = false;  // an end that the venue may take back
};

struct TrackerOptions {
  using Ms = std::chrono::milliseconds;

  Ms commission_wait{1'000};             // a fill waits so long for what it cost
  Ms reason_wait{500};                   // an end for its reason
  Ms fills_wait{3'000};                  // an end for its executions, before they are asked for; and as long again
  std::size_t orders_max = 20'000;       // remembered, open ones not counted
  std::size_t executions_max = 100'000;  // remembered
  std::size_t lost_max = 1'000;          // orders that never arrived: remembered, in case they do
};

struct TrackerCounters {
  std::uint64_t executions = 0;
  std::uint64_t repeated = 0;  // executions that were known
  std::uint64_t corrected = 0;
  std::uint64_t late_commissions = 0;  // the fill was told without
  std::uint64_t missing_fills = 0;     // ends that were told although executions lacked
  std::uint64_t revived = 0;           // orders that worked again after their end
  std::uint64_t bad_times = 0;         // executions whose time can't be read: they got the time of their arrival
};

class OrderTracker {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // Whose an order is that a message told of.
  enum class Owner : std::uint8_t { ours, elsewhere };

  // The reader outlives the tracker.
  OrderTracker(TrackerOptions options, std::int32_t client_id, wire::TimeReader& times);

  // -- what we do, before it is sent ----------------------------------------------
  void placing(std::int32_t order_id, const OrderId& ours, const wire::Contract& contract, const wire::Order& order);
  // It was not sent after all.
  void forget(std::int32_t order_id);
  // The venue does not know it. It may have been slower than the question: it is remembered for a while.
  void never_arrived(std::int32_t order_id);
  // False: no such order, or it is over.
  bool changing(std::int32_t order_id, const wire::Order& wanted);
  bool canceling(std::int32_t order_id);
  // There, and not over.
  bool works(std::int32_t order_id) const;
  // Changes that are under way have no answer any more: what is in force is asked for anew.
  void link_lost();
  // An order of an earlier life, found by its orderRef: open, accepted, nothing is asked of it. `filled_before`: by
  // executions of earlier days, which the venue tells no more; those of today are asked for.
  void adopt(std::int32_t order_id, const OrderId& ours, const wire::Contract& contract, const wire::Order& order,
             Quantity filled_before);

  // -- what the venue says ---------------------------------------------------------
  // `wall`: when it arrived, for an execution whose time can't be read.
  Owner on(Time now, const wire::OpenOrder& m);
  Owner on(Time now, const wire::OrderStatusMessage& m);
  // `replaced`: what it corrects, if that was counted for an order that was adopted since.
  Owner on(Time now, Timestamp wall, const wire::ExecDetails& m, Quantity replaced = {});
  void on(Time now, const wire::CommissionReport& m);
  // Empty: its id is none of our orders'.
  std::optional<wire::Verdict> on(Time now, const wire::ErrorMessage& m);
  void tick(Time now);

  // -- what came of it -------------------------------------------------------------
  std::vector<OrderNews> take_news();
  // True once when executions lack that a status has counted: ask for them.
  bool take_wants_executions();
  // When tick() has something to do; empty: nothing waits.
  std::optional<Time> next_time() const;

  std::optional<std::int32_t> order_id_of(const OrderId& ours) const;
  std::size_t size() const { return orders_.size(); }
  const TrackerCounters& counters() const { return counters_; }

 private:
  struct Ending {
    OrderReport report = OrderReport::canceled;
    Errc errc = Errc::ok;
    std::string reason;
    Time due;                  // not before, when its reason is awaited
    Time fills_due;            // executions that lack are asked for
    Time given_up;             // told without them
    bool is_inactive = false;  // it may work again
    bool is_filled = false;    // only its executions lack
    bool has_asked = false;
  };
  struct Order {
    OrderId ours;
    std::int64_t perm_id = 0;
    bool is_combo = false;
    bool is_accepted = false;
    bool is_over = false;  // its end was told, or it is filled
    bool is_cancel_asked = false;
    bool is_grouped = false;             // a fill of another order may take of its quantity
    std::optional<wire::Order> wanted;   // a change that is under way
    std::optional<Quantity> reduced_to;  // and not told
    bool has_limit = false;              // it was placed with one
    bool has_aux = false;                //
    bool is_echoed = false;
    std::optional<Price> limit_price;  // as it was echoed last
    std::optional<Price> aux_price;    //
    Quantity total;
    Quantity told_filled;   // by the venue's statuses
    Quantity known_filled;  // by executions
    std::size_t held = 0;   // of its executions, those that wait for their cost
    Money leg_costs;        // of a combo's legs, not yet with a fill
    std::optional<Ending> ending;
  };
  struct Execution {
    std::int32_t order_id = 0;
    Fill fill;
    bool is_told = false;
    bool is_leg = false;
    Time due{};
  };

  Order* find(std::int32_t order_id);
  // By its id when it is this client's, else by its orderRef or its permanent id.
  Order* find(std::int32_t client_id, std::int32_t order_id, const std::string& order_ref, std::int64_t perm_id,
              std::int32_t& key);
  void learn(Time now, std::int32_t key, Order& order, std::int64_t perm_id, wire::VenueStatus status);
  void end(Time now, std::int32_t key, Order& order, OrderReport report, Time due, Errc errc, std::string reason);
  void settle(Time now, std::int32_t key, Order& order);
  void tell(const Order& order, OrderNews news);
  void tell_fill(Execution& execution);
  void take_back(const std::string& base, const Execution& before);
  void answer_change(Order& order, const wire::Order& now_in_force, Quantity before);
  void tell_reduced(Order& order);
  void tell_terms(const Order& order);
  void forget_oldest();

  const TrackerOptions options_;
  const std::int32_t client_id_;
  wire::TimeReader& times_;
  TrackerCounters counters_;
  std::vector<OrderNews> news_;
  bool wants_executions_ = false;

  std::map<std::int32_t, Order> orders_;
  std::unordered_map<std::string, std::int32_t> by_ref_;
  std::unordered_map<std::int64_t, std::int32_t> by_perm_;
  std::deque<std::int32_t> over_;           // oldest first
  std::deque<std::int32_t> lost_;           // never arrived; the same
  std::map<std::int32_t, Time> overtaken_;  // filled orders whose change has no answer yet, until when it may come
  std::set<std::int32_t> ending_;           // orders with an ending that waits
  // By the part of an execution's id that a correction keeps.
  std::unordered_map<std::string, Execution> executions_;
  std::deque<std::string> execution_order_;
  std::deque<std::string> held_;  // executions that wait for their cost, in the order of their arrival
  std::unordered_map<std::string, Money> early_costs_;  // that came before their execution
  std::deque<std::string> early_order_;
};

}  // namespace tradebus::ibkr::session
