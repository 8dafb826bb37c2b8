#include "actors/providers/_template/parse.hpp"

namespace tradebus::_template::provider {

namespace {

// An absent field leaves the flag unset: readers see no key, never a zero.
template <class Value>
Result<void> read(const char* key, const std::string& text, std::uint8_t flag, Value& value, MarketEvent& event) {
  if (text.empty()) return {};
  auto parsed = Value::parse(text);
  if (!parsed) return invalid(key, parsed.error().message);
  value = *parsed;
  event.flags = static_cast<std::uint8_t>(event.flags | flag);
  return {};
}

}  // namespace

Result<MarketEvent> to_event(const QuoteMessage& quote) {
  MarketEvent event;
  event.kind = StreamKind::quote;
  event.ts = from_unix_ns(quote.t);
  auto ok = read("bp", quote.bp, MarketEvent::has_bid, event.price[0], event);
  if (ok) ok = read("bs", quote.bs, MarketEvent::has_bid_size, event.qty[0], event);
  if (ok) ok = read("ap", quote.ap, MarketEvent::has_ask, event.price[1], event);
  if (ok) ok = read("as", quote.as, MarketEvent::has_ask_size, event.qty[1], event);
  if (!ok) return tl::unexpected{ok.error()};
  return event;
}

}  // namespace tradebus::_template::provider
