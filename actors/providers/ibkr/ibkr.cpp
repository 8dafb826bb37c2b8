// The link, the clock, and what the provider says of itself.
#include "actors/providers/ibkr/ibkr.hpp"

#include <spdlog/spdlog.h>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <utility>

#include "actors/brokers/ibkr/link_to_actor.hpp"
#include "engine/services/log_text.hpp"

namespace tradebus::ibkr::data {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t held_batches_max = 64;  // while the hub is behind; then the oldest are dropped
constexpr auto look_again = 250ms;            // at what waits without a time of its own

}  // namespace

IbkrDataState::IbkrDataState(IbkrDataActor::pointer self) : self_{self} {}
IbkrDataState::~IbkrDataState() = default;

IbkrDataActor::behavior_type IbkrDataState::make_behavior(AdapterContext context, IbkrDataConfig config) {
  context_ = std::move(context);
  provider_ = ProviderName{context_.name};
  config_ = std::move(config);
  session_.emplace(config_.session, *this);
  asked_.emplace(config_.questions_max + config_.lines + config_.tick_by_tick);
  book_.emplace(config_.contracts_max);
  lines_.emplace(config_.lines);
  pacer_.emplace(config_.history);
  self_->set_exception_handler([](std::exception_ptr& e) { return error_from_exception(e); });
  // The listener holds our handle: an end must be told.
  self_->set_exit_handler([this](const caf::exit_msg& exit) {
    stop();
    self_->quit(exit.reason);
  });
  self_->set_down_handler([this](const caf::down_msg& down) {
    if (sink_ && down.source == sink_.address()) disconnect();  // the hub died: its successor connects anew
  });
  return {
      [this](const ConnectProvider& m) { return connect(m); },
      [this](const DisconnectProvider&) { return disconnect(); },
      [this](const Subscribe& m) { return subscribe(m); },
      [this](const Unsubscribe& m) {
        unsubscribe(m.ref);
        settle();
      },
      [this](const BatchCredit& m) {
        if (outlet_) outlet_->add_credit(m.batches);
      },
      [this](const GetHistoricalData& m) { return history(m); },
      [this](const GetTickerDetails& m) { return details(m); },
      [this](const GetDailySnapshot& m) { return daily_snapshot(m); },
      [this](const GetNews& m) { return news(m); },
      [](const GetMarketNews&) -> caf::result<NewsItems> {
        return to_caf(Error{Errc::provider_unsupported,
                            "provider ibkr has news of a symbol only: ask for one, or another provider"});
      },
      [this](const GetOptionChain& m) { return option_chain(m); },
      [this](const SearchSymbols& m) { return search(m); },
      [this](const GetProviderCapabilities&) { return capabilities(); },
      [this](const GetProviderCounters&) { return counters(); },
      [this](const ProviderWake& m) { wake(m.generation); },
      [this](LinkReport& m) { take(m); },
  };
}

// ---- link ----------------------------------------------------------------------------------------------------------

ProviderStatus IbkrDataState::connect(const ConnectProvider& request) {
  if (sink_ == request.sink) return status();  // asked once more: its topics are open
  if (sink_) disconnect();
  sink_ = request.sink;
  self_->monitor(sink_);
  outlet_ = std::make_unique<Outlet>(provider_, Outlet::WhenFull::drop_oldest, held_batches_max,
                                     [this](MarketBatch batch) { self_->send(sink_, std::move(batch)); });
  if (!listener_) {
    listener_ = std::make_unique<LinkToActor<IbkrDataActor>>(IbkrDataActor{self_});
    link_ = std::make_unique<Link>(*listener_);
  }
  context_.log->info("ibkr-connecting provider={} host={} port={}", context_.name, config_.place.host,
                     config_.place.port);
  session_->start(now());
  told_ = status();
  settle();
  return status();
}

ProviderStatus IbkrDataState::disconnect() {
  const Error ended{Errc::provider_unavailable, "the provider was disconnected"};
  session_->stop();
  for (auto& [ref, topic] : std::exchange(topics_, {}))
    if (topic.promise) topic.promise->deliver(to_caf(ended));
  session_lost();
  lines_.emplace(config_.lines);  // nobody waits any more
  offer_at_.reset();
  raise_at_.reset();
  if (sink_) {
    self_->demonitor(sink_.address());
    sink_ = nullptr;
    context_.log->info("ibkr-disconnected provider={}", context_.name);
  }
  if (outlet_) dropped_before_ += outlet_->dropped_events();
  outlet_.reset();
  told_.reset();
  auto out = status();
  out.state = LinkState::down;
  out.reason = "requested";
  out.message.clear();
  return out;
}

