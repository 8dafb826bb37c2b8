// Topics: which line or stream of ticks serves them, and what of it goes to the hub.
#include <spdlog/spdlog.h>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <utility>

#include "actors/providers/ibkr/ibkr.hpp"
#include "engine/services/log_text.hpp"

namespace tradebus::ibkr::data {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t topics_max = 100'000;
constexpr auto answer_within = 1s;  // a topic without data and without a refusal is open
constexpr auto ticks_again = 15s;   // the venue takes a contract's ticks once in so long
constexpr auto line_again = 60s;    // after the venue had none left
constexpr auto offer_again = 1s;    // a line that was offered and not taken
constexpr std::size_t kept_max = 1'000;

// What a line shows beside prices and sizes: 233 each trade's price, size and time (48), 101 open interest.
std::string generic_ticks(const wire::Contract& contract) {
  if (contract.sec_type == "OPT") return "101,233";
  return contract.sec_type == "CASH" ? "" : "233";
}

}  // namespace

// ---- opening -------------------------------------------------------------------------------------------------------

caf::result<Done> IbkrDataState::subscribe(const Subscribe& request) {
  if (auto ok = connected(); !ok) return to_caf(ok.error());
  switch (request.kind) {
    case StreamKind::quote:
    case StreamKind::trade:
    case StreamKind::option:
      break;
    case StreamKind::bar_1s:
    case StreamKind::bar_1m:
    case StreamKind::bar_5m:
    case StreamKind::bar_1h:
    case StreamKind::bar_1d:
    case StreamKind::news:
      return to_caf(Error{Errc::provider_unsupported,
                          "provider ibkr has no stream of kind " + std::string{tradebus::to_string(request.kind)}});
  }
  const auto meant = to_request(request.symbol);
  if (!meant) return to_caf(meant.error());
  if (request.kind == StreamKind::option && !meant->first.is_option())
    return to_caf(Error{Errc::instrument_unknown,
                        request.symbol.str() + " is no option: option topics take compact OCC symbols"});
  if (request.kind == StreamKind::trade && meant->second.sec_type == "CASH")
    return to_caf(Error{Errc::provider_unsupported, "the venue tells no trades of currency pairs: take quotes"});
  unsubscribe(request.ref);
  if (topics_.size() >= topics_max)
    return to_caf(Error{Errc::overloaded, std::to_string(topics_max) + " topics are open at provider ibkr"});
  auto& topic = topics_[request.ref];
  topic.kind = request.kind;
  topic.symbol = request.symbol;
  topic.opening = ++openings_;
  topic.promise = self_->make_response_promise<Done>();
  const auto promise = *topic.promise;
  open_topic(request.ref);
  settle();
  return promise;
}

void IbkrDataState::unsubscribe(TopicRef ref) {
  const auto found = topics_.find(ref);
  if (found != topics_.end()) {
    if (found->second.promise)
      found->second.promise->deliver(to_caf(Error{Errc::provider_unavailable, "the topic was closed meanwhile"}));
    drop_source(ref, found->second);
    topics_.erase(found);
  }
  lines_->release(ref);  // a refused one that waits
}

// Once the link is up, all topics are asked for: this one too. A gateway without its venue answers as if there were
// nothing, so it is not asked either.
void IbkrDataState::open_topic(TopicRef ref) {
  auto& topic = topics_.at(ref);
  topic.retry_at.reset();
  if (!session_->is_up() || connectivity_.is_venue_lost()) return;
  topic.asked_at = now();
  resolve(topic.symbol, [this, ref, opening = topic.opening](Result<KnownContractPtr> found) {
    const auto it = topics_.find(ref);
    if (it == topics_.end() || it->second.opening != opening || it->second.source != DataTopic::Source::none) return;
    if (found) {
      it->second.contract = std::move(*found);
      return attach(ref, it->second);
    }
    // It asks for all when it is back.
    if (!session_->is_up() || connectivity_.is_venue_lost()) return;
    refuse(ref, found.error());
  });
}

