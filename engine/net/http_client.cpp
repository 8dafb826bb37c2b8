#include "engine/net/http_client.hpp"

#include "engine/net/net_core.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <exception>
#include <future>
#include <map>
#include <unordered_set>

#include "engine/net/dial.hpp"
#include "engine/net/http_exchange.hpp"
#include "engine/net/http_text.hpp"
#include "engine/net/jitter.hpp"
#include "engine/net/tls_context.hpp"
#include "engine/net/url.hpp"
#include "engine/services/backoff.hpp"

namespace tradebus {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

namespace {

NetError refusal(NetFault fault, std::string message) {
  NetError error;
  error.fault = fault;
  error.message = std::move(message);
  return error;
}

bool is_idempotent(std::string_view method) { return method == "GET" || method == "HEAD"; }
bool is_worth_asking_again(unsigned status) {
  return status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
}
bool is_worth_asking_again(const NetError& error) {
  switch (error.fault) {
    case NetFault::not_resolved:
    case NetFault::connect_failed:
    case NetFault::connection_lost:
      return true;
    case NetFault::proxy_failed:
      return error.http_status == 0 || is_worth_asking_again(error.http_status);
    case NetFault::timed_out:  // the whole's deadline is looked at before
      return error.phase == NetPhase::resolve || error.phase == NetPhase::connect || error.phase == NetPhase::proxy ||
             error.phase == NetPhase::tls;
    case NetFault::bad_request:
    case NetFault::plain_refused:
    case NetFault::overloaded:
    case NetFault::stopped:
    case NetFault::canceled:
    case NetFault::tls_failed:
    case NetFault::bad_answer:
    case NetFault::too_large:
    case NetFault::redirected:
    case NetFault::handshake_refused:
    case NetFault::dead_peer:
    case NetFault::closed_by_peer:
      return false;
  }
  return false;
}

}  // namespace

// ---- a request ------------------------------------------------------------------------------------------------------

struct HttpCall::State {
  using Flag = std::shared_ptr<const std::atomic<bool>>;
  State(std::shared_ptr<NetCore> c, Flag muted, Url u, HttpRequest r, HttpCallback cb)
      : core{std::move(c)},
        is_muted{std::move(muted)},
        url{std::move(u)},
        request{std::move(r)},
        callback{std::move(cb)} {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  // Only when the net thread was ended by force.
  ~State() {
    if (callback) finish(tl::unexpected{refusal(NetFault::stopped, url.authority() + ": the net thread has ended")});
  }
  void finish(HttpResult result) {
    if (!result && began_to_send) result.error().may_have_been_sent = true;  // by this try or an earlier one
    const auto once = std::exchange(callback, nullptr);
    if (once && !*is_muted) once(std::move(result));
  }

  const std::shared_ptr<NetCore> core;
  const Flag is_muted;  // the client is gone, and with it, for all we know, what the callback refers to
  const Url url;
  const HttpRequest request;
  HttpCallback callback;
  std::shared_ptr<Watch> whole;  // deadline and cancellation; of the try under way
  Watch::Time deadline;
  bool has_turn = false;
  bool began_to_send = false;  // in any try
};

void HttpCall::cancel() const {
  if (const auto state = state_.lock()) {
    state->core->post([state] {
      if (state->whole) state->whole->give_up(NetFault::canceled);
    });
  }
}

// ---- the client -----------------------------------------------------------------------------------------------------

class HttpClient::Impl : public NetClient, public std::enable_shared_from_this<HttpClient::Impl> {
 public:
  using Call = std::shared_ptr<HttpCall::State>;

  Impl(std::shared_ptr<NetCore> core, HttpClientOptions options, std::shared_ptr<asio::ssl::context> tls)
      : core_{std::move(core)},
        options_{std::move(options)},
        tls_{std::move(tls)},
        jitter_{options_.seed},
        sweep_{core_->io()},
        ended_{end_.get_future()} {}

  tl::expected<HttpCall, NetError> send(HttpRequest request, HttpCallback callback);
  void shut_down(bool at_once) override;
  void stop_and_wait();
  HttpMetrics metrics() const;

