// The inspection of every message type of the actors' interfaces, compiled here and nowhere else.
#include "actors/brokers/broker.hpp"
#include "actors/brokers/broker_barrier.hpp"
#include "actors/cache/cache.hpp"
#include "actors/market_hub.hpp"
#include "actors/market_watch.hpp"
#include "actors/providers/provider.hpp"
#include "actors/providers/replay_steps.hpp"

namespace tradebus {

TRADEBUS_PROVIDER_MESSAGES(TRADEBUS_DEFINE_INSPECT)
TRADEBUS_BROKER_MESSAGES(TRADEBUS_DEFINE_INSPECT)
TRADEBUS_BARRIER_MESSAGES(TRADEBUS_DEFINE_INSPECT)
TRADEBUS_REPLAY_STEP_MESSAGES(TRADEBUS_DEFINE_INSPECT)
TRADEBUS_CACHE_MESSAGES(TRADEBUS_DEFINE_INSPECT)
TRADEBUS_MARKET_HUB_MESSAGES(TRADEBUS_DEFINE_INSPECT)
TRADEBUS_MARKET_WATCH_MESSAGES(TRADEBUS_DEFINE_INSPECT)

}  // namespace tradebus
