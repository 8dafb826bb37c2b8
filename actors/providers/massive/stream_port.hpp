// The stream half as the actor sees it: a thing that a test can stand in for.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "actors/providers/massive/stream/massive_stream.hpp"

namespace tradebus::massive {

class StreamPort {
 public:
  virtual ~StreamPort() = default;
  virtual Result<void> subscribe(TopicRef ref, StreamKind kind, const Symbol& symbol) = 0;
  virtual void unsubscribe(TopicRef ref) = 0;
  virtual void tick(const OpenMarkets& open) = 0;
  virtual std::vector<std::pair<std::string, std::int64_t>> counters() const = 0;
};

// The venue's.
Result<std::unique_ptr<StreamPort>> make_stream(NetThread& thread, StreamOptions options, StreamListener& listener);

}  // namespace tradebus::massive
