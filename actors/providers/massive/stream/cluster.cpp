#include "actors/providers/massive/stream/cluster.hpp"

#include <utility>

#include "engine/services/clock.hpp"

namespace tradebus::massive::stream {

// ---- all markets together -------------------------------------------------------------------------------------------

StreamStatus Shared::status() const {
  std::size_t down = 0;
  std::size_t up = 0;
  StreamStatus out;
  for (const auto& [market, cluster] : clusters)
    if (cluster->status().state == LinkState::up) ++up;
  for (const auto& [market, cluster] : clusters) {
    const auto& one = cluster->status();
    // Refused, and nobody has a topic there: no trouble of the markets that the plan has.
    const bool counts = one.state == LinkState::down && (up == 0 || !cluster->is_refused());
    if (counts && down++ == 0) out = one;
  }
  if (down == 0)
    out.state = clusters.empty() || up > 0 ? LinkState::up : LinkState::connecting;
  else
    out.state = down == clusters.size() ? LinkState::down : LinkState::degraded;
  return out;
}

void Shared::tell_status() {
  auto now = status();
  if (listener == nullptr || told == now) return;
  told = now;
  listener->on_status(now);
}

// ---- one market -----------------------------------------------------------------------------------------------------

Cluster::Cluster(std::shared_ptr<Shared> shared, Market market)
    : shared_{std::move(shared)},
      market_{market},
      decoder_{topics_, shared_->options.delayed ? Quality::delayed : Quality::live},
      session_{shared_->options.session,
               std::string{to_string(market)},
               shared_->options.api_key,
               market == Market::options,
               topics_,
               *this} {}

Result<void> Cluster::start(NetThread& thread) {
  const auto& from = shared_->options;
  WebSocketOptions options;
  options.url = from.url;
  while (options.url.ends_with('/')) options.url.pop_back();
  options.url.append("/").append(to_string(market_));
  options.tls = from.tls;
  options.proxy = from.proxy;
  options.connect_timeout = from.connect_timeout;
  options.ping_after = from.ping_after;
  options.silence_max = from.silence_max;
  options.close_timeout = std::chrono::milliseconds{500};  // within the net thread's stop_timeout
  options.retry_first = from.retry_first;
  options.retry_max = from.retry_max;
  options.healthy_after = from.session.healthy_after;
  auto client = WebSocketClient::make(thread, std::move(options), shared_from_this());
  if (!client) return tl::unexpected{client.error()};
  client_.emplace(std::move(*client));
  return {};
}

void Cluster::retire() {
  is_retired_ = true;
  if (client_) client_->link().stop();
}

void Cluster::tick(Session::Time now, bool is_open) {
  session_.tick(now, is_open);
  if (topics_.size() > 0)
    idle_since_.reset();
  else if (!idle_since_)
    idle_since_ = now;
}

// A refused login stays known: asking again would be the same question.
bool Cluster::is_idle(Session::Time now) const {
  return !session_.is_refused() && idle_since_ && now - *idle_since_ >= shared_->options.idle_max;
}

// ---- from the socket ------------------------------------------------------------------------------------------------

void Cluster::on_open(WebSocketLink&) {
  const std::lock_guard lock{shared_->mutex};
  if (!is_muted()) session_.opened(std::chrono::steady_clock::now());
}

void Cluster::on_text(WebSocketLink&, std::string_view text) {
  const std::lock_guard lock{shared_->mutex};
  if (is_muted()) return;
  now_ = std::chrono::steady_clock::now();
  const bool has_data = decoder_.decode(text, Clock::wall_now(), *this);
  session_.frame(now_, has_data);
  if (has_data) shared_->listener->on_idle();
}

void Cluster::on_status(WebSocketLink&, const WebSocketStatus& status) {
  const std::lock_guard lock{shared_->mutex};
  switch (status.state) {
    case WebSocketState::connecting:
      if (!is_muted()) session_.connecting();
      break;
    case WebSocketState::open:
      break;
    case WebSocketState::backing_off: {
      const auto& error = status.error;
      if (!is_muted())
        session_.closed(std::chrono::steady_clock::now(), error ? error->message : "the connection ended",
                        error ? error->close_code : 0,
                        error && error->fault == NetFault::handshake_refused ? error->http_status : 0);
      break;
    }
    case WebSocketState::closed:
      client_.reset();
      break;
  }
}

// ---- from the session -----------------------------------------------------------------------------------------------

bool Cluster::send(std::string text) { return client_ && client_->link().send_text(std::move(text)).has_value(); }

void Cluster::hold(std::chrono::milliseconds at_least) {
  if (client_) client_->link().hold(at_least);
}

void Cluster::reconnect(std::string_view why) {
  if (client_) client_->link().reconnect(std::string{why});
}

void Cluster::stop() {
  if (client_) client_->link().stop();
}

void Cluster::mark_healthy() {
  if (client_) client_->link().mark_healthy();
}

void Cluster::report_topic(TopicRef ref, TopicState state, std::string_view reason, std::string_view message) {
  if (shared_->listener != nullptr) shared_->listener->on_topic(ref, state, reason, message);
}

void Cluster::report_link(const LinkChange& change) {
  status_.state = change.state;
  status_.reason = change.reason;
  status_.message = change.message;
  status_.until.reset();
  if (change.retry_in) status_.until = Clock::wall_now() + *change.retry_in;
  shared_->tell_status();
}

// ---- from the decoder -----------------------------------------------------------------------------------------------

void Cluster::on_status(std::string_view status, std::string_view message) { session_.status(now_, status, message); }

void Cluster::on_event(const MarketEvent& event) { shared_->listener->on_event(event); }

}  // namespace tradebus::massive::stream