void IbkrDataState::stop() {
  disconnect();
  link_.reset();
  listener_.reset();
}

void IbkrDataState::take(LinkReport& report) {
  if (std::holds_alternative<LinkReport::Opened>(report.what)) {
    session_->opened(report.connection, now());
  } else if (const auto* bytes = std::get_if<std::string>(&report.what)) {
    session_->bytes(report.connection, *bytes, now());
    if (session_->is_current(report.connection)) link_->taken(bytes->size());
  } else {
    session_->closed(report.connection, std::get<LinkReport::Closed>(report.what).why, now());
  }
  settle();
}

void IbkrDataState::dial(std::uint64_t connection) {
  LinkOptions options;
  options.host = config_.place.host;
  options.port = config_.place.port;
  link_->open(connection, std::move(options));
}

void IbkrDataState::hang_up() {
  if (link_) link_->close();
}

bool IbkrDataState::transmit(std::string bytes) { return link_->send(std::move(bytes)); }

void IbkrDataState::session_message(std::string_view payload, std::int32_t version) {
  const auto error = wire::decode(payload, version, *this);
  if (error.fault == wire::DecodeFault::none) return;
  if (error.fault == wire::DecodeFault::unknown_id) {
    context_.log->debug("ibkr-unknown-message provider={} id={}", context_.name, error.message_id);
    return;
  }
  ++bad_messages_;
  if (const auto left_out = bad_lines_.take(now()))
    context_.log->warn("ibkr-bad-message provider={} id={} name={} field={} fault=\"{}\" left_out={}", context_.name,
                       error.message_id, wire::message_name(error.message_id), error.field, to_string(error.fault),
                       *left_out);
}

void IbkrDataState::session_up() {
  connectivity_.clear();
  context_.log->info("ibkr-up provider={} host={} port={} client_id={} version={}", context_.name, config_.place.host,
                     config_.place.port, session_->client_id(), session_->version());
  static_cast<void>(session_->send(wire::ReqMarketDataType{config_.market_data_type}, session::Urgency::control));
  for (auto& then : std::exchange(waiting_for_link_, {})) then(nullptr);
  reopen_all();
}

void IbkrDataState::session_lost() {
  const Error lost{Errc::provider_unavailable, "the link to the gateway was lost" +
                                                   (session_->message().empty() ? "" : ": " + session_->message())};
  // Once a loss, not once a try.
  if (session_->phase() == session::GatewaySession::Phase::waiting && (!told_ || told_->state != LinkState::down))
    context_.log->warn("ibkr-link-down provider={} reason={} message=\"{}\"", context_.name, session_->reason(),
                       log_text(session_->message()));
  connectivity_.clear();
  forget_sources();
  for (auto& [id, asked] : asked_->clear())
    if (asked.question.then) asked.question.then(asked.question, &lost);
  end_chains(lost);
  for (auto& then : std::exchange(news_waiting_, {})) then(&lost);
  news_deadline_.reset();
  pacer_->clear();
  for (auto& [id, job] : std::exchange(jobs_, {})) end_bars(job, &lost);
  for (auto& then : std::exchange(waiting_for_link_, {})) then(&lost);
}

ProviderStatus IbkrDataState::status() const {
  ProviderStatus out;
  out.provider = provider_;
  out.reason = session_->reason();
  out.message = session_->message();
  switch (session_->phase()) {
    case session::GatewaySession::Phase::down:
    case session::GatewaySession::Phase::waiting:
      out.state = LinkState::down;
      break;
    case session::GatewaySession::Phase::dialing:
    case session::GatewaySession::Phase::hello:
    case session::GatewaySession::Phase::starting:
      // Lost: it is down until it is up again.
      out.state = session_->reason().empty() ? LinkState::connecting : LinkState::down;
      break;
    case session::GatewaySession::Phase::up:
      out.state = connectivity_.is_good() ? LinkState::up : LinkState::degraded;
      out.reason = connectivity_.reason();
      out.message = connectivity_.is_good() ? "" : connectivity_.message();
      break;
  }
  return out;
}

void IbkrDataState::tell_status() {
  auto current = status();
  if (!sink_ ||
      (told_ && told_->state == current.state && told_->reason == current.reason && told_->message == current.message))
    return;
  told_ = current;
  self_->send(sink_, std::move(current));
}

// ---- time ----------------------------------------------------------------------------------------------------------

