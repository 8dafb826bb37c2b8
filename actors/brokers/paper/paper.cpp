#include "actors/brokers/paper/paper.hpp"

#include <spdlog/spdlog.h>
#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace tradebus::paper {

using namespace std::chrono_literals;

namespace {

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
      [](const PreviewBrokerOrder&) -> caf::result<OrderPreview> {
        return to_caf(Error{Errc::broker_unsupported, "the paper broker has no margin to preview"});
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

caf::result<BrokerOrder> PaperState::look_up(const OrderId& id) {
  if (pending_.contains(id))
    return to_caf(Error{Errc::broker_unavailable, "order " + id.str() + " is on its way; ask again"});
  return question<BrokerOrder>([&]() -> caf::result<BrokerOrder> { return to_caf(venue_->order(id)); });
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
