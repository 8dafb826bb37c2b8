#include "actors/brokers/ibkr/ibkr.hpp"

#include <spdlog/spdlog.h>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/brokers/ibkr/link_to_actor.hpp"
#include "actors/brokers/ibkr/sending.hpp"
#include "actors/brokers/ibkr/words.hpp"
#include "engine/services/log_text.hpp"

namespace tradebus::ibkr {

IbkrState::IbkrState(IbkrActor::pointer self) : self_{self} {}
IbkrState::~IbkrState() = default;

IbkrActor::behavior_type IbkrState::make_behavior(AdapterContext context, IbkrConfig config) {
  broker_ = BrokerName{context.name};
  config_ = std::move(config);
  clock_ = std::move(context.clock);
  log_ = std::move(context.log);
  calendars_ = std::move(context.calendars);
  session_.emplace(config_.session, *this);
  record_.emplace(VenueRecord::Limits{});
  holdings_.emplace(broker_);
  self_->set_exception_handler(error_from_exception);
  // The listener holds our handle: an end must be told.
  self_->set_exit_handler([this](const caf::exit_msg& exit) {
    disconnect();
    link_.reset();
    listener_.reset();
    self_->quit(exit.reason);
  });
  return {
      [this](const ConnectBroker& m) { return connect(m); },
      [this](const DisconnectBroker&) { return disconnect(); },
      [this](const PlaceStockOrder& m) { return place(m); },
      [this](const PlaceOptionOrder& m) { return place(m); },
      [this](const ReplaceBrokerOrder& m) { return replace(m); },
      [this](const CancelBrokerOrder& m) { return cancel(m); },
      [this](const GetBrokerPositions& m) { return positions(m); },
      [this](const GetBrokerAccount& m) { return account(m); },
      [this](const GetOptionChain& m) { return option_chain(m); },
      [this](const GetOpenBrokerOrders&) { return open_orders(); },
      [this](const GetBrokerOrder& m) { return look_up(m.order_id); },
      [this](const GetExecutions& m) { return executions(m); },
      [this](const PreviewBrokerOrder& m) { return preview(m); },
      [](const GetBrokerCapabilities&) { return capabilities(); },
      [this](const GetProviderCounters&) { return counters(); },
      [](const WatchedEvents&) {},  // only a simulated venue watches the market
      [this](const BrokerWake& m) { wake(m.generation); },
      [this](LinkReport& m) { take(m); },
  };
}

// ---- link ----------------------------------------------------------------------------------------------------------

BrokerStatus IbkrState::connect(const ConnectBroker& request) {
  sink_ = request.sink;
  told_.reset();
  if (phase_ == Phase::up) {
    tell_status();
    for (auto& position : holdings_->positions({})) self_->send(sink_, std::move(position));
    for (const auto& each : accounts_)
      if (const auto* known = holdings_->account(each)) self_->send(sink_, *known);
  } else if (session_->phase() == session::GatewaySession::Phase::down) {
    if (!listener_) {
      listener_ = std::make_unique<LinkToActor<IbkrActor>>(IbkrActor{self_});
      link_ = std::make_unique<Link>(*listener_);
    }
    reason_.clear();
    message_.clear();
    session_->start(now());
    tell_status();
  }
  arm();
  return status();
}

BrokerStatus IbkrState::disconnect() {
  session_->stop();
  phase_ = Phase::away;
  sync_due_.reset();
  reason_ = "requested";
  message_.clear();
  fail_all(Error{Errc::broker_unavailable, "the broker was disconnected"});
  tell_status();
  sink_ = nullptr;
  return status();
}

void IbkrState::take(LinkReport& report) {
  if (!session_->is_current(report.connection)) return;
  if (std::holds_alternative<LinkReport::Opened>(report.what)) {
    session_->opened(report.connection, now());
  } else if (const auto* bytes = std::get_if<std::string>(&report.what)) {
    session_->bytes(report.connection, *bytes, now());
    if (session_->is_current(report.connection)) link_->taken(bytes->size());
    flush_news();
    pump();
  } else {
    session_->closed(report.connection, std::get<LinkReport::Closed>(report.what).why, now());
  }
  arm();
}

void IbkrState::dial(std::uint64_t connection) {
  LinkOptions options;
  options.host = config_.place.host;
  options.port = config_.place.port;
  link_->open(connection, std::move(options));
}

void IbkrState::hang_up() {
  if (link_) link_->close();
}

bool IbkrState::transmit(std::string bytes) { return link_->send(std::move(bytes)); }

void IbkrState::session_message(std::string_view payload, std::int32_t version) {
  const auto error = wire::decode(payload, version, *this);
  if (error.fault == wire::DecodeFault::none) return;
  if (error.fault == wire::DecodeFault::unknown_id) {
    log_->debug("ibkr-unknown-message broker={} id={}", broker_.str(), error.message_id);
    return;
  }
  ++bad_messages_;
  if (const auto left_out = bad_lines_.take(now()))
    log_->warn("ibkr-bad-message broker={} id={} name={} field={} fault=\"{}\" left_out={}", broker_.str(),
               error.message_id, wire::message_name(error.message_id), error.field, to_string(error.fault), *left_out);
}

// What had no answer is in doubt.
void IbkrState::session_lost() {
  const bool was_up = phase_ == Phase::up;
  phase_ = Phase::away;
  sync_due_.reset();
  reason_ = session_->reason();
  message_ = session_->message();
  log_->log(was_up ? spdlog::level::warn : spdlog::level::info,
            "ibkr-link-down broker={} reason={} retry_ms={} message=\"{}\"", broker_.str(), reason_,
            session_->pause().count(), log_text(message_));
  fail_all(Error{Errc::broker_unavailable, "the link to the gateway was lost: " + message_});
  tell_status();
}

void IbkrState::fail_all(const Error& error) {
  for (const auto& id : std::exchange(waited_for_, {})) {
    auto& placed = placed_[id];
    for (auto& promise : std::exchange(placed.asked, {})) promise.deliver(to_caf(error));
    for (auto& promise : std::exchange(placed.changes, {})) promise.deliver(to_caf(error));
    for (auto& promise : std::exchange(placed.cancels, {})) promise.deliver(to_caf(error));
    placed.wanted.reset();
  }
  if (tracker_) tracker_->link_lost();
  is_resyncing_ = false;
  resync_due_.reset();
  suspects_due_.reset();
  suspects_.clear();
  complaint_.clear();
  fail_shared(error);
  for (auto* question : {&open_orders_, &completed_, &positions_}) question->unanswered = 0;
  if (questions_)
    for (auto& [id, question] : questions_->clear()) question.then(question, &error);
  commissions_due_.reset();
  account_due_.reset();
  for (auto& [id, asked] : std::exchange(previews_, {})) asked.promise.deliver(to_caf(error));
  profits_.clear();
  position_profits_.clear();
  position_profit_ids_.clear();
  elsewhere_.clear();
  elsewhere_due_.reset();
  is_venue_lost_ = false;
  broken_farms_.clear();
}

void IbkrState::fail_shared(const Error& error) {
  commissions_due_.reset();
  cancel_account();
  for (auto* question : {&open_orders_, &completed_, &executions_, &positions_, &account_}) answer(*question, &error);
}

BrokerStatus IbkrState::status() const {
  BrokerStatus out{broker_, LinkState::connecting, reason_, message_, accounts_};
  using SessionPhase = session::GatewaySession::Phase;
  if (phase_ == Phase::up)
    out.state = is_venue_lost_ || is_resyncing_ || !broken_farms_.empty() ? LinkState::degraded : LinkState::up;
  else if (session_->phase() == SessionPhase::down || session_->phase() == SessionPhase::waiting)
    out.state = LinkState::down;
  else if ((session_->lost() > 0 || is_venue_lost_) && !reason_.empty())
    out.state = LinkState::down;  // until it is up again
  return out;
}

void IbkrState::tell_status() {
  auto current = status();
  if (!sink_ || told_ == current) return;
  told_ = current;
  self_->send(sink_, std::move(current));
}

Result<void> IbkrState::usable() const {
  if (phase_ == Phase::up && !is_venue_lost_) return {};
  if (phase_ == Phase::up)
    return fail(Errc::broker_unavailable, "the gateway has lost its connection to the venue; nothing was sent");
  return fail(Errc::broker_unavailable, "the link to the gateway is not up" +
                                            (message_.empty() ? std::string{} : ": " + message_) +
                                            "; nothing was sent");
}

// ---- time ----------------------------------------------------------------------------------------------------------

void IbkrState::wake(std::uint64_t generation) {
  if (generation != timer_) return;
  timer_at_.reset();
  const auto t = now();
  const bool waited = session_->phase() == session::GatewaySession::Phase::waiting;
  session_->tick(t);
  if (waited && session_->phase() != session::GatewaySession::Phase::waiting) tell_status();
  if (sync_due_ && t >= *sync_due_)
    session_->give_up("transport", "the gateway did not answer while the session began", t);
  if (tracker_) tracker_->tick(t);
  if (commissions_due_ && t >= *commissions_due_) {
    commissions_due_.reset();
    answer(executions_);
  }
  if (account_due_ && t >= *account_due_) {
    account_due_.reset();
    ask_account([](const Error*) {});
  }
  if (elsewhere_due_ && t >= *elsewhere_due_) look_elsewhere();
  const Error late{Errc::broker_unavailable, "the gateway did not answer in time"};
  for (auto* question : {&open_orders_, &completed_, &executions_, &positions_, &account_}) expire(*question, t);
  if (suspects_due_ && t >= *suspects_due_) look_what_became();
  if (resync_due_ && t >= *resync_due_ && !is_venue_lost_) resync();
  if (questions_)
    for (auto& [id, question] : questions_->expired(t)) question.then(question, &late);
  for (auto it = previews_.begin(); it != previews_.end();) {
    const bool is_late = t >= it->second.deadline;
    if (is_late) it->second.promise.deliver(to_caf(late));
    it = is_late ? previews_.erase(it) : std::next(it);
  }
  for (auto it = waited_for_.begin(); it != waited_for_.end();) {
    auto& placed = placed_[*it];
    if (!placed.asked.empty() && t >= placed.sent + config_.place_timeout &&
        !withdraw(*it, placed, "too many messages wait for the gateway"))
      for (auto& promise : std::exchange(placed.asked, {})) promise.deliver(to_caf(late));
    if (t >= placed.changed + config_.change_timeout) {
      // The gateway lives and has it; the venue's word comes later.
      for (auto& promise : std::exchange(placed.changes, {})) promise.deliver(Done{});
      for (auto& promise : std::exchange(placed.cancels, {})) promise.deliver(Done{});
    }
    const bool is_answered = placed.asked.empty() && placed.changes.empty() && placed.cancels.empty();
    it = is_answered ? waited_for_.erase(it) : std::next(it);
  }
  flush_news();
  pump();
  arm();
}

void IbkrState::arm() {
  std::optional<Time> at;
  const auto by = [&](std::optional<Time> t) {
    if (t) at = at ? std::min(*at, *t) : *t;
  };
  by(session_->next_time(now()));
  by(sync_due_);
  by(commissions_due_);
  by(account_due_);
  by(resync_due_);
  by(suspects_due_);
  by(elsewhere_due_);
  if (tracker_) by(tracker_->next_time());
  for (const auto* question : {&open_orders_, &completed_, &executions_, &positions_, &account_})
    if (question->is_running()) by(question->deadline);
  if (!elsewhere_.empty()) by(elsewhere_.front().due);
  // What waits without a time of its own: orders, changes, questions with ids.
  if (!waited_for_.empty() || !previews_.empty() || (questions_ && questions_->size() > 0))
    by(now() + IbkrConfig::Ms{500});
  if (!at) return;
  if (timer_at_ && *timer_at_ <= *at && *timer_at_ > now()) return;
  timer_at_ = *at;
  const auto wait = std::max<std::chrono::nanoseconds>(*at - now(), std::chrono::milliseconds{1});
  self_->delayed_send(self_, wait, BrokerWake{++timer_});
}

Counters IbkrState::counters() const {
  const auto number = [](auto value) { return static_cast<std::int64_t>(value); };
  Counters out;
  out.counters = {{"messages_received", number(session_->received())},
                  {"messages_sent", number(session_->sent())},
                  {"messages_bad", number(bad_messages_)},
                  {"messages_waiting", number(session_->waiting())},
                  {"links_lost", number(session_->lost())},
                  {"orders_known", number(record_->orders())},
                  {"executions_known", number(record_->executions())},
                  {"questions_open", questions_ ? number(questions_->size()) : 0}};
  if (!tracker_) return out;
  const auto& t = tracker_->counters();
  out.counters.push_back({"executions_repeated", number(t.repeated)});
  out.counters.push_back({"executions_corrected", number(t.corrected)});
  out.counters.push_back({"commissions_late", number(t.late_commissions)});
  out.counters.push_back({"fills_missing", number(t.missing_fills)});
  out.counters.push_back({"orders_revived", number(t.revived)});
  out.counters.push_back({"times_unreadable", number(t.bad_times)});
  return out;
}

}  // namespace tradebus::ibkr
