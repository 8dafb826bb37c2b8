#include "actors/brokers/paper/paper.hpp"

#include <spdlog/spdlog.h>
#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/brokers/broker_barrier.hpp"

namespace tradebus::paper {

using namespace std::chrono_literals;

namespace {

constexpr auto barrier_deadline = 10s;   // a sink that is not heard of any more does not stop the recording
constexpr auto price_wait = 5s;          // an order by notional, for its first quote
constexpr auto disk_retry = 1s;          // a full disk
constexpr auto open_retry = 5s;          // a journal that can't be opened
constexpr auto watch_retry = 30s;        // a market that was refused, and is needed
constexpr std::uint64_t spare_made = 0;  // a generation that no timer has
constexpr auto deadline_wait = 60s;      // the wall clock may be set meanwhile

}  // namespace

PaperState::PaperState(PaperActor::pointer self) : self_{self} {}

PaperActor::behavior_type PaperState::make_behavior(AdapterContext context, PaperConfig config,
                                                    std::shared_ptr<Disk> disk) {
  self_->set_exception_handler(error_from_exception);
  broker_ = BrokerName{context.name};
  config_ = std::move(config);
  clock_ = std::move(context.clock);
  log_ = std::move(context.log);
  data_dir_ = std::move(context.data_dir);
  calendars_ = std::move(context.calendars);
  disk_ = std::move(disk);
  status_ = {broker_, LinkState::down, "", "", {config_.account}};
  return {
      [this](const ConnectBroker& c) { return connect(c); },
      [this](const DisconnectBroker&) { return disconnect(); },
      [this](const PlaceStockOrder& o) { return place(Placement{o}); },
      [this](const PlaceOptionOrder& o) { return place(Placement{o}); },
      [this](const ReplaceBrokerOrder& r) { return replace(r); },
      [this](const CancelBrokerOrder& c) { return cancel(c); },
      [this](const GetBrokerPositions& q) {
        return question<Positions>([&]() -> caf::result<Positions> {
          return q.account && *q.account != config_.account ? Positions{} : venue_->positions();
        });
      },
      [this](const GetBrokerAccount& q) {
        return question<AccountSummary>([&]() -> caf::result<AccountSummary> {
          if (!q.account || *q.account == config_.account) return venue_->summary();
          return to_caf(Error{Errc::request_invalid,
                              "no account \"" + q.account->str() + "\"; this broker has " + config_.account.str(),
                              "account"});
        });
      },
      [](const GetOptionChain&) -> caf::result<OptionChain> {
        return to_caf(Error{Errc::broker_unsupported, "the paper broker has no option chains"});
      },
      [this](const GetOpenBrokerOrders&) {
        return question<OpenBrokerOrders>([&]() -> caf::result<OpenBrokerOrders> { return venue_->open_orders(); });
      },
      [this](const GetBrokerOrder& q) { return look_up(q.order_id); },
      [this](const GetExecutions& q) {
        return question<Executions>([&]() -> caf::result<Executions> { return venue_->executions(q.since); });
      },
      [this](const GetBrokerCapabilities&) { return capabilities(config_.margin); },
      [this](const GetProviderCounters&) {
        auto out = venue_ ? venue_->counters() : Counters{};
        out.counters.push_back({"symbols_watched", static_cast<std::int64_t>(watches_.size())});
        out.counters.push_back({"barriers_given_up", static_cast<std::int64_t>(barriers_given_up_)});
        if (journal_) out.counters.push_back({"journal_records", static_cast<std::int64_t>(journal_->records())});
        return out;
      },
      [this](const WatchedEvents& batch) { take_events(batch); },
      [this](const BrokerWake& w) { wake(w.generation); },
      [this](const BrokerBarrier&) { return all_played(); },
  };
}

// ---- link ----------------------------------------------------------------------------------------------------------

BrokerStatus PaperState::connect(const ConnectBroker& request) {
  const bool new_market = market_ != request.market;
  market_ = request.market;
  wanted_ = request.sink;
  if (auto ok = open(); !ok) {
    status_.state = LinkState::down;
    status_.reason = "journal";
    status_.message = ok.error().message;
    sink_ = nullptr;
    self_->send(wanted_, status_);
    arm();
    return status_;
  }
  sink_ = request.sink;
  status_.state = LinkState::up;
  if (barriers_given_up_ == 0) {
    status_.reason.clear();
    status_.message.clear();
  }
  self_->send(sink_, status_);
  if (usable()) {
    for (auto& position : venue_->positions().positions) self_->send(sink_, std::move(position));
    self_->send(sink_, venue_->summary());
  }
  // A hub that was started anew knows of no watches.
  if (new_market && market_) {
    for (auto& [symbol, watch] : watches_) ask_market(symbol, watch);
    for (const auto& symbol : venue_->needed()) need(symbol);
  }
  log_->info("broker-up broker={} account={}", broker_.str(), config_.account.str());
  arm();
  return status_;
}

BrokerStatus PaperState::disconnect() {
  status_.state = LinkState::down;
  status_.reason = "requested";
  if (sink_) self_->send(sink_, status_);
  sink_ = nullptr;  // what happens from now on is told by open orders and executions
  wanted_ = nullptr;
  return status_;
}

// ---- the venue and its journal -------------------------------------------------------------------------------------

// At the first connect, not before: the daemon makes each broker once more than it uses it, and a folder has one user.
Result<void> PaperState::open() {
  if (venue_) return {};
  PaperVenue venue{broker_, config_, calendars_};
  if (keeps()) {
    const auto folder = data_dir_ + "/paper/" + broker_.str();
    auto journal = PaperJournal::open(folder, config_, venue, disk_);
    if (!journal) {
      log_->error("paper-journal-failed broker={} message=\"{}\"", broker_.str(), journal.error().message);
      return tl::unexpected{journal.error()};
    }
    journal_ = std::move(*journal);
    if (const auto& cut = journal_->cut(); !cut.empty())
      log_->warn("paper-journal-cut broker={} what=\"{}\"", broker_.str(), cut);
    log_->info("paper-journal broker={} folder={} records={}", broker_.str(), folder, journal_->records());
    venue.record(clock_.now());
  }
  venue_.emplace(std::move(venue));
  static_cast<void>(keep());
  return {};
}

// On a thread of its own. The journal is held until that one ends: nobody else may have the folder before.
void PaperState::order_spare() {
  if (spare_ || full_) return;
  auto order = journal_->spare_order();
  if (!order) return;
  spare_ = std::make_shared<Result<SegmentLog::Spare>>(fail(Errc::internal, "not made"));
  self_->spawn<caf::detached>([order = std::move(*order), slot = spare_, held = journal_,
                               owner = BrokerActor{PaperActor{self_}}](caf::event_based_actor*) mutable {
    *slot = SegmentLog::make_spare(order);
    held.reset();
    caf::anon_send(owner, BrokerWake{spare_made});
  });
}

void PaperState::take_spare() {
  const auto made = std::exchange(spare_, nullptr);
  if (!made || !journal_) return;
  if (!*made) {
    log_->warn("paper-journal-file-failed broker={} message=\"{}\"", broker_.str(), made->error().message);
    full_ = true;  // the timer asks again
  }
  journal_->take_spare(std::move(*made));
  arm();
}

void PaperState::forsake_journal() {
  log_->warn("paper-journal-left broker={} message=\"a recording drives the clock: a fresh account that is not kept\"",
             broker_.str());
  journal_.reset();
  full_ = false;
  venue_.emplace(broker_, config_, calendars_);
  reports_.clear();
  if (sink_) self_->send(sink_, venue_->summary());
}

Result<void> PaperState::usable() const {
  if (!venue_)
    return fail(Errc::broker_unavailable, status_.message.empty()
                                              ? "the paper broker was never connected"
                                              : "the paper broker has no journal: " + status_.message);
  if (journal_ && journal_->behind())
    return fail(Errc::broker_unavailable,
                "the disk is full: what happened last can't be kept, so it isn't told; make "
                "room");
  return {};
}

template <class Answer>
caf::result<Answer> PaperState::question(const std::function<caf::result<Answer>()>& ask) const {
  if (auto ok = usable(); !ok) return to_caf(ok.error());
  return ask();
}

bool PaperState::keep() {
  if (!journal_) return true;
  const auto news = venue_->take_news();
  if (news.empty()) return !journal_->behind();
  const bool before = journal_->behind();
  const auto ok = journal_->write(news);
  if (ok) {
    order_spare();
    return true;
  }
  log_->error("paper-journal-unwritten broker={} message=\"{}\"", broker_.str(), ok.error().message);
  if (ok.error().code != Errc::overloaded) {
    self_->quit(to_caf(ok.error()));  // what is in memory is ahead of what is known: begin anew from the journal
  } else if (!before) {
    arm();
  }
  return false;
}

void PaperState::answer(std::function<void()> tell) {
  if (keep())
    tell();
  else
    held_.push_back(std::move(tell));
}

// Of a position, and of the account, only how they are after all that happened.
void PaperState::flush() {
  if (!keep() || reports_.empty()) return;
  auto reports = std::exchange(reports_, {});
  std::vector<Symbol> stirred;
  told_.clear();
  for (auto& report : reports)
    if (auto* event = std::get_if<BrokerEvent>(&report)) {
      for (auto& symbol : venue_->symbols_of(event->order_id)) stirred.push_back(std::move(symbol));
      if (sink_) self_->send(sink_, std::move(*event));
      told_orders_ = true;
    } else if (auto* adjusted = std::get_if<PositionAdjusted>(&report)) {
      if (sink_)
        self_->request(caf::actor_cast<PositionAdjustmentActor>(sink_), caf::infinite, std::move(*adjusted))
            .then([](const Done&) {}, [](const caf::error&) {});
    }
  bool account_told = false;
  for (auto it = reports.rbegin(); it != reports.rend(); ++it) {
    if (auto* position = std::get_if<Position>(&*it)) {
      if (std::ranges::find(told_, position->symbol) != told_.end()) continue;
      told_.push_back(position->symbol);
      if (sink_) self_->send(sink_, std::move(*position));
    } else if (auto* account = std::get_if<AccountSummary>(&*it)) {
      if (!std::exchange(account_told, true) && sink_) self_->send(sink_, std::move(*account));
    }
  }
  reports.clear();
  reports_ = std::move(reports);  // its room
  stirred.insert(stirred.end(), told_.begin(), told_.end());
  std::ranges::sort(stirred);
  stirred.erase(std::unique(stirred.begin(), stirred.end()), stirred.end());
  for (const auto& symbol : stirred) tidy(symbol);
}

// ---- orders --------------------------------------------------------------------------------------------------------

caf::result<OrderAccepted> PaperState::place(Placement order) {
  if (journal_ && clock_.is_driven()) forsake_journal();
  if (venue_) {
    if (auto before = venue_->accepted_before(order.order_id)) {
      if (auto ok = usable(); !ok) return to_caf(ok.error());  // it may be what can't be kept
      return std::move(*before);
    }
  }
  if (const auto it = pending_.find(order.order_id); it != pending_.end()) {
    it->second.askers.push_back(self_->make_response_promise<OrderAccepted>());
    return it->second.askers.back();
  }
  if (status_.state != LinkState::up || !venue_)
    return to_caf(Error{Errc::broker_unavailable, "the paper broker is not connected"});
  if (auto ok = venue_->check(order); !ok) return to_caf(ok.error());
  if (journal_)
    if (auto ok = journal_->takes_orders(); !ok) return to_caf(ok.error());
  if (pending_.size() >= config_.open_max) return to_caf(Error{Errc::broker_rejected, "too many orders on their way"});
  if (!market_)
    return to_caf(Error{Errc::broker_rejected, "no market data: the paper broker fills against live quotes"});

  const auto symbols = order.symbols();
  std::size_t missing = 0;
  for (const auto& symbol : symbols)
    if (!watches_[symbol].ready) ++missing;
  if (missing == 0 && config_.latency == 0ns && !venue_->waits_for_price(order)) return accept_now(order);
  auto promise = self_->make_response_promise<OrderAccepted>();
  const OrderId id = order.order_id;
  Pending& pending = pending_[id];
  pending.order = std::move(order);
  pending.askers.push_back(promise);
  pending.markets = missing;
  for (const auto& symbol : symbols) {
    Watch& watch = watches_[symbol];
    ++watch.pending;
    if (watch.ready) continue;
    watch.waiting.push_back(id);
    if (!watch.asked) ask_market(symbol, watch);
  }
  if (missing == 0) arrive(id);
  return promise;
}

// The short way of an order that nothing holds up.
caf::result<OrderAccepted> PaperState::accept_now(const Placement& order) {
  const Timestamp now = at(this->now());
  const auto accepted = venue_->accept(order, now);
  if (!accepted) {
    for (const auto& symbol : order.symbols()) unwatch_if_idle(symbol);
    return to_caf(accepted.error());
  }
  venue_->match(order.order_id, now, reports_);
  arm();
  if (reports_.empty() && keep()) return *accepted;
  auto promise = self_->make_response_promise<OrderAccepted>();  // the answer comes before what follows from it
  answer([promise, answer = *accepted]() mutable { promise.deliver(std::move(answer)); });
  flush();
  return promise;
}

void PaperState::arrive(const OrderId& id) {
  if (config_.latency == 0ns) return settle(id, at(now()));
  pending_.at(id).due = now() + config_.latency;
  delayed_.push_back(id);
  arm();
}

// The venue has the order now: its answer first, then what follows from it.
void PaperState::settle(const OrderId& id, Timestamp now) {
  flush();
  const auto it = pending_.find(id);
  if (it == pending_.end()) return;
  if (venue_->waits_for_price(it->second.order)) {
    it->second.due = now + price_wait;
    unpriced_.push_back(id);
    return arm();
  }
  auto node = pending_.extract(it);
  const Pending& pending = node.mapped();
  const auto symbols = pending.order.symbols();
  for (const auto& symbol : symbols) --watches_[symbol].pending;
  const auto accepted = venue_->accept(pending.order, now);
  for (auto asker : pending.askers) {
    if (accepted)
      answer([asker, answer = *accepted]() mutable { asker.deliver(std::move(answer)); });
    else
      asker.deliver(to_caf(accepted.error()));
  }
  if (accepted) {
    venue_->match(id, now, reports_);
    const auto refused = [&](BrokerReport kind, const Error& error) {
      BrokerEvent e;
      e.broker = broker_;
      e.order_id = id;
      e.report = kind;
      e.reason = error.message;
      e.ts = now;
      reports_.emplace_back(std::move(e));
    };
    for (const auto& change : pending.replaces)
      if (auto ok = venue_->replace(change, now, reports_); !ok) refused(BrokerReport::replace_rejected, ok.error());
    if (pending.cancel)
      if (auto ok = venue_->cancel(id, now, reports_); !ok) refused(BrokerReport::cancel_rejected, ok.error());
    arm();
  }
  flush();
  for (const auto& symbol : symbols) unwatch_if_idle(symbol);
}

// Canceled while it waits for its market, which may never come: taken and ended, without a look at a price.
void PaperState::withdraw(const OrderId& id, Timestamp now) {
  flush();
  auto node = pending_.extract(id);
  if (node.empty()) return;
  const Pending& pending = node.mapped();
  const auto symbols = pending.order.symbols();
  for (const auto& symbol : symbols) {
    --watches_[symbol].pending;
    std::erase(watches_[symbol].waiting, id);
  }
  const auto accepted = venue_->accept(pending.order, now);
  for (auto asker : pending.askers) {
    if (accepted)
      answer([asker, answer = *accepted]() mutable { asker.deliver(std::move(answer)); });
    else
      asker.deliver(to_caf(accepted.error()));
  }
  if (accepted)
    if (auto ok = venue_->cancel(id, now, reports_); !ok)
      log_->error("paper-cancel-failed broker={} order={} message=\"{}\"", broker_.str(), id.str(), ok.error().message);
  arm();
  flush();
  for (const auto& symbol : symbols) unwatch_if_idle(symbol);
}

void PaperState::settle_due(Timestamp until) {
  if (!usable()) return;  // they wait until it can be kept
  while (!delayed_.empty()) {
    const OrderId id = delayed_.front();
    const auto it = pending_.find(id);
    if (it != pending_.end() && it->second.due > until) break;
    delayed_.pop_front();
    if (it != pending_.end()) settle(id, at(clock_.is_driven() ? it->second.due : clock_.now()));
  }
  while (!unpriced_.empty()) {
    const OrderId id = unpriced_.front();
    const auto it = pending_.find(id);
    if (it != pending_.end() && it->second.due > until) break;
    unpriced_.pop_front();
    if (it != pending_.end())
      refuse(id, Error{Errc::broker_rejected,
                       "no quote of " + it->second.order.order.symbol.str() + " came: a notional needs a price"});
  }
}

void PaperState::settle_priced(const Symbol& symbol, Timestamp now) {
  const auto waiting = std::exchange(unpriced_, {});
  for (const auto& id : waiting) {
    const auto it = pending_.find(id);
    if (it == pending_.end()) continue;
    if (it->second.order.order.symbol == symbol && !venue_->waits_for_price(it->second.order))
      settle(id, now);
    else
      unpriced_.push_back(id);
  }
}

void PaperState::refuse(const OrderId& id, const Error& error) {
  auto node = pending_.extract(id);
  if (node.empty()) return;
  const auto symbols = node.mapped().order.symbols();
  for (const auto& symbol : symbols) {
    const auto it = watches_.find(symbol);
    if (it == watches_.end()) continue;
    --it->second.pending;
    std::erase(it->second.waiting, id);
  }
  for (auto asker : node.mapped().askers) asker.deliver(to_caf(error));
  for (const auto& symbol : symbols) unwatch_if_idle(symbol);
}

caf::result<Done> PaperState::replace(const ReplaceBrokerOrder& change) {
  if (const auto it = pending_.find(change.order_id); it != pending_.end()) {
    constexpr std::size_t replaces_max = 100;  // before its acceptance; nobody needs more
    if (it->second.replaces.size() >= replaces_max)
      return to_caf(Error{Errc::broker_rejected, "too many replaces of an order on its way"});
    it->second.replaces.push_back(change);
    return Done{};
  }
  if (auto ok = usable(); !ok) return to_caf(ok.error());
  auto promise = self_->make_response_promise<Done>();
  if (auto ok = venue_->replace(change, at(now()), reports_); ok)
    answer([promise]() mutable { promise.deliver(Done{}); });
  else
    promise.deliver(to_caf(ok.error()));
  arm();
  flush();
  return promise;
}

caf::result<Done> PaperState::cancel(const CancelBrokerOrder& request) {
  if (const auto it = pending_.find(request.order_id); it != pending_.end()) {
    it->second.cancel = true;
    if (it->second.markets == 0 || !usable()) return Done{};
    auto taken = self_->make_response_promise<Done>();
    taken.deliver(Done{});
    withdraw(request.order_id, at(now()));
    return taken;
  }
  if (auto ok = usable(); !ok) return to_caf(ok.error());
  auto promise = self_->make_response_promise<Done>();
  if (auto ok = venue_->cancel(request.order_id, at(now()), reports_); ok)
    answer([promise]() mutable { promise.deliver(Done{}); });
  else
    promise.deliver(to_caf(ok.error()));
  flush();
  return promise;
}

caf::result<BrokerOrder> PaperState::look_up(const OrderId& id) {
  if (pending_.contains(id))
    return to_caf(Error{Errc::broker_unavailable, "order " + id.str() + " is on its way; ask again"});
  return question<BrokerOrder>([&]() -> caf::result<BrokerOrder> { return to_caf(venue_->order(id)); });
}

// ---- market --------------------------------------------------------------------------------------------------------

void PaperState::need(const Symbol& symbol) {
  if (!market_) return;
  Watch& watch = watches_[symbol];
  if (!watch.ready && !watch.asked) ask_market(symbol, watch);
}

void PaperState::ask_market(const Symbol& symbol, Watch& watch) {
  if (watch.ref == 0) {
    watch.ref = ++last_ref_;
    symbols_[watch.ref] = symbol;
  }
  watch.asked = true;
  watch.ready = false;
  self_->request(market_, caf::infinite, WatchSymbol{symbol, watch.ref, WatchSink{BrokerActor{PaperActor{self_}}}})
      .then([this, symbol, ref = watch.ref](const Done&) { market_ready(symbol, ref); },
            [this, symbol, ref = watch.ref](const caf::error& error) {
              market_refused(symbol, ref, from_caf(error, Errc::provider_unavailable));
            });
}

void PaperState::market_ready(const Symbol& symbol, std::uint32_t ref) {
  const auto it = watches_.find(symbol);
  if (it == watches_.end() || it->second.ref != ref) return;
  it->second.asked = false;
  it->second.ready = true;
  const auto waiting = std::exchange(it->second.waiting, {});
  for (const auto& id : waiting)
    if (const auto order = pending_.find(id); order != pending_.end() && --order->second.markets == 0) arrive(id);
  unwatch_if_idle(symbol);
  answer_all_played();
}

void PaperState::market_refused(const Symbol& symbol, std::uint32_t ref, const Error& error) {
  const auto it = watches_.find(symbol);
  if (it == watches_.end() || it->second.ref != ref) return;
  log_->warn("paper-market-refused symbol={} code={} message=\"{}\"", symbol.str(), to_string(error.code),
             error.message);
  const auto waiting = std::exchange(it->second.waiting, {});
  const Error why{Errc::broker_rejected, "no market data of " + symbol.str() + ": " +
                                             std::string{to_string(error.code)} + ": " + error.message};
  for (const auto& id : waiting) refuse(id, why);
  answer_all_played();
  // refuse() has kept it: it was still asked for.
  const auto left = watches_.find(symbol);
  if (left == watches_.end()) return;
  left->second.asked = false;
  if (venue_ && venue_->needs_market(symbol)) {
    refused_ = true;
    arm();
  } else if (left->second.pending == 0) {
    symbols_.erase(ref);
    watches_.erase(left);
  }
}

void PaperState::tidy(const Symbol& symbol) {
  if (venue_->needs_market(symbol))
    need(symbol);
  else
    unwatch_if_idle(symbol);
  if (const auto instrument = Instrument::parse(symbol.str()); instrument && instrument->underlying)
    tidy(*instrument->underlying);
}

void PaperState::unwatch_if_idle(const Symbol& symbol) {
  const auto it = watches_.find(symbol);
  if (it == watches_.end() || it->second.pending > 0 || it->second.asked || venue_->needs_market(symbol)) return;
  if (market_) self_->send(market_, UnwatchSymbol{symbol, WatchSink{BrokerActor{PaperActor{self_}}}});
  venue_->forget_market(symbol);
  symbols_.erase(it->second.ref);
  watches_.erase(it);
}

// In a recording the market stands still while what follows from a report is on its way here.
Timestamp PaperState::now() const { return barrier_ ? barrier_time_ : clock_.now(); }

void PaperState::take_events(const WatchedEvents& batch) {
  if (!venue_) return;
  if (!clock_.is_driven()) {
    play(batch);
    for (const auto& action : batch.actions) book(action);
    return;
  }
  if (journal_) forsake_journal();
  backlog_.insert(backlog_.end(), batch.events.begin(), batch.events.end());
  backlog_.insert(backlog_.end(), batch.actions.begin(), batch.actions.end());
  if (backlog_.size() > config_.backlog_max) give_up_barrier();
  play_backlog();
}

// Refusals are the actor's to tell: nobody waits for an answer.
void PaperState::book(const CorporateAction& action) {
  if (!usable()) return;
  const Timestamp now = at(clock_.is_driven() ? action.ts : clock_.now());
  if (clock_.is_driven()) settle_due(now);
  if (auto ok = venue_->take(action, now, reports_); !ok)
    log_->warn("paper-action-refused broker={} symbol={} message=\"{}\"", broker_.str(), action.symbol.str(),
               ok.error().message);
  else if (venue_->holds_options_on(action.symbol))
    log_->warn("paper-options-unadjusted broker={} symbol={} message=\"options on it stay as they are\"", broker_.str(),
               action.symbol.str());
  flush();
  arm();
}

void PaperState::play_backlog() {
  WatchedEvents one;
  one.events.resize(1);
  while (!backlog_.empty() && !barrier_) {
    const auto next = std::move(backlog_.front());
    backlog_.pop_front();
    told_orders_ = false;
    Timestamp ts;
    if (const auto* event = std::get_if<MarketEvent>(&next)) {
      one.events.front() = *event;
      ts = event->ts;
      play(one);
    } else {
      const auto& action = std::get<CorporateAction>(next);
      ts = action.ts;
      book(action);
    }
    if (told_orders_ && sink_) ask_barrier(ts);
  }
  answer_all_played();
}

void PaperState::ask_barrier(Timestamp at_time) {
  barrier_ = true;
  barrier_time_ = at_time;
  told_orders_ = false;
  const auto passed = [this, number = ++barrier_number_] {
    if (number != barrier_number_ || !barrier_) return;   // it was given up
    if (told_orders_) return ask_barrier(barrier_time_);  // what came had consequences of its own
    barrier_ = false;
    play_backlog();
  };
  self_->request(caf::actor_cast<BrokerBarrierActor>(sink_), barrier_deadline, BrokerBarrier{})
      .then([passed](const Done&) { passed(); },
            [this, passed, number = barrier_number_](const caf::error& e) {
              if (e == caf::sec::request_timeout && number == barrier_number_ && barrier_) return give_up_barrier();
              passed();  // a sink that does not know the question
            });
}

// The recording goes on without what follows from the last reports: that comes later now, another time in each run.
void PaperState::give_up_barrier() {
  if (!std::exchange(barrier_, false)) return;
  if (++barriers_given_up_ == 1) {
    status_.reason = "not_deterministic";
    status_.message = "the order path did not follow the recording (" + std::to_string(backlog_.size()) +
                      " events waited): this run is not repeatable; play it slower, or mend what is slow";
    log_->error("paper-barrier-given-up broker={} events={} message=\"{}\"", broker_.str(), backlog_.size(),
                status_.message);
    if (sink_) self_->send(sink_, status_);
  }
  play_backlog();
}

caf::result<Done> PaperState::all_played() {
  stepped_ = true;
  all_played_.push_back(self_->make_response_promise<Done>());
  auto answer = all_played_.back();
  answer_all_played();
  return answer;
}

// Once orders that wait for their market have it, and nothing that follows from what was told is under way.
void PaperState::answer_all_played() {
  if (all_played_.empty() || barrier_ || !backlog_.empty()) return;
  if (venue_ && clock_.is_driven()) {
    if (std::ranges::any_of(pending_, [](const auto& each) { return each.second.markets > 0; })) return;
    settle_due(clock_.now());
    flush();
    if (told_orders_ && sink_) return ask_barrier(clock_.now());
  }
  for (auto& each : std::exchange(all_played_, {})) each.deliver(Done{});
}

void PaperState::play(const WatchedEvents& batch) {
  const bool driven = clock_.is_driven();
  const Timestamp arrived = clock_.now();
  for (const auto& event : batch.events) {
    const auto it = symbols_.find(event.ref);
    if (it == symbols_.end()) continue;
    const Symbol symbol = it->second;
    ++events_seen_;
    if (!usable()) {
      venue_->see(symbol, event, arrived);
      continue;
    }
    if (driven) settle_due(event.ts);
    const Timestamp now = at(driven ? event.ts : arrived);
    const auto before = reports_.size();
    venue_->on_event(symbol, event, now, reports_);
    const bool traded = reports_.size() != before;
    venue_->report_marks(now, reports_);
    if (!unpriced_.empty() && event.kind == StreamKind::quote) settle_priced(symbol, now);
    if (traded) flush();
  }
  flush();
}

// ---- time ----------------------------------------------------------------------------------------------------------

// Driven time comes with the events: the timer serves only while none come.
void PaperState::wake(std::uint64_t generation) {
  if (generation == spare_made) return take_spare();
  if (generation != timer_) return;
  armed_for_.reset();
  if (!venue_) {
    if (wanted_) static_cast<void>(connect({wanted_, market_}));
    return arm();
  }
  if (journal_ && std::exchange(full_, false)) order_spare();
  if (journal_ && journal_->behind()) {
    if (auto ok = journal_->retry(); ok) {
      log_->info("paper-journal-written broker={}", broker_.str());
      for (auto& tell : std::exchange(held_, {})) tell();
      flush();
    } else if (ok.error().code != Errc::overloaded) {
      return self_->quit(to_caf(ok.error()));
    }
  }
  if (std::exchange(refused_, false))
    for (const auto& symbol : venue_->needed()) need(symbol);
  const bool quiet = events_seen_ == events_at_wake_;
  events_at_wake_ = events_seen_;
  // Whoever asks whether all is played brings the time along.
  if (!clock_.is_driven() || (quiet && !stepped_)) settle_due(clock_.now());
  if (!clock_.is_driven() && usable()) {
    venue_->advance(at(clock_.now()), reports_);
    flush();
  }
  arm();
}

void PaperState::arm() {
  std::optional<std::chrono::nanoseconds> wait;
  const auto within = [&](std::chrono::nanoseconds span) { wait = std::min(wait.value_or(span), span); };
  const bool driven = clock_.is_driven();
  const auto now = driven ? Timestamp{} : clock_.now();
  const auto first = [&](const std::deque<OrderId>& line, std::chrono::nanoseconds span) {
    if (line.empty()) return;
    const auto it = pending_.find(line.front());
    if (!driven && it != pending_.end())
      within(std::max<std::chrono::nanoseconds>(it->second.due - now, 100us));
    else
      within(std::max<std::chrono::nanoseconds>(span, 1ms));
  };
  first(delayed_, config_.latency);
  first(unpriced_, price_wait);
  if (!venue_ && wanted_) within(open_retry);
  if (full_ || (journal_ && journal_->behind())) within(disk_retry);
  if (refused_) within(watch_retry);
  if (venue_ && !driven)
    if (const auto deadline = venue_->next_deadline())
      within(std::clamp<std::chrono::nanoseconds>(*deadline - now, 1ms, deadline_wait));
  if (!wait) return;
  const auto due = std::chrono::steady_clock::time_point{self_->clock().now().time_since_epoch()} + *wait;
  if (armed_for_ && *armed_for_ <= due) return;
  armed_for_ = due;
  self_->delayed_send(self_, *wait, BrokerWake{++timer_});
}

// ---- registration --------------------------------------------------------------------------------------------------

void register_in(BrokerRegistry& registry) {
  registry.add("paper", section(), [](caf::actor_system& system, AdapterContext context) -> Result<BrokerActor> {
    auto config = read_config(context.settings);
    if (!config) return tl::unexpected{config.error()};
    return BrokerActor{system.spawn(
        [config = std::move(*config), context = std::move(context)](PaperActor::stateful_pointer<PaperState> self) {
          return self->state.make_behavior(context, config);
        })};
  });
}

}  // namespace tradebus::paper