void IbkrDataState::wake(std::uint64_t generation) {
  if (generation != timer_) return;
  timer_at_.reset();
  const auto t = now();
  session_->tick(t);
  const Error late{Errc::provider_unavailable, "the gateway did not answer in time"};
  for (auto& [id, asked] : asked_->expired(t)) {
    if (asked.question.is_bars) static_cast<void>(session_->send(wire::CancelHistoricalData{id}));
    if (asked.question.snapshot) static_cast<void>(session_->send(wire::CancelMarketData{id}));
    if (asked.question.then) asked.question.then(asked.question, &late);
  }
  if (news_deadline_ && t >= *news_deadline_) {
    news_deadline_.reset();
    for (auto& then : std::exchange(news_waiting_, {})) then(&late);
  }
  expire_bars();
  for (auto& [ref, topic] : topics_)
    if (topic.answer_at && t >= *topic.answer_at) answer(ref, topic);
  if (raise_at_ && t >= *raise_at_) {
    raise_at_.reset();
    lines_->raise();
    if (lines_->is_restricted()) raise_at_ = t + 60s;
    offer_lines();
  }
  if (offer_at_ && t >= *offer_at_) {
    lines_->end_offers();
    offer_lines();
  }
  if (const auto at = chains_time(); at && t >= *at) quote_chains();
  retry_topics();
  settle();
}

void IbkrDataState::settle() {
  flush();
  pump_history();
  session_->pump(now());
  tell_status();
  arm();
}

void IbkrDataState::arm() {
  const auto t = now();
  std::optional<Time> at = session_->next_time(t);
  const auto by = [&](std::optional<Time> other) {
    if (other) at = at ? std::min(*at, *other) : *other;
  };
  by(pacer_->next_time(t));
  by(raise_at_);
  by(offer_at_);
  by(news_deadline_);
  by(chains_time());
  for (const auto& [ref, topic] : topics_) by(topic.retry_at);
  // Questions, and topics that wait for their first data.
  const bool is_busy = asked_->size() > open_lines_.size() + ticks_open_ || !jobs_.empty() ||
                       std::ranges::any_of(topics_, [](const auto& each) { return each.second.answer_at.has_value(); });
  if (is_busy && session_->is_up()) by(t + look_again);
  if (!at) return;
  if (timer_at_ && *timer_at_ <= *at && *timer_at_ > t) return;
  timer_at_ = *at;
  self_->delayed_send(caf::actor_cast<ProviderActor>(self_),
                      std::max<std::chrono::nanoseconds>(*at - t, std::chrono::milliseconds{1}),
                      ProviderWake{++timer_});
}

// ---- what it is ----------------------------------------------------------------------------------------------------

ProviderCapabilities IbkrDataState::capabilities() const {
  ProviderCapabilities out;
  out.streams = {StreamKind::quote, StreamKind::trade, StreamKind::option};
  out.timeframes = {Timeframe::s1, Timeframe::m1, Timeframe::m5, Timeframe::m15,
                    Timeframe::h1, Timeframe::d1, Timeframe::w1};
  out.ticker_details = out.daily_snapshot = out.news = out.option_chain = out.search = true;
  // Its bars are adjusted for splits as of now, and it never tells of a split: none may be kept for ever.
  out.history = "";
  return out;
}

Counters IbkrDataState::counters() const {
  const auto number = [](auto value) { return static_cast<std::int64_t>(value); };
  Counters out;
  out.counters = {
      {"messages_received", number(session_->received())},
      {"messages_sent", number(session_->sent())},
      {"messages_waiting", number(session_->waiting())},
      {"messages_bad", number(bad_messages_)},
      {"links_lost", number(session_->lost())},
      {"lines_open", number(open_lines_.size())},
      {"lines_allowed", number(lines_->allowed())},
      {"topics_waiting", number(lines_->waiting())},
      {"topics_refused", number(refused_)},
      {"topics_to_retry",
       number(std::ranges::count_if(topics_, [](const auto& each) { return each.second.retry_at.has_value(); }))},
      {"lines_borrowed", number(lines_->borrowed())},
      {"tick_by_tick_open", number(ticks_open_)},
      {"trades_sampled", number(sampled_)},
      {"contracts_known", number(book_->size())},
      {"questions_open", number(asked_->size() - std::min(asked_->size(), open_lines_.size() + ticks_open_))},
      {"history_waiting", number(pacer_->waiting())},
      {"history_open", number(pacer_->open())},
      {"pacing_violations", number(violations_)},
      {"bad_rows", number(bad_rows_)},
      {"unknown_ids", number(unknown_ids_)},
      {"dropped", number(dropped_before_ + (outlet_ ? outlet_->dropped_events() : 0))}};
  return out;
}

}  // namespace tradebus::ibkr::data
