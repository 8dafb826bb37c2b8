#include "bus/bridge/admin_server.hpp"

#include <algorithm>
#include <utility>  // before Asio, which needs std::exchange

#include <pthread.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <exception>
#include <memory>
#include <optional>
#include <string_view>
#include <thread>

namespace tradebus {

namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = net::ip::tcp;
using boost::system::error_code;

constexpr std::chrono::milliseconds accept_retry{100};  // out of file descriptors, say
constexpr std::size_t drained_bytes_max = 65'536;

struct Answer {
  unsigned status = 200;
  std::string body;
  std::string_view type = "text/plain; charset=utf-8";
  std::string_view header = {};  // one more line
};

std::string_view reason(unsigned status) {
  const auto text = http::obsolete_reason(static_cast<http::status>(status));
  return {text.data(), text.size()};
}

std::string to_text(const Answer& answer, bool with_body, bool keep_alive) {
  std::string out = "HTTP/1.1 " + std::to_string(answer.status) + " ";
  out.append(reason(answer.status)).append("\r\nContent-Type: ").append(answer.type);
  out.append("\r\nContent-Length: ").append(std::to_string(answer.body.size()));
  out.append("\r\nCache-Control: no-store\r\nConnection: ").append(keep_alive ? "keep-alive" : "close");
  out.append("\r\n").append(answer.header).append("\r\n");
  if (with_body) out.append(answer.body);
  return out;
}

Answer answer_to(std::string_view path, const AdminHandlers& handlers) {
  if (path == "/healthz") return {200, "ok\n"};
  try {
    if (path == "/metrics") return {200, handlers.metrics(), "text/plain; version=0.0.4"};
    if (path == "/readyz") return handlers.ready() ? Answer{200, "ready\n"} : Answer{503, "not ready\n"};
  } catch (const std::exception& e) {
    return {500, std::string{"the handler failed: "} + e.what() + "\n"};
  } catch (...) {
    return {500, "the handler failed\n"};
  }
  return {404, "there are /metrics, /healthz and /readyz\n"};
}

// "127.0.0.1:5572" or "[::1]:5572" -> host and port.
std::optional<std::pair<std::string, std::string>> split(const std::string& address) {
  const auto colon = address.rfind(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == address.size()) return std::nullopt;
  auto host = address.substr(0, colon);
  const auto port = address.substr(colon + 1);
  if (port.find_first_not_of("0123456789") != std::string::npos || port.size() > 5 || std::stoi(port) > 65'535)
    return std::nullopt;
  if (host.front() == '[') {
    if (host.size() < 3 || host.back() != ']') return std::nullopt;
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string::npos) {
    return std::nullopt;
  }
  return std::pair{std::move(host), port};
}

}  // namespace

class AdminServer::Loop {
 public:
  Loop(AdminConfig config, AdminHandlers handlers) : config_{std::move(config)}, handlers_{std::move(handlers)} {}
  ~Loop() { stop(); }

  Result<std::string> bind() {
    const auto where = split(config_.address);
    if (!where) return failure("it must be HOST:PORT");
    error_code ec;
    const auto found = tcp::resolver{io_}.resolve(where->first, where->second, tcp::resolver::passive, ec);
    if (ec) return failure(ec.message());
    const tcp::endpoint endpoint = *found.begin();
    acceptor_.open(endpoint.protocol(), ec);
    if (!ec) acceptor_.set_option(tcp::acceptor::reuse_address{true}, ec);
    if (!ec) acceptor_.bind(endpoint, ec);
    if (!ec) acceptor_.listen(static_cast<int>(config_.connections_max), ec);
    const auto bound = ec ? tcp::endpoint{} : acceptor_.local_endpoint(ec);
    if (ec) {
      error_code ignored;
      acceptor_.close(ignored);
      return failure(ec.message() + " (is another daemon running? set bus.admin to another address)");
    }
    const auto host = bound.address().to_string();
    return "http://" + (bound.address().is_v6() ? "[" + host + "]" : host) + ":" + std::to_string(bound.port());
  }

  void start() {
    accept();
    thread_ = std::thread{[this] {
      pthread_setname_np(pthread_self(), "admin");
      io_.run();
    }};
  }

  void stop() {
    io_.stop();
    if (thread_.joinable()) thread_.join();
    stopping_ = true;
  }

 private:
  class Connection;

  tl::unexpected<Error> failure(const std::string& why) const {
    return fail(Errc::config_invalid, "can't bind bus.admin to " + config_.address + ": " + why);
  }
  void accept();
  void closed();

