// The real bridge with its thread and sockets; a fake stands where the actors are.
#pragma once

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <condition_variable>
#include <iterator>
#include <map>
#include <mutex>
#include <optional>
#include <zmq.hpp>

#include "bus/bridge/bridge.hpp"
#include "bus/bridge/publisher.hpp"
#include "bus/wire/pack.hpp"
#include "bus/wire/unpack.hpp"

namespace tradebus::test {

using namespace std::chrono_literals;

struct FakeListener : BridgeListener {
  std::mutex mutex;
  std::condition_variable changed;
  std::map<std::string, std::uint32_t> subscribers;
  std::vector<ClientRequest> requests;
  int rooms = 0;
  std::vector<WatchRequest> watched;
  std::vector<std::string> silent;
  std::vector<std::string> heard;

  void on_subscribers(std::string topic, std::uint32_t count) override {
    const std::lock_guard lock{mutex};
    subscribers[topic] = count;
    changed.notify_all();
  }
  void on_requests(std::vector<ClientRequest> arrived) override {
    const std::lock_guard lock{mutex};
    std::ranges::move(arrived, std::back_inserter(requests));
    changed.notify_all();
  }
  void on_room() override {
    const std::lock_guard lock{mutex};
    ++rooms;
    changed.notify_all();
  }
  void on_client_watched(WatchRequest request) override {
    const std::lock_guard lock{mutex};
    watched.push_back(std::move(request));
    changed.notify_all();
  }
  void on_client_silent(std::string client) override {
    const std::lock_guard lock{mutex};
    silent.push_back(client);
    changed.notify_all();
  }
  void on_client_heard(std::string client) override {
    const std::lock_guard lock{mutex};
    heard.push_back(client);
    changed.notify_all();
  }
  // Waits until it holds; a wait that runs out fails the test.
  template <class Condition>
  void until(Condition condition) {
    std::unique_lock lock{mutex};
    BOOST_REQUIRE(changed.wait_for(lock, 20s, condition));
  }
};

struct BridgeFixture {
  static BridgeConfig config() {
    BridgeConfig c;
    c.stream = {"tcp://127.0.0.1:0"};
    c.command = {"tcp://127.0.0.1:0"};
    c.subscriber_queue = 1000;
    c.lossless_stall = 2s;  // longer than a busy machine lets a reader wait
    c.ring_messages = 64;
    c.request_timeout = 10s;
    c.version = "test";
    return c;
  }

  BusQueue queue{64};
  FakeListener listener;
  Publisher publisher{queue};
  Bridge bridge{config(), queue, listener};
  BridgeEndpoints endpoints = *bridge.bind();
  zmq::context_t context;
  std::uint64_t seq = 0;

  BridgeFixture() { bridge.start(); }
  ~BridgeFixture() { bridge.stop(); }

  zmq::socket_t subscriber(std::initializer_list<const char*> topics, int queue_length = 0) {
    zmq::socket_t out{context, zmq::socket_type::sub};
    out.set(zmq::sockopt::rcvhwm, queue_length);
    out.set(zmq::sockopt::rcvtimeo, 20'000);
    out.set(zmq::sockopt::linger, 0);
    out.connect(endpoints.stream[0]);
    for (const auto* topic : topics) out.set(zmq::sockopt::subscribe, topic);
    return out;
  }
  zmq::socket_t client(zmq::socket_type type = zmq::socket_type::dealer) {
    zmq::socket_t out{context, type};
    out.set(zmq::sockopt::rcvtimeo, 20'000);
    out.set(zmq::sockopt::linger, 0);
    out.connect(endpoints.command[0]);
    return out;
  }
  void until_subscribers(const std::string& topic, std::uint32_t count) {
    listener.until([&] {
      const auto it = listener.subscribers.find(topic);
      return it != listener.subscribers.end() && it->second == count;
    });
  }

  void announce(BusTopicId id, std::string_view name) {
    BusBatch batch;
    add(batch, BusEntry::Type::announce, id, 0, name);
    queue.push(std::move(batch));
  }
  static std::string body(std::uint64_t number) {
    wire::Buffer b;
    wire::Packer out{b};
    out.pack_map(2);
    wire::pack(out, "seq");
    wire::pack(out, number);
    wire::pack(out, "symbol");
    wire::pack(out, "AAPL");
    return b.bytes;
  }
  static void add(BusBatch& batch, BusEntry::Type type, BusTopicId id, std::uint64_t number, std::string_view bytes) {
    BusEntry entry;
    entry.type = type;
    entry.id = id;
    entry.seq = number;
    entry.offset = static_cast<std::uint32_t>(batch.bytes.size());
    entry.size = static_cast<std::uint32_t>(bytes.size());
    batch.bytes.append(bytes);
    batch.entries.push_back(entry);
  }
  // `count` more messages of topic 0, one batch.
  void send(std::uint64_t count, bool lossless = false) {
    BusBatch batch;
    batch.lossless = lossless;
    for (std::uint64_t i = 0; i < count; ++i) {
      ++seq;
      add(batch, BusEntry::Type::market, 0, seq, body(seq));
    }
    queue.push(std::move(batch));
  }

  struct Message {
    std::string topic;
    std::uint64_t seq = 0;
    bool snapshot = false;
    std::size_t items = 0;
  };
  static Message receive(zmq::socket_t& socket) {
    zmq::message_t topic;
    zmq::message_t bytes;
    BOOST_REQUIRE(socket.recv(topic));
    BOOST_REQUIRE(socket.recv(bytes));
    const auto doc = wire::Document::parse({static_cast<const char*>(bytes.data()), bytes.size()});
    BOOST_REQUIRE(doc);
    Message out;
    out.topic = topic.to_string();
    out.seq = wire::find(doc->root(), "seq")->as<std::uint64_t>();
    out.snapshot = wire::find(doc->root(), "snapshot") != nullptr;
    if (const auto* items = wire::find(doc->root(), "items")) out.items = items->via.array.size;
    return out;
  }

  // A request {v, id, op, args} and its reply.
  static std::string request(std::string_view op, std::uint64_t id, std::string_view args = {"\x80", 1},
                             std::int64_t timeout_ms = 0) {
    wire::Buffer b;
    wire::Packer out{b};
    out.pack_map(timeout_ms > 0 ? 5 : 4);
    wire::pack(out, "v");
    wire::pack(out, 1);
    wire::pack(out, "id");
    wire::pack(out, id);
    wire::pack(out, "op");
    wire::pack(out, op);
    if (timeout_ms > 0) {
      wire::pack(out, "timeout_ms");
      wire::pack(out, timeout_ms);
    }
    wire::pack(out, "args");
    b.bytes.append(args);
    return b.bytes;
  }
  static void send_frame(zmq::socket_t& socket, std::string_view frame) {
    socket.send(zmq::buffer(frame), zmq::send_flags::none);
  }
  static wire::Document reply(zmq::socket_t& socket) {
    zmq::message_t bytes;
    BOOST_REQUIRE(socket.recv(bytes));
    auto doc = wire::Document::parse({static_cast<const char*>(bytes.data()), bytes.size()});
    BOOST_REQUIRE(doc);
    return std::move(*doc);
  }
  static std::string code(const wire::Document& doc) {
    const auto* error = wire::find(doc.root(), "error");
    return error == nullptr ? "" : wire::find(*error, "code")->as<std::string>();
  }
};

}  // namespace tradebus::test
