// The ORDER MANAGER: the only owner of order state. Validate, risk, journal, reply; then broker, events, journal,
// stream. A reply never waits for a broker.
#pragma once

#include <spdlog/fwd.h>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "actors/brokers/broker_barrier.hpp"
#include "bus/bridge/bridge_listener.hpp"
#include "engine/orders/event_ring.hpp"
#include "engine/orders/holdings.hpp"
#include "engine/orders/journal.hpp"
#include "engine/orders/order_book.hpp"
#include "engine/orders/order_config.hpp"
#include "engine/orders/order_history.hpp"
#include "engine/orders/order_outlet.hpp"
#include "engine/orders/position_check.hpp"
#include "engine/services/clock.hpp"

namespace tradebus {

using OrderManagerActor = protocol<
    // From the bridge's thread: what clients ask (order_ops.hpp); each token goes back with exactly one BusReply, once
    // what it tells is recorded.
    void(ClientRequests),
    // Answers once the order is recorded, before any broker has it. request.invalid, instrument.unknown,
    // order.duplicate_id, broker.unavailable, broker.reconciling, broker.unsupported, risk.*, overloaded.
    Order(PlaceOrder),
    // Answer once the request is recorded. order.not_found, order.not_open, and as above.
    Order(ReplaceOrder), Order(CancelOrder),
    // Asks for the cancel of each; those whose broker can't be asked now are not counted.
    CanceledCount(CancelAll), Order(GetOrder), Orders(GetOrders),
    // As the brokers reported them last.
    Positions(GetPositions), AccountSummary(GetAccountSummary), OptionChain(GetBrokerChain),
    OrderEvents(GetOrderEvents), OrderManagerStatus(GetOrderManagerStatus), AcceptedCount(AcceptPositions),
    // Survive a restart; cancels are always allowed. request.invalid, overloaded. config.invalid.
    TradingStatesNow(KillSwitch), RiskReloaded(ReloadRisk),
    // From the bridge: cancel on disconnect. The request is answered once it is recorded.
    void(WatchRequest), void(ClientSilent), void(ClientHeard),
    // From the supervisor.
    void(BrokerHandle),
    // From the brokers: this actor is their sink.
    void(BrokerEvent), Done(BrokerBarrier), Done(PositionAdjusted), void(BrokerOrder), void(BrokerStatus),
    void(Position), void(AccountSummary),
    // Answers once all that was asked and reported so far is recorded and told, and so is what simulated venues make of
    // it.
    Done(SettleBrokers),
    // INTERNAL
    void(TellMarks), void(JournalProgress), void(ReconcileBroker), void(WatchHaltFile)>;

// Takes orders, and tells what it holds.
inline bool is_live(LinkState state) { return state == LinkState::up || state == LinkState::degraded; }

struct OrderManagerConfig {
  OrderLimits limits;
  RiskTable risk;
  // What an order of this symbol is checked against, now; called by the actor, must not block. Empty: no market is
  // known.
  std::function<RiskContext(const Symbol&, Timestamp)> risk_context;
  // Reads the limits again; called by the actor. Empty: they stay as they are.
  std::function<Result<RiskTable>()> reload_risk;
  std::string halt_file;  // while it exists trading is halted; empty: none is looked for
  Clock clock;
  std::shared_ptr<Journal> journal;  // used by this actor alone
  RecoveredJournal recovered;
  std::string id_tag;  // order ids are "o-<id_tag>-<n>", n in base 36; another tag at each start (order_id_tag())
  OrderHistoryActor history;                                        // null: only what is in memory is known
  std::function<std::uint64_t()> indexed_seq;                       // of its index; any thread
  std::shared_ptr<OrderOutlet> outlet;                              // used by this actor alone
  std::chrono::nanoseconds mark_interval{std::chrono::seconds{1}};  // of one position or account, in wall time
  std::shared_ptr<spdlog::logger> log;
};

// A tag for the order ids of a start: milliseconds since 1970, in base 36.
std::string order_id_tag(Timestamp started);

// Of what a journal kept (RecoveredJournal::state): whom to cancel for when they fall silent. The bridge is to watch
// them from its start on: who comes back is heard there. Nothing: it can't be read.
std::optional<std::vector<WatchClient>> watched_clients(const std::map<std::string, std::string>& state);

struct OrderManagerState {
  static inline const char* name = "order-manager";
  explicit OrderManagerState(OrderManagerActor::pointer self);
  OrderManagerActor::behavior_type make_behavior(OrderManagerConfig config);

