// A daemon that a test scripts: XPUB and ROUTER on free ports, its answers written from the protocol page.
// It speaks msgpack itself (only the Value tree is the client's), so that a client that misreads the wire is caught.
#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>
#include <zmq.hpp>

#include "tradebus/value.hpp"

namespace tradebus::test {

using client::Value;
using namespace std::chrono_literals;

inline Value map_of(std::vector<std::pair<std::string, Value>> members) {
  Value out = Value::make_map();
  for (auto& [key, value] : members) out.set(key, std::move(value));
  return out;
}

class FakeBus {
 public:
  struct Answer {
    bool ok = true;
    Value body = Value::make_map();  // the result, or the error
    bool silent = false;             // never answers
  };
  using Handler = std::function<Answer(const Value& args)>;
  struct Request {
    std::string op;
    Value args;
    Value envelope;
  };

  static Answer refuse(const std::string& code, const std::string& message) {
    return {false, map_of({{"code", code}, {"message", message}}), false};
  }

  // Endpoints of an earlier fake bus start the "same" daemon again.
  explicit FakeBus(std::uint64_t epoch = 7, std::string stream = "tcp://127.0.0.1:*",
                   std::string command = "tcp://127.0.0.1:*")
      : epoch_{epoch},
        xpub_{context_, zmq::socket_type::xpub},
        router_{context_, zmq::socket_type::router},
        inbox_{context_, zmq::socket_type::pair},
        outbox_{context_, zmq::socket_type::pair} {
    xpub_.set(zmq::sockopt::xpub_verbose, true);
    xpub_.set(zmq::sockopt::linger, 0);
    router_.set(zmq::sockopt::linger, 0);
    bind(xpub_, stream);
    bind(router_, command);
    stream_ = xpub_.get(zmq::sockopt::last_endpoint);
    command_ = router_.get(zmq::sockopt::last_endpoint);
    inbox_.bind("inproc://test");
    outbox_.connect("inproc://test");
    on("hello", [epoch](const Value& args) {
      return Answer{true, map_of({{"server", "tradebus"},
                                  {"version", "0.0-fake"},
                                  {"protocol", 1},
                                  {"epoch", epoch},
                                  {"client", args["client"]},
                                  {"roles", Value::Array{Value{"read"}, Value{"trade"}}},
                                  {"brokers", Value::Array{Value{"paper"}}},
                                  {"providers", Value::Array{Value{"sim"}}}})};
    });
    on("ping", [](const Value&) { return Answer{true, map_of({{"ts", 1'718'976'600'000'000'000}})}; });
    thread_ = std::thread{[this] { run(); }};
  }
  ~FakeBus() {
    outbox_.send(zmq::str_buffer("stop"), zmq::send_flags::none);
    thread_.join();
  }
  FakeBus(const FakeBus&) = delete;
  FakeBus& operator=(const FakeBus&) = delete;

  const std::string& stream() const { return stream_; }
  const std::string& command() const { return command_; }

  // ---- the script
  // ----------------------------------------------------------------------------------------------------

  void on(const std::string& op, Handler handler) {
    const std::scoped_lock lock{mutex_};
    handlers_[op] = std::move(handler);
  }
  void on(const std::string& op, Value result) {
    on(op, [result = std::move(result)](const Value&) { return Answer{true, result}; });
  }
  // What a new subscriber to exactly this topic gets at once.
  void set_last(const std::string& topic, const Value& body) {
    const std::scoped_lock lock{mutex_};
    last_[topic] = body;
  }
  // From the test's thread only.
  void publish(const std::string& topic, const Value& body) {
    outbox_.send(zmq::str_buffer("publish"), zmq::send_flags::sndmore);
    outbox_.send(zmq::buffer(topic), zmq::send_flags::sndmore);
    outbox_.send(packed(body), zmq::send_flags::none);
  }
  void stop_beating() { outbox_.send(zmq::str_buffer("mute"), zmq::send_flags::none); }

  // ---- what the client did
  // -------------------------------------------------------------------------------------------

