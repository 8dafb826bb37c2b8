#include "engine/net/websocket_client.hpp"

#include "engine/net/net_core.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <deque>
#include <future>

#include "engine/net/dial.hpp"
#include "engine/net/http_text.hpp"
#include "engine/net/jitter.hpp"
#include "engine/net/tls_context.hpp"
#include "engine/net/url.hpp"
#include "engine/services/backoff.hpp"

namespace tradebus {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using boost::system::error_code;
using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;
using Wall = std::chrono::system_clock;

// After the close frames: the connection is closed at once, for a peer that never closes its side would hold us.
template <class Handler>
void async_teardown(beast::role_type, NetStream& stream, Handler&& handler) {
  stream.close();
  asio::post(stream.get_executor(), beast::bind_front_handler(std::forward<Handler>(handler), error_code{}));
}

std::string_view to_string(WebSocketState state) {
  switch (state) {
    case WebSocketState::connecting:
      return "connecting";
    case WebSocketState::open:
      return "open";
    case WebSocketState::backing_off:
      return "backing_off";
    case WebSocketState::closed:
      return "closed";
  }
  return "unknown";
}

namespace {

constexpr std::string_view handshake_prefix = "Sec-WebSocket-";
constexpr std::size_t websocket_read_bytes = 65'536;
constexpr std::size_t handshake_bytes_max = 1'048'576;
constexpr std::size_t kept_buffer_bytes = 1'048'576;
constexpr milliseconds retry_after_max = std::chrono::minutes{10};

// A peer's words in a log: short and printable.
std::string printable(std::string_view text) {
  std::string out{text.substr(0, 123)};
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return out;
}

}  // namespace

class WebSocketClient::Impl : public NetClient,
                              public WebSocketLink,
                              public std::enable_shared_from_this<WebSocketClient::Impl> {
 public:
  Impl(std::shared_ptr<NetCore> core, WebSocketOptions options, Url url, std::shared_ptr<asio::ssl::context> tls,
       std::shared_ptr<WebSocketHandler> handler)
      : core_{std::move(core)},
        options_{std::move(options)},
        url_{std::move(url)},
        where_{url_.authority()},
        tls_{std::move(tls)},
        handler_{std::move(handler)},
        jitter_{options_.seed},
        backoff_{new_backoff()},
        ended_{end_.get_future()} {
    metrics_.since = Wall::now();
  }

  bool start();
  void shut_down(bool at_once) override { at_once ? cut() : stop_here(); }
  void stop_and_wait();
  WebSocketMetrics metrics() const;

  // -- WebSocketLink: any thread ---------------------------------------------
  tl::expected<void, NetError> send_text(std::string text) override { return queue({std::move(text), true}); }
  tl::expected<void, NetError> send_binary(std::string bytes) override { return queue({std::move(bytes), false}); }
  void mark_healthy() override { is_healthy_ = true; }
  void hold(milliseconds at_least) override;
  void reconnect(std::string reason) override;
  void stop() override;

 private:
  struct Message {
    std::string bytes;
    bool is_text = true;
  };
  struct Session {
    explicit Session(std::unique_ptr<NetStream> s)
        : stream{std::move(s)}, ws{*stream}, wake{stream->get_executor()}, pulse{stream->get_executor()} {}
    void close() {
      is_done = true;
      stream->close();
      wake.cancel();
      pulse.cancel();
    }
    std::unique_ptr<NetStream> stream;
    websocket::stream<NetStream&> ws;
    asio::steady_timer wake;   // the writer's
    asio::steady_timer pulse;  // the watcher's
    Steady::time_point opened = Steady::now();
    Steady::time_point heard = Steady::now();
    Steady::time_point pinged_after{};  // the `heard` after which a ping was sent
    Steady::time_point pinged{};        // when
    bool is_pinging = false;
    bool is_closing = false;
    bool is_done = false;
    std::optional<NetError> failure = {};  // why we ended it
  };
  using SessionPtr = std::shared_ptr<Session>;

  // -- the life of a link: net thread ----------------------------------------
  asio::awaitable<void> run();
  asio::awaitable<tl::expected<SessionPtr, NetError>> open(std::shared_ptr<Watch> watch);
  asio::awaitable<NetError> serve(SessionPtr session);
  asio::awaitable<void> pause(NetError error, bool was_open, Steady::time_point opened);
  void ended();

  // -- a session --------------------------------------------------------------
  asio::awaitable<error_code> read_messages(SessionPtr session);
  asio::awaitable<void> write_messages(SessionPtr session);
  asio::awaitable<void> watch_silence(SessionPtr session);
  asio::awaitable<void> close(SessionPtr session, websocket::close_reason reason);
  void begin_close(const SessionPtr& session, websocket::close_reason reason);
  // What runs beside the reader; it holds us. A session without its writer or watcher is none.
  void spawn(const SessionPtr& session, asio::awaitable<void> task) {
    asio::co_spawn(core_->io(), std::move(task),
                   [self = shared_from_this(), session](const std::exception_ptr& thrown) {
                     if (thrown) session->close();  // the reader tells
                   });
  }
  void ping(const SessionPtr& session);
  NetError why_ended(Session& session, const error_code& ec) const;

  void stop_here();
  void cut();  // as stop_here(), without a close frame
  void show(WebSocketState state, std::optional<NetError> error, milliseconds retry_in);
  tl::expected<void, NetError> queue(Message message);
  void set_open(bool is_open);
  bool may_call() const { return !is_muted_; }
  Steady::time_point held_until() const;
  Backoff new_backoff() const { return {options_.retry_first, options_.retry_max, options_.healthy_after}; }

  const std::shared_ptr<NetCore> core_;
  const WebSocketOptions options_;
  const Url url_;
  const std::string where_;
  const std::shared_ptr<asio::ssl::context> tls_;
  const std::shared_ptr<WebSocketHandler> handler_;

  // ---- net thread ----
  Jitter jitter_;
  Backoff backoff_;
  std::shared_ptr<Watch> watch_;  // of a connect, or of a pause
  SessionPtr session_;
  std::promise<void> end_;

  // ---- any thread ----
  std::atomic<bool> is_stopping_{false};
  std::atomic<bool> is_muted_{false};  // the owner is gone
  std::atomic<bool> is_healthy_{false};
  std::shared_future<void> ended_;
  mutable std::mutex mutex_;
  bool is_open_ = false;
  bool is_waking_ = false;
  std::deque<Message> queue_;
  Steady::time_point hold_until_{};
  WebSocketMetrics metrics_;
};

// ---- what others ask ------------------------------------------------------------------------------------------------

tl::expected<void, NetError> WebSocketClient::Impl::queue(Message message) {
  const std::lock_guard lock{mutex_};
  if (!is_open_ || is_stopping_) {
    return tl::unexpected{
        net_failure(NetFault::stopped, NetPhase::queue, where_ + ": not connected; say it again when it is open")};
  }
  if (queue_.size() >= options_.queue_messages_max ||
      metrics_.queued_bytes + message.bytes.size() > options_.queue_bytes_max) {
    ++metrics_.refused_out;
    return tl::unexpected{net_failure(NetFault::overloaded, NetPhase::queue,
                                      where_ + ": " + std::to_string(metrics_.queued_messages) + " messages (" +
                                          std::to_string(metrics_.queued_bytes) +
                                          " bytes) wait to be sent; send less")};
  }
  metrics_.queued_bytes += message.bytes.size();
  ++metrics_.queued_messages;
  queue_.push_back(std::move(message));
  if (!std::exchange(is_waking_, true)) {
    core_->post([self = shared_from_this()] {
      {
        const std::lock_guard inner{self->mutex_};
        self->is_waking_ = false;
      }
      if (self->session_) self->session_->wake.cancel();
    });
  }
  return {};
}

void WebSocketClient::Impl::hold(milliseconds at_least) {
  const auto until = Steady::now() + std::clamp(at_least, milliseconds{0}, milliseconds{std::chrono::hours{24}});
  const std::lock_guard lock{mutex_};
  hold_until_ = std::max(hold_until_, until);
}
Steady::time_point WebSocketClient::Impl::held_until() const {
  const std::lock_guard lock{mutex_};
  return hold_until_;
}

void WebSocketClient::Impl::reconnect(std::string reason) {
  core_->post([self = shared_from_this(), reason = std::move(reason)] {
    if (!self->session_ || self->session_->is_closing) return;
    self->session_->failure =
        net_failure(NetFault::canceled, NetPhase::open, self->where_ + ": closed to connect anew: " + reason);
    self->begin_close(self->session_, websocket::close_code::normal);
  });
}

void WebSocketClient::Impl::stop() {
  is_stopping_ = true;
  core_->post([self = shared_from_this()] { self->stop_here(); });
}

void WebSocketClient::Impl::stop_here() {
  is_stopping_ = true;
  if (watch_) watch_->give_up(NetFault::stopped);
  if (session_) begin_close(session_, websocket::close_code::normal);
}

void WebSocketClient::Impl::cut() {
  is_stopping_ = true;
  if (watch_) watch_->give_up(NetFault::stopped);
  if (session_) session_->close();
}

void WebSocketClient::Impl::stop_and_wait() {
  if (core_->on_thread()) {
    is_muted_ = true;
    cut();
    return;
  }
  stop();
  ended_.wait_for(options_.close_timeout + core_->stop_timeout());
  is_muted_ = true;
}

WebSocketMetrics WebSocketClient::Impl::metrics() const {
  const std::lock_guard lock{mutex_};
  return metrics_;
}

void WebSocketClient::Impl::show(WebSocketState state, std::optional<NetError> error, milliseconds retry_in) {
  WebSocketStatus status{state, Wall::now(), std::move(error), retry_in};
  {
    const std::lock_guard lock{mutex_};
    metrics_.state = state;
    metrics_.since = status.since;
    if (status.error) metrics_.last_error = status.error->message;
  }
  if (may_call()) handler_->on_status(*this, status);
}

void WebSocketClient::Impl::set_open(bool is_open) {
  const std::lock_guard lock{mutex_};
  is_open_ = is_open;
  queue_.clear();
  metrics_.queued_bytes = 0;
  metrics_.queued_messages = 0;
}

// ---- the life of a link ---------------------------------------------------------------------------------------------

bool WebSocketClient::Impl::start() {
  return core_->post([self = shared_from_this()] {
    asio::co_spawn(self->core_->io(), self->run(), [self](const std::exception_ptr& thrown) {
      if (!thrown) return self->ended();
      // The handler threw, or there is no memory: nothing can be relied on any more.
      if (self->session_) self->session_->close();
      self->set_open(false);
      self->is_stopping_ = true;
      try {
        self->show(
            WebSocketState::closed,
            net_failure(NetFault::stopped, NetPhase::open, self->where_ + ": ended by an exception of its handler"),
            milliseconds{0});
      } catch (...) {
        self->is_muted_ = true;
      }
      self->ended();
    });
  });
}

void WebSocketClient::Impl::ended() {
  session_.reset();
  watch_.reset();
  end_.set_value();
}

asio::awaitable<void> WebSocketClient::Impl::run() {
  while (!is_stopping_) {
    show(WebSocketState::connecting, {}, milliseconds{0});
    if (is_stopping_) break;
    watch_ = std::make_shared<Watch>(core_->io(), Steady::now() + options_.connect_timeout);
    auto session = co_await open(watch_);
    if (!session) {
      if (!is_stopping_) co_await pause(session.error(), false, Steady::now());
      continue;
    }
    watch_.reset();
    session_ = *session;
    auto error = co_await serve(*session);
    session_.reset();
    if (!is_stopping_) co_await pause(std::move(error), true, (*session)->opened);
  }
  show(WebSocketState::closed, {}, milliseconds{0});
}

asio::awaitable<tl::expected<WebSocketClient::Impl::SessionPtr, NetError>> WebSocketClient::Impl::open(
    std::shared_ptr<Watch> watch) {
  DialPlan plan;
  plan.url = url_;
  if (const auto* proxy = options_.proxy.proxy_for(url_)) plan.proxy = *proxy;
  plan.tls = tls_;
  plan.until = watch->whole();
  auto stream = co_await dial(core_, watch, std::move(plan));
  if (!stream) co_return tl::unexpected{stream.error()};

  auto session = std::make_shared<Session>(std::move(*stream));
  auto& ws = session->ws;
  ws.read_message_max(options_.message_bytes_max);
  ws.auto_fragment(false);
  websocket::permessage_deflate deflate;
  deflate.client_enable = options_.compress;
  ws.set_option(deflate);
  ws.set_option(websocket::stream_base::decorator([this](websocket::request_type& request) {
    request.set("User-Agent", options_.user_agent);
    for (const auto& header : options_.headers) request.set(header.name, header.value);
  }));
  ws.control_callback([raw = session.get()](websocket::frame_type, beast::string_view) { raw->heard = Steady::now(); });

  const Watch::Interrupt interrupt{*watch, [raw = session.get()] { raw->stream->close(); }};
  watch->enter(NetPhase::first_byte);
  websocket::response_type response;
  error_code ec;
  session->stream->limit_reads(handshake_bytes_max);
  co_await ws.async_handshake(response, url_.host_header(), url_.target, asio::redirect_error(asio::use_awaitable, ec));
  if (watch->ended()) co_return tl::unexpected{watch->error(where_, true)};
  watch->disarm();
  session->stream->limit_reads(0);
  if (!ec) co_return session;

  session->close();
  if (ec == websocket::error::upgrade_declined) {
    auto error = net_failure(NetFault::handshake_refused, NetPhase::first_byte,
                             where_ + ": answered " + std::to_string(response.result_int()) +
                                 " to the WebSocket handshake; look at the URL, the key and the plan");
    error.http_status = response.result_int();
    const auto after = response["Retry-After"];
    error.retry_after = parse_retry_after({after.data(), after.size()}, Wall::now());
    co_return tl::unexpected{error};
  }
  if (ec == asio::error::no_buffer_space || ec == beast::http::error::header_limit ||
      ec == beast::http::error::body_limit || ec == beast::http::error::buffer_overflow) {
    co_return tl::unexpected{
        net_failure(NetFault::too_large, NetPhase::first_byte,
                    where_ + ": the answer to the WebSocket handshake has no end; look at the URL")};
  }
  const bool is_lost = ec.category() == asio::error::get_system_category() || ec == asio::error::eof ||
                       ec == asio::ssl::error::stream_truncated || ec == beast::http::error::end_of_stream ||
                       ec == beast::http::error::partial_message;
  co_return tl::unexpected{
      is_lost ? net_failure(NetFault::connection_lost, NetPhase::first_byte,
                            where_ + ": cut in the WebSocket handshake (" + ec.message() + "); it is tried again")
              : net_failure(NetFault::bad_answer, NetPhase::first_byte,
                            where_ + ": the answer is no WebSocket handshake (" + ec.message() + "); look at the URL")};
}

asio::awaitable<void> WebSocketClient::Impl::pause(NetError error, bool was_open, Steady::time_point opened) {
  const auto now = Steady::now();
  if (is_healthy_.exchange(false)) backoff_ = new_backoff();
  auto next = now + jitter_(backoff_.failed(was_open ? opened : now, now));
  if (error.retry_after) next += std::min(*error.retry_after, retry_after_max);  // with the jitter of the pause
  next = std::max(next, held_until());
  watch_ = std::make_shared<Watch>(core_->io(), Watch::Time::max());
  show(WebSocketState::backing_off, std::move(error), std::chrono::ceil<milliseconds>(next - now));
  // A hold may come while it waits.
  while (!is_stopping_ && !watch_->ended() && Steady::now() < (next = std::max(next, held_until())))
    co_await watch_->sleep_until(next);
  watch_.reset();
}

// ---- a session ------------------------------------------------------------------------------------------------------

asio::awaitable<NetError> WebSocketClient::Impl::serve(SessionPtr session) {
  session->opened = session->heard = Steady::now();
  is_healthy_ = false;
  set_open(true);
  {
    const std::lock_guard lock{mutex_};
    ++metrics_.opened;
  }
  spawn(session, write_messages(session));
  spawn(session, watch_silence(session));
  show(WebSocketState::open, {}, milliseconds{0});
  if (may_call() && !is_stopping_) handler_->on_open(*this);
  const auto ec = co_await read_messages(session);
  set_open(false);
  session->close();
  auto error = why_ended(*session, ec);
  if (!is_stopping_ && error.fault != NetFault::canceled) {
    const std::lock_guard lock{mutex_};
    ++metrics_.lost;
  }
  co_return error;
}

asio::awaitable<error_code> WebSocketClient::Impl::read_messages(SessionPtr session) {
  auto& ws = session->ws;
  beast::flat_buffer buffer;
  error_code ec;
  for (;;) {
    do {
      co_await ws.async_read_some(buffer, websocket_read_bytes, asio::redirect_error(asio::use_awaitable, ec));
      if (ec) co_return ec;
      session->heard = Steady::now();
    } while (!ws.is_message_done());
    const auto data = buffer.cdata();
    const std::string_view view{static_cast<const char*>(data.data()), data.size()};
    {
      const std::lock_guard lock{mutex_};
      ++metrics_.messages_in;
      metrics_.bytes_in += view.size();
    }
    if (may_call() && !is_stopping_ && !session->is_closing) {
      if (ws.got_text())
        handler_->on_text(*this, view);
      else
        handler_->on_binary(*this, view);
    }
    buffer.clear();
    if (buffer.capacity() > kept_buffer_bytes) buffer.shrink_to_fit();
  }
}

asio::awaitable<void> WebSocketClient::Impl::write_messages(SessionPtr session) {
  auto& ws = session->ws;
  Message message;
  while (!session->is_done && !session->is_closing) {
    bool has_one = false;
    {
      const std::lock_guard lock{mutex_};
      has_one = !queue_.empty();
      if (has_one) {
        message = std::move(queue_.front());
        queue_.pop_front();
      }
    }
    error_code ec;
    if (!has_one) {
      session->wake.expires_at(Steady::time_point::max());
      co_await session->wake.async_wait(asio::redirect_error(asio::use_awaitable, ec));
      continue;
    }
    ws.text(message.is_text);
    co_await ws.async_write(asio::buffer(message.bytes), asio::redirect_error(asio::use_awaitable, ec));
    if (session->is_done) co_return;  // the counters began anew
    {
      const std::lock_guard lock{mutex_};
      if (is_open_) {
        --metrics_.queued_messages;
        metrics_.queued_bytes -= message.bytes.size();
      }
      if (!ec) {
        ++metrics_.messages_out;
        metrics_.bytes_out += message.bytes.size();
      }
    }
    if (ec) {
      if (!session->is_closing) session->close();  // the reader tells why
      co_return;
    }
  }
}

asio::awaitable<void> WebSocketClient::Impl::watch_silence(SessionPtr session) {
  // Who is closing is not asked any more: close() has its own limit.
  while (!session->is_done && !session->is_closing) {
    const auto now = Steady::now();
    const auto silence = now - session->heard;
    if (silence >= options_.ping_after) ping(session);
    const bool is_asked = session->pinged_after == session->heard;
    // A handler that kept the thread may have delayed the ping: its answer gets its time all the same.
    const auto dead_at =
        std::max(session->heard + options_.silence_max, session->pinged + (options_.silence_max - options_.ping_after));
    if (is_asked && now >= dead_at) {
      if (!session->failure) {
        session->failure =
            net_failure(NetFault::dead_peer, NetPhase::open,
                        where_ + ": silent for " + std::to_string(std::chrono::floor<milliseconds>(silence).count()) +
                            " ms, pings unanswered; it is connected anew");
      }
      session->close();
      co_return;
    }
    // After a ping too: its pong begins a new silence.
    const auto next = is_asked ? std::min(dead_at, now + options_.ping_after) : session->heard + options_.ping_after;
    error_code ec;
    session->pulse.expires_at(next);
    co_await session->pulse.async_wait(asio::redirect_error(asio::use_awaitable, ec));
  }
}

void WebSocketClient::Impl::ping(const SessionPtr& session) {
  if (session->pinged_after == session->heard) return;
  session->pinged_after = session->heard;
  session->pinged = Steady::now();
  if (std::exchange(session->is_pinging, true)) return;  // the one before can't leave: the peer reads nothing
  session->ws.async_ping({}, [session](const error_code&) { session->is_pinging = false; });
}

void WebSocketClient::Impl::begin_close(const SessionPtr& session, websocket::close_reason reason) {
  if (std::exchange(session->is_closing, true)) return;
  set_open(false);
  session->wake.cancel();
  spawn(session, close(session, std::move(reason)));
}

asio::awaitable<void> WebSocketClient::Impl::close(SessionPtr session, websocket::close_reason reason) {
  asio::steady_timer limit{session->stream->get_executor(), options_.close_timeout};
  limit.async_wait([session](const error_code& ec) {
    if (!ec) session->close();
  });
  error_code ec;
  co_await session->ws.async_close(reason, asio::redirect_error(asio::use_awaitable, ec));
  limit.cancel();
  session->close();
}

NetError WebSocketClient::Impl::why_ended(Session& session, const error_code& ec) const {
  if (session.failure) return *session.failure;
  if (ec == websocket::error::closed) {
    const auto& reason = session.ws.reason();
    auto error =
        net_failure(NetFault::closed_by_peer, NetPhase::open,
                    where_ + ": closed by the venue, code " + std::to_string(reason.code) +
                        (reason.reason.empty() ? "" : ": " + printable({reason.reason.data(), reason.reason.size()})));
    error.close_code = reason.code;
    return error;
  }
  if (ec == websocket::error::message_too_big || ec == websocket::error::buffer_overflow) {
    return net_failure(NetFault::too_large, NetPhase::open,
                       where_ + ": a message is larger than " + std::to_string(options_.message_bytes_max) + " bytes");
  }
  const bool is_lost = ec.category() == asio::error::get_system_category() || ec == asio::error::eof ||
                       ec == asio::ssl::error::stream_truncated;
  return net_failure(is_lost ? NetFault::connection_lost : NetFault::bad_answer, NetPhase::open,
                     where_ + ": the connection ended (" + ec.message() + "); it is made anew");
}

// ---- outside --------------------------------------------------------------------------------------------------------

Result<WebSocketClient> WebSocketClient::make(NetThread& thread, WebSocketOptions options,
                                              std::shared_ptr<WebSocketHandler> handler) {
  auto url = parse_url(options.url);
  if (!url) return tl::unexpected{url.error()};
  const auto where = url->authority();
  if (url->scheme != "wss" && url->scheme != "ws") return invalid("url", where + ": a WebSocket needs a wss:// URL");
  if (!url->user_info.empty()) return invalid("url", where + ": the URL holds a user; put it into a header");
  if (!url->is_tls() && !options.allow_plain && !url->is_loopback())
    return invalid("url", where + ": ws:// would show keys to everyone on the way; use wss://, or allow plain ws://");
  if (auto wrong = wrong_with("GET", options.headers); !wrong.empty()) return invalid("headers", where + ": " + wrong);
  for (const auto& header : options.headers)
    if (same_name(std::string_view{header.name}.substr(0, handshake_prefix.size()), handshake_prefix))
      return invalid("headers", where + ": " + header.name + " is set by the client itself");
  if (!is_header_value(options.user_agent))
    return invalid("user_agent", where + ": the user agent holds a control character");
  if (options.ping_after <= milliseconds{0} || options.ping_after >= options.silence_max) {
    return invalid("ping_after", where + ": " + std::to_string(options.ping_after.count()) +
                                     " ms must be positive and less than silence_max, " +
                                     std::to_string(options.silence_max.count()) +
                                     " ms: no peer is dead before a ping went unanswered");
  }
  auto tls = make_tls_context(options.tls);
  if (!tls) return tl::unexpected{tls.error()};
  auto impl =
      std::make_shared<Impl>(thread.core(), std::move(options), std::move(*url), std::move(*tls), std::move(handler));
  if (!thread.core()->add(impl) || !impl->start()) return fail(Errc::internal, where + ": the net thread has ended");
  return WebSocketClient{std::move(impl)};
}

WebSocketClient::WebSocketClient(std::shared_ptr<Impl> impl) : impl_{std::move(impl)} {}
WebSocketClient::WebSocketClient(WebSocketClient&&) noexcept = default;
WebSocketClient& WebSocketClient::operator=(WebSocketClient&& other) noexcept {
  std::swap(impl_, other.impl_);
  return *this;
}
WebSocketClient::~WebSocketClient() {
  if (impl_) impl_->stop_and_wait();
}

WebSocketLink& WebSocketClient::link() { return *impl_; }
WebSocketMetrics WebSocketClient::metrics() const { return impl_->metrics(); }

}  // namespace tradebus
