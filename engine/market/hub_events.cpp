// The hub's hot path: events in, numbered and encoded messages out. Nothing here allocates per tick once a topic has
// seen its first one.
#include <spdlog/logger.h>
#include <caf/actor_system.hpp>

#include "bus/wire/market_encoder.hpp"
#include "bus/wire/pack.hpp"
#include "engine/market/market_hub.hpp"

namespace tradebus {

namespace {

constexpr std::size_t shared_entries_max = 1'024;  // of one batch

wire::QuoteValues quote_values(const MarketEvent& e, Quality quality) {
  return {e.ts,
          e.rx,
          (e.flags & MarketEvent::has_bid) != 0 ? &e.price[0] : nullptr,
          (e.flags & MarketEvent::has_bid_size) != 0 ? &e.qty[0] : nullptr,
          (e.flags & MarketEvent::has_ask) != 0 ? &e.price[1] : nullptr,
          (e.flags & MarketEvent::has_ask_size) != 0 ? &e.qty[1] : nullptr,
          quality};
}

// What a recording's event says about the time: bars stand at their start and are sent at their end. A day's end is its
// exchange's affair, so the day's bar says no more than that it has begun.
Timestamp known_since(const MarketEvent& event) {
  switch (event.kind) {
    case StreamKind::bar_1s:
      return event.ts + length(Timeframe::s1);
    case StreamKind::bar_1m:
      return event.ts + length(Timeframe::m1);
    case StreamKind::bar_5m:
      return event.ts + length(Timeframe::m5);
    case StreamKind::bar_1h:
      return event.ts + length(Timeframe::h1);
    default:
      return event.ts;
  }
}

}  // namespace

void MarketHubState::take(const MarketBatch& in) {
  const auto index = find_provider(in.provider);
  if (!index) return;
  auto& slot = providers[*index];
  slot.cursor = in.cursor;
  slot.events += static_cast<std::int64_t>(in.events.size());
  for (const auto& lost : in.dropped) {
    slot.dropped += lost.count;
    // They use up numbers, so that every subscriber sees the hole.
    if (topics->contains(lost.ref)) (*topics)[lost.ref].seq += lost.count;
  }
  flush();
  batch.source = static_cast<std::uint32_t>(*index);
  batch.lossless = slot.capabilities.lossless;
  now = clock.now();  // once a batch: the clock is not asked for every tick
  if (slot.capabilities.drives_clock) {
    for (const auto& event : in.events) {
      if (const auto known = known_since(event); known > now) {
        clock.advance_to(known);
        now = known;
        if (now >= next_bar_end) close_bars(now);
      }
      take_event(event.ref, event, in);
    }
  } else {
    for (const auto& event : in.events) take_event(event.ref, event, in);
  }
  for (const auto& action : in.actions) {
    if (slot.capabilities.drives_clock && action.ts > now) {
      clock.advance_to(action.ts);
      now = action.ts;
    }
    take_action(action);
  }
  flush();
  for (auto& [address, sink] : watched) {
    if (sink.second.events.empty()) continue;
    self->send(sink.first, std::exchange(sink.second, WatchedEvents{}));
  }
  if (!slot.handle) return;
  // Without credit a lossless provider waits; a live one drops its oldest, before any work was put into it.
  if (queue->has_room())
    self->send(slot.handle, BatchCredit{1});
  else
    ++slot.owed;
}

void MarketHubState::take_event(TopicRef ref, const MarketEvent& event, const MarketBatch& in) {
  if (!topics->contains(ref)) return;
  auto& topic = (*topics)[ref];
  if (topic.kind != event.kind || topic.upstream == Upstream::closed) return;
  topic.arrived = now;
  if (topic.state != TopicState::live) set_state(ref, TopicState::live, "");
  if (event.kind == StreamKind::option && event.detail < in.options.size()) {
    wire::Buffer fields;
    wire::Packer out{fields};
    wire::pack_fields(out, in.options[event.detail]);
    return emit_packed(ref, fields.bytes, wire::present_fields(in.options[event.detail]));
  }
  if (event.kind == StreamKind::news && event.detail < in.news.size()) {
    wire::Buffer fields;
    wire::Packer out{fields};
    wire::pack_fields(out, in.news[event.detail]);
    return emit_packed(ref, fields.bytes, wire::present_fields(in.news[event.detail]));
  }
  auto& extra = topic.more();
  if (!extra.last && event.kind == StreamKind::quote && !topic.is_alias()) ++live_quotes;
  // Such a trade is told, and no more: it is not the last price, and nothing is to be filled at it.
  const bool is_last = event.kind != StreamKind::trade || (event.flags & MarketEvent::not_last) == 0;
  if (is_last) extra.last = event;
  if (is_last && prices != nullptr && topic.provider == 0 && prices->wanted()) note_price(topic, extra, event);
  emit(ref, event);
  for (const auto alias : extra.aliases) {
    if (is_last) (*topics)[alias].more().last = event;
    emit(alias, event);
  }
  if (is_last && !extra.watchers.empty()) {
    for (const auto& watcher : extra.watchers) {
      auto it = watched.find(watcher.sink.address());
      if (it == watched.end()) continue;
      it->second.second.events.push_back(event);
      it->second.second.events.back().ref = watcher.ref;
    }
  }
  if (!extra.derived.empty()) build_bars(extra, event);
  if (!waiting_quotes.empty() && event.kind == StreamKind::quote) answer_quotes(ref, nullptr);
}

void MarketHubState::note_price(const Topic& topic, TopicExtra& extra, const MarketEvent& e) const {
  if (e.kind != StreamKind::quote && e.kind != StreamKind::trade) return;
  if (extra.price == nullptr) extra.price = prices->open(topic.symbol);
  if (e.kind == StreamKind::trade) return extra.price->set_trade(e.price[0], e.ts, e.quality);
  const Price bid = (e.flags & MarketEvent::has_bid) != 0 ? e.price[0] : Price{};
  const Price ask = (e.flags & MarketEvent::has_ask) != 0 ? e.price[1] : Price{};
  extra.price->set_quote(bid, ask, e.ts, e.quality);
}

void MarketHubState::emit(TopicRef ref, const MarketEvent& e) {
  auto& topic = (*topics)[ref];
  ++topic.seq;
  char* out = batch.bytes.room(wire::market_bytes_max);
  std::size_t size = 0;
  switch (e.kind) {
    case StreamKind::quote:
      size = wire::encode_quote(out, topic.seq, topic.symbol.str(), quote_values(e, e.quality));
      break;
    case StreamKind::trade:
      size = wire::encode_trade(out, topic.seq, topic.symbol.str(), e.ts, e.rx, e.price[0], e.qty[0], e.quality);
      break;
    case StreamKind::bar_1s:
    case StreamKind::bar_1m:
    case StreamKind::bar_5m:
    case StreamKind::bar_1h:
    case StreamKind::bar_1d:
      size = wire::encode_bar(out, topic.seq, topic.symbol.str(),
                              {e.ts, e.rx, e.price[0], e.price[1], e.price[2], e.price[3], e.qty[0], 0,
                               (e.flags & MarketEvent::bar_final) != 0});
      break;
    case StreamKind::option:
    case StreamKind::news:
      return;
  }
  BusEntry entry;
  if (e.kind == StreamKind::trade && (e.flags & MarketEvent::not_last) != 0) entry.type = BusEntry::Type::passing;
  entry.kind = e.kind;
  entry.id = ref;
  entry.offset = static_cast<std::uint32_t>(batch.bytes.size());
  entry.size = static_cast<std::uint32_t>(size);
  entry.seq = topic.seq;
  batch.bytes.commit(size);
  batch.entries.push_back(entry);
}

void MarketHubState::emit_packed(TopicRef ref, std::string_view fields, std::uint32_t keys) {
  auto& topic = (*topics)[ref];
  ++topic.seq;
  wire::Buffer body;
  wire::Packer out{body};
  out.pack_map(keys + 1);
  wire::pack(out, "seq");
  wire::pack(out, topic.seq);
  body.bytes.append(fields);
  BusEntry entry;
  entry.kind = topic.kind;
  entry.id = ref;
  entry.offset = static_cast<std::uint32_t>(batch.bytes.size());
  entry.size = static_cast<std::uint32_t>(body.bytes.size());
  entry.seq = topic.seq;
  batch.bytes.append(body.bytes);
  batch.entries.push_back(entry);
  if (topic.extra == nullptr) return;
  for (const auto alias : topic.extra->aliases) emit_packed(alias, fields, keys);
}

void MarketHubState::flush() {
  if (batch.empty()) return;
  const bool lossless = batch.lossless;
  const auto source = batch.source;
  queue->push(std::move(batch));
  batch = queue->fresh();
  batch.lossless = lossless;
  batch.source = source;
}

// Thousands of topics change together, a message each: what comes of them shares few batches.
void MarketHubState::flush_soon() {
  if (batch.empty()) return;
  if (batch.entries.size() >= shared_entries_max) return flush();
  ask_flush();
}

void MarketHubState::ask_flush() {
  if (!std::exchange(flush_asked, true)) self->send(self, HubFlush{});
}

// ---- bars from trades ----------------------------------------------------------------------------------------------

void MarketHubState::build_bars(const TopicExtra& extra, const MarketEvent& trade) {
  const auto has = [&trade](std::uint8_t flag) { return (trade.flags & flag) != 0; };
  const BarBuilder::Parts parts{!has(MarketEvent::not_last), !has(MarketEvent::not_high_low),
                                !has(MarketEvent::not_volume)};
  for (const auto ref : extra.derived) {
    auto& more = (*topics)[ref].more();
    if (more.builder == nullptr) continue;
    if (const auto closed = more.builder->add(trade.ts, trade.price[0], trade.qty[0], parts))
      emit_bar(ref, *closed, true);
    const auto& current = more.builder->current();
    if (!current) continue;
    next_bar_end = std::min(next_bar_end, more.builder->end());
    if (now - more.bar_published >= config.bar_update) {
      more.bar_published = now;
      emit_bar(ref, *current, false);
    }
  }
}

void MarketHubState::emit_bar(TopicRef ref, const BarBuilder::Bar& bar, bool final) {
  auto& topic = (*topics)[ref];
  ++topic.seq;
  topic.arrived = now;
  char* out = batch.bytes.room(wire::market_bytes_max);
  const auto size = wire::encode_bar(
      out, topic.seq, topic.symbol.str(),
      {bar.start, Clock::wall_now(), bar.open, bar.high, bar.low, bar.close, bar.volume, bar.trades, final});
  BusEntry entry;
  entry.kind = topic.kind;
  entry.id = ref;
  entry.offset = static_cast<std::uint32_t>(batch.bytes.size());
  entry.size = static_cast<std::uint32_t>(size);
  entry.seq = topic.seq;
  batch.bytes.commit(size);
  batch.entries.push_back(entry);
  if (topic.extra == nullptr) return;
  for (const auto alias : topic.extra->aliases) emit_bar(alias, bar, final);
}

void MarketHubState::close_bars(Timestamp until) {
  if (until < next_bar_end) return;
  next_bar_end = Timestamp::max();
  for (const auto ref : bar_topics) {
    auto& builder = (*topics)[ref].extra->builder;
    if (const auto closed = builder->close_until(until)) emit_bar(ref, *closed, true);
    if (builder->current()) next_bar_end = std::min(next_bar_end, builder->end());
  }
}

void MarketHubState::finish_bars(TopicRef trades) {
  const auto& topic = (*topics)[trades];
  if (topic.extra == nullptr) return;
  for (const auto ref : topic.extra->derived) {
    if (const auto closed = (*topics)[ref].extra->builder->finish()) emit_bar(ref, *closed, true);
    set_state(ref, TopicState::ended, "end_of_data");
  }
}

// ---- silence -------------------------------------------------------------------------------------------------------

void MarketHubState::judge_silence() {
  now = clock.now();
  for (TopicRef ref = 0; ref < topics->end(); ++ref) {
    auto& topic = (*topics)[ref];
    if (topic.upstream != Upstream::open || topic.state != TopicState::live) continue;
    std::chrono::milliseconds patience{};
    if (topic.kind == StreamKind::quote)
      patience = config.quote_stale;
    else if (topic.kind == StreamKind::trade)
      patience = config.trade_stale;
    else
      continue;
    if (now - topic.arrived <= patience || providers[topic.provider].capabilities.always_open) continue;
    const auto instrument = Instrument::parse(topic.symbol.str());
    // Silence before the opening is no silence: it counts from the open session's own time.
    if (!instrument) continue;
    const auto& exchange = calendars->of(*instrument);
    if (!exchange.is_open(now) || !exchange.is_open(now - patience)) continue;
    set_state(ref, TopicState::stale, "silent");
    show_stale(ref);
  }
}

void MarketHubState::show_stale(TopicRef ref) {
  const auto& topic = (*topics)[ref];
  if (topic.kind != StreamKind::quote || topic.extra == nullptr || !topic.extra->last) return;
  if (topic.extra->price != nullptr) topic.extra->price->set_stale();
  std::array<char, wire::market_bytes_max> bytes{};
  const auto size =
      wire::encode_quote(bytes.data(), topic.seq, topic.symbol.str(), quote_values(*topic.extra->last, Quality::stale));
  announce(BusEntry::Type::stale, ref, {bytes.data(), size});
}

}  // namespace tradebus