  // -- what clients ask on the bus (order_ops.cpp) -------------------------------------------------------------------
  void answer(const ClientRequests& batch);
  void answer_place_order(const ClientRequest& request);
  void answer_preview_order(const ClientRequest& request);
  void answer_replace_order(const ClientRequest& request);
  void answer_cancel_order(const ClientRequest& request);
  void answer_cancel_all(const ClientRequest& request);
  void answer_get_order(const ClientRequest& request);
  void answer_get_orders(const ClientRequest& request);
  void answer_get_positions(const ClientRequest& request);
  void answer_get_account_summary(const ClientRequest& request);
  void answer_get_events(const ClientRequest& request);
  void answer_accept_positions(const ClientRequest& request);
  void answer_kill_switch(const ClientRequest& request);
  void answer_reload_risk(const ClientRequest& request);

  // -- commands: what they do stands in effects_ until settle() -------------------------------------------------------
  Result<OrderBook::Placed> place(const PlaceOrder& command, const RecalledOrder* recalled = nullptr);
  Result<const Order*> replace(const ReplaceOrder& command);
  Result<const Order*> cancel(const CancelOrder& command);
  Result<CanceledCount> cancel_all(const CancelAll& command);
  CanceledCount ask_cancels(const CancelAll& command, const std::function<bool()>& may_go_on = {});
  Result<AcceptedCount> accept_positions(const AcceptPositions& command);
  Result<TradingStatesNow> kill_switch(const KillSwitch& command);
  Result<RiskReloaded> reload_risk();

  // -- questions -----------------------------------------------------------------------------------------------------
  Result<const Order*> order(const GetOrder& query) const;
  Orders orders(const GetOrders& query) const;
  Result<Positions> positions(const GetPositions& query) const;
  Result<AccountSummary> account(const GetAccountSummary& query) const;
  caf::result<OptionChain> chain(const GetBrokerChain& query);
  OrderEvents events(const GetOrderEvents& query) const;
  OrderManagerStatus status() const;
  caf::result<OrderManagerStatus> full_status();

  // -- brokers -------------------------------------------------------------------------------------------------------
  caf::result<Done> settle_brokers();
  caf::result<Done> adjust_position(const PositionAdjusted& change);
  void take_handle(const BrokerHandle& handle);
  void take_status(const BrokerStatus& status);
  void take_report(const BrokerEvent& report);
  void take_elsewhere(const BrokerOrder& order);
  void take_holding(Position holding);
  void take_holding(AccountSummary holding);
  void tell_marks();

 private:
  struct Broker {
    BrokerActor actor;
    BrokerStatus status;  // down until the broker says otherwise
    std::optional<BrokerCapabilities> can;
    // -- reconciliation: from each time that its link comes up until all is settled, no orders are taken
    bool reconciled = false;
    bool reconciling = false;
    bool doubts_only = false;    // it is asked about orders in doubt alone: its link was never lost
    std::uint64_t round = 0;     // answers of an earlier one are too late
    std::vector<OrderId> asked;  // orders that it is still to be asked about, last first
    std::size_t unsettled = 0;   // it gave no answer about
    Timestamp last_report{};     // of the newest report: executions are read back from before it
  };
  void recover(RecoveredJournal recovered);
  Result<const Broker*> named(const BrokerName& name) const;
  Result<BrokerRoute> route(const std::optional<BrokerName>& name, const std::optional<AccountId>& account) const;
  // -- clients whose silence cancels their orders (order_clients.cpp) ------------------------------------------------
  struct WatchedClient {
    std::int64_t silence_ms = 0;
    bool silent = false;  // what could not be canceled yet is when its broker comes back
  };
  void watch_client(const WatchRequest& request);
  void client_silent(const ClientName& client);
  void client_heard(const ClientName& client);
  void cancel_of_silent_clients();
  void recover_clients(const std::map<std::string, std::string>& state);
  void save_client(const WatchClient& watch);

  // -- risk (order_risk.cpp) -----------------------------------------------------------------------------------------
  RiskContext risk_context(const Symbol& symbol) const;
  void recover_risk(const std::map<std::string, std::string>& state);
  void watch_halt_file();
  void save_trading_state(const TradingStateRecord& record);
  Result<void> set_trading_state(const TradingStateRecord& record);
  void log_trading_state(const TradingStateRecord& record);
  void note_account(const AccountSummary& account);
  std::string known_brokers() const;
  LinkState state_of(const Broker& broker) const;
  void publish_status(const BrokerName& name);
  void broker_down(const BrokerName& name, const std::string& reason);
  template <class T>
  void reply(const ClientRequest& to, const Result<T>& answer);

  // -- reconciliation (order_reconciler.cpp) -------------------------------------------------------------------------
  void begin_reconciliation(const BrokerName& name);
  void read_executions(const BrokerName& name, std::uint64_t round);
  void read_open_orders(const BrokerName& name, std::uint64_t round);
  void ask_next(const BrokerName& name, std::uint64_t round);
  void read_holdings(const BrokerName& name, std::uint64_t round);
  void end_reconciliation(const BrokerName& name);
  void reconciliation_failed(const BrokerName& name, std::uint64_t round, const char* what, const caf::error& error);
  void reconcile_again(const ReconcileBroker& request);
  void ask_soon_if_in_doubt(const OrderId& id);
  void settle_doubts(const BrokerName& name);
  void end_doubts(const BrokerName& name);
  Broker* at_round(const BrokerName& name, std::uint64_t round);
  void compare_positions(const BrokerName& name, Positions all);