void IbkrDataState::attach(TopicRef ref, DataTopic& topic) {
  if (topic.kind == StreamKind::trade && attach_ticks(ref, topic)) return;
  attach_line(ref, topic);
}

bool IbkrDataState::attach_ticks(TopicRef ref, DataTopic& topic) {
  const auto& contract = topic.contract->data.contract;
  if (ticks_open_ >= config_.tick_by_tick || contract.sec_type != "STK") return false;
  const auto t = now();
  if (ticks_asked_.size() >= kept_max)
    std::erase_if(ticks_asked_, [&](auto& e) { return e.second + ticks_again <= t; });
  if (const auto last = ticks_asked_.find(contract.con_id);
      last != ticks_asked_.end() && last->second + ticks_again > t)
    return false;
  const auto id = asked_->open(Asked{.ticks = ref});
  if (!id) return false;
  wire::ReqTickByTick request;
  request.req_id = *id;
  request.contract = topic.contract->contract();
  if (!session_->send(request)) {
    asked_->close(*id);
    return false;
  }
  ticks_asked_[contract.con_id] = t;
  ++ticks_open_;
  topic.source = DataTopic::Source::ticks;
  topic.ticks_id = *id;
  topic.is_sampled = false;
  if (topic.promise || topic.is_gap) topic.answer_at = t + answer_within;
  return true;
}

Error IbkrDataState::no_line() const {
  return {Errc::provider_rate_limited,
          "all " + std::to_string(lines_->allowed()) +
              " market data lines are in use: it is opened when one is free (providers.ibkr.lines says how many the "
              "account has)"};
}

void IbkrDataState::attach_line(TopicRef ref, DataTopic& topic) {
  const auto con_id = topic.contract->data.contract.con_id;
  switch (lines_->need(ref, con_id)) {
    case LineTable::Grant::refused:
      return refuse(ref, no_line());
    case LineTable::Grant::opened:
      if (auto ok = open_line(topic.contract); !ok) {
        lines_->drop(con_id);
        return refuse(ref, ok.error());
      }
      break;
    case LineTable::Grant::joined:
      break;
  }
  topic.source = DataTopic::Source::line;
  if (topic.kind == StreamKind::trade) {
    topic.is_sampled = true;
    ++sampled_;
  }
  const auto& line = open_lines_.at(con_id);
  if (!line.has_data) {
    if (topic.promise || topic.is_gap) topic.answer_at = now() + answer_within;
    return;
  }
  // What the line has said already is news to this topic.
  flows(ref, topic);
  if (topic.kind == StreamKind::quote && line.state.has_quote()) push_quote(line, ref, topic);
  if (topic.kind == StreamKind::option) push_option(line, ref, topic);
}

Result<void> IbkrDataState::open_line(const KnownContractPtr& contract) {
  const auto con_id = contract->data.contract.con_id;
  const auto id = asked_->open(Asked{.line = con_id});
  if (!id) return tl::unexpected{id.error()};
  wire::ReqMarketData request;
  request.req_id = *id;
  request.contract = contract->contract();
  request.generic_ticks = generic_ticks(request.contract);
  if (auto ok = session_->send(request); !ok) {
    asked_->close(*id);
    return ok;
  }
  open_lines_.erase(con_id);
  open_lines_.emplace(con_id, DataLine{contract, *id, LineState{context_.clock.now(), contract->instrument.right}});
  return {};
}

// ---- closing -------------------------------------------------------------------------------------------------------

void IbkrDataState::close_line(LineTable::ConId con_id) {
  const auto line = open_lines_.extract(con_id);
  if (line.empty()) return;
  const auto id = line.mapped().req_id;
  if (asked_->close(id)) static_cast<void>(session_->send(wire::CancelMarketData{id}));
  offer_lines();
}

void IbkrDataState::drop_source(TopicRef ref, DataTopic& topic) {
  const auto source = std::exchange(topic.source, DataTopic::Source::none);
  switch (source) {
    case DataTopic::Source::none:
      break;
    case DataTopic::Source::line:
      if (const auto unused = lines_->release(ref)) close_line(*unused);
      break;
    case DataTopic::Source::ticks:
      --ticks_open_;
      if (asked_->close(topic.ticks_id)) static_cast<void>(session_->send(wire::CancelTickByTick{topic.ticks_id}));
      break;
  }
}

