#include "engine/orders/bus_outlet.hpp"

#include "engine/services/clock.hpp"

namespace tradebus {

namespace {

// What status|broker|NAME| carries.
struct BrokerStateMessage {
  LinkState state = LinkState::down;
  std::string reason;
  std::string message;
  Timestamp since{};
  std::vector<AccountId> accounts;

  static constexpr std::string_view type_name = "BrokerStateMessage";
  static constexpr auto fields() {
    return std::tuple{field("state", &BrokerStateMessage::state), field("reason", &BrokerStateMessage::reason),
                      field("message", &BrokerStateMessage::message), field("since", &BrokerStateMessage::since),
                      field("accounts", &BrokerStateMessage::accounts)};
  }
};

}  // namespace

template <class T>
void BusOutlet::add(std::string_view kind, std::string_view key, const T& value) {
  if (batch_.empty()) batch_ = queue_.fresh();
  topic_.assign(kind).append(key).append("|");
  publisher_.add(batch_, topic_, value);
}

// One client waits for one order: its answer goes before what follows from it. Of several, the bridge is woken once.
void BusOutlet::reply(std::vector<BusReply>& replies) {
  const bool lone = replies.size() == 1;
  if (queue_.reply(replies) && lone) turn_.give();
}

void BusOutlet::publish(const OrderEvent& event) {
  // The journal keeps them for get_events; encoding them for nobody would cost an order's reply its time.
  if (stats_.orders_wanted.load(std::memory_order_relaxed)) add("order|", event.order.account.str(), event);
}

void BusOutlet::publish(const Position& position) { add("position|", position.account.str(), position); }

void BusOutlet::publish(const AccountSummary& account) { add("account|", account.account.str(), account); }

void BusOutlet::publish(const BrokerStatus& status) {
  add("status|broker|", status.broker.str(),
      BrokerStateMessage{status.state, status.reason, status.message, Clock::wall_now(), status.accounts});
}

void BusOutlet::flush() {
  if (!batch_.empty()) queue_.push(std::exchange(batch_, {}));
}

}  // namespace tradebus
