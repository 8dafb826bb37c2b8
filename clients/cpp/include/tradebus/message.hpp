// One message of the stream. The body stays packed until it is asked for.
#pragma once

#include <cstdint>
#include <memory>
#include <msgpack.hpp>
#include <string>
#include <utility>

#include "tradebus/decode.hpp"
#include "tradebus/topic.hpp"
#include "tradebus/types.hpp"

namespace tradebus::client {

class Message {
 public:
  // `body` lies inside `data`.
  Message(std::string topic, std::shared_ptr<const msgpack::object_handle> data, const msgpack::object* body)
      : topic_{std::move(topic)}, data_{std::move(data)}, body_{body} {
    MapReader reader{*body_};
    reader("seq", seq_), reader("snapshot", snapshot_);
  }

  const std::string& topic() const { return topic_; }
  Kind kind() const { return topic_kind(topic_); }
  std::uint64_t seq() const { return seq_; }
  bool snapshot() const { return snapshot_; }    // the last value from before the subscription
  bool recovered() const { return recovered_; }  // fetched afterwards: it was lost on its way

  // The body as one of types.hpp; choose it by kind().
  template <class T>
  T as() const {
    return decode<T>(*body_);
  }
  // The whole body, also keys without a member in types.hpp.
  Value value() const { return Value::from(*body_); }
  const msgpack::object& body() const { return *body_; }

  void mark_recovered() { recovered_ = true; }

 private:
  std::string topic_;
  std::shared_ptr<const msgpack::object_handle> data_;
  const msgpack::object* body_;
  std::uint64_t seq_ = 0;
  bool snapshot_ = false;
  bool recovered_ = false;
};

// For std::visit.
inline Event to_event(const Message& message) {
  switch (message.kind()) {
    case Kind::quote:
      return message.as<Quote>();
    case Kind::trade:
      return message.as<Trade>();
    case Kind::bar:
      return message.as<Bar>();
    case Kind::option:
      return message.as<OptionQuote>();
    case Kind::news:
      return message.as<NewsItem>();
    case Kind::order:
      return message.as<OrderEvent>();
    case Kind::position:
      return message.as<Position>();
    case Kind::account:
      return message.as<AccountSummary>();
    case Kind::status:
      return message.as<Status>();
    case Kind::heartbeat:
    case Kind::feed:
    case Kind::other:
      break;
  }
  return message.value();
}

}  // namespace tradebus::client
