// Market data, order events and states as they happen.
//
//   auto stream = Stream::open({});
//   stream->subscribe(quote_topic("AAPL"));
//   while (auto message = stream->next(1s)) ...
//
// Each message of a topic comes once and in order: a snapshot or a repeated message that was seen is dropped; a hole in
// `seq` is refilled with get_missed (through a session of the stream's own) and reported to on_gap. `feed|KIND|`
// batches come as the single messages of their own topics. After a reconnect messages are held back until the daemon's
// heartbeat says which epoch it is. A new epoch counts from 1 again; order events continue, and what was missed of them
// is fetched with get_events.
//
// Thread: one object, one thread, the callbacks included. next() blocks until a message, its timeout or a signal;
// filling a gap adds at most a few `recover_timeout`. Errors: Expected where something can fail; nothing throws. Loss
// is told through on_gap, a lost daemon through on_disconnected; ZeroMQ reconnects by itself.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>
#include <zmq.hpp>

#include "tradebus/detail/recovery.hpp"
#include "tradebus/detail/socket.hpp"
#include "tradebus/expected.hpp"
#include "tradebus/message.hpp"
#include "tradebus/options.hpp"
#include "tradebus/sequence.hpp"

namespace tradebus::client {

// A hole in a topic's numbers: those above `after` and below `before` did not come.
struct Gap {
  std::string topic;
  std::uint64_t after = 0;
  std::uint64_t before = 0;
  std::uint64_t recovered = 0;  // of them, fetched and about to be delivered
  bool complete() const { return recovered == before - after - 1; }
};

class Stream {
 public:
  enum class State : std::uint8_t { connecting, connected, disconnected };

  static Expected<Stream> open(StreamOptions options = {}) {
    try {
      return Stream{options};
    } catch (const zmq::error_t& e) {
      return detail::endpoint_error(options.stream, e);
    }
  }
  Stream(Stream&&) = default;
  Stream& operator=(Stream&&) = default;

  // Called inside next(), on its thread.
  std::function<void(const Gap&)> on_gap = {};
  std::function<void(std::uint64_t epoch, bool new_epoch)> on_connected = {};  // also after a reconnect
  std::function<void()> on_disconnected = {};  // no sign of life for `liveness`; once until it is back

  // An exact topic ("quote|AAPL|") opens it upstream and gives its last value first; a prefix ("quote|") only listens.
  void subscribe(std::string_view topic) {
    if (!topics_.emplace(topic).second) return;
    if (topic != heartbeat_) set(zmq::sockopt::subscribe, topic);
    if (topic_kind(topic) == Kind::order && state_ == State::connected) recovery_.note_order_seq();
  }
  void unsubscribe(std::string_view topic) {
    const auto at = topics_.find(topic);
    if (at == topics_.end()) return;
    topics_.erase(at);
    if (topic != heartbeat_) set(zmq::sockopt::unsubscribe, topic);
    sequence_.forget(topic);
  }

  // The next message, or nothing within `timeout` (0: only what is here already). Returns early, empty, on a signal.
  std::optional<Message> next(std::chrono::milliseconds timeout) {
    const auto deadline = detail::SteadyClock::now() + timeout;
    for (;;) {
      if (!ready_.empty()) {
        Message message = std::move(ready_.front());
        ready_.pop_front();
        return message;
      }
      if (receive()) continue;
      const auto now = detail::SteadyClock::now();
      judge_liveness(now);
      if (!ready_.empty()) continue;
      if (now >= deadline) return std::nullopt;
      const auto until = state_ == State::disconnected ? deadline : std::min(deadline, last_sign_ + options_.liveness);
      if (detail::wait(wire_->socket, ZMQ_POLLIN, wire_->link, until) == detail::Wait::interrupted) return std::nullopt;
    }
  }

  // Hands what comes within `timeout` to `handle(const Message&)`; returns how many.
  template <class F>
  std::size_t poll(std::chrono::milliseconds timeout, F&& handle) {
    const auto deadline = detail::SteadyClock::now() + timeout;
    std::size_t count = 0;
    while (auto message = next(std::chrono::milliseconds{detail::ms_until(deadline)})) {
      handle(std::as_const(*message));
      ++count;
    }
    return count;
  }

  State state() const { return state_; }
  // The daemon's start that the last heartbeat named.
  std::optional<std::uint64_t> epoch() const { return epoch_; }

 private:
  using Data = std::shared_ptr<const msgpack::object_handle>;
  struct Held {
    std::string topic;
    Data data;
  };

  explicit Stream(const StreamOptions& options)
      : options_{options},
        wire_{std::make_unique<detail::Wire>(zmq::socket_type::sub)},
        recovery_{options},
        last_sign_{detail::SteadyClock::now()} {
    detail::prepare(wire_->socket, options_.curve);
    wire_->socket.set(zmq::sockopt::rcvhwm, options_.receive_hwm);
    wire_->socket.set(zmq::sockopt::sndhwm, 0);  // subscriptions go this way: libzmq drops those beyond it silently
    wire_->socket.connect(options_.stream);
    set(zmq::sockopt::subscribe, heartbeat_);
  }

  template <class Option>
  void set(Option option, std::string_view topic) {
    try {
      wire_->socket.set(option, topic);
    } catch (const zmq::error_t&) {
      // Only a closed context gives this: next() then finds nothing.
    }
  }

