#include "engine/net/dial.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>

#include <boost/asio/buffer.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <charconv>

#include "engine/net/http_text.hpp"
#include "engine/net/tls_context.hpp"

namespace tradebus {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::size_t proxy_answer_max = 16'384;

// "HTTP/1.1 200 ..." -> 200; 0: nonsense.
unsigned status_of(std::string_view head) {
  unsigned status = 0;
  if (!head.starts_with("HTTP/1.") || head.size() < 12 || head[8] != ' ') return 0;
  const auto [end, failed] = std::from_chars(head.data() + 9, head.data() + 12, status);
  return failed == std::errc{} && end == head.data() + 12 ? status : 0;
}

asio::awaitable<std::optional<NetError>> connect(std::shared_ptr<Watch> watch, NetStream& stream,
                                                 std::vector<asio::ip::tcp::endpoint> endpoints, std::string where,
                                                 Watch::Time until) {
  error_code ec;
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    // An address that swallows packets leaves time for those behind it.
    const auto now = std::chrono::steady_clock::now();
    const auto left = std::min(until, watch->whole()) - now;
    asio::steady_timer share{stream.get_executor(), now + left / static_cast<std::int64_t>(endpoints.size() - i)};
    const auto is_waiting = std::make_shared<bool>(i + 1 < endpoints.size());
    share.async_wait([&stream, is_waiting](const error_code& canceled) {
      if (!canceled && *is_waiting) stream.close();
    });
    co_await stream.socket().async_connect(endpoints[i], asio::redirect_error(asio::use_awaitable, ec));
    *is_waiting = false;
    if (watch->ended()) co_return watch->error(where, false);
    if (!ec && stream.socket().is_open()) {
      stream.socket().set_option(asio::ip::tcp::no_delay{true}, ec);
      stream.socket().set_option(asio::socket_base::keep_alive{true}, ec);
      co_return std::nullopt;
    }
    stream.close();
  }
  co_return net_failure(NetFault::connect_failed, NetPhase::connect,
                        where + ": no connection: " + ec.message() + "; look at the network, firewalls and the port");
}

asio::awaitable<std::optional<NetError>> open_tunnel(std::shared_ptr<Watch> watch, NetStream& stream, Url url,
                                                     Url proxy) {
  const auto where = url.authority() + " through the proxy " + proxy.authority();
  std::string head = "CONNECT " + url.authority() + " HTTP/1.1\r\nHost: " + url.authority() + "\r\n";
  if (!proxy.user_info.empty()) head += "Proxy-Authorization: " + basic_credentials(proxy.user_info) + "\r\n";
  head += "\r\n";
  error_code ec;
  co_await asio::async_write(stream.socket(), asio::buffer(head), asio::redirect_error(asio::use_awaitable, ec));
  std::string answer;
  std::size_t size = 0;
  if (!ec) {
    size = co_await asio::async_read_until(stream.socket(), asio::dynamic_buffer(answer, proxy_answer_max), "\r\n\r\n",
                                           asio::redirect_error(asio::use_awaitable, ec));
  }
  if (watch->ended()) co_return watch->error(where, false);
  const unsigned status = status_of(answer);
  if (!ec && status >= 200 && status < 300 && size == answer.size()) co_return std::nullopt;
  std::string why = "it answered " + std::to_string(status);
  if (ec == asio::error::not_found)
    why = "its answer has no end";
  else if (ec)
    why = ec.message();
  else if (status == 0)
    why = "its answer is not HTTP";
  else if (status < 300)
    why = "it sent more than it was asked for";
  else if (status == 407)
    why += ", it wants a name and a password: put them into HTTPS_PROXY (http://NAME:PASSWORD@HOST:PORT)";
  auto error = net_failure(NetFault::proxy_failed, NetPhase::proxy,
                           where + ": " + why + "; look at the proxy, or name the host in NO_PROXY");
  error.http_status = status < 300 ? 0 : status;
  co_return error;
}

