// Market-data questions: through the hub (live) and the cache (everything else).
#include "bus/wire/pack.hpp"
#include "bus/wire/topic.hpp"
#include "engine/gateway/gateway.hpp"

namespace tradebus {

namespace {

using wire::unpack_key;

constexpr std::uint32_t bars_limit_max = 5'000;  // a reply stays below a megabyte
constexpr std::uint32_t items_limit_max = 1'000;

Result<SymbolAtProvider> symbol_of(const msgpack::object& args, std::string_view key) {
  std::string text;
  if (auto ok = unpack_key(args, key, true, text); !ok) return tl::unexpected{ok.error()};
  return parse_symbol_at_provider(text);
}

Result<void> check_limit(std::uint32_t limit, std::uint32_t max) {
  if (limit >= 1 && limit <= max) return {};
  return invalid("limit", "limit: 1 to " + std::to_string(max));
}

// A time, or a text that says one is wanted; both ends of a range must lie in 1970 to 2100.
Result<void> check_range(Timestamp start, Timestamp end) {
  constexpr auto latest = from_unix_ns(4'102'444'800'000'000'000);
  if (start >= end) return invalid("start", "start is not before end");
  if (unix_ns(start) < 0 || end > latest)
    return invalid("start", "times lie between 1970 and 2100 (nanoseconds since 1970 UTC)");
  return {};
}

}  // namespace

template <class Query>
void GatewayState::ask_cache(const Call& call, ProviderName provider, Query query) {
  const auto token = call.token;
  if (!peers.cache)
    return fail_with(token, Error{Errc::provider_unavailable, "the daemon is starting or stopping; ask again"});
  self->request(peers.cache, caf::infinite,
                Ask<Query>{std::move(provider), std::move(query), call.client, call.timeout_ms})
      .then(
          [this, token](const CachedAnswer& reply) {
            context.queue->reply({token, {}, std::nullopt, reply.packed});
          },
          [this, token](const caf::error& e) { fail_with(token, from_caf(e, Errc::provider_unavailable)); });
}

void GatewayState::get_quote(const Call& call) {
  GetQuote request;
  if (auto ok = unpack_key(*call.args, "symbol", true, request.symbol); !ok) return fail_with(call.token, ok.error());
  forward<Quote>(call.token, peers.hub, std::move(request), Errc::provider_unavailable,
                 [](const Quote& q) { return wire::packed(q); });
}

void GatewayState::get_snapshot(const Call& call) {
  GetSnapshot request;
  if (auto ok = unpack_key(*call.args, "symbol", true, request.symbol); !ok) return fail_with(call.token, ok.error());
  forward<MarketSnapshot>(call.token, peers.hub, std::move(request), Errc::provider_unavailable,
                          [](const MarketSnapshot& s) { return wire::packed(s); });
}

void GatewayState::get_historical_data(const Call& call) {
  Ask<GetHistoricalData> ask;
  auto symbol = symbol_of(*call.args, "symbol");
  if (!symbol) return fail_with(call.token, symbol.error());
  ask.provider = symbol->provider;
  auto& q = ask.query;
  q.symbol = symbol->symbol;
  q.limit = bars_limit_max;
  auto ok = unpack_key(*call.args, "timeframe", true, q.timeframe);
  if (ok) ok = unpack_key(*call.args, "start", true, q.start);
  if (ok) ok = unpack_key(*call.args, "end", true, q.end);
  if (ok) ok = unpack_key(*call.args, "adjusted", false, q.adjusted);
  if (ok) ok = unpack_key(*call.args, "limit", false, q.limit);
  if (ok) ok = unpack_key(*call.args, "session", false, q.session);
  if (ok) ok = check_range(q.start, q.end);
  if (ok && q.limit == 0) ok = invalid("limit", "limit: at least 1");
  if (!ok) return fail_with(call.token, ok.error());
  q.limit = std::min(q.limit, bars_limit_max);
  ask_cache(call, std::move(ask.provider), std::move(ask.query));
}

void GatewayState::get_ticker_details(const Call& call) {
  auto symbol = symbol_of(*call.args, "symbol");
  if (!symbol) return fail_with(call.token, symbol.error());
  ask_cache(call, symbol->provider, GetTickerDetails{symbol->symbol});
}

void GatewayState::get_daily_snapshot(const Call& call) {
  auto symbol = symbol_of(*call.args, "symbol");
  if (!symbol) return fail_with(call.token, symbol.error());
  ask_cache(call, symbol->provider, GetDailySnapshot{symbol->symbol});
}

void GatewayState::get_news(const Call& call) {
  auto symbol = symbol_of(*call.args, "symbol");
  if (!symbol) return fail_with(call.token, symbol.error());
  Ask<GetNews> ask;
  ask.provider = symbol->provider;
  ask.query.symbol = symbol->symbol;
  auto ok = unpack_key(*call.args, "limit", false, ask.query.limit);
  if (ok) ok = unpack_key(*call.args, "since", false, ask.query.since);
  if (ok) ok = check_limit(ask.query.limit, items_limit_max);
  if (!ok) return fail_with(call.token, ok.error());
  ask_cache(call, std::move(ask.provider), std::move(ask.query));
}

void GatewayState::get_market_news(const Call& call) {
  Ask<GetMarketNews> ask;
  auto ok = unpack_key(*call.args, "limit", false, ask.query.limit);
  if (ok) ok = unpack_key(*call.args, "since", false, ask.query.since);
  if (ok) ok = unpack_key(*call.args, "provider", false, ask.provider);
  if (ok) ok = check_limit(ask.query.limit, items_limit_max);
  if (!ok) return fail_with(call.token, ok.error());
  ask_cache(call, std::move(ask.provider), ask.query);
}

void GatewayState::get_option_chain(const Call& call) {
  auto underlying = symbol_of(*call.args, "underlying");
  if (!underlying) return fail_with(call.token, underlying.error());
  Ask<GetOptionChain> ask;
  ask.provider = underlying->provider;
  auto& q = ask.query;
  q.underlying = underlying->symbol;
  auto ok = unpack_key(*call.args, "expiry", false, q.expiry);
  if (ok) ok = unpack_key(*call.args, "strike_min", false, q.strike_min);
  if (ok) ok = unpack_key(*call.args, "strike_max", false, q.strike_max);
  if (ok) ok = unpack_key(*call.args, "right", false, q.right);
  if (ok) ok = unpack_key(*call.args, "limit", false, q.limit);
  if (ok && ask.provider.empty()) ok = unpack_key(*call.args, "provider", false, ask.provider);
  if (ok) ok = check_limit(q.limit, items_limit_max);
  if (ok && q.strike_min && q.strike_max && *q.strike_min > *q.strike_max)
    ok = invalid("strike_min", "strike_min is above strike_max");
  std::optional<BrokerName> broker;
  if (ok) ok = unpack_key(*call.args, "broker", false, broker);
  if (!ok) return fail_with(call.token, ok.error());
  if (broker)
    return forward<OptionChain>(call.token, peers.orders, GetBrokerChain{*broker, std::move(q)},
                                Errc::broker_unavailable, [](const OptionChain& chain) { return wire::packed(chain); });
  ask_cache(call, std::move(ask.provider), std::move(ask.query));
}

void GatewayState::search_symbols(const Call& call) {
  Ask<SearchSymbols> ask;
  auto ok = unpack_key(*call.args, "text", true, ask.query.text);
  if (ok) ok = unpack_key(*call.args, "limit", false, ask.query.limit);
  if (ok) ok = unpack_key(*call.args, "provider", false, ask.provider);
  if (ok) ok = check_limit(ask.query.limit, items_limit_max);
  if (!ok) return fail_with(call.token, ok.error());
  ask_cache(call, std::move(ask.provider), std::move(ask.query));
}

void add_quotes(CacheStats& stats, const QuoteStats& hub, const BridgeStats& bridge) {
  for (auto& kind : stats.kinds) {
    if (kind.kind != "quotes") continue;
    kind.hits = hub.hits + static_cast<std::int64_t>(bridge.quotes.load());
    kind.misses = hub.misses;
    kind.coalesced = hub.coalesced;
    kind.upstream_calls = hub.upstream_calls;
    kind.entries = hub.entries;
    kind.bytes = hub.bytes;
    kind.evicted = hub.evicted;
  }
}

template <class Question>
void GatewayState::answer_stats(std::uint64_t token, CacheStats stats, Question question,
                                std::optional<std::string> only) {
  forward<QuoteStats>(token, peers.hub, std::move(question), Errc::internal,
                      [this, stats = std::move(stats), only = std::move(only)](const QuoteStats& quotes) {
                        auto all = stats;
                        add_quotes(all, quotes, *context.stats);
                        if (only) std::erase_if(all.kinds, [&](const auto& kind) { return kind.kind != *only; });
                        return wire::packed(all);
                      });
}

void GatewayState::cache_stats(const Call& call) {
  std::optional<std::string> only;
  if (auto ok = unpack_key(*call.args, "kind", false, only); !ok) return fail_with(call.token, ok.error());
  if (!peers.cache)
    return fail_with(call.token, Error{Errc::internal, "the daemon is starting or stopping; ask again"});
  self->request(peers.cache, caf::infinite, GetCacheStats{})
      .then(
          [this, token = call.token, only](const CacheStats& s) {
            const auto known = [&](const auto& kind) { return kind.kind == *only; };
            if (only && std::ranges::none_of(s.kinds, known)) {
              std::string kinds;
              for (const auto& kind : s.kinds) kinds += (kinds.empty() ? "" : ", ") + kind.kind;
              return fail_with(
                  token, invalid("kind", "there is no kind \"" + *only + "\" of answers; there are: " + kinds).value());
            }
            answer_stats(token, s, GetQuoteStats{}, only);
          },
          [this, token = call.token](const caf::error& e) { fail_with(token, from_caf(e, Errc::internal)); });
}

void GatewayState::cache_clear(const Call& call) {
  ClearCache request;
  auto ok = unpack_key(*call.args, "kind", false, request.kind);
  if (ok && wire::find(*call.args, "symbol") != nullptr) {
    const auto given = symbol_of(*call.args, "symbol");
    if (!given)
      ok = tl::unexpected{given.error()};
    else if (!given->provider.empty())
      ok = invalid("symbol", "symbol: without a provider: what all of them said is forgotten");
    else
      request.symbol = given->symbol;
  }
  if (!ok) return fail_with(call.token, ok.error());
  if (!peers.cache)
    return fail_with(call.token, Error{Errc::internal, "the daemon is starting or stopping; ask again"});
  const bool quotes = request.kind.empty() || request.kind == "quotes";
  const auto token = call.token;
  self->request(peers.cache, caf::infinite, request)
      .then(
          [this, token, quotes, about = request.symbol](const CacheStats& s) {
            if (quotes)
              answer_stats(token, s, ClearQuotes{about});
            else
              answer_stats(token, s, GetQuoteStats{});
          },
          [this, token](const caf::error& e) { fail_with(token, from_caf(e, Errc::internal)); });
}

}  // namespace tradebus