 private:
  struct Idle {
    std::string origin;
    std::unique_ptr<NetStream> stream;
    Steady::time_point since;
  };
  struct Connection {
    std::unique_ptr<NetStream> stream;
    bool is_reused = false;
  };

  void start(const Call& call);
  asio::awaitable<HttpResult> run(Call call);
  asio::awaitable<HttpResult> try_once(Call call, std::shared_ptr<Watch> watch);
  asio::awaitable<tl::expected<Connection, NetError>> connection(Call call, std::shared_ptr<Watch> watch, bool fresh);
  asio::awaitable<bool> take_turn(Call call, std::shared_ptr<Watch> watch);
  void give_turn(const Call& call);
  void finish(const Call& call, HttpResult result);

  const Url* proxy_of(const Url& url) const { return options_.proxy.proxy_for(url); }
  std::string pool_of(const Url& url) const;
  std::shared_ptr<const ExchangePlan> plan_of(const HttpCall::State& call) const;
  std::unique_ptr<NetStream> take_idle(const std::string& origin);
  void keep_idle(std::string origin, std::unique_ptr<NetStream> stream);
  void drop_old();

  const std::shared_ptr<NetCore> core_;
  const HttpClientOptions options_;
  const std::shared_ptr<asio::ssl::context> tls_;

  // ---- net thread ----
  Jitter jitter_;
  std::unordered_set<Call> calls_;
  std::deque<Call> waiting_;
  std::size_t under_way_ = 0;
  std::deque<Idle> idle_;  // the oldest first
  asio::steady_timer sweep_;
  bool stopping_ = false;
  std::promise<void> end_;
  bool has_ended_ = false;

  // ---- any thread ----
  std::atomic<std::size_t> held_{0};  // accepted and not answered
  const std::shared_ptr<std::atomic<bool>> is_muted_ = std::make_shared<std::atomic<bool>>(false);
  std::shared_future<void> ended_;
  mutable std::mutex metrics_mutex_;
  HttpMetrics metrics_;

