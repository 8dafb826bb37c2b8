#include <charconv>

#include "tests/venues/massive/endpoints.hpp"
#include "tests/venues/massive/page.hpp"

namespace tradebus::massive_sim {
namespace {

// A date (midnight New York) or nanoseconds.
std::optional<Ns> parse_time(std::string_view text) {
  if (const auto day = parse_day(text)) return midnight(*day) * ns_per_ms;
  if (const auto time = parse_utc(text)) return time;
  Ns ns = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), ns);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return ns;
}

// What `timestamp` and its ranges say. Nullopt: not a time.
std::optional<Span> span_of(const Call& call) {
  Span span{call.market.extent().from, std::min(call.now, call.market.extent().to)};
  for (const auto& [name, value] : call.query.all()) {
    if (!name.starts_with("timestamp")) continue;
    const auto time = parse_time(value);
    if (!time) return std::nullopt;
    if (name == "timestamp") {
      // A date is its whole day.
      const auto day = parse_day(value);
      span.from = std::max(span.from, *time);
      span.to = std::min(span.to, day ? midnight(*day + 1) * ns_per_ms : *time + 1);
    } else if (name == "timestamp.gt") {
      span.from = std::max(span.from, *time + 1);
    } else if (name == "timestamp.gte") {
      span.from = std::max(span.from, *time);
    } else if (name == "timestamp.lt") {
      span.to = std::min(span.to, *time);
    } else if (name == "timestamp.lte") {
      span.to = std::min(span.to, *time + 1);
    }
  }
  return span;
}

void write_conditions(Json& json, std::string_view key, const Trade& trade) {
  if (trade.condition < 0) return;
  json.key(key).begin_array().value(trade.condition);
  if (trade.condition2 >= 0) json.value(trade.condition2);
  json.end_array();
}

void write(Json& json, const Trade& trade) {
  json.begin_object();
  write_conditions(json, "conditions", trade);
  json.field("exchange", trade.exchange).field("id", std::to_string(trade.id));
  json.field("participant_timestamp", trade.time - 343'000).field("price", trade.price);
  json.field("sequence_number", trade.sequence).field("sip_timestamp", trade.time).field("size", trade.size);
  if (trade.tape != 0)
    json.field("decimal_size", std::to_string(static_cast<long long>(trade.size)) + ".0").field("tape", trade.tape);
  if (trade.exchange == 4) json.field("trf_id", 202).field("trf_timestamp", trade.time - 29'000);
  json.end_object();
}

void write(Json& json, const Quote& quote) {
  json.begin_object();
  json.field("ask_exchange", quote.ask_exchange).field("ask_price", quote.ask).field("ask_size", quote.ask_size);
  json.field("bid_exchange", quote.bid_exchange).field("bid_price", quote.bid).field("bid_size", quote.bid_size);
  if (quote.tape != 0) json.key("conditions").begin_array().value(quote.condition).end_array();
  json.field("participant_timestamp", quote.time - 345'000).field("sequence_number", quote.sequence);
  json.field("sip_timestamp", quote.time);
  if (quote.tape != 0) json.field("tape", quote.tape);
  json.end_object();
}

template <class Row, class Read>
Answer history(const Call& call, std::string_view channel, Read read) {
  if (call.access.plan == Plan::free || !call.access.has(channel)) return not_entitled(call);
  const auto span = span_of(call);
  if (!span) return bad_request(call, "Could not parse the timestamp.");
  const auto limit = limit_of(call.query, 1000, 50'000);
  if (!limit) return bad_request(call, "Could not parse the limit.");
  const bool descending = call.query.get("order", "desc") != "asc";
  // The rows at the edge that earlier pages gave.
  std::size_t skip = 0;
  const std::string_view skipped = call.query.get(skip_parameter, "0");
  std::from_chars(skipped.data(), skipped.data() + skipped.size(), skip);

  std::vector<Row> rows;
  const std::size_t needed = *limit + skip + 1;
  if (span->from < span->to) {
    const Day first = day_of(span->from / ns_per_ms), last = day_of((span->to - 1) / ns_per_ms);
    for (Day i = 0; i <= last - first && rows.size() < needed; ++i) {
      const Day day = descending ? last - i : first + i;
      if (!trades_on(day)) continue;
      auto more =
          read({std::max(span->from, midnight(day) * ns_per_ms), std::min(span->to, midnight(day + 1) * ns_per_ms)});
      if (descending) std::reverse(more.begin(), more.end());
      rows.insert(rows.end(), more.begin(), more.end());
    }
  }
  const std::size_t begin = std::min(skip, rows.size()), end = std::min(begin + *limit, rows.size());
  Json json;
  json.begin_array();
  for (std::size_t i = begin; i < end; ++i) write(json, rows[i]);
  json.end_array();
  std::string next_url;
  if (end < rows.size() && end > 0) {
    const Ns edge = rows[end - 1].time;
    std::size_t same = 0;
    while (same < end && rows[end - 1 - same].time == edge) ++same;
    Query next = call.query;
    for (const char* name : {"timestamp", "timestamp.gt", "timestamp.gte", "timestamp.lt", "timestamp.lte"})
      next.erase(name);
    next.set("timestamp.gte", std::to_string(descending ? span->from : edge));
    next.set("timestamp.lt", std::to_string(descending ? edge + 1 : span->to));
    next.set(skip_parameter, std::to_string(same));
    next_url = call.next(next);
  }
  return envelope(call, json.text(), static_cast<std::ptrdiff_t>(end - begin), next_url, false);
}

}  // namespace

// /v3/trades/{ticker}
Answer trade_history(const Call& call) {
  return history<Trade>(call, "T", [&](Span span) { return call.market.trades(call.parts[0], span); });
}

// /v3/quotes/{ticker}
Answer quote_history(const Call& call) {
  return history<Quote>(call, "Q", [&](Span span) { return call.market.quotes(call.parts[0], span); });
}

// /v2/last/trade/{ticker}
Answer last_trade(const Call& call) {
  if (call.access.plan == Plan::free || !call.access.has("T")) return not_entitled(call);
  const auto trade = call.market.last_trade(call.parts[0], call.now);
  if (!trade) return not_found(call, "Ticker not found.");
  Json json;
  json.begin_object();
  write_conditions(json, "c", *trade);
  json.field("i", std::to_string(trade->id))
      .field("p", trade->price)
      .field("s", trade->size)
      .field("x", trade->exchange);
  if (trade->exchange == 4) json.field("r", 202).field("f", trade->time - 29'000);
  if (trade->tape != 0) json.field("z", trade->tape);
  json.field("T", call.parts[0]).field("t", trade->time).field("y", trade->time - 343'000).field("q", trade->sequence);
  json.end_object();
  return envelope(call, json.text(), -1, {}, false);
}

// /v2/last/nbbo/{ticker}
Answer last_quote(const Call& call) {
  if (call.access.plan == Plan::free || !call.access.has("Q")) return not_entitled(call);
  const auto quote = call.market.last_quote(call.parts[0], call.now);
  if (!quote) return not_found(call, "Ticker not found.");
  Json json;
  json.begin_object().field("p", quote->bid).field("s", quote->bid_size).field("x", quote->bid_exchange);
  json.field("P", quote->ask).field("S", quote->ask_size).field("X", quote->ask_exchange);
  if (quote->tape != 0) json.field("z", quote->tape);
  json.field("T", call.parts[0]).field("t", quote->time).field("y", quote->time - 345'000).field("q", quote->sequence);
  json.end_object();
  return envelope(call, json.text(), -1, {}, false);
}

}  // namespace tradebus::massive_sim