  // Before io_, whose end destroys the connections.
  AdminConfig config_;
  AdminHandlers handlers_;
  std::size_t open_ = 0;
  bool accepting_ = false;
  bool stopping_ = false;
  net::io_context io_{1};
  tcp::acceptor acceptor_{io_};
  net::steady_timer retry_{io_};
  std::thread thread_;
};

// Lives as long as one of its operations is under way.
class AdminServer::Loop::Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Loop& loop, tcp::socket socket)
      : loop_{loop}, stream_{std::move(socket)}, buffer_{loop.config_.request_bytes_max} {}
  ~Connection() { loop_.closed(); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void read() {
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(loop_.config_.request_bytes_max));
    stream_.expires_after(loop_.config_.deadline);
    http::async_read_header(stream_, buffer_, *parser_,
                            [me = shared_from_this()](error_code ec, std::size_t) { me->on_read(ec); });
  }

 private:
  void on_read(error_code ec) {
    if (ec == http::error::header_limit || ec == http::error::buffer_overflow)
      return refuse({431, "the request is too large\n"});
    if (ec == http::error::end_of_stream) return;
    if (ec && ec.category() == http::make_error_code(http::error::bad_method).category())
      return refuse({400, "this is no HTTP request: " + ec.message() + "\n"});
    if (ec) return;  // the deadline, or the peer is gone
    const auto& request = parser_->get();
    const bool head = request.method() == http::verb::head;
    if (!head && request.method() != http::verb::get)
      return refuse({405, "only GET and HEAD\n", "text/plain; charset=utf-8", "Allow: GET, HEAD\r\n"});
    if (parser_->chunked() || parser_->content_length().value_or(0) != 0)
      return refuse({400, "a request here has no body\n"});
    const std::string_view target{request.target().data(), request.target().size()};
    const bool keep_alive = request.keep_alive();
    write(to_text(answer_to(target.substr(0, target.find('?')), loop_.handlers_), !head, keep_alive), keep_alive);
  }

  void refuse(const Answer& answer) { write(to_text(answer, true, false), false); }

  void write(std::string text, bool keep_alive) {
    text_ = std::move(text);
    stream_.expires_after(loop_.config_.deadline);
    net::async_write(stream_, net::buffer(text_), [me = shared_from_this(), keep_alive](error_code ec, std::size_t) {
      me->text_ = {};
      if (ec) return;
      if (keep_alive) return me->read();
      me->stream_.socket().shutdown(tcp::socket::shutdown_send, ec);
      me->stream_.expires_after(me->loop_.config_.deadline);
      me->drain();
    });
  }

  // A socket that closes with unread bytes resets the connection, and the peer may lose the answer.
  void drain() {
    buffer_.clear();
    stream_.async_read_some(buffer_.prepare(std::min<std::size_t>(buffer_.max_size(), 1'024)),
                            [me = shared_from_this()](error_code ec, std::size_t bytes) {
                              me->drained_ += bytes;
                              if (!ec && me->drained_ < drained_bytes_max) me->drain();
                            });
  }

  Loop& loop_;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;  // grows with the request, up to its bound
  std::optional<http::request_parser<http::empty_body>> parser_;
  std::string text_;
  std::size_t drained_ = 0;
};

void AdminServer::Loop::accept() {
  accepting_ = true;
  acceptor_.async_accept([this](error_code ec, tcp::socket socket) {
    accepting_ = false;
    if (ec == net::error::operation_aborted) return;
    if (ec) {
      accepting_ = true;
      retry_.expires_after(accept_retry);
      retry_.async_wait([this](error_code cancelled) {
        if (!cancelled) accept();
      });
      return;
    }
    error_code ignored;
    socket.set_option(tcp::no_delay{true}, ignored);  // answers to pipelined requests would wait for each other
    ++open_;
    std::make_shared<Connection>(*this, std::move(socket))->read();
    if (open_ < config_.connections_max && !accepting_) accept();
  });
}

void AdminServer::Loop::closed() {
  --open_;
  if (!stopping_ && !accepting_ && open_ < config_.connections_max) accept();
}

AdminServer::AdminServer(AdminConfig config, AdminHandlers handlers)
    : loop_{std::make_unique<Loop>(std::move(config), std::move(handlers))} {}

AdminServer::~AdminServer() = default;

Result<std::string> AdminServer::bind() {
  return loop_ ? loop_->bind() : fail(Errc::config_invalid, "the admin server has been stopped");
}

void AdminServer::start() {
  if (loop_) loop_->start();
}

void AdminServer::stop() { loop_.reset(); }

}  // namespace tradebus