asio::awaitable<std::optional<NetError>> start_tls(std::shared_ptr<Watch> watch, NetStream& stream, DialPlan& plan) {
  const auto where = plan.url.authority();
  auto& tls = stream.add_tls(*plan.tls);
  if (!expect_host(tls.native_handle(), plan.url.host))
    co_return net_failure(NetFault::tls_failed, NetPhase::tls, where + ": TLS can't be set up for this name");
  error_code ec;
  co_await tls.async_handshake(asio::ssl::stream_base::client, asio::redirect_error(asio::use_awaitable, ec));
  if (watch->ended()) co_return watch->error(where, false);
  if (!ec) co_return std::nullopt;
  const bool is_cut = ec.category() == asio::error::get_system_category() || ec == asio::error::eof ||
                      ec == asio::ssl::error::stream_truncated;
  if (is_cut) {
    co_return net_failure(NetFault::connection_lost, NetPhase::tls,
                          where + ": cut in the TLS handshake: " + ec.message() + "; is this a TLS port?");
  }
  co_return net_failure(NetFault::tls_failed, NetPhase::tls,
                        where + ": TLS handshake failed: " + tls_failure(tls.native_handle(), ec));
}

}  // namespace

bool NetStream::is_quiet() {
  char byte = 0;
  const auto n = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (n >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK)) return false;
  if (!tls_) return true;
  // What came in one piece with the answer is past the socket already: it would be taken for the next answer.
  auto* tls = tls_->native_handle();
  ERR_clear_error();
  const int came = SSL_peek(tls, &byte, 1);
  const bool is_quiet = came <= 0 && SSL_get_error(tls, came) == SSL_ERROR_WANT_READ && SSL_has_pending(tls) == 0;
  ERR_clear_error();
  return is_quiet;
}

asio::awaitable<tl::expected<std::unique_ptr<NetStream>, NetError>> dial(std::shared_ptr<NetCore> core,
                                                                         std::shared_ptr<Watch> watch, DialPlan plan) {
  const Url first = plan.proxy ? *plan.proxy : plan.url;  // who is called
  const auto where = plan.proxy ? plan.url.authority() + " through the proxy " + first.authority() : first.authority();

  watch->enter(NetPhase::resolve, plan.until);
  auto endpoints = co_await core->resolve(watch, first.host, first.port, where);
  if (!endpoints) co_return tl::unexpected{endpoints.error()};
  if (!plan.proxy && !plan.url.is_tls() && plan.url.is_loopback()) {
    // Plain is allowed for this machine: a name server that says "localhost" is elsewhere shall not have the keys.
    std::erase_if(*endpoints, [](const auto& endpoint) { return !endpoint.address().is_loopback(); });
    if (endpoints->empty()) {
      co_return tl::unexpected{net_failure(NetFault::plain_refused, NetPhase::resolve,
                                           where +
                                               ": the name leads to another machine, and nothing is encrypted; look at "
                                               "/etc/hosts, or name 127.0.0.1")};
    }
  }

  auto stream = std::make_unique<NetStream>(core->io());
  const Watch::Interrupt interrupt{*watch, [raw = stream.get()] { raw->close(); }};
  watch->enter(NetPhase::connect, plan.until);
  std::optional<NetError> error = co_await connect(watch, *stream, *endpoints, where, plan.until);
  if (!error && plan.proxy && (plan.tunnel || plan.url.is_tls())) {
    watch->enter(NetPhase::proxy, plan.until);
    error = co_await open_tunnel(watch, *stream, plan.url, *plan.proxy);
  }
  if (!error && plan.url.is_tls()) {
    watch->enter(NetPhase::tls, plan.until);
    error = co_await start_tls(watch, *stream, plan);
  }
  watch->disarm();
  if (error) co_return tl::unexpected{*error};
  co_return stream;
}

}  // namespace tradebus