void IbkrDataState::refuse(TopicRef ref, const Error& error) {
  // The hub keeps one that was never open, and asks for it again.
  if (const auto it = topics_.find(ref); (error.code == Errc::provider_unavailable || error.code == Errc::overloaded) &&
                                         it != topics_.end() && !it->second.promise)
    return try_later(ref, error);
  auto node = topics_.extract(ref);
  if (node.empty()) return;
  ++refused_;
  auto& topic = node.mapped();
  drop_source(ref, topic);
  context_.log->debug("ibkr-topic-refused provider={} kind={} symbol={} message=\"{}\"", context_.name,
                      tradebus::to_string(topic.kind), topic.symbol.str(), log_text(error.message));
  if (topic.promise)
    topic.promise->deliver(to_caf(error));
  else
    tell_topic(ref, TopicState::rejected, tradebus::to_string(error.code));
}

// It was open, and the venue can't give it now.
void IbkrDataState::try_later(TopicRef ref, const Error& error) {
  auto& topic = topics_.at(ref);
  drop_source(ref, topic);
  topic.answer_at.reset();
  topic.is_sampled_told = false;
  const auto t = now();
  const auto pause = topic.pauses.failed(topic.asked_at, t);
  topic.retry_at = t + pause;
  context_.log->info("ibkr-topic-unavailable provider={} kind={} symbol={} again_ms={} message=\"{}\"", context_.name,
                     tradebus::to_string(topic.kind), topic.symbol.str(), pause.count(), log_text(error.message));
  if (!std::exchange(topic.is_gap, true)) tell_topic(ref, TopicState::gap, tradebus::to_string(error.code));
}

void IbkrDataState::retry_topics() {
  const auto t = now();
  std::vector<TopicRef> due;
  for (const auto& [ref, topic] : topics_)
    if (topic.retry_at && *topic.retry_at <= t) due.push_back(ref);
  std::ranges::sort(due);
  for (const auto ref : due)
    if (topics_.contains(ref)) open_topic(ref);
}

// The hub asks again for those that are still wanted.
void IbkrDataState::offer_lines() {
  offer_at_.reset();
  if (!session_->is_up()) return;
  const auto refs = lines_->take_waiting();
  for (const auto ref : refs) tell_topic(ref, TopicState::live, "");
  if (!refs.empty() || lines_->waiting() > 0) offer_at_ = now() + offer_again;
  if (!chains_.empty()) quote_chains();  // what is left
}

// TWS's own lists and other clients have the rest.
void IbkrDataState::note_no_line_left(const wire::ErrorMessage& m, std::size_t refused) {
  lines_->allow_no_more(refused);
  raise_at_ = now() + line_again;
  if (const auto left_out = line_lines_.take(now()))
    context_.log->warn("ibkr-no-line-left provider={} lines={} left_out={} message=\"101 {}\"", context_.name,
                       lines_->allowed(), *left_out, log_text(m.text));
}

void IbkrDataState::line_refused(LineTable::ConId con_id, const wire::ErrorMessage& m, const wire::Verdict& verdict) {
  const auto refs = lines_->drop(con_id);
  const auto line = open_lines_.extract(con_id);
  if (!line.empty()) asked_->close(line.mapped().req_id);
  const bool has_none_left = m.code == 101;
  if (has_none_left) {
    note_no_line_left(m, 0);
  } else {
    context_.log->info("ibkr-line-refused provider={} symbol={} code={} message=\"{}\"", context_.name,
                       line.empty() ? "" : line.mapped().contract->symbol.str(), m.code, log_text(m.text));
  }
  const auto error = has_none_left ? no_line() : wire::to_error(m, verdict);
  for (const auto ref : refs) {
    const auto found = topics_.find(ref);
    if (found == topics_.end()) continue;
    found->second.source = DataTopic::Source::none;
    if (has_none_left) lines_->wait(ref);
    refuse(ref, error);
  }
  offer_lines();
}

