// The venue's stream: one WebSocket a market ("cluster"), opened with the market's first topic and closed when it has
// had none for a minute. Frames are decoded on the net thread and handed on at once; nothing there waits. No CAF.
//
//   stream = std::make_unique<MassiveStream>(thread, options, feed);   // ConnectProvider
//   stream->subscribe(ref, kind, symbol);  stream->unsubscribe(ref);
//   stream->tick(open);                                                // the actor's timer: every tick_interval
//   stream.reset();                                                    // DisconnectProvider: close frames, no waiting
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "actors/providers/market_batch.hpp"
#include "actors/providers/massive/stream/session.hpp"
#include "bus/model/enums.hpp"
#include "bus/model/error.hpp"
#include "bus/model/strong_string.hpp"
#include "bus/model/time.hpp"
#include "engine/net/net_thread.hpp"
#include "engine/net/proxy_settings.hpp"
#include "engine/net/tls_options.hpp"

namespace tradebus::massive {

// The stream as a whole: up while no market has trouble (also when none is open), degraded while some have, down when
// all have. A market whose login was refused has no topics any more: it counts only while no other is up. For
// ProviderStatus. Reasons: transport, auth, auth_timeout, competing_session, silent.
struct StreamStatus {
  LinkState state = LinkState::up;
  std::string reason = {};
  std::string message = {};  // for people: which market, what happened, what to do. Never the key.
  std::optional<Timestamp> until = {};

  friend bool operator==(const StreamStatus&, const StreamStatus&) = default;
};

// Called with the stream's lock held, one call at a time: hand over and return, and call nothing of the stream's.
// on_event and on_idle come from the net thread only (an Outlet's producer), the others also from the caller of tick().
class StreamListener {
 public:
  virtual ~StreamListener() = default;
  // With ref, ts, rx and quality set.
  virtual void on_event(const MarketEvent& event) = 0;
  // A frame has ended: what was collected may leave (Outlet::flush).
  virtual void on_idle() = 0;
  // gap: the connection is lost, what came meanwhile is lost with it; live: flowing again, after a gap. rejected: the
  // topic is forgotten here; `reason` is an error code's text, as the hub reads it: provider.unsupported (the plan
  // lacks it), request.timeout (never confirmed), auth.denied (the key). `message` is for the log.
  virtual void on_topic(TopicRef ref, TopicState state, std::string_view reason, std::string_view message) = 0;
  // Each change.
  virtual void on_status(const StreamStatus& status) = 0;
};

// Which markets are in session, as far as data have come.
struct OpenMarkets {
  bool stocks = false;
  bool options = false;
};

struct StreamOptions {
  std::string url = "wss://socket.massive.com";  // the market's name is appended: .../stocks
  std::string api_key = {};
  bool delayed = false;  // the host's data are 15 minutes late: marked Quality::delayed
  TlsOptions tls = {};
  ProxySettings proxy = {};

  std::chrono::milliseconds idle_max{60'000};        // a connection without topics is closed: it frees the slot
  std::chrono::milliseconds connect_timeout{5'000};  // short, so that a new try is under way when the venue is back
  std::chrono::milliseconds retry_first{200};        // the handshakes' own pauses; sessions that fail hold longer ones
  std::chrono::milliseconds retry_max{800};
  std::chrono::milliseconds ping_after{20'000};
  std::chrono::milliseconds silence_max{30'000};
  stream::SessionOptions session = {};  // waits, batches, holds
};

class MassiveStream {
 public:
  static constexpr std::chrono::milliseconds tick_interval{250};

  // Connects nothing yet. The listener is not called any more when the destructor has returned; the thread outlives the
  // stream, and sends what close frames are left. config.invalid: an impossible URL or CA file.
  static Result<std::unique_ptr<MassiveStream>> make(NetThread& thread, StreamOptions options,
                                                     StreamListener& listener);
  ~MassiveStream();
  MassiveStream(const MassiveStream&) = delete;
  MassiveStream& operator=(const MassiveStream&) = delete;

  // What can be asked for: quotes, trades, bars of a second and of a minute.
  static bool has(StreamKind kind);

  // Any thread, from here on. A symbol's topic that is open already gets the new ref; what the venue says comes later
  // by on_topic. provider.unsupported: kind or market; instrument.unknown: the symbol; provider.rate_limited: 1,000
  // option quotes a connection; overloaded: topics_max; auth.denied: the market's login was refused, for good.
  Result<void> subscribe(TopicRef ref, StreamKind kind, const Symbol& symbol);
  // A ref that is not open is no error.
  void unsubscribe(TopicRef ref);
  // Notices what did not happen: answers that never came, connections that nobody needs, or that say nothing while
  // their market is open.
  void tick(const OpenMarkets& open);

  // Name and value: frames, events, quotes, trades, bars, dropped by reason, logins, evictions ...
  std::vector<std::pair<std::string, std::int64_t>> counters() const;

  class Impl;
  explicit MassiveStream(std::unique_ptr<Impl> impl);

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace tradebus::massive