  bool wait_subscribed(const std::string& topic) {
    return wait([&] { return subscriptions_.contains(topic) && subscriptions_[topic] > 0; });
  }
  bool wait_unsubscribed(const std::string& topic) {
    return wait([&] { return subscriptions_.contains(topic) && subscriptions_[topic] == 0; });
  }
  // The nth request (from 0) of this op.
  std::optional<Request> wait_request(const std::string& op, std::size_t n = 0) {
    std::optional<Request> found;
    wait([&] {
      std::size_t seen = 0;
      for (const auto& request : requests_)
        if (request.op == op && seen++ == n) found = request;
      return found.has_value();
    });
    return found;
  }
  std::size_t count_requests(const std::string& op) {
    const std::scoped_lock lock{mutex_};
    std::size_t n = 0;
    for (const auto& request : requests_) n += request.op == op ? 1U : 0U;
    return n;
  }

 private:
  template <class Condition>
  bool wait(Condition condition) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, 10s, condition);
  }

  // A port that was just closed may need a moment when a "restarted" daemon takes it again.
  static void bind(zmq::socket_t& socket, const std::string& endpoint) {
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    for (;;) {
      try {
        return socket.bind(endpoint);
      } catch (const zmq::error_t& e) {
        if (e.num() != EADDRINUSE || std::chrono::steady_clock::now() > deadline) throw;
        std::this_thread::yield();
      }
    }
  }

  static zmq::message_t packed(const Value& value) {
    msgpack::sbuffer buffer;
    msgpack::packer<msgpack::sbuffer> packer{buffer};
    value.pack(packer);
    return zmq::message_t{buffer.data(), buffer.size()};
  }
  static Value unpacked(const zmq::message_t& frame) {
    return Value::from(msgpack::unpack(static_cast<const char*>(frame.data()), frame.size()).get());
  }

  void run() {
    auto next_beat = std::chrono::steady_clock::now();
    bool beats = true;
    for (;;) {
      std::array<zmq_pollitem_t, 3> items{zmq_pollitem_t{inbox_.handle(), 0, ZMQ_POLLIN, 0},
                                          zmq_pollitem_t{xpub_.handle(), 0, ZMQ_POLLIN, 0},
                                          zmq_pollitem_t{router_.handle(), 0, ZMQ_POLLIN, 0}};
      zmq_poll(items.data(), 3, 10);
      zmq::message_t frame;
      while (xpub_.recv(frame, zmq::recv_flags::dontwait)) take_subscription(frame.to_string());
      while (router_.recv(frame, zmq::recv_flags::dontwait)) take_request(std::move(frame));
      while (inbox_.recv(frame, zmq::recv_flags::dontwait)) {
        const auto what = frame.to_string();
        if (what == "stop") return;
        if (what == "mute") beats = false;
        if (what != "publish") continue;
        zmq::message_t topic, body;
        static_cast<void>(inbox_.recv(topic));
        static_cast<void>(inbox_.recv(body));
        xpub_.send(topic, zmq::send_flags::sndmore);
        xpub_.send(body, zmq::send_flags::none);
      }
      if (beats && std::chrono::steady_clock::now() >= next_beat) {
        next_beat = std::chrono::steady_clock::now() + 50ms;  // faster than a daemon's second: tests wait for it
        send("heartbeat|", map_of({{"seq", ++beat_}, {"epoch", epoch_}, {"ts", 1}, {"uptime_ms", 1}}));
      }
    }
  }

  void send(const std::string& topic, const Value& body) {
    xpub_.send(zmq::buffer(topic), zmq::send_flags::sndmore);
    xpub_.send(packed(body), zmq::send_flags::none);
  }

  void take_subscription(const std::string& frame) {
    if (frame.empty()) return;
    const auto topic = frame.substr(1);
    const std::scoped_lock lock{mutex_};
    if (frame[0] == 1) {
      ++subscriptions_[topic];
      if (auto last = last_.find(topic); last != last_.end()) send(topic, Value{last->second}.set("snapshot", true));
    } else {
      subscriptions_[topic] = 0;
    }
    changed_.notify_all();
  }

  void take_request(zmq::message_t identity) {
    std::vector<zmq::message_t> frames;
    zmq::message_t frame;
    do {
      static_cast<void>(router_.recv(frame));
      frames.push_back(std::move(frame));
    } while (frames.back().more());
    const Value request = unpacked(frames.back());
    const auto op = request["op"].text_or("");
    Handler handler;
    {
      const std::scoped_lock lock{mutex_};
      requests_.push_back({op, request["args"], request});
      if (auto it = handlers_.find(op); it != handlers_.end()) handler = it->second;
      changed_.notify_all();
    }
    const Answer answer = handler ? handler(request["args"]) : refuse("request.unknown_op", "no such op: " + op);
    if (answer.silent) return;
    Value reply = map_of({{"v", 1}, {"id", request["id"]}, {"ok", answer.ok}});
    reply.set(answer.ok ? "result" : "error", answer.body);
    router_.send(identity, zmq::send_flags::sndmore);
    for (std::size_t i = 0; i + 1 < frames.size(); ++i) router_.send(frames[i], zmq::send_flags::sndmore);
    router_.send(packed(reply), zmq::send_flags::none);
  }

  std::uint64_t epoch_;
  std::uint64_t beat_ = 0;
  zmq::context_t context_;
  zmq::socket_t xpub_, router_, inbox_, outbox_;
  std::string stream_, command_;
  std::mutex mutex_;  // the script and the notes, shared with the test's thread
  std::condition_variable changed_;
  std::map<std::string, Handler> handlers_;
  std::map<std::string, Value> last_;
  std::map<std::string, int> subscriptions_;
  std::vector<Request> requests_;
  std::thread thread_;
};

