// The bridge: ZeroMQ on one side, a queue and a listener on the other, one thread between them.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "bus/bridge/bridge_listener.hpp"
#include "bus/bridge/bus_queue.hpp"
#include "bus/model/error.hpp"

namespace tradebus {

struct BridgeConfig {
  std::vector<std::string> stream;
  std::vector<std::string> command;
  int subscriber_queue = 20'000;                    // messages kept for a subscriber before it loses some
  std::chrono::milliseconds lossless_stall{2'000};  // how long a full-speed replay waits for one that takes nothing
  std::size_t ring_messages = 1024;                 // a topic
  std::size_t ring_memory_bytes = 64U << 20U;       // of all topics
  std::size_t feed_items = 64;                      // a feed message
  std::chrono::milliseconds request_timeout{10'000};
  std::chrono::milliseconds request_timeout_max{60'000};
  std::size_t request_bytes_max = 1U << 20U;
  std::size_t requests_open_max = 10'000;
  std::size_t bulk_bytes_per_second = 32U << 20U;  // of large answers, while orders come; 0: no bound
  std::size_t topics_max = 200'000;
  std::uint64_t epoch = 0;
  std::string version;
  std::vector<std::string> brokers;
  std::vector<std::string> providers;
};

// Counters; written by the bridge's thread, read by anybody.
struct BridgeStats {
  std::atomic<std::uint64_t> messages{0};  // of market data, sent or with nobody listening
  std::atomic<std::uint64_t> feed_messages{0};
  std::atomic<std::uint64_t> snapshots{0};
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> quotes{0};   // get_quote answered here, from a last message
  std::atomic<std::uint64_t> refused{0};  // undecodable or invalid envelopes
  std::atomic<std::uint64_t> timeouts{0};
  std::atomic<std::uint64_t> late_replies{0};  // for requests that had timed out
  std::atomic<std::uint64_t> open_requests{0};
  std::atomic<std::uint64_t> subscriptions{0};
  std::atomic<std::uint64_t> topics{0};
  std::atomic<bool> orders_wanted{false};  // somebody listens to order|
  std::atomic<std::uint64_t> ring_bytes{0};
  std::atomic<std::uint64_t> stalls{0};  // a full-speed replay waited for a subscriber in vain
  std::atomic<std::uint64_t> noise{0};   // upstream messages on the stream that were no subscriptions
};

struct BridgeEndpoints {
  std::vector<std::string> stream;
  std::vector<std::string> command;
};

class Bridge {
 public:
  // `queue` and `listener` outlive the bridge.
  Bridge(BridgeConfig config, BusQueue& queue, BridgeListener& listener);
  ~Bridge();  // stops
  Bridge(const Bridge&) = delete;
  Bridge& operator=(const Bridge&) = delete;

  // Binds both sockets. config.invalid: a port in use, an endpoint that is none.
  Result<BridgeEndpoints> bind();
  // Before start(), of an earlier run: this client's silence is told of, counted from now; whatever it asks for is a
  // sign of life.
  void watch(const std::string& client, std::chrono::milliseconds silence);
  void start();
  // Sends what is queued, then ends the thread and closes the sockets.
  void stop();

  const BridgeStats& stats() const { return *stats_; }

 private:
  class Loop;
  std::unique_ptr<BridgeStats> stats_;
  std::unique_ptr<Loop> loop_;
  BusQueue& queue_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace tradebus
