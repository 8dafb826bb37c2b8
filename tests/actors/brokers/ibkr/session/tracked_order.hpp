// One order of ours and what a tracker makes of it, for tests.
#pragma once

#include <boost/test/unit_test.hpp>

#include <algorithm>

#include "actors/brokers/ibkr/session/order_tracker.hpp"

namespace tradebus::ibkr::session::test {

using namespace std::chrono_literals;
using wire::VenueStatus;

inline Price price(const char* text) { return Price::parse(text).value(); }
inline Quantity quantity(const char* text) { return Quantity::parse(text).value(); }
inline Money money(const char* text) { return Money::parse(text).value(); }

struct TrackedOrder {
  static constexpr std::int32_t id = 5;
  static constexpr std::int64_t perm = 9'000'000'371;

  void place(const char* qty = "100", const char* type = "STK") {
    order.total_quantity = quantity(qty);
    order.limit_price = price("10");
    contract.sec_type = type;
    tracker.placing(id, OrderId{"o-1"}, contract, order);
  }
  wire::OrderStatusMessage status_message(VenueStatus status, const char* filled = "0") const {
    wire::OrderStatusMessage m;
    m.order_id = id;
    m.status = status;
    m.filled = quantity(filled);
    m.perm_id = perm;
    m.client_id = 1;
    return m;
  }
  void status(VenueStatus s, const char* filled = "0") { tracker.on(now, status_message(s, filled)); }
  wire::OpenOrder open_message(VenueStatus status) const {
    wire::OpenOrder m;
    m.order_id = id;
    m.order = order;
    m.order.client_id = 1;
    m.order.perm_id = perm;
    m.order.order_ref = "o-1";
    m.contract = contract;
    m.state.status = status;
    return m;
  }
  void open(VenueStatus s) { tracker.on(now, open_message(s)); }
  // openOrder and orderStatus, as they mostly come.
  void pair(VenueStatus s, const char* filled = "0") {
    open(s);
    status(s, filled);
  }
  void exec(const char* exec_id, const char* qty, const char* at = "10", const char* type = nullptr) {
    wire::ExecDetails m;
    m.order_id = id;
    m.contract = contract;
    if (type != nullptr) m.contract.sec_type = type;
    m.exec_id = exec_id;
    m.time = "20260611-13:30:30";
    m.shares = quantity(qty);
    m.price = price(at);
    m.perm_id = perm;
    m.client_id = 1;
    m.order_ref = "o-1";
    tracker.on(now, Timestamp{}, m);
  }
  void cost(const char* exec_id, const char* amount) {
    wire::CommissionReport m;
    m.exec_id = exec_id;
    m.commission = money(amount);
    tracker.on(now, m);
  }
  void error(std::int32_t code, const char* text = "why") { tracker.on(now, wire::ErrorMessage{id, code, text, {}}); }
  void later(std::chrono::milliseconds by) {
    now += by;
    tracker.tick(now);
  }
  // All news since, in one line.
  std::string news() {
    std::string out;
    for (const auto& n : tracker.take_news()) {
      BOOST_TEST(n.order_id.str() == "o-1");
      if (!out.empty()) out += ", ";
      switch (n.report) {
        case OrderReport::accepted:
          out += "accepted " + std::to_string(n.perm_id);
          break;
        case OrderReport::fill:
          out += "fill " + n.fill->exec_id.str() + ' ' + n.fill->qty.to_string() + '@' + n.fill->price.to_string() +
                 " for " + n.fill->commission.to_string();
          break;
        case OrderReport::busted:
          out += "busted " + n.fill->exec_id.str();
          break;
        case OrderReport::replaced:
          out += "replaced " + n.qty->to_string() + '@' + (n.limit_price ? n.limit_price->to_string() : "-");
          break;
        case OrderReport::replace_rejected:
          out += "replace_rejected " + n.reason;
          break;
        case OrderReport::canceled:
          out += "canceled " + n.reason;
          break;
        case OrderReport::cancel_rejected:
          out += "cancel_rejected " + n.reason;
          break;
        case OrderReport::rejected:
          out += "rejected " + n.reason;
          break;
      }
    }
    return out;
  }

  wire::TimeReader times = wire::TimeReader::make("America/New_York").value();
  OrderTracker tracker{TrackerOptions{}, 1, times};
  OrderTracker::Time now{1h};
  wire::Order order;
  wire::Contract contract;
};

const std::string accepted = "accepted 9000000371";

}  // namespace tradebus::ibkr::session::test