// No ticks for this one: trades as the line shows them.
void IbkrDataState::ticks_refused(TopicRef ref, const wire::ErrorMessage& m) {
  const auto found = topics_.find(ref);
  if (found == topics_.end() || found->second.source != DataTopic::Source::ticks) return;
  auto& topic = found->second;
  context_.log->info("ibkr-ticks-refused provider={} symbol={} code={} message=\"{}\"", context_.name,
                     topic.symbol.str(), m.code, log_text(m.text));
  asked_->close(topic.ticks_id);
  --ticks_open_;
  topic.source = DataTopic::Source::none;
  attach_line(ref, topic);
}

// ---- a connection that ended, or began
// -------------------------------------------------------------------------------

void IbkrDataState::forget_sources() {
  for (const auto& [con_id, line] : open_lines_) asked_->close(line.req_id);
  for (auto& [ref, topic] : topics_) {
    if (topic.source == DataTopic::Source::ticks) asked_->close(topic.ticks_id);
    topic.source = DataTopic::Source::none;
    topic.is_sampled_told = false;
    topic.answer_at.reset();
    topic.retry_at.reset();
  }
  ticks_open_ = 0;
  ticks_asked_.clear();
  open_lines_.clear();
  dirty_.clear();
  lines_->clear();
}

void IbkrDataState::reopen_all() {
  forget_sources();
  open_all();
}

void IbkrDataState::open_all() {
  std::vector<TopicRef> refs;
  refs.reserve(topics_.size());
  for (const auto& [ref, topic] : topics_) refs.push_back(ref);
  std::ranges::sort(refs);  // the oldest first, as a rule
  for (const auto ref : refs)
    if (const auto it = topics_.find(ref); it != topics_.end() && it->second.source == DataTopic::Source::none)
      open_topic(ref);
  offer_lines();
}

void IbkrDataState::tell_topic(TopicRef ref, TopicState state, std::string_view reason) {
  if (!sink_) return;
  TopicStatus status;
  status.provider = provider_;
  status.ref = ref;
  status.state = state;
  status.reason = std::string{reason};
  self_->send(sink_, std::move(status));
}

void IbkrDataState::tell_all(TopicState state, std::string_view reason) {
  for (const auto& [ref, topic] : topics_)
    if (!topic.promise && (state != TopicState::live || !topic.is_gap)) tell_topic(ref, state, reason);
}

// ---- data ----------------------------------------------------------------------------------------------------------

void IbkrDataState::answer(TopicRef ref, DataTopic& topic) {
  topic.answer_at.reset();
  if (topic.promise) std::exchange(topic.promise, std::nullopt)->deliver(Done{});
  const bool was_gap = std::exchange(topic.is_gap, false);
  if (topic.is_sampled && !std::exchange(topic.is_sampled_told, true))
    tell_topic(ref, TopicState::live, "sampled");
  else if (was_gap)
    tell_topic(ref, TopicState::live, "");
}

void IbkrDataState::flows(TopicRef ref, DataTopic& topic) {
  if (topic.promise || topic.is_gap || (topic.is_sampled && !topic.is_sampled_told)) answer(ref, topic);
}

void IbkrDataState::touch(DataLine& line) {
  if (!std::exchange(line.is_dirty, true)) dirty_.push_back(line.contract->data.contract.con_id);
}

void IbkrDataState::push_quote(const DataLine& line, TopicRef ref, DataTopic& topic) {
  const auto rx = context_.clock.now();  // the venue gives no time with its quotes
  topic.last_ts = std::max(topic.last_ts, rx);
  outlet_->push(line.state.quote(ref, topic.last_ts, rx));
}

