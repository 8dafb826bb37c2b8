// Interactive Brokers, through a running TWS or IB Gateway: the broker. Its rooms: wire (the protocol), session (its
// life, pace, ids, the life of orders), link (the socket and its thread), words and contracts (between its words and
// ours), venue_record and holdings (what the venue has told), and this: the actor, which owns the session's state.
//
//   link      dial, hello, startApi, the accounts and the next order id, then everything that is open: only then it is
//   up.
//             A lost link leaves what had no answer in doubt; it connects again with growing pauses.
//   orders    carry our order_id as orderRef, by which they are ours after a restart too. Those of other clients, and
//             those typed in TWS, are told as placed elsewhere.
//   questions are asked anew each time; equal ones share the answer that is on its way.
//
// The start of a session is in start.cpp, what the venue says in answers.cpp, orders in orders.cpp, questions in
// questions.cpp, what is placed elsewhere in elsewhere.cpp, option chains in chain.cpp, previews in preview.cpp,
// streams of profit and loss in profits.cpp. Settings: [brokers.ibkr]; docs/brokers/ibkr.md
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "actors/brokers/broker.hpp"
#include "actors/brokers/ibkr/config.hpp"
#include "actors/brokers/ibkr/holdings.hpp"
#include "actors/brokers/ibkr/link.hpp"
#include "actors/brokers/ibkr/link_report.hpp"
#include "actors/brokers/ibkr/oca_names.hpp"
#include "actors/brokers/ibkr/session/gateway_session.hpp"
#include "actors/brokers/ibkr/session/order_ids.hpp"
#include "actors/brokers/ibkr/session/request_table.hpp"
#include "actors/brokers/ibkr/venue_record.hpp"
#include "actors/brokers/ibkr/wire/decoder.hpp"
#include "actors/brokers/ibkr/wire/requests.hpp"
#include "actors/registry.hpp"
#include "engine/net/jitter.hpp"
#include "engine/services/backoff.hpp"
#include "engine/services/log_limit.hpp"

namespace tradebus::ibkr {

using IbkrActor = BrokerActor::extend<caf::reacts_to<LinkReport>>;

// What becomes of a question: null, or why it failed.
using Then = std::function<void(const Error*)>;

// A question without an id: all who ask while one is under way share its answer.
struct SharedQuestion {
  std::vector<Then> waiting;
  std::chrono::steady_clock::time_point deadline{};
  std::uint32_t unanswered = 0;  // questions on their way: an end without an id may be an earlier one's
  bool has_ended = false;        // an end came, which was taken for an earlier one's
  bool is_running() const { return !waiting.empty(); }
};

// A question with one.
struct Question {
  std::string what;
  std::vector<wire::ContractData> contracts = {};
  std::vector<wire::OptionParameters> options = {};
  std::function<void(Question&, const Error*)> then;
  std::shared_ptr<OptionQuote> quote = {};  // of a chain: what its ticks fill in
};

// An order that the venue is asked to reckon with, not to work.
struct AskedPreview {
  AccountId account;
  std::chrono::steady_clock::time_point deadline{};
  caf::typed_response_promise<OrderPreview> promise;
};

// One of our orders of this session, or one that was found open.
struct PlacedOrder {
  std::int32_t order_id = 0;
  wire::Contract contract;
  wire::Order order;                  // as it is in force, as far as we know
  std::optional<wire::Order> wanted;  // a change that is under way
  std::optional<OrderAccepted> accepted;
  std::optional<Error> refused;
  std::vector<caf::typed_response_promise<OrderAccepted>> asked;
  std::vector<caf::typed_response_promise<Done>> changes;
  std::vector<caf::typed_response_promise<Done>> cancels;
  std::chrono::steady_clock::time_point sent{};
  std::chrono::steady_clock::time_point changed{};
  bool is_cancel_asked = false;
  bool is_over = false;
};

// Not final: CAF derives from it to look for its name.
class IbkrState : public wire::MessageSink, public session::SessionOwner {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static inline const char* name = "ibkr";

