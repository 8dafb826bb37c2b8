#include "engine/daemon/metrics.hpp"

#include "bus/bridge/metrics_text.hpp"

namespace tradebus {

std::string metrics_text(const BridgeStats& stats, const BusQueue& queue, const std::string& version,
                         std::uint64_t epoch) {
  MetricsText out;
  out.gauge("tradebus_info", "The daemon's version; the value is its epoch.", epoch, {{"version", version}});
  out.counter("tradebus_market_messages_total", "Market-data messages numbered and handed to the stream.",
              stats.messages.load());
  out.counter("tradebus_feed_messages_total", "Batched feed messages sent.", stats.feed_messages.load());
  out.counter("tradebus_snapshots_total", "Last values sent to new subscribers.", stats.snapshots.load());
  out.counter("tradebus_messages_dropped_total", "Market-data messages dropped because the bus was behind.",
              queue.dropped());
  out.counter("tradebus_stalls_total", "Times a full-speed replay waited in vain for a subscriber.",
              stats.stalls.load());
  out.counter("tradebus_requests_total", "Requests received.", stats.requests.load());
  out.counter("tradebus_requests_refused_total", "Requests refused before they reached an actor.",
              stats.refused.load());
  out.counter("tradebus_request_timeouts_total", "Requests that were not answered in time.", stats.timeouts.load());
  out.gauge("tradebus_requests_open", "Requests under way.", stats.open_requests.load());
  out.gauge("tradebus_subscriptions", "Subscriptions of all clients.", stats.subscriptions.load());
  out.gauge("tradebus_topics", "Market-data topics known to the stream.", stats.topics.load());
  out.gauge("tradebus_kept_bytes", "Memory of the messages kept for get_missed.", stats.ring_bytes.load());
  out.gauge("tradebus_queue_batches", "Batches waiting between the hub and the stream.", queue.depth());
  return out.take();
}

}  // namespace tradebus