void IbkrDataState::push_option(const DataLine& line, TopicRef ref, DataTopic& topic) {
  const auto& instrument = line.contract->instrument;
  if (!instrument.expiry || !instrument.strike || !instrument.right || !instrument.underlying) return;
  const auto rx = context_.clock.now();
  topic.last_ts = std::max(topic.last_ts, rx);
  OptionQuote quote;
  quote.symbol = topic.symbol;
  quote.underlying = *instrument.underlying;
  quote.expiry = instrument.expiry->to_string();
  quote.strike = *instrument.strike;
  quote.right = *instrument.right;
  quote.ts = topic.last_ts;
  quote.rx = rx;
  line.state.fill(quote);
  outlet_->push(ref, std::move(quote));
}

void IbkrDataState::push_sale(TopicRef ref, DataTopic& topic, Timestamp ts, Price price, Quantity size,
                              Quality quality) {
  topic.last_ts = std::max(topic.last_ts, ts);
  auto event = MarketEvent::trade(ref, topic.last_ts, context_.clock.now(), price, size);
  event.quality = quality;
  outlet_->push(event);
}

// Bids, offers and sizes come in messages of their own: what came together goes out as one.
void IbkrDataState::flush() {
  if (!outlet_) return;
  for (const auto con_id : std::exchange(dirty_, {})) {
    const auto found = open_lines_.find(con_id);
    if (found == open_lines_.end()) continue;
    auto& line = found->second;
    line.is_dirty = false;
    line.has_data = true;
    const bool is_quote = line.state.take_quote_news() && line.state.has_quote();
    const bool is_option = line.state.take_option_news();
    const auto sales = line.state.take_sales();
    const auto* refs = lines_->topics_of(con_id);
    if (refs == nullptr) continue;
    for (const auto ref : *refs) {
      const auto it = topics_.find(ref);
      if (it == topics_.end()) continue;
      auto& topic = it->second;
      flows(ref, topic);
      if (topic.kind == StreamKind::quote && is_quote) push_quote(line, ref, topic);
      if (topic.kind == StreamKind::option && is_option) push_option(line, ref, topic);
      if (topic.kind != StreamKind::trade) continue;
      for (const auto& sale : sales)
        push_sale(ref, topic, sale.ts.value_or(context_.clock.now()), sale.price, sale.size, line.state.quality());
    }
  }
  outlet_->flush();
}

// ---- what the venue says -------------------------------------------------------------------------------------------

template <class Tick>
void IbkrDataState::take_tick(const Tick& m) {
  auto* asked = asked_->find(m.req_id);
  if (asked == nullptr) return unknown_id(m.req_id, "tick");
  if (asked->question.snapshot) return asked->question.snapshot->take(m);
  const auto line = open_lines_.find(asked->line);
  if (line == open_lines_.end()) return;
  line->second.state.take(m);
  touch(line->second);
}

void IbkrDataState::on(wire::TickPrice&& m) {
  take_tick(m);
  connectivity(connectivity_.data_came());
}
void IbkrDataState::on(wire::TickSize&& m) { take_tick(m); }
void IbkrDataState::on(wire::TickString&& m) { take_tick(m); }
void IbkrDataState::on(wire::TickOption&& m) { take_tick(m); }

void IbkrDataState::on(wire::MarketDataType&& m) {
  auto* asked = asked_->find(m.req_id);
  if (asked == nullptr) return;
  if (asked->question.snapshot) return asked->question.snapshot->take(m);
  if (const auto line = open_lines_.find(asked->line); line != open_lines_.end()) {
    line->second.state.take(m);
    if (line->second.has_data) touch(line->second);  // before the first data it is no answer
  }
}

void IbkrDataState::on(wire::TickByTickLast&& m) {
  auto* asked = asked_->find(m.req_id);
  if (asked == nullptr) return unknown_id(m.req_id, "tick by tick");
  if (!asked->ticks) return;
  const auto found = topics_.find(*asked->ticks);
  if (found == topics_.end() || !outlet_) return;
  connectivity(connectivity_.data_came());
  flows(found->first, found->second);
  if (m.price.is_positive() && m.size.is_positive())
    push_sale(found->first, found->second, m.at, m.price, m.size, Quality::live);
}

}  // namespace tradebus::ibkr::data
