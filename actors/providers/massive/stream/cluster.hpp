// INTERNAL to the stream: one market's connection. It holds its WebSocket, which holds it as its handler, until that
// has said `closed`: so an owner can forget it at once, while the close frames still go.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "actors/providers/massive/stream/decoder.hpp"
#include "actors/providers/massive/stream/massive_stream.hpp"
#include "actors/providers/massive/stream/session.hpp"
#include "actors/providers/massive/symbols.hpp"
#include "engine/net/websocket_client.hpp"

namespace tradebus::massive::stream {

class Cluster;

// What the stream's threads share; `mutex` guards all of it, and all of the clusters.
struct Shared {
  std::mutex mutex;
  StreamListener* listener = nullptr;  // null: the stream has ended
  StreamOptions options;
  std::map<Market, std::shared_ptr<Cluster>> clusters;
  std::optional<StreamStatus> told;

  StreamStatus status() const;
  void tell_status();
};

struct ClusterCounters {
  DecoderCounters decoder;
  SessionCounters session;
};

// All calls but those of WebSocketHandler with the lock held.
class Cluster final : public WebSocketHandler,
                      public std::enable_shared_from_this<Cluster>,
                      private SessionPort,
                      private FrameSink {
 public:
  Cluster(std::shared_ptr<Shared> shared, Market market);
  // config.invalid, request.invalid: as WebSocketClient::make.
  Result<void> start(NetThread& thread);
  void retire();  // close frame, and no more news

  Session& session() { return session_; }
  Topics& topics() { return topics_; }
  void tick(Session::Time now, bool is_open);
  bool is_idle(Session::Time now) const;
  bool is_refused() const { return session_.is_refused(); }  // then it has no topics either
  const StreamStatus& status() const { return status_; }
  ClusterCounters counters() const { return {decoder_.counters(), session_.counters()}; }

  // -- WebSocketHandler: net thread, takes the lock ------------------------------
  void on_open(WebSocketLink& link) override;
  void on_text(WebSocketLink& link, std::string_view text) override;
  void on_status(WebSocketLink& link, const WebSocketStatus& status) override;

 private:
  // -- SessionPort ---------------------------------------------------------------
  bool send(std::string text) override;
  void hold(std::chrono::milliseconds at_least) override;
  void reconnect(std::string_view why) override;
  void stop() override;
  void mark_healthy() override;
  void report_topic(TopicRef ref, TopicState state, std::string_view reason, std::string_view message) override;
  void report_link(const LinkChange& change) override;

  // -- FrameSink -----------------------------------------------------------------
  void on_status(std::string_view status, std::string_view message) override;
  void on_event(const MarketEvent& event) override;

  bool is_muted() const { return is_retired_ || shared_->listener == nullptr; }

  const std::shared_ptr<Shared> shared_;
  const Market market_;
  Topics topics_;
  Decoder decoder_;
  Session session_;
  StreamStatus status_{LinkState::connecting};
  bool is_retired_ = false;
  Session::Time now_{};  // of the frame
  std::optional<Session::Time> idle_since_;
  std::optional<WebSocketClient> client_;
};

}  // namespace tradebus::massive::stream