// ---- bodies
// -------------------------------------------------------------------------------------------------------------

inline Value quote_body(std::uint64_t seq, double bid, double ask, const std::string& symbol = "AAPL") {
  return map_of({{"symbol", symbol},
                 {"ts", 1'718'976'600'000'000'000 + static_cast<std::int64_t>(seq)},
                 {"rx", 1'718'976'600'000'000'500},
                 {"bid", bid},
                 {"bid_size", 200},
                 {"ask", ask},
                 {"ask_size", 300},
                 {"seq", seq}});
}
inline Value trade_body(std::uint64_t seq, double price, double size, const std::string& symbol = "AAPL") {
  return map_of({{"symbol", symbol},
                 {"ts", 1'718'976'600'000'000'000 + static_cast<std::int64_t>(seq)},
                 {"rx", 1'718'976'600'000'000'500},
                 {"price", price},
                 {"size", size},
                 {"seq", seq}});
}
inline Value order_body(const std::string& status, double filled = 0) {
  Value order = map_of({{"order_id", "o-1"},
                        {"client_order_id", "c-1"},
                        {"client", "test"},
                        {"broker", "paper"},
                        {"account", "PAPER"},
                        {"symbol", "AAPL"},
                        {"side", "buy"},
                        {"qty", 10},
                        {"order_type", "market"},
                        {"time_in_force", "day"},
                        {"status", status},
                        {"filled_qty", filled},
                        {"leaves_qty", 10 - filled},
                        {"created", 1'718'976'600'000'000'000},
                        {"updated", 1'718'976'600'000'000'000}});
  if (filled > 0) order.set("avg_price", 190.12);
  return order;
}
inline Value order_event(std::uint64_t seq, const std::string& event, Value order) {
  Value out = map_of({{"seq", seq}, {"ts", 1'718'976'600'000'000'000}, {"event", event}, {"order", std::move(order)}});
  if (event == "fill")
    out.set("fill", map_of({{"exec_id", "x-" + std::to_string(seq)},
                            {"qty", 10},
                            {"price", 190.12},
                            {"commission", 0.05},
                            {"ts", 1'718'976'600'000'000'000}}));
  return out;
}
inline Value with_event_seq(Value list, std::int64_t last_seq) {
  return map_of({{"events", std::move(list)}, {"last_seq", last_seq}});
}

}  // namespace tradebus::test