  explicit IbkrState(IbkrActor::pointer self);
  ~IbkrState() override;
  IbkrActor::behavior_type make_behavior(AdapterContext context, IbkrConfig config);

 private:
  // Of what comes after the session's own beginning: `held` by a gateway that has no venue.
  enum class Phase : std::uint8_t { away, held, syncing, up };

  // -- link (ibkr.cpp) -----------------------------------------------------------
  BrokerStatus connect(const ConnectBroker& request);
  BrokerStatus disconnect();
  void take(LinkReport& report);
  void dial(std::uint64_t connection) override;
  void hang_up() override;
  bool transmit(std::string bytes) override;
  void session_message(std::string_view payload, std::int32_t version) override;
  void session_lost() override;
  void fail_all(const Error& error);
  void fail_shared(const Error& error);
  void tell_status();
  BrokerStatus status() const;
  Result<void> usable() const;
  template <class Request>
  Result<void> send(session::Urgency urgency, const Request& request, std::uint64_t ticket = 0);
  void pump() { session_->pump(now()); }
  void wake(std::uint64_t generation);
  void arm();
  Time now() const { return Time{self_->clock().now().time_since_epoch()}; }
  Counters counters() const;

  // -- start (start.cpp) ---------------------------------------------------------
  void session_hello(const wire::ServerHello& hello) override;
  void session_up() override;
  void wait_for_venue();
  void sync(Then then);
  void come_up();
  void adopt(const VenueOrder& order);
  void resync();
  void end_what_is_over();
  void connectivity(const wire::ErrorMessage& m);
  bool is_mine(std::int32_t client_id) const;

  // -- orders (orders.cpp) -------------------------------------------------------
  caf::result<OrderAccepted> place(const PlaceStockOrder& m);
  caf::result<OrderAccepted> place(const PlaceOptionOrder& m);
  void group(const std::optional<std::string>& name, const OrderId& id, wire::Order& order);
  void end(const OrderId& id, PlacedOrder& placed);
  caf::result<OrderAccepted> place_combo(const PlaceOptionOrder& m, wire::Order order);
  caf::result<OrderAccepted> place(const OrderId& id, wire::Contract contract, wire::Order order);
  // A combo's contract, and its legs, which go by the venue's numbers.
  using Combo = std::pair<wire::Contract, std::vector<wire::ComboLeg>>;
  void resolve(const std::vector<OrderLeg>& legs, std::function<void(Result<Combo>)> then);
  std::optional<caf::result<OrderAccepted>> placed_before(const OrderId& id);
  Result<void> transmit(const OrderId& id, PlacedOrder& placed);
  bool waits(const PlacedOrder& placed) const;
  bool withdraw(const OrderId& id, PlacedOrder& placed, const std::string& why);
  void tell_busted(const std::string& exec_id);
  void cancel_inactive(const OrderId& id);
  caf::result<Done> replace(const ReplaceBrokerOrder& m);
  caf::result<Done> cancel(const CancelBrokerOrder& m);
  Result<PlacedOrder*> working(const OrderId& id);
  void flush_news();
  void tell(const session::OrderNews& news);
  void forget_oldest();
  AccountId account_of(const std::optional<AccountId>& asked, const AccountId& given) const;

  // -- previews (preview.cpp) ----------------------------------------------------
  caf::result<OrderPreview> preview(const PreviewBrokerOrder& m);
  void ask_preview(wire::Contract contract, wire::Order order, AskedPreview asked);
  bool answer_preview(const wire::OpenOrder& m);
  bool answer_preview(const wire::ErrorMessage& m);

  // -- profit and loss (profits.cpp) ---------------------------------------------
  void watch_profits();
  void forget_profits();
  void watch_profit(const Position& position);

