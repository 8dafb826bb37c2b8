// Publishes everything that is not market data: status, orders, positions, accounts, heartbeat. Numbers each topic
// from 1. Any thread.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "bus/bridge/bus_queue.hpp"
#include "bus/model/describe.hpp"
#include "bus/wire/pack.hpp"

namespace tradebus {

// Adds one already encoded message to a batch.
void add_publish(BusBatch& batch, std::string_view topic, std::string_view body);

class Publisher {
 public:
  explicit Publisher(BusQueue& queue) : queue_{queue} {}

  // {seq, ...the value's fields} on `topic`.
  template <Described T>
  void publish(std::string_view topic, const T& value) {
    auto batch = queue_.fresh();
    add(batch, topic, value);
    queue_.push(std::move(batch));
  }
  // The same with the caller's number: for topics that are too many to be counted here.
  template <Described T>
  void publish(std::string_view topic, std::uint64_t seq, const T& value) {
    auto batch = queue_.fresh();
    add(batch, topic, seq, value);
    queue_.push(std::move(batch));
  }
  // Into a batch that the caller pushes: several messages, one wake-up.
  template <Described T>
  void add(BusBatch& batch, std::string_view topic, const T& value) {
    if constexpr (requires { value.seq; }) {  // it brings a number of its own (the journal's)
      wire::Buffer body;
      wire::Packer out{body};
      wire::pack(out, value);
      add_publish(batch, topic, body.bytes);
    } else {
      add(batch, topic, next_seq(topic), value);
    }
  }
  template <Described T>
  void add(BusBatch& batch, std::string_view topic, std::uint64_t seq, const T& value) {
    wire::Buffer body;
    wire::Packer out{body};
    out.pack_map(wire::present_fields(value) + 1);
    wire::pack(out, "seq");
    wire::pack(out, seq);
    wire::pack_fields(out, value);
    add_publish(batch, topic, body.bytes);
  }

 private:
  std::uint64_t next_seq(std::string_view topic);
  BusQueue& queue_;
  std::mutex mutex_;
  std::map<std::string, std::uint64_t, std::less<>> seq_;
};

}  // namespace tradebus