  // Takes one message off the socket; false when there is none.
  bool receive() {
    try {
      zmq::message_t topic;
      if (!wire_->socket.recv(topic, zmq::recv_flags::dontwait)) {
        wire_->link.update();
        note_connection();
        return false;
      }
      zmq::message_t body;
      if (!topic.more() || !wire_->socket.recv(body, zmq::recv_flags::dontwait)) return true;
      wire_->link.update();
      last_sign_ = detail::SteadyClock::now();
      note_connection();
      auto data = detail::unpack(body);
      if (data && data->get().type == msgpack::type::MAP) take(topic.to_string(), std::move(data));
      return true;
    } catch (const zmq::error_t&) {
      return false;
    }
  }

  void note_connection() {
    if (wire_->link.made() == connections_) return;
    const bool again = connections_ != 0;
    connections_ = wire_->link.made();
    if (again) verifying_ = true;
  }

  void take(std::string topic, Data data) {
    if (topic == heartbeat_) {
      std::uint64_t epoch = 0;
      MapReader{data->get()}("epoch", epoch);
      beat(epoch);
      if (topics_.contains(heartbeat_)) ready_.emplace_back(std::move(topic), data, &data->get());
    } else if (verifying_) {
      held_.push_back({std::move(topic), std::move(data)});
      if (held_.size() >= held_max) settle(true);  // a daemon that doesn't beat: rather twice than not at all
    } else {
      deliver(topic, data);
    }
  }

  void beat(std::uint64_t epoch) {
    const bool new_epoch = epoch_ != epoch;
    const bool known = epoch_.has_value();
    const bool back = state_ != State::connected;
    epoch_ = epoch;
    state_ = State::connected;
    if (back || new_epoch || verifying_) {
      if (on_connected) on_connected(epoch, known && new_epoch);
    }
    if (verifying_ || (known && new_epoch)) settle(new_epoch);
    if (back && wants_orders()) recovery_.note_order_seq();
  }

  // The epoch is known (again): numbers go on or start anew, and what was held back is delivered.
  void settle(bool new_epoch) {
    verifying_ = false;
    if (new_epoch) sequence_.restart([](std::string_view topic) { return topic_kind(topic) == Kind::order; });
    recover_orders();
    auto held = std::exchange(held_, {});
    for (const auto& [topic, data] : held) deliver(topic, data);
  }

  void deliver(const std::string& topic, const Data& data) {
    if (topic_kind(topic) != Kind::feed) return accept(topic, data, data->get());
    const auto* items = MapReader{data->get()}.find("items");
    if (items == nullptr || items->type != msgpack::type::ARRAY) return;
    const auto kind = topic_key(topic);
    for (std::uint32_t i = 0; i < items->via.array.size; ++i) {
      const auto& item = items->via.array.ptr[i];
      if (item.type != msgpack::type::MAP) continue;
      std::string symbol;
      MapReader{item}("symbol", symbol);
      accept(symbol.empty() ? topic : make_topic(kind, symbol), data, item);
    }
  }

  void accept(const std::string& topic, const Data& data, const msgpack::object& body) {
    Message message{topic, data, &body};
    const auto kind = message.kind();
    const bool market = kind == Kind::quote || kind == Kind::trade || kind == Kind::bar || kind == Kind::option ||
                        kind == Kind::news;  // of states only the last one counts, and order numbers have holes
    if (message.seq() != 0 && kind != Kind::feed) {
      std::uint64_t last = 0;
      switch (sequence_.judge(topic, message.seq(), market, last)) {
        case Sequence::Verdict::duplicate:
          return;
        case Sequence::Verdict::gap:
          refill({topic, last, message.seq(), 0});
          break;
        case Sequence::Verdict::next:
          break;
      }
      if (kind == Kind::order) recovery_.saw_order_seq(message.seq());
    }
    ready_.push_back(std::move(message));
  }

  void refill(Gap gap) {
    auto missed = recovery_.missed(gap.topic, gap.after, gap.before);
    gap.recovered = missed.size();
    if (on_gap) on_gap(gap);
    for (auto& message : missed) ready_.push_back(std::move(message));
  }

  // Order topics say nothing of holes: after each reconnect the journal is asked.
  void recover_orders() {
    auto wanted = [this](std::string_view topic) {
      for (const auto& subscribed : topics_)
        if (topic.starts_with(subscribed)) return true;
      return false;
    };
    for (auto& message : recovery_.missed_orders(wanted)) {
      std::uint64_t last = 0;
      if (sequence_.judge(message.topic(), message.seq(), false, last) != Sequence::Verdict::duplicate)
        ready_.push_back(std::move(message));
    }
  }

  bool wants_orders() const {
    return std::any_of(topics_.begin(), topics_.end(), [](const auto& t) { return topic_kind(t) == Kind::order; });
  }

  void judge_liveness(detail::SteadyClock::time_point now) {
    if (state_ == State::disconnected || now < last_sign_ + options_.liveness) return;
    state_ = State::disconnected;
    if (on_disconnected) on_disconnected();
  }

  static constexpr std::string_view heartbeat_ = "heartbeat|";
  static constexpr std::size_t held_max = 100'000;

  StreamOptions options_;
  std::unique_ptr<detail::Wire> wire_;
  detail::Recovery recovery_;
  std::set<std::string, std::less<>> topics_;
  Sequence sequence_;
  std::deque<Message> ready_;  // at most one batch or one refilled gap
  std::deque<Held> held_;      // since a reconnect, until the next heartbeat
  std::optional<std::uint64_t> epoch_;
  std::uint64_t connections_ = 0;
  bool verifying_ = false;
  State state_ = State::connecting;
  detail::SteadyClock::time_point last_sign_;
};

}  // namespace tradebus::client