  // -- questions (questions.cpp) -------------------------------------------------
  void ask(SharedQuestion& question, Then then, const std::function<Result<void>()>& begin);
  void ask_open_orders(Then then, bool is_poll = false);
  void ask_completed(Then then);
  void ask_executions(Then then);
  void ask_positions(Then then);
  void ask_account(Then then);
  std::int32_t next_shared_id();
  void answer(SharedQuestion& question, const Error* error = nullptr);
  bool is_last_end(SharedQuestion& question);
  BrokerOrder to_broker_order(const VenueOrder& order);
  void tell_accounts();
  void anew(SharedQuestion& question, std::function<void()> begin);
  void expire(SharedQuestion& question, Time t);
  void cancel_account();
  void look_what_became();
  void never_arrived(const OrderId& id);
  void feed_ends();
  void ask_contract(wire::Contract contract, std::function<void(Result<std::vector<wire::ContractData>>)> then);
  caf::result<OpenBrokerOrders> open_orders();
  caf::result<BrokerOrder> look_up(const OrderId& id);
  caf::result<Executions> executions(const GetExecutions& m);
  caf::result<Positions> positions(const GetBrokerPositions& m);
  caf::result<AccountSummary> account(const GetBrokerAccount& m);

  // -- placed elsewhere (elsewhere.cpp) ------------------------------------------
  void tell_elsewhere();
  void look_elsewhere();
  void tell_begun(std::int64_t perm_id);
  void look_elsewhere_soon();
  void settle_elsewhere(std::vector<std::int64_t> gone);

  // -- option chains (chain.cpp) -------------------------------------------------
  caf::result<OptionChain> option_chain(const GetOptionChain& m);
  struct ChainWalk;
  void ask_expirations(const std::shared_ptr<ChainWalk>& chain, const wire::Contract& underlying);
  void walk(const std::shared_ptr<ChainWalk>& chain);
  void quote(const std::shared_ptr<ChainWalk>& chain);
  void pump_quotes();
  void snapshot(const wire::Contract& contract, const std::shared_ptr<OptionQuote>& quote, Time deadline,
                std::function<void()> then);
  OptionQuote* quote_of(std::int32_t req_id);
  void end_if_whole(std::int32_t req_id, const OptionQuote& quote);

  // -- what the venue says (answers.cpp) -----------------------------------------
  using MessageSink::on;
  void on(wire::NextValidId&& m) override;
  void on(wire::ManagedAccounts&& m) override;
  void on(wire::ErrorMessage&& m) override;
  void on(wire::CurrentTime&& m) override;
  void on(wire::OpenOrder&& m) override;
  void on(wire::OrderStatusMessage&& m) override;
  void on(wire::OpenOrderEnd&& m) override;
  void on(wire::CompletedOrder&& m) override;
  void on(wire::CompletedOrdersEnd&& m) override;
  void on(wire::ExecDetails&& m) override;
  void on(wire::CommissionReport&& m) override;
  void on(wire::ExecDetailsEnd&& m) override;
  void on(wire::PositionMessage&& m) override;
  void on(wire::PositionEnd&& m) override;
  void on(wire::AccountSummaryMessage&& m) override;
  void on(wire::AccountSummaryEnd&& m) override;
  void on(wire::ProfitAndLoss&& m) override;
  void on(wire::ProfitAndLossSingle&& m) override;
  void on(wire::TickPrice&& m) override;
  void on(wire::TickSize&& m) override;
  void on(wire::TickOption&& m) override;
  void on(wire::MarketDataType&& m) override;
  void on(wire::TickSnapshotEnd&& m) override;
  void on(wire::ContractData&& m) override;
  void on(wire::ContractDataEnd&& m) override;
  void on(wire::OptionParameters&& m) override;
  void on(wire::OptionParametersEnd&& m) override;
  void learn(const wire::Contract& contract);
  OrderId ours(std::int32_t client_id, const std::string& order_ref) const;

  IbkrActor::pointer self_;
  BrokerName broker_;
  IbkrConfig config_;
  Clock clock_;
  std::shared_ptr<spdlog::logger> log_;
  std::shared_ptr<const Calendars> calendars_;
  BrokerSink sink_;  // null while disconnected

