// The GATEWAY: the actors' side of the bridge for everything but orders. Decodes what clients ask, asks the actor that
// knows, encodes the answer.
#pragma once

#include <spdlog/fwd.h>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "actors/cache/cache.hpp"
#include "actors/market_hub.hpp"
#include "bus/bridge/bridge.hpp"
#include "bus/bridge/bridge_listener.hpp"
#include "bus/bridge/bus_queue.hpp"
#include "bus/bridge/publisher.hpp"
#include "bus/wire/unpack.hpp"
#include "engine/calendar/calendars.hpp"
#include "engine/orders/order_manager.hpp"
#include "engine/supervisor/supervisor.hpp"

namespace tradebus {

// Whom the gateway asks.
struct GatewayPeers {
  MarketHubActor hub;
  CacheActor cache;
  OrderManagerActor orders;
  SupervisorActor supervisor;

  template <class Inspector>
  friend auto inspect(Inspector& f, GatewayPeers& x) -> typename Inspector::result_type {
    return f(x.hub, x.cache, x.orders, x.supervisor);
  }
};

using GatewayActor = protocol<
    // From the bridge's thread: all requests but those to the order manager; each token goes back with exactly one
    // BusReply.
    void(ClientRequests),
    // INTERNAL: from the assembly, once they exist.
    void(GatewayPeers)>;

// What the gateway is spawned with; the pointers outlive the actor system.
struct GatewayContext {
  BusQueue* queue = nullptr;
  Publisher* publisher = nullptr;
  const BridgeStats* stats = nullptr;
  std::string version;
  std::uint64_t epoch = 0;
  std::vector<std::string> providers;
  std::vector<std::string> brokers;
  std::shared_ptr<spdlog::logger> log;
  std::shared_ptr<const Calendars> calendars = Calendars::shipped();
};

struct GatewayState {
  static inline const char* name = "gateway";
  explicit GatewayState(GatewayActor::pointer self);
  GatewayActor::behavior_type make_behavior(GatewayContext context);

  // One request's arguments, decoded; the handler answers through its token.
  struct Call {
    std::uint64_t token = 0;
    ClientName client;
    const msgpack::object* args = nullptr;
    std::int64_t timeout_ms = 0;
  };
  using Handler = void (GatewayState::*)(const Call&);

  void dispatch(const ClientRequest& request);
  void answer(std::uint64_t token, std::string packed);
  void fail_with(std::uint64_t token, Error error);

  // -- market data (gateway_market.cpp)
  // --------------------------------------------------------------------------------
  void get_quote(const Call& call);
  void get_snapshot(const Call& call);
  void get_historical_data(const Call& call);
  void get_ticker_details(const Call& call);
  void get_daily_snapshot(const Call& call);
  void get_news(const Call& call);
  void get_market_news(const Call& call);
  void get_option_chain(const Call& call);
  void search_symbols(const Call& call);
  void cache_stats(const Call& call);
  void cache_clear(const Call& call);
  // Answers with the cache's statistics and the hub's answer to `question` about quotes.
  template <class Question>
  void answer_stats(std::uint64_t token, CacheStats stats, Question question,
                    std::optional<std::string> only = std::nullopt);
  void get_calendar(const Call& call);  // gateway_calendar.cpp

  // -- the daemon (gateway_status.cpp)
  // ---------------------------------------------------------------------------------
  void get_status(const Call& call);
  void connect(const Call& call);
  void disconnect(const Call& call);
  void set_link(const Call& call, bool up);

  // -- a recording that waits (gateway_replay.cpp)
  // -------------------------------------------------------------
  void replay_advance(const Call& call);
  void tell_step(std::uint64_t token, const ProviderName& provider, const ReplayStep& step);

  // Asks the cache; its answer is passed on as it is.
  template <class Query>
  void ask_cache(const Call& call, ProviderName provider, Query query);
  // Asks `handle` and answers with `pack(reply)`; a peer that is gone, or that fails, answers `fallback`.
  template <class Reply, class Handle, class Request, class Pack>
  void forward(std::uint64_t token, const Handle& handle, Request request, Errc fallback, Pack pack);

  GatewayActor::pointer self;
  GatewayContext context;
  GatewayPeers peers;
  std::unordered_map<std::string_view, Handler> ops;
  const std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();
  std::map<ProviderName, std::uint64_t> steps;  // told so far
};

// Quotes are answered by the bridge and by the hub; the cache knows their time to live.
void add_quotes(CacheStats& stats, const QuoteStats& hub, const BridgeStats& bridge);

GatewayActor::behavior_type gateway(GatewayActor::stateful_pointer<GatewayState> self, GatewayContext context);

template <class Reply, class Handle, class Request, class Pack>
void GatewayState::forward(std::uint64_t token, const Handle& handle, Request request, Errc fallback, Pack pack) {
  if (!handle) return fail_with(token, Error{fallback, "the daemon is starting or stopping; ask again"});
  self->request(handle, caf::infinite, std::move(request))
      .then([this, token, pack](const Reply& reply) { answer(token, pack(reply)); },
            [this, token, fallback](const caf::error& e) { fail_with(token, from_caf(e, fallback)); });
}

}  // namespace tradebus

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tradebus::GatewayContext)