  // -- what is recorded, and what follows from it (order_facts.cpp) ---------------------------------------------------
  // The end of each message that commands or reports came with. In this order: the journal; then, as soon as what
  // happened is a fact, answers to clients; brokers; announcements. While the journal is on its way all that comes
  // after record() is held back, and so are answers to questions: nobody hears of what may still be lost.
  // While the journal takes no changes (refusal_) none is made for a client; questions are answered at once, and what
  // is not recorded is marked as that in orders, and is in no list of events. When it broke, answers that waited for it
  // are refused, and what was to follow from them does not.
  void settle();
  // Also before, by who has something to do while the disk works.
  void record();
  using Answer = std::function<void(const std::optional<Error>& never)>;  // `never`: what it tells won't be recorded
  struct Consequences {
    std::uint64_t seq = 0;  // once this is durable
    Effects effects;
    std::vector<BusReply> replies;
    std::vector<Answer> answers;  // to actors that asked
  };
  void settle_late();
  void carry_out(Consequences& what);
  void carry_out_durable();
  void give_up_held();
  void note_unrecorded(const Effects& effects);
  bool is_recorded(const OrderId& id) const;
  Order marked(const Order& order) const;
  Result<void> takes_changes() const { return refusal_ ? tl::unexpected{*refusal_} : Result<void>{}; }
  void send_to_brokers(Effects& effects);
  void announce(Effects& effects);
  void journal_progress();
  void look_at_journal();
  bool is_durable() const { return held_.empty() && journal_->durable_seq() >= journal_->last_seq(); }
  // The same for an actor that asks: the answer takes the place of the replies.
  template <class T>
  caf::result<T> settled(Result<T> answer);
  void save_positions();

  // -- what has left memory ------------------------------------------------------------------------------------------
  bool left_memory(const ClientName& client, const std::optional<OrderId>& id,
                   const std::optional<ClientOrderId>& client_order_id) const;
  // `then` gets the order, or why there is none. Asked with settle().
  void recall(const ClientRequest& request, GetOrder query, std::function<void(const Result<RecalledOrder>&)> then);
  void place_recalled(const ClientRequest& request, PlaceOrder command);
  template <class Command>
  void answer_of_order(const ClientRequest& request, const Command& command);
  template <class Query>
  void answer_from_history(const ClientRequest& request, Query query);

  void send(SendStockOrder& effect);
  void send(SendOptionOrder& effect);
  void send(SendReplace& effect);
  void send(SendCancel& effect);
  // When a broker's refusal came: in a recording at its last report, for the market there is behind the clock here.
  Timestamp answered_at(const BrokerName& broker) const;
  template <class Request>
  void submit(const BrokerName& broker, const OrderId& id, Request request);

  OrderManagerActor::pointer self_;
  Clock clock_;
  std::shared_ptr<Journal> journal_;
  std::shared_ptr<OrderOutlet> outlet_;
  std::shared_ptr<spdlog::logger> log_;
  std::shared_ptr<RiskEngine> risk_;
  std::function<RiskContext(const Symbol&, Timestamp)> risk_context_;
  std::function<Result<RiskTable>()> reload_risk_;
  std::string halt_file_;
  std::uint64_t flushed_seq_ = 0;  // of the journal
  std::optional<OrderBook> book_;
  std::optional<EventRing> events_;
  std::optional<Holdings> holdings_;
  std::chrono::nanoseconds mark_interval_{};
  bool marks_armed_ = false;
  Effects effects_;                // of the message at hand
  std::size_t recorded_ = 0;       // of them
  bool is_lone_ = false;           // it is one client's one request
  std::vector<BusReply> replies_;  // to the requests of the message at hand
  std::vector<Answer> answers_;
  std::deque<Consequences> held_;  // until the journal has got so far; in order
  OrderHistoryActor history_;
  std::function<std::uint64_t()> indexed_seq_;
  PositionCheck positions_check_;
  JournalState journal_state_ = JournalState::ok;
  std::optional<Error> refusal_;                           // of changes, while the journal takes none
  std::unordered_map<OrderId, std::uint64_t> unrecorded_;  // while it isn't ok: the seq of an order's last change
  std::map<ClientName, WatchedClient> watched_;
  std::map<BrokerName, Broker> brokers_;
  std::optional<BrokerName> default_broker_;
  std::uint64_t anomalies_ = 0;
};

OrderManagerActor spawn_order_manager(caf::actor_system& system, OrderManagerConfig config);

}  // namespace tradebus