  void count(std::uint64_t HttpMetrics::*what, std::uint64_t n = 1) {
    const std::lock_guard lock{metrics_mutex_};
    metrics_.*what += n;
  }
  void show_levels() {
    const std::lock_guard lock{metrics_mutex_};
    metrics_.under_way = under_way_;
    metrics_.waiting = waiting_.size();
    metrics_.idle = idle_.size();
  }
};

// ---- in and out -----------------------------------------------------------------------------------------------------

tl::expected<HttpCall, NetError> HttpClient::Impl::send(HttpRequest request, HttpCallback callback) {
  const auto refuse = [](NetFault fault, std::string why) { return tl::unexpected{refusal(fault, std::move(why))}; };
  auto url = parse_url(request.url);
  if (!url) return refuse(NetFault::bad_request, url.error().message);
  const auto where = url->authority();
  if (url->scheme != "https" && url->scheme != "http")
    return refuse(NetFault::bad_request, where + ": an HTTP request needs an https:// URL");
  if (!url->user_info.empty())
    return refuse(NetFault::bad_request, where + ": the URL holds a user; put it into the header Authorization");
  if (auto wrong = wrong_with(request.method, request.headers); !wrong.empty())
    return refuse(NetFault::bad_request, where + ": " + wrong);
  std::size_t size = request.body.size();
  for (const auto& header : request.headers) size += header.name.size() + header.value.size();
  if (size > options_.request_bytes_max) {
    return refuse(NetFault::bad_request,
                  where + ": the request is larger than " + std::to_string(options_.request_bytes_max) + " bytes");
  }
  if (!url->is_tls() && !options_.allow_plain_http && !url->is_loopback()) {
    return refuse(NetFault::plain_refused,
                  where + ": http:// would show keys to everyone on the way; use https://, or allow plain HTTP");
  }
  if (held_.fetch_add(1) >= options_.connections_max + options_.waiting_max) {
    held_.fetch_sub(1);
    count(&HttpMetrics::refused);
    return refuse(NetFault::overloaded, where + ": " + std::to_string(options_.connections_max) +
                                            " requests are under way and " + std::to_string(options_.waiting_max) +
                                            " wait; ask less, or later");
  }
  auto call =
      std::make_shared<HttpCall::State>(core_, is_muted_, std::move(*url), std::move(request), std::move(callback));
  call->deadline =
      Steady::now() + std::clamp(call->request.deadline, milliseconds{0}, milliseconds{std::chrono::hours{24}});
  HttpCall handle{call};
  if (!core_->post([self = shared_from_this(), call] { self->start(call); })) {
    call->callback = nullptr;
    held_.fetch_sub(1);
    return refuse(NetFault::stopped, where + ": the net thread has ended");
  }
  return handle;
}

void HttpClient::Impl::start(const Call& call) {
  count(&HttpMetrics::requests);
  calls_.insert(call);
  call->whole = std::make_shared<Watch>(core_->io(), call->deadline);
  if (stopping_) call->whole->give_up(NetFault::stopped);
  asio::co_spawn(
      core_->io(), run(call), [self = shared_from_this(), call](std::exception_ptr thrown, HttpResult result) {
        if (thrown)
          result =
              tl::unexpected{refusal(NetFault::connection_lost, call->url.authority() + ": out of memory or alike")};
        self->finish(call, std::move(result));
      });
}

void HttpClient::Impl::finish(const Call& call, HttpResult result) {
  give_turn(call);
  count(result ? &HttpMetrics::answers : &HttpMetrics::errors);
  show_levels();
  call->whole.reset();
  held_.fetch_sub(1);
  call->finish(std::move(result));
  calls_.erase(call);
  if (stopping_ && calls_.empty() && !std::exchange(has_ended_, true)) end_.set_value();
}

void HttpClient::Impl::shut_down(bool) {  // it waits for nobody anyway
  stopping_ = true;
  idle_.clear();
  sweep_.cancel();
  show_levels();
  const auto calls = calls_;
  for (const auto& call : calls)
    if (call->whole) call->whole->give_up(NetFault::stopped);
  if (calls_.empty() && !std::exchange(has_ended_, true)) end_.set_value();
}

void HttpClient::Impl::stop_and_wait() {
  if (core_->on_thread()) {
    shut_down(true);
    return;
  }
  core_->post([self = shared_from_this()] { self->shut_down(false); });  // or the thread's end does it
  ended_.wait_for(core_->stop_timeout());
  *is_muted_ = true;  // a callback keeps the thread: those behind it would come too late
}

HttpMetrics HttpClient::Impl::metrics() const {
  const std::lock_guard lock{metrics_mutex_};
  return metrics_;
}

// ---- tries ----------------------------------------------------------------------------------------------------------

asio::awaitable<HttpResult> HttpClient::Impl::run(Call call) {
  const auto watch = call->whole;
  const auto where = call->url.authority();
  const unsigned tries_max =
      call->request.retry && is_idempotent(call->request.method) ? std::max(1u, options_.tries_max) : 1;
  Backoff backoff{options_.retry_first, options_.retry_max, std::chrono::hours{24}};
  for (unsigned tries = 1;; ++tries) {
    const bool has_turn = co_await take_turn(call, watch);
    if (!has_turn) co_return tl::unexpected{watch->error(where, false)};
    // A watch of its own for each try: a connect timeout ends the try, not the request.
    HttpResult result = co_await try_once(call, watch);
    give_turn(call);
    if (result) result->tries = tries;
    if (tries >= tries_max || watch->ended()) co_return result;
    if (result ? !is_worth_asking_again(result->status) : !is_worth_asking_again(result.error())) co_return result;

    const auto now = Steady::now();
    auto wait = jitter_(backoff.failed(now, now));
    if (result && result->retry_after) {
      if (*result->retry_after > options_.retry_after_max) co_return result;
      wait += *result->retry_after;  // all who were sent away hear the same time: not all come back at once
    }
    if (now + wait >= call->deadline) co_return result;  // what is known is worth more than a timeout
    count(&HttpMetrics::retries);
    watch->enter(NetPhase::backoff);
    co_await watch->sleep_until(now + wait);
    if (watch->ended()) co_return tl::unexpected{watch->error(where, false)};
  }
}

asio::awaitable<HttpResult> HttpClient::Impl::try_once(Call call, std::shared_ptr<Watch> watch) {
  const auto plan = plan_of(*call);
  for (bool fresh = false;; fresh = true) {
    auto made = co_await connection(call, watch, fresh);
    if (!made) co_return tl::unexpected{made.error()};
    auto result = co_await exchange(watch, *made->stream, plan, call->began_to_send);
    if (!result) {
      if (made->is_reused && result.error().nothing_came && is_idempotent(call->request.method) &&
          call->request.retry) {
        count(&HttpMetrics::retries);
        continue;
      }
      co_return tl::unexpected{result.error().error};
    }
    count(&HttpMetrics::bytes_in, result->bytes_in);
    if (result->keep) keep_idle(pool_of(call->url), std::move(made->stream));
    auto& response = result->response;
    if (const auto* after = response.header("Retry-After"))
      response.retry_after =
          parse_retry_after(*after, options_.now ? options_.now() : std::chrono::system_clock::now());
    co_return std::move(response);
  }
}

asio::awaitable<tl::expected<HttpClient::Impl::Connection, NetError>> HttpClient::Impl::connection(
    Call call, std::shared_ptr<Watch> watch, bool fresh) {
  Connection connection;
  if (!fresh) connection.stream = take_idle(pool_of(call->url));
  if (connection.stream) {
    connection.is_reused = true;
    count(&HttpMetrics::reused);
    co_return connection;
  }
  DialPlan plan;
  plan.url = call->url;
  if (const auto* proxy = proxy_of(call->url)) plan.proxy = *proxy;
  plan.tunnel = false;
  plan.tls = tls_;
  plan.until = Steady::now() + options_.connect_timeout;
  // A watch of its own: the connect timeout ends this try only. It hears what the request's hears.
  const auto dialing = std::make_shared<Watch>(core_->io(), call->deadline);
  const Watch::Interrupt interrupt{*watch, [&] { dialing->give_up(*watch->ended()); }};
  watch->enter(NetPhase::connect);
  auto stream = co_await dial(core_, dialing, std::move(plan));
  if (!stream) co_return tl::unexpected{stream.error()};
  count(&HttpMetrics::connects);
  connection.stream = std::move(*stream);
  co_return connection;
}

// ---- turns ----------------------------------------------------------------------------------------------------------

asio::awaitable<bool> HttpClient::Impl::take_turn(Call call, std::shared_ptr<Watch> watch) {
  watch->enter(NetPhase::queue);
  // The watch's timer may not have had its turn yet.
  const auto is_late = [&] {
    if (Steady::now() >= call->deadline) watch->give_up(NetFault::timed_out);
    return watch->ended().has_value();
  };
  if (is_late()) co_return false;
  if (under_way_ >= options_.connections_max) {
    waiting_.push_back(call);
    show_levels();
    while (!call->has_turn && !watch->ended()) co_await watch->sleep_until(Watch::Time::max());
    std::erase(waiting_, call);
  } else {
    call->has_turn = true;
    ++under_way_;
  }
  show_levels();
  co_return !is_late() && call->has_turn;
}

void HttpClient::Impl::give_turn(const Call& call) {
  if (!std::exchange(call->has_turn, false)) return;
  --under_way_;
  while (!waiting_.empty() && under_way_ < options_.connections_max) {
    const auto next = waiting_.front();
    waiting_.pop_front();
    if (!next->whole || next->whole->ended()) continue;
    next->has_turn = true;
    ++under_way_;
    next->whole->wake();
  }
  show_levels();
}

// ---- connections ----------------------------------------------------------------------------------------------------

std::string HttpClient::Impl::pool_of(const Url& url) const {
  const auto* proxy = proxy_of(url);
  return url.origin() + (proxy != nullptr ? " " + proxy->authority() : "");
}

std::unique_ptr<NetStream> HttpClient::Impl::take_idle(const std::string& origin) {
  drop_old();
  // The newest first: it is the least likely to be stale.
  for (auto it = idle_.rbegin(); it != idle_.rend();) {
    if (it->origin != origin) {
      ++it;
      continue;
    }
    auto stream = std::move(it->stream);
    it = std::make_reverse_iterator(idle_.erase(std::next(it).base()));
    if (stream->is_quiet()) return stream;
  }
  return nullptr;
}

void HttpClient::Impl::keep_idle(std::string origin, std::unique_ptr<NetStream> stream) {
  if (stopping_ || options_.idle_per_host_max == 0) return;
  const auto same = [&](const Idle& i) { return i.origin == origin; };
  if (static_cast<std::size_t>(std::count_if(idle_.begin(), idle_.end(), same)) >= options_.idle_per_host_max)
    idle_.erase(std::find_if(idle_.begin(), idle_.end(), same));
  if (idle_.size() >= options_.connections_max) idle_.pop_front();
  idle_.push_back({std::move(origin), std::move(stream), Steady::now()});
  drop_old();
}

void HttpClient::Impl::drop_old() {
  const auto now = Steady::now();
  while (!idle_.empty() && now - idle_.front().since >= options_.idle_max) idle_.pop_front();
  show_levels();
  if (idle_.empty() || stopping_) return;
  sweep_.expires_at(idle_.front().since + options_.idle_max);
  sweep_.async_wait([weak = weak_from_this()](const boost::system::error_code& ec) {
    const auto self = weak.lock();
    if (!ec && self) self->drop_old();
  });
}

std::shared_ptr<const ExchangePlan> HttpClient::Impl::plan_of(const HttpCall::State& call) const {
  auto plan = std::make_shared<ExchangePlan>();
  const auto& request = call.request;
  const auto* proxy = proxy_of(call.url);
  plan->where = call.url.authority();
  plan->is_head = request.method == "HEAD";
  plan->first_byte_timeout = options_.first_byte_timeout;
  plan->header_bytes_max = options_.header_bytes_max;
  plan->response_bytes_max = request.response_bytes_max.value_or(options_.response_bytes_max);
  auto& wire = plan->wire;
  const bool asks_proxy = proxy != nullptr && !call.url.is_tls();
  wire = request.method + " " + (asks_proxy ? call.url.scheme + "://" + call.url.host_header() : "") + call.url.target +
         " HTTP/1.1\r\nHost: " + call.url.host_header() + "\r\nUser-Agent: " + options_.user_agent +
         "\r\nAccept-Encoding: gzip\r\n";
  if (asks_proxy && !proxy->user_info.empty())
    wire += "Proxy-Authorization: " + basic_credentials(proxy->user_info) + "\r\n";
  for (const auto& header : request.headers) wire += header.name + ": " + header.value + "\r\n";
  if (!request.body.empty() || !is_idempotent(request.method))
    wire += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
  wire += "\r\n";
  wire += request.body;
  return plan;
}

// ---- outside --------------------------------------------------------------------------------------------------------

Result<HttpClient> HttpClient::make(NetThread& thread, HttpClientOptions options) {
  if (!is_header_value(options.user_agent)) return invalid("user_agent", "the user agent holds a control character");
  auto tls = make_tls_context(options.tls);
  if (!tls) return tl::unexpected{tls.error()};
  options.connections_max = std::max<std::size_t>(options.connections_max, 1);
  auto impl = std::make_shared<Impl>(thread.core(), std::move(options), std::move(*tls));
  if (!thread.core()->add(impl)) return fail(Errc::internal, "the net thread has ended");
  return HttpClient{std::move(impl)};
}

HttpClient::HttpClient(std::shared_ptr<Impl> impl) : impl_{std::move(impl)} {}
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&& other) noexcept {
  std::swap(impl_, other.impl_);
  return *this;
}
HttpClient::~HttpClient() {
  if (impl_) impl_->stop_and_wait();
}

tl::expected<HttpCall, NetError> HttpClient::send(HttpRequest request, HttpCallback callback) {
  return impl_->send(std::move(request), std::move(callback));
}
HttpMetrics HttpClient::metrics() const { return impl_->metrics(); }

}  // namespace tradebus