  std::optional<session::GatewaySession> session_;
  Phase phase_ = Phase::away;
  std::string reason_;
  std::string message_;
  std::optional<BrokerStatus> told_;
  std::uint64_t timer_ = 0;
  std::optional<Time> timer_at_;
  std::optional<Time> sync_due_;  // the end of patience
  Jitter jitter_{0};
  bool is_venue_lost_ = false;  // 1100: the gateway itself has no connection
  bool is_resyncing_ = false;   // what happened meanwhile is not known yet
  std::optional<Time> resync_due_;
  std::optional<Backoff> resync_backoff_;
  std::string complaint_;  // of a question without an id, while one runs
  std::set<std::string> broken_farms_;
  std::uint64_t bad_messages_ = 0;
  LogLimit bad_lines_;
  LogLimit notice_lines_{30};
  LogLimit fast_lines_;
  bool is_lack_told_ = false;  // that there are too many positions

  std::optional<wire::TimeReader> times_;
  bool is_zone_guessed_ = false;  // that of the login
  session::OrderIds ids_;
  std::optional<session::OrderTracker> tracker_;
  std::int32_t tracker_client_ = -1;
  std::vector<AccountId> accounts_;
  std::optional<Time> first_up_;

  std::unordered_map<OrderId, PlacedOrder> placed_;
  std::unordered_map<std::int32_t, OrderId> placed_ids_;
  std::set<OrderId> waited_for_;  // of placed_: those with promises
  std::deque<OrderId> over_;
  std::int32_t foreign_key_ = -1;  // of orders that another client id of ours placed
  std::optional<VenueRecord> record_;
  std::optional<VenueHoldings> holdings_;
  struct ExecutionElsewhere {
    Time due{};  // its commission is waited for, and then what was ordered
    std::string id;
    Time given_up{};
  };
  static constexpr IbkrConfig::Ms order_elsewhere_look{500};
  static constexpr IbkrConfig::Ms order_elsewhere_wait{15'000};
  std::deque<ExecutionElsewhere> elsewhere_;
  std::set<std::int64_t> elsewhere_changed_;  // orders there that may be news
  std::map<std::int64_t, Symbol> symbols_;    // of contracts, as legs name them
  std::unordered_map<Symbol, wire::ContractData> contracts_;
  std::set<std::int64_t> unnamed_;  // contracts held that have no symbol here; named once

  SharedQuestion open_orders_;
  SharedQuestion completed_;
  SharedQuestion executions_;
  SharedQuestion positions_;
  SharedQuestion account_;
  Time looked_{};                        // when all open and completed orders were asked for last
  Time looked_end_{};                    // and when they had come
  std::uint64_t looked_connection_ = 0;  // on which connection
  std::set<std::int32_t> suspects_;      // their cancel was refused
  std::optional<Time> suspects_due_;
  std::optional<Time> commissions_due_;  // all executions are told, some have no commission yet
  std::int32_t executions_id_ = 0;
  std::int32_t account_id_ = 0;
  std::optional<Time> account_due_;  // to be asked again: something was traded
  std::map<std::int32_t, AccountId> profits_;
  using HeldKey = std::pair<AccountId, Symbol>;
  std::map<std::int32_t, HeldKey> position_profits_;  // by request
  std::map<HeldKey, std::int32_t> position_profit_ids_;
  std::map<std::int32_t, AskedPreview> previews_;  // by the order id that each was sent with
  OcaNames oca_names_;
  Time traded_{};                      // our last execution
  std::optional<Time> elsewhere_due_;  // to be looked at again
  bool is_poll_ = false;               // the open orders are asked for on their account only
  bool was_traded_elsewhere_ = false;  // what, is still to be asked
  std::size_t quotes_open_ = 0;        // of chains, each of which takes a market data line
  std::deque<std::function<void()>> quotes_waiting_;
  bool is_quoting_ = false;
  std::optional<session::RequestTable<Question>> questions_;

  std::unique_ptr<LinkListener> listener_;
  std::unique_ptr<Link> link_;  // last: its thread ends first
};

void register_in(BrokerRegistry& registry);

}  // namespace tradebus::ibkr
