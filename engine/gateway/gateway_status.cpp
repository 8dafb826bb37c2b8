// get_status, connect, disconnect.
#include <algorithm>

#include "bus/wire/pack.hpp"
#include "engine/gateway/gateway.hpp"

namespace tradebus {

namespace {

// Waits for all parts of a status; the last one answers.
struct StatusJoin {
  std::size_t waiting = 5;
  QuoteStats quotes;
  HubStatus hub;
  OrderManagerStatus orders;
  CacheStats cache;
  SupervisorStatus supervisor;
};

void pack_bus(wire::Packer& out, const BridgeStats& stats, const BusQueue& queue) {
  const auto n = [&](const char* key, std::uint64_t value) {
    wire::pack(out, key);
    wire::pack(out, value);
  };
  out.pack_map(14);
  n("messages", stats.messages.load());
  n("feed_messages", stats.feed_messages.load());
  n("snapshots", stats.snapshots.load());
  n("requests", stats.requests.load());
  n("refused", stats.refused.load());
  n("timeouts", stats.timeouts.load());
  n("late_replies", stats.late_replies.load());
  n("open_requests", stats.open_requests.load());
  n("subscriptions", stats.subscriptions.load());
  n("topics", stats.topics.load());
  n("ring_bytes", stats.ring_bytes.load());
  n("stalls", stats.stalls.load());
  n("queue_batches", queue.depth());
  n("dropped", queue.dropped());
}

}  // namespace

void GatewayState::get_status(const Call& call) {
  auto join = std::make_shared<StatusJoin>();
  const auto token = call.token;
  const auto done = [this, join, token] {
    if (--join->waiting > 0) return;
    add_quotes(join->cache, join->quotes, *context.stats);
    wire::Buffer buffer;
    wire::Packer out{buffer};
    out.pack_map(14);
    wire::pack(out, "version");
    wire::pack(out, context.version);
    wire::pack(out, "epoch");
    wire::pack(out, context.epoch);
    wire::pack(out, "uptime_ms");
    wire::pack(out, (std::chrono::steady_clock::now() - started) / std::chrono::milliseconds{1});
    wire::pack(out, "now");
    wire::pack(out, join->hub.now);
    wire::pack(out, "providers");
    wire::pack(out, join->hub.providers);
    wire::pack(out, "brokers");
    wire::pack(out, join->orders.brokers);
    wire::pack(out, "subscriptions");
    wire::pack(out, join->hub.subscriptions);
    wire::pack(out, "orders");
    wire::pack(out, join->orders);
    wire::pack(out, "journal");
    wire::pack(out, join->orders.journal);
    wire::pack(out, "cache");
    wire::pack(out, join->cache.kinds);
    wire::pack(out, "bars_disk");
    wire::pack(out, join->cache.disk);
    wire::pack(out, "pacing");
    wire::pack(out, join->cache.pacing);
    wire::pack(out, "bus");
    pack_bus(out, *context.stats, *context.queue);
    wire::pack(out, "actors");
    wire::pack(out, join->supervisor.children);
    answer(token, std::move(buffer.bytes));
  };
  // A part that can't be had is left as it is: the status still tells what is known.
  const auto part = [&](const auto& handle, auto request, auto store) {
    if (!handle) return done();
    self->request(handle, caf::infinite, std::move(request)).then(store, [done](const caf::error&) { done(); });
  };
  part(peers.hub, GetHubStatus{}, [=](const HubStatus& s) {
    join->hub = s;
    done();
  });
  part(peers.hub, GetQuoteStats{}, [=](const QuoteStats& s) {
    join->quotes = s;
    done();
  });
  part(peers.orders, GetOrderManagerStatus{}, [=](const OrderManagerStatus& s) {
    join->orders = s;
    done();
  });
  part(peers.cache, GetCacheStats{}, [=](const CacheStats& s) {
    join->cache = s;
    done();
  });
  part(peers.supervisor, GetSupervisorStatus{}, [=](const SupervisorStatus& s) {
    join->supervisor = s;
    done();
  });
}

void GatewayState::connect(const Call& call) { set_link(call, true); }
void GatewayState::disconnect(const Call& call) { set_link(call, false); }

void GatewayState::set_link(const Call& call, bool up) {
  std::string who;
  Result<void> ok;
  for (const std::string_view key : {"name", "provider", "broker"})
    if (ok && who.empty()) ok = wire::unpack_key(*call.args, key, false, who);
  if (ok && who.empty()) ok = invalid("name", "name (of a broker or a provider) is missing");
  if (!ok) return fail_with(call.token, ok.error());
  const auto is_one_of = [&](const std::vector<std::string>& names) {
    return std::ranges::find(names, who) != names.end();
  };
  if (is_one_of(context.providers))
    return forward<ProviderStatus>(call.token, peers.hub, SetProviderLink{ProviderName{who}, up},
                                   Errc::provider_unavailable, [](const ProviderStatus& s) { return wire::packed(s); });
  if (is_one_of(context.brokers))
    return forward<BrokerStatus>(call.token, peers.supervisor, SetBrokerLink{BrokerName{who}, up},
                                 Errc::broker_unavailable, [](const BrokerStatus& s) { return wire::packed(s); });
  fail_with(call.token, Error{Errc::request_invalid, "no broker or provider is called \"" + who + "\"", "name"});
}

}  // namespace tradebus
