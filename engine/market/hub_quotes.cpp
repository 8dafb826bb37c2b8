// Quotes that somebody asked for: from what flows, from what a closed topic last said, else from the source.
#include <caf/typed_response_promise.hpp>

#include <algorithm>

#include "engine/market/market_hub.hpp"

namespace tradebus {

namespace {
// Longer than any client waits.
constexpr std::chrono::seconds patience{60};
}  // namespace

Quote to_quote(const Topic& topic, const MarketEvent& e) {
  Quote out;
  out.symbol = topic.symbol;
  out.ts = e.ts;
  out.rx = e.rx;
  if ((e.flags & MarketEvent::has_bid) != 0) out.bid = e.price[0];
  if ((e.flags & MarketEvent::has_bid_size) != 0) out.bid_size = e.qty[0];
  if ((e.flags & MarketEvent::has_ask) != 0) out.ask = e.price[1];
  if ((e.flags & MarketEvent::has_ask_size) != 0) out.ask_size = e.qty[1];
  if (topic.state == TopicState::stale || topic.state == TopicState::gap)
    out.quality = Quality::stale;
  else if (e.quality != Quality::live)
    out.quality = e.quality;
  return out;
}

caf::result<Quote> MarketHubState::get_quote(const GetQuote& request) {
  const auto about = questioned(request.symbol);
  if (!about) return to_caf(about.error());
  const auto known = topic_of(*about, StreamKind::quote);
  if (known) {
    const auto& topic = (*topics)[*known];
    if (topic.extra != nullptr && topic.extra->last) {
      ++quote_counts.hits;
      return to_quote(topic, *topic.extra->last);
    }
  }
  if (const auto* kept = kept_quotes.find(about->provider, about->symbol.symbol, clock.now())) {
    ++quote_counts.hits;
    if (const auto* error = std::get_if<Error>(kept)) return to_caf(*error);
    return std::get<Quote>(*kept);
  }
  auto ref = acquire(StreamKind::quote, about->symbol);
  if (!ref) return to_caf(ref.error());
  if (waiting_quotes_count >= config.waiting_quotes_max)
    return to_caf(Error{Errc::overloaded, "too many questions wait for a first quote", {}, 1'000});
  auto& waiting = waiting_quotes[*ref];
  ++(waiting.empty() ? quote_counts.misses : quote_counts.coalesced);
  ++(*topics)[*ref].users;
  ++waiting_quotes_count;
  auto promise = self->make_response_promise<Quote>();
  waiting.push_back({promise, Clock::wall_now() + patience});
  const auto upstream = (*topics)[*ref].upstream;
  if (upstream == Upstream::closed || upstream == Upstream::rejected) ++quote_counts.upstream_calls;
  open(*ref);
  flush();
  return promise;
}

void MarketHubState::answer_quotes(TopicRef ref, const Error* error) {
  const auto it = waiting_quotes.find(ref);
  if (it == waiting_quotes.end()) return;
  auto waiting = std::move(it->second);
  waiting_quotes.erase(it);
  waiting_quotes_count -= waiting.size();
  for (auto& each : waiting) {
    const auto& topic = (*topics)[ref];
    if (error != nullptr)
      each.promise.deliver(to_caf(*error));
    else
      each.promise.deliver(to_quote(topic, *topic.extra->last));
    release(ref);
  }
}

// Those who came later go on waiting.
void MarketHubState::give_up_late_quotes() {
  const auto wall = Clock::wall_now();
  for (auto it = waiting_quotes.begin(); it != waiting_quotes.end();) {
    const auto ref = it->first;
    auto& waiting = it->second;
    const auto in_time = std::ranges::find_if(waiting, [&](const WaitingQuote& each) { return each.until > wall; });
    for (auto each = waiting.begin(); each != in_time; ++each) {
      each->promise.deliver(to_caf(
          Error{Errc::request_timeout, "no quote came in time: the market may be closed, or the symbol silent"}));
      --waiting_quotes_count;
      release(ref);
    }
    waiting.erase(waiting.begin(), in_time);
    it = waiting.empty() ? waiting_quotes.erase(it) : std::next(it);
  }
}

// The topic closes: until now nothing newer was there.
void MarketHubState::keep_quote(const Topic& topic) {
  if (topic.kind != StreamKind::quote || topic.is_alias() || topic.extra == nullptr || !topic.extra->last) return;
  --live_quotes;
  if (topic.state != TopicState::live && topic.state != TopicState::ended) return;
  const auto instrument = Instrument::parse(topic.symbol.str());
  if (!instrument) return;
  const auto at = clock.now();
  kept_quotes.put(topic.provider, topic.symbol, to_quote(topic, *topic.extra->last), at,
                  good_until(calendars->of(*instrument), config.quote_life, at));
}

// Typing errors in a loop must not use up a venue's calls.
void MarketHubState::keep_refusal(const Topic& topic, const Error& error) {
  if (topic.kind != StreamKind::quote) return;
  if (error.code != Errc::instrument_unknown && error.code != Errc::provider_not_found) return;
  const auto at = clock.now();
  kept_quotes.put(topic.provider, topic.symbol, error, at, at + config.refusal_life);
}

QuoteStats MarketHubState::quote_stats() const {
  auto out = quote_counts;
  out.entries = live_quotes + static_cast<std::int64_t>(kept_quotes.entries());
  out.bytes =
      live_quotes * static_cast<std::int64_t>(sizeof(MarketEvent)) + static_cast<std::int64_t>(kept_quotes.bytes());
  out.evicted = kept_quotes.evicted();
  return out;
}

}  // namespace tradebus
