// The hub's topics: who wants what, and what is open upstream for it.
#include <spdlog/logger.h>
#include <algorithm>
#include <caf/typed_response_promise.hpp>

#include "engine/market/market_hub.hpp"
#include "engine/services/log_text.hpp"

namespace tradebus {

namespace {

// What status|KIND|SYM| carries.
struct TopicStateMessage {
  TopicState state = TopicState::live;
  std::string reason;
  Timestamp since{};

  static constexpr std::string_view type_name = "TopicStateMessage";
  static constexpr auto fields() {
    return std::tuple{field("state", &TopicStateMessage::state), field("reason", &TopicStateMessage::reason),
                      field("since", &TopicStateMessage::since)};
  }
};

HistoricalBar to_bar(const Symbol& symbol, const BarBuilder::Bar& bar) {
  HistoricalBar out;
  out.symbol = symbol;
  out.ts = bar.start;
  out.open = bar.open;
  out.high = bar.high;
  out.low = bar.low;
  out.close = bar.close;
  out.volume = bar.volume;
  out.trades = bar.trades;
  out.final = false;
  return out;
}

}  // namespace

std::string MarketHubState::topic_name(const Topic& topic) const {
  std::string out{to_string(topic.kind)};
  out += '|';
  out += topic.symbol.str();
  if (topic.named_provider) {
    out += '@';
    out += providers[topic.provider].name.str();
  }
  out += '|';
  return out;
}

void MarketHubState::set_state(TopicRef ref, TopicState state, std::string_view reason) {
  auto& topic = (*topics)[ref];
  topic.state = state;
  if (state == TopicState::live) {
    topic.asked_again = topic.other_gave_room = false;
    topic.refusal.reset();
    topic.unavailable = 0;
    leave_queue(ref);
  }
  // In line with the topic's own messages: it says something about what came before it.
  publisher->add(batch, "status|" + topic_name(topic), ++topic.status_seq,
                 TopicStateMessage{state, std::string{reason}, clock.now()});
  if (topic.extra != nullptr) tell_children(ref, state, reason);
}

// As far as it is not known from a message.
std::string_view MarketHubState::reason_of(TopicRef ref) const {
  return (*topics)[ref].unavailable > 0 ? to_string(Errc::provider_unavailable) : "";
}

// What depends on a topic shares its fate: aliases, and bars built from its trades.
void MarketHubState::tell_children(TopicRef ref, TopicState state, std::string_view reason, bool silently) {
  const auto aliases = (*topics)[ref].extra->aliases;
  const auto bars = (*topics)[ref].extra->derived;
  if (state == TopicState::rejected) {
    auto& topic = (*topics)[ref];
    topic.users -= static_cast<std::uint32_t>(std::min<std::size_t>(topic.users, aliases.size() + bars.size()));
    topic.extra->aliases.clear();
    topic.extra->derived.clear();
  }
  for (const auto& children : {aliases, bars}) {
    for (const auto child : children) {
      if (state == TopicState::rejected) {
        auto& topic = (*topics)[child];
        topic.upstream = Upstream::rejected;
        topic.asked_again = false;
        topic.refusal = (*topics)[ref].refusal;
        std::erase(bar_topics, child);
        if (topic.refusal == Errc::provider_rate_limited) await_room(child);
        if (silently) {
          if (topic.extra != nullptr) tell_children(child, state, reason, silently);
          continue;
        }
      }
      if (state != TopicState::ended || (*topics)[child].is_alias())
        set_state(child, state, reason);  // ended bars: finish_bars()
    }
  }
}

void MarketHubState::open_alias(TopicRef ref) {
  const Symbol symbol = (*topics)[ref].symbol;
  const auto kind = (*topics)[ref].kind;
  const auto base = acquire(kind, {symbol, {}});
  if (!base) {
    (*topics)[ref].upstream = Upstream::rejected;
    return set_state(ref, TopicState::rejected, to_string(base.error().code));
  }
  (*topics)[ref].upstream = Upstream::derived;
  auto& topic = (*topics)[*base];
  ++topic.users;
  topic.more().aliases.push_back(ref);
  if (topic.upstream == Upstream::rejected) topic.asked_again = (*topics)[ref].asked_again;
  open(*base);
  // Else its opening tells.
  const auto upstream = (*topics)[*base].upstream;
  const bool is_told = upstream == Upstream::open || upstream == Upstream::derived || (*topics)[*base].unavailable > 0;
  if ((*topics)[ref].upstream == Upstream::derived && is_told) set_state(ref, (*topics)[*base].state, reason_of(*base));
}

// ---- wanting and opening -------------------------------------------------------------------------------------------

// What never became a topic has no number of its own.
void MarketHubState::reject_name(const std::string& topic, const Error& error) {
  publisher->add(batch, "status|" + topic, ++names_rejected,
                 TopicStateMessage{TopicState::rejected, std::string{to_string(error.code)}, clock.now()});
}

void MarketHubState::want(const TopicWant& request) {
  auto parsed = parse_market_topic(request.topic);
  if (!parsed) {
    if (request.subscribers > 0) reject_name(request.topic, parsed.error());
    return;
  }
  if (request.subscribers == 0) {
    std::size_t provider = 0;
    if (!parsed->provider.empty()) {
      const auto found = find_provider(parsed->provider);
      if (!found) return;
      provider = *found;
    }
    if (const auto ref = topics->find(parsed->kind, parsed->symbol, static_cast<std::uint16_t>(provider),
                                      !parsed->provider.empty())) {
      (*topics)[*ref].subscribers = 0;
      if (!(*topics)[*ref].used()) linger(*ref);
    }
    return;
  }
  auto ref = acquire(parsed->kind, {parsed->symbol, parsed->provider});
  if (!ref) {
    log->info("topic-rejected topic=\"{}\" reason=\"{}\"", log_text(request.topic), log_text(ref.error().message));
    reject_name(request.topic, ref.error());
    return;
  }
  // A second subscriber to what was rejected does not ask again; a first one does.
  const bool is_first = std::exchange((*topics)[*ref].subscribers, request.subscribers) == 0;
  if (is_first && (*topics)[*ref].upstream == Upstream::rejected) {
    leave_queue(*ref);
    (*topics)[*ref].asked_again = false;
  }
  if (is_first || (*topics)[*ref].upstream != Upstream::rejected) open(*ref);
}

Result<TopicRef> MarketHubState::acquire(StreamKind kind, const SymbolAtProvider& symbol) {
  std::size_t provider = 0;
  if (!symbol.provider.empty()) {
    const auto found = find_provider(symbol.provider);
    if (!found) return fail(Errc::provider_unavailable, "no provider is called " + symbol.provider.str());
    provider = *found;
  }
  if (providers.empty())
    return fail(Errc::provider_unavailable, "no data provider is configured (engine.data_provider)");
  const auto index = static_cast<std::uint16_t>(provider);
  const bool named = !symbol.provider.empty();
  if (const auto found = topics->find(kind, symbol.symbol, index, named)) return *found;
  const auto made = topics->make(kind, symbol.symbol, index, named);
  if (!made) return fail(Errc::overloaded, std::to_string(config.topics_max) + " topics are in use (bus.topics_max)");
  if (made->forgotten) announce(BusEntry::Type::retire, made->ref, {});
  announce(BusEntry::Type::announce, made->ref, topic_name((*topics)[made->ref]));
  return made->ref;
}

void MarketHubState::open(TopicRef ref) {
  auto& topic = (*topics)[ref];
  topic.lingering = false;
  switch (topic.upstream) {
    case Upstream::waiting:
    case Upstream::opening:
    case Upstream::open:
    case Upstream::derived:
      return;
    case Upstream::closed:
    case Upstream::rejected:
      break;
  }
  if (topic.is_alias()) return open_alias(ref);
  topic.upstream = Upstream::waiting;
  if (providers[topic.provider].connected) subscribe_upstream(ref);
}

void MarketHubState::subscribe_upstream(TopicRef ref) {
  forget_plan(ref);
  auto& topic = (*topics)[ref];
  auto& slot = providers[topic.provider];
  const auto& streams = slot.capabilities.streams;
  const bool streamed = std::find(streams.begin(), streams.end(), topic.kind) != streams.end();
  if (!streamed) {
    if (timeframe_of(topic.kind)) return derive(ref);
    const auto question = opening[ref] = ++openings;
    return refused(ref, question,
                   Error{Errc::provider_unsupported,
                         slot.name.str() + " has no stream of kind " + std::string{to_string(topic.kind)}});
  }
  if (slot.openings >= openings_max) {  // its turn comes when an answer does
    slot.to_open.push_back(ref);
    return;
  }
  ++slot.openings;
  topic.upstream = Upstream::opening;
  const auto question = opening[ref] = ++openings;
  const auto provider = topic.provider;
  const auto link = slot.links;
  self->request(slot.handle, caf::infinite, Subscribe{ref, topic.kind, topic.symbol})
      .then(
          [=, this](const Done&) {
            opened(ref, question);
            open_next(provider, link);
          },
          [=, this](const caf::error& e) {
            refused(ref, question, from_caf(e, Errc::provider_unavailable));
            open_next(provider, link);
          });
}

// An answer came to one of the questions of this link: the next topic has its turn.
void MarketHubState::open_next(std::size_t provider, std::uint64_t link) {
  auto& slot = providers[provider];
  if (slot.links != link) return;  // counted anew since
  --slot.openings;
  while (!slot.to_open.empty() && slot.openings < openings_max) {
    const auto ref = slot.to_open.front();
    slot.to_open.pop_front();
    // Closed or forgotten meanwhile: its number may even be another provider's topic now.
    if (topics->contains(ref) && (*topics)[ref].provider == provider && (*topics)[ref].upstream == Upstream::waiting)
      subscribe_upstream(ref);
  }
}

void MarketHubState::opened(TopicRef ref, std::uint64_t question) {
  const auto it = opening.find(ref);
  if (it == opening.end() || it->second != question) return;
  opening.erase(it);
  auto& topic = (*topics)[ref];
  auto& slot = providers[topic.provider];
  topic.upstream = Upstream::open;
  topic.arrived = clock.now();
  ++slot.open_topics;
  const bool had_waited = topic.place > 0;
  set_state(ref, TopicState::live, "");
  settle_watches(ref, nullptr);
  if (!topic.used() && !topic.lingering) linger(ref);
  if (had_waited) offer_room(topic.provider, room_sort(topic));  // there may be more
  flush_soon();
}

void MarketHubState::refused(TopicRef ref, std::uint64_t question, const Error& error) {
  const auto it = opening.find(ref);
  if (it == opening.end() || it->second != question) return;
  opening.erase(it);
  auto& topic = (*topics)[ref];
  forget_plan(ref);
  if (error.code == Errc::provider_unavailable) {
    topic.upstream = Upstream::waiting;
    // Else it went away under the question: its return asks again.
    if (providers[topic.provider].connected) ask_later(ref, error);
    return;
  }
  if (error.code == Errc::provider_unsupported && timeframe_of(topic.kind)) return derive(ref);
  topic.upstream = Upstream::rejected;
  if (error.code == Errc::provider_rate_limited && make_room_for(ref)) return;
  const bool is_news = !topic.asked_again || topic.refusal != error.code;
  topic.asked_again = topic.other_gave_room = false;
  topic.refusal = error.code;
  if (is_news) {
    log->info("topic-rejected topic={} code={} reason=\"{}\"", topic_name(topic), to_string(error.code), error.message);
    set_state(ref, TopicState::rejected, to_string(error.code));
  } else if (topic.extra != nullptr) {
    tell_children(ref, TopicState::rejected, to_string(error.code), true);
  }
  settle_watches(ref, &error);
  keep_refusal(topic, error);
  answer_quotes(ref, &error);
  if (error.code == Errc::provider_rate_limited) await_room(ref);
  flush_soon();
}

// Bars from trades: the trade topic of the same symbol is a user's topic like any other.
void MarketHubState::derive(TopicRef bars) {
  opening.erase(bars);
  const Symbol symbol = (*topics)[bars].symbol;
  const auto& slot = providers[(*topics)[bars].provider];
  const bool named = (*topics)[bars].named_provider;
  auto trades = acquire(StreamKind::trade, {symbol, named ? slot.name : ProviderName{}});
  auto instrument = Instrument::parse(symbol.str());
  if (!trades || !instrument) {
    (*topics)[bars].upstream = Upstream::rejected;
    return set_state(bars, TopicState::rejected, to_string(trades ? instrument.error().code : trades.error().code));
  }
  // The source has said so already.
  if ((*topics)[*trades].upstream == Upstream::rejected && (*topics)[*trades].refusal == Errc::provider_unsupported) {
    (*topics)[bars].upstream = Upstream::rejected;
    return set_state(bars, TopicState::rejected, to_string(Errc::provider_unsupported));
  }
  auto& topic = (*topics)[bars];
  topic.more().builder = std::make_unique<BarBuilder>(*timeframe_of(topic.kind), calendars->of(*instrument));
  topic.upstream = Upstream::derived;
  topic.arrived = clock.now();
  bar_topics.push_back(bars);
  auto& source = (*topics)[*trades];
  ++source.users;
  source.more().derived.push_back(bars);
  if (source.upstream == Upstream::rejected) source.asked_again = topic.asked_again;
  const bool is_told = source.upstream == Upstream::open || source.unavailable > 0;
  open(*trades);
  if (is_told) set_state(bars, (*topics)[*trades].state, reason_of(*trades));  // else its opening tells
}

// ---- letting go ----------------------------------------------------------------------------------------------------

void MarketHubState::release(TopicRef ref) {
  auto& topic = (*topics)[ref];
  if (topic.users > 0) --topic.users;
  if (!topic.used()) linger(ref);
}

void MarketHubState::linger(TopicRef ref) {
  auto& topic = (*topics)[ref];
  if (topic.upstream == Upstream::closed || topic.lingering) return;
  if (topic.upstream == Upstream::rejected) leave_queue(ref);
  if (is_waited_for(ref)) return close(ref);
  topic.lingering = true;
  lingering.emplace_back(std::chrono::steady_clock::time_point{self->clock().now().time_since_epoch()} + config.linger,
                         ref);
}

void MarketHubState::close(TopicRef ref) {
  const auto& topic = (*topics)[ref];
  if (topic.upstream == Upstream::open || topic.upstream == Upstream::opening)
    offer_room(topic.provider, room_sort(topic));
  give_up(ref);
}

void MarketHubState::give_up(TopicRef ref) {
  auto& topic = (*topics)[ref];
  auto& slot = providers[topic.provider];
  opening.erase(ref);
  leave_queue(ref);
  forget_plan(ref);
  switch (topic.upstream) {
    case Upstream::open:
      --slot.open_topics;
      [[fallthrough]];
    case Upstream::opening:
      if (slot.handle) self->send(slot.handle, Unsubscribe{ref});
      break;
    case Upstream::derived: {
      if (topic.is_alias()) {
        if (const auto base = topics->find(topic.kind, topic.symbol, 0, false);
            base && (*topics)[*base].extra != nullptr) {
          std::erase((*topics)[*base].extra->aliases, ref);
          release(*base);
        }
        break;
      }
      std::erase(bar_topics, ref);
      topic.extra->builder.reset();
      if (const auto trades = topics->find(StreamKind::trade, topic.symbol, topic.provider, topic.named_provider)) {
        std::erase((*topics)[*trades].more().derived, ref);
        release(*trades);
      }
      break;
    }
    case Upstream::closed:
    case Upstream::waiting:
    case Upstream::rejected:
      break;
  }
  keep_quote(topic);
  topic.upstream = Upstream::closed;
  topic.lingering = topic.asked_again = false;
  topic.unavailable = 0;
  topic.refusal.reset();
  topic.extra.reset();  // what it last said is history now
  announce(BusEntry::Type::outdated, ref, {});
  log->debug("topic-closed topic={}", topic_name(topic));
}

// ---- the market inside the daemon ----------------------------------------------------------------------------------

caf::result<Done> MarketHubState::watch(const WatchSymbol& request) {
  auto quotes = acquire(StreamKind::quote, {request.symbol, {}});
  if (!quotes) return to_caf(quotes.error());
  auto trades = acquire(StreamKind::trade, {request.symbol, {}});
  if (!trades) return to_caf(trades.error());
  const auto address = request.sink.address();
  unwatch(request.symbol, address);  // a second watch replaces the first
  if (watched.find(address) == watched.end()) {
    self->monitor(request.sink);
    watched.emplace(address, std::pair{request.sink, WatchedEvents{}});
  }
  WatchedEvents known;
  for (const auto ref : {*quotes, *trades}) {
    auto& topic = (*topics)[ref];
    ++topic.users;
    topic.more().watchers.push_back({request.sink, request.ref});
    if (topic.extra->last) {
      known.events.push_back(*topic.extra->last);
      known.events.back().ref = request.ref;
    }
    open(ref);
  }
  if (!known.events.empty()) self->send(request.sink, std::move(known));
  auto promise = self->make_response_promise<Done>();
  waiting_watches[*quotes].push_back({promise, address});
  if ((*topics)[*quotes].upstream == Upstream::open) settle_watches(*quotes, nullptr);
  flush();
  return promise;
}

void MarketHubState::settle_watches(TopicRef ref, const Error* error) {
  if (const auto it = waiting_watches.find(ref); it != waiting_watches.end()) {
    auto waiting = std::move(it->second);
    waiting_watches.erase(it);
    for (auto& each : waiting) {
      if (error == nullptr)
        each.promise.deliver(Done{});
      else
        each.promise.deliver(to_caf(*error));
    }
  }
  if (error == nullptr) return;
  auto& topic = (*topics)[ref];
  if (topic.extra == nullptr) return;
  while (!topic.extra->watchers.empty()) {
    topic.extra->watchers.pop_back();
    if (topic.users > 0) --topic.users;
  }
}

void MarketHubState::unwatch(const Symbol& symbol, const caf::actor_addr& sink) {
  for (const auto kind : {StreamKind::quote, StreamKind::trade}) {
    const auto ref = topics->find(kind, symbol, 0, false);
    if (!ref || (*topics)[*ref].extra == nullptr) continue;
    const auto gone =
        std::erase_if((*topics)[*ref].extra->watchers, [&](const auto& w) { return w.sink.address() == sink; });
    for (std::size_t i = 0; i < gone; ++i) release(*ref);
  }
}

void MarketHubState::forget_sink(const caf::actor_addr& sink) {
  watched.erase(sink);
  for (TopicRef ref = 0; ref < topics->end(); ++ref) {
    auto& topic = (*topics)[ref];
    if (topic.extra == nullptr || topic.extra->watchers.empty()) continue;
    const auto gone = std::erase_if(topic.extra->watchers, [&](const auto& w) { return w.sink.address() == sink; });
    for (std::size_t i = 0; i < gone; ++i) release(ref);
  }
}

// ---- questions -----------------------------------------------------------------------------------------------------

Result<MarketHubState::Questioned> MarketHubState::questioned(const std::string& text) const {
  auto symbol = parse_symbol_at_provider(text);
  if (!symbol) return tl::unexpected{symbol.error()};
  std::size_t provider = 0;
  if (!symbol->provider.empty()) {
    const auto found = find_provider(symbol->provider);
    if (!found) return fail(Errc::provider_unavailable, "no provider is called " + symbol->provider.str());
    provider = *found;
    if (provider == 0) symbol->provider = {};  // the default one: the same topic
  }
  return Questioned{std::move(*symbol), provider};
}

std::optional<TopicRef> MarketHubState::topic_of(const Questioned& about, StreamKind kind) const {
  return topics->find(kind, about.symbol.symbol, static_cast<std::uint16_t>(about.provider),
                      !about.symbol.provider.empty());
}

caf::result<MarketSnapshot> MarketHubState::get_snapshot(const GetSnapshot& request) {
  const auto about = questioned(request.symbol);
  if (!about) return to_caf(about.error());
  MarketSnapshot out;
  out.symbol = about->symbol.symbol;
  const auto known = [&](StreamKind kind) -> const Topic* {
    const auto ref = topic_of(*about, kind);
    return ref && (*topics)[*ref].extra != nullptr ? &(*topics)[*ref] : nullptr;
  };
  if (const auto* topic = known(StreamKind::quote); topic != nullptr && topic->extra->last)
    out.quote = to_quote(*topic, *topic->extra->last);
  if (const auto* topic = known(StreamKind::trade); topic != nullptr && topic->extra->last) {
    const auto& e = *topic->extra->last;
    Trade trade;
    trade.symbol = topic->symbol;
    trade.ts = e.ts;
    trade.rx = e.rx;
    trade.price = e.price[0];
    trade.size = e.qty[0];
    out.trade = trade;
  }
  const auto bar = [&](StreamKind kind) -> std::optional<HistoricalBar> {
    const auto* topic = known(kind);
    if (topic == nullptr) return std::nullopt;
    if (topic->extra->builder != nullptr && topic->extra->builder->current())
      return to_bar(topic->symbol, *topic->extra->builder->current());
    if (!topic->extra->last) return std::nullopt;
    const auto& e = *topic->extra->last;
    auto out_bar = to_bar(topic->symbol, {e.ts, e.price[0], e.price[1], e.price[2], e.price[3], e.qty[0], 0});
    out_bar.trades.reset();
    out_bar.final = (e.flags & MarketEvent::bar_final) != 0;
    return out_bar;
  };
  out.bar_1m = bar(StreamKind::bar_1m);
  out.bar_1d = bar(StreamKind::bar_1d);
  return out;
}

}  // namespace tradebus
