// Market data for actors inside the daemon (a paper broker, later risk): the hub's MARKET WATCH interface.
#pragma once

#include <cstdint>
#include <vector>

#include "actors/caf_support.hpp"
#include "actors/providers/provider.hpp"

namespace tradebus {

// Quotes and trades of watched symbols, in the order in which the hub published them; `ref` is the watcher's own
// number. Then splits and dividends of these symbols, which came after them; a provider may tell one twice.
struct WatchedEvents {
  std::vector<MarketEvent> events;
  std::vector<CorporateAction> actions = {};

  static constexpr std::string_view type_name = "WatchedEvents";
  static constexpr auto fields() {
    return std::tuple{field("events", &WatchedEvents::events), field("actions", &WatchedEvents::actions)};
  }
};
using WatchSink = protocol<void(WatchedEvents)>;

// Delivers quotes, trades, splits and dividends of a symbol to `sink` from now on, the last known quote and trade at
// once. Counts as a subscriber: the topics stay open upstream while they are watched. Answers instrument.unknown,
// provider.unavailable ...
struct WatchSymbol {
  Symbol symbol;
  std::uint32_t ref = 0;  // the sink's own number for this symbol
  WatchSink sink;

  template <class Inspector>
  friend auto inspect(Inspector& f, WatchSymbol& x) -> typename Inspector::result_type {
    return f(x.symbol, x.ref, x.sink);
  }
};
struct UnwatchSymbol {
  Symbol symbol;
  WatchSink sink;

  template <class Inspector>
  friend auto inspect(Inspector& f, UnwatchSymbol& x) -> typename Inspector::result_type {
    return f(x.symbol, x.sink);
  }
};

using MarketWatch = protocol<Done(WatchSymbol), void(UnwatchSymbol)>;

#define TRADEBUS_MARKET_WATCH_MESSAGES(X) X(WatchedEvents)
TRADEBUS_MARKET_WATCH_MESSAGES(TRADEBUS_DECLARE_INSPECT)

}  // namespace tradebus
