// The broker "paper": simulates a venue that fills against the daemon's own live market. Config: [brokers.paper].
//
// An order is accepted once its symbols are watched and latency_ms have passed, then filled by the market that follows.
// Times are those of the context's clock: in a recording they come with the events, so that the same recording and the
// same orders give the same fills at any speed.
//
// What happened is in the journal (<data_dir>/paper/<name>) before anybody is told of it: a venue that is started anew
// goes on where it was. In a recording nothing is kept.
#pragma once

#include <spdlog/fwd.h>
#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include "actors/brokers/paper/paper_journal.hpp"
#include "actors/brokers/paper/paper_venue.hpp"
#include "actors/registry.hpp"

namespace tradebus::paper {

void register_in(BrokerRegistry& registry);

// With the question whether all of the market that it was sent is played.
using PaperActor = BrokerActor::extend<caf::replies_to<BrokerBarrier>::with<Done>>;

struct PaperState {
  static inline const char* name = "paper";
  static constexpr std::chrono::seconds price_wait{5};  // an order by notional, for its first quote
  explicit PaperState(PaperActor::pointer self);
  // `disk`: what the journal is written to.
  PaperActor::behavior_type make_behavior(AdapterContext context, PaperConfig config,
                                          std::shared_ptr<Disk> disk = std::make_shared<Disk>());

  // -- link ----------------------------------------------------------------------------------------------------------
  BrokerStatus connect(const ConnectBroker& request);
  BrokerStatus disconnect();

  // -- orders --------------------------------------------------------------------------------------------------------
  caf::result<OrderAccepted> place(Placement order);
  caf::result<Done> replace(const ReplaceBrokerOrder& change);
  caf::result<Done> cancel(const CancelBrokerOrder& request);
  caf::result<BrokerOrder> look_up(const OrderId& id);

  // -- market --------------------------------------------------------------------------------------------------------
  void take_events(const WatchedEvents& batch);
  caf::result<Done> all_played();
  void wake(std::uint64_t generation);

 private:
  // An order on its way: waits for its markets, then for the latency to pass, then (by notional) for a price.
  struct Pending {
    Placement order;
    std::vector<caf::typed_response_promise<OrderAccepted>> askers;
    std::vector<ReplaceBrokerOrder> replaces;  // asked for meanwhile, carried out after the acceptance
    bool cancel = false;
    std::size_t markets = 0;  // that are not ready
    Timestamp due{};
  };
  struct Watch {
    std::uint32_t ref = 0;
    bool asked = false;
    bool ready = false;
    std::size_t pending = 0;       // orders on their way
    std::vector<OrderId> waiting;  // of those: for this market
  };

  // -- the venue and its journal --
  bool keeps() const { return config_.persist && !data_dir_.empty() && !clock_.is_driven(); }
  Result<void> open();
  void order_spare();
  void take_spare();
  void forsake_journal();  // a recording began: it has an account of its own
  Result<void> usable() const;
  bool keep();                              // false: not now, nobody may be told
  void answer(std::function<void()> tell);  // once what happened is kept
  void flush();
  template <class Answer>
  caf::result<Answer> question(const std::function<caf::result<Answer>()>& ask) const;

  // -- markets --
  void need(const Symbol& symbol);
  void ask_market(const Symbol& symbol, Watch& watch);
  void market_ready(const Symbol& symbol, std::uint32_t ref);
  void market_refused(const Symbol& symbol, std::uint32_t ref, const Error& error);
  void tidy(const Symbol& symbol);  // watched as long as it matters
  void unwatch_if_idle(const Symbol& symbol);

  // -- orders on their way --
  caf::result<OrderAccepted> accept_now(const Placement& order);
  void arrive(const OrderId& id);
  void settle(const OrderId& id, Timestamp now);
  void withdraw(const OrderId& id, Timestamp now);
  void settle_due(Timestamp until);
  void settle_priced(const Symbol& symbol, Timestamp now);
  void refuse(const OrderId& id, const Error& error);
  void arm();
  Timestamp now() const;
  void play(const WatchedEvents& batch);
  void book(const CorporateAction& action);
  void play_backlog();
  void ask_barrier(Timestamp at_time);
  void give_up_barrier();
  void answer_all_played();
  Timestamp at(Timestamp t) { return venue_->at(t); }

  PaperActor::pointer self_;
  BrokerName broker_;
  PaperConfig config_;
  Clock clock_;
  std::shared_ptr<spdlog::logger> log_;
  std::string data_dir_;
  std::shared_ptr<const Calendars> calendars_;
  std::shared_ptr<Disk> disk_;
  std::optional<PaperVenue> venue_;                   // from the first connect on
  std::shared_ptr<PaperJournal> journal_;             // absent: nothing is kept
  std::shared_ptr<Result<SegmentLog::Spare>> spare_;  // its next file, while another thread makes it
  bool full_ = false;                                 // there was no room for it
  BrokerStatus status_;
  BrokerSink sink_;
  BrokerSink wanted_;  // whom to tell once the journal can be opened
  MarketWatch market_;
  std::unordered_map<Symbol, Watch> watches_;
  std::unordered_map<std::uint32_t, Symbol> symbols_;  // by ref
  std::uint32_t last_ref_ = 0;
  bool refused_ = false;  // a market that is needed
  std::unordered_map<OrderId, Pending> pending_;
  std::deque<OrderId> delayed_;   // by due time
  std::deque<OrderId> unpriced_;  // by due time
  std::uint64_t timer_ = 0;
  std::optional<std::chrono::steady_clock::time_point> armed_for_;
  std::uint64_t events_seen_ = 0;
  std::uint64_t events_at_wake_ = 0;
  // -- in a recording
  std::deque<std::variant<MarketEvent, CorporateAction>> backlog_;  // waits while the barrier is up
  bool barrier_ = false;
  std::uint64_t barrier_number_ = 0;
  std::uint64_t barriers_given_up_ = 0;
  bool stepped_ = false;                                       // it is asked whether all is played
  std::vector<caf::typed_response_promise<Done>> all_played_;  // who asked
  Timestamp barrier_time_{};
  bool told_orders_ = false;                 // something of an order was reported
  Reports reports_;                          // not sent yet
  std::vector<std::function<void()>> held_;  // answers that wait for the journal
  std::vector<Symbol> told_;                 // of the flush at hand
};

}  // namespace tradebus::paper
