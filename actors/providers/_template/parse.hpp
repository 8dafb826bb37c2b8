// From the venue's words to ours. Pure: no sockets, no clock, no actors; the payloads that you recorded are its tests.
#pragma once

#include "actors/providers/_template/models.hpp"
#include "actors/providers/market_batch.hpp"
#include "bus/model/error.hpp"

namespace tradebus::_template::provider {

// The event without its topic number and time of receipt. request.invalid: a field that is none; log it, skip it.
Result<MarketEvent> to_event(const QuoteMessage& quote);

}  // namespace tradebus::_template::provider
