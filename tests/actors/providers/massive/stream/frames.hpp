// A decoder with its topics, and what it has handed out.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "actors/providers/massive/stream/decoder.hpp"

namespace tradebus::massive::stream {

struct Seen final : FrameSink {
  std::vector<MarketEvent> events;
  std::vector<std::pair<std::string, std::string>> statuses;
  void on_status(std::string_view status, std::string_view message) override { statuses.emplace_back(status, message); }
  void on_event(const MarketEvent& event) override { events.push_back(event); }
};

// Topics that are held from the start; a ref is the topic's number + 100.
struct Frames {
  explicit Frames(Quality quality = Quality::live) : decoder{topics, quality} {}

  TopicRef hold(Channel channel, std::string_view symbol) {
    const auto id = topics.add(channel, symbol);
    topics.want(id, id + 100);
    topics[id].stage = Topic::Stage::held;
    return id + 100;
  }
  void hold_all(std::string_view symbol) {
    for (const auto channel : {Channel::trade, Channel::quote, Channel::second_bar, Channel::minute_bar})
      hold(channel, symbol);
  }
  // What one frame gives.
  const Seen& decode(std::string_view frame) {
    seen = {};
    has_data = decoder.decode(frame, rx, seen);
    return seen;
  }

  static constexpr Timestamp rx = from_unix_ns(1'760'000'000'999'000'000);
  Topics topics;
  Decoder decoder;
  Seen seen;
  bool has_data = false;
};

}  // namespace tradebus::massive::stream
