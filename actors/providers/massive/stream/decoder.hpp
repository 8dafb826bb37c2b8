// The stream's frames into our events: one pass over the text, no tree, no allocation an event. One bad event costs one
// event, a frame that is no JSON costs the frame; both are counted.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "actors/providers/market_batch.hpp"
#include "actors/providers/massive/stream/topics.hpp"

namespace tradebus::massive::stream {

class FrameSink {
 public:
  virtual ~FrameSink() = default;
  // The views end with the call. It may change the topics.
  virtual void on_status(std::string_view status, std::string_view message) = 0;
  virtual void on_event(const MarketEvent& event) = 0;
};

struct DecoderCounters {
  std::uint64_t frames = 0;
  std::uint64_t bytes = 0;
  std::uint64_t quotes = 0;
  std::uint64_t trades = 0;
  std::uint64_t bars = 0;
  std::uint64_t bars_revised = 0;     // of these: the same bar once more, or an older one
  std::uint64_t trades_not_last = 0;  // of these: must not become the last price
  std::uint64_t statuses = 0;
  std::uint64_t unwanted = 0;    // nobody has asked for it, or nobody any more
  std::uint64_t no_trades = 0;   // reports about an earlier trade, and records that change nothing
  std::uint64_t ignored = 0;     // LULD, NOI, FMV, LV: known, not carried
  std::uint64_t unknown = 0;     // another `ev`
  std::uint64_t bad_events = 0;  // a field that is none, or one that lacks
  std::uint64_t bad_frames = 0;
};

class Decoder {
 public:
  // `quality` stands in every event. The topics outlive the decoder.
  Decoder(Topics& topics, Quality quality);
  ~Decoder();

  // True: a market event of a wanted topic was in it.
  bool decode(std::string_view frame, Timestamp rx, FrameSink& sink);
  const DecoderCounters& counters() const { return counters_; }

 private:
  enum class Outcome : std::uint8_t { event, nothing, bad };
  struct Parser;
  struct Fields;

  void take(const Fields& fields, Timestamp rx, FrameSink& sink);
  Topic* wanted_topic(Channel channel, std::string_view symbol);
  void count(const MarketEvent& event, Topic& topic);

  Topics& topics_;
  const Quality quality_;
  DecoderCounters counters_;
  std::unique_ptr<Parser> parser_;
  bool has_data_ = false;
};

}  // namespace tradebus::massive::stream
