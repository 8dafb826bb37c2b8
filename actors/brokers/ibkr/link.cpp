#include "actors/brokers/ibkr/link.hpp"

#include "engine/net/dial.hpp"

#include <array>
#include <atomic>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <utility>

namespace tradebus::ibkr {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {
constexpr std::size_t read_bytes = 65'536;
}

// One connection. What has no other note happens on the link's thread.
class Link::Connection final : public NetClient, public std::enable_shared_from_this<Link::Connection> {
 public:
  Connection(std::shared_ptr<NetCore> core, LinkListener& listener, std::uint64_t number, LinkOptions options)
      : core_{std::move(core)},
        listener_{listener},
        number_{number},
        options_{std::move(options)},
        room_{core_->io()} {}

  bool start() {
    if (!core_->add(weak_from_this())) return false;
    return core_->post([self = shared_from_this()] {
      asio::co_spawn(self->core_->io(), self->run(), [self](const std::exception_ptr& thrown) {
        if (thrown) self->end("no memory for the connection");
      });
    });
  }
  void shut_down(bool) override { close_here(); }

  // -- any thread --------------------------------------------------------------
  bool send(std::string bytes) {
    const auto size = bytes.size();
    if (!is_open_ || sending_.fetch_add(size) + size > options_.sending_bytes_max) return false;
    return core_->post([self = shared_from_this(), bytes = std::move(bytes)]() mutable {
      self->waiting_ += bytes;
      if (!self->is_writing_) self->write();
    });
  }
  void taken(std::size_t bytes) {
    if (received_.fetch_sub(bytes) >= options_.received_bytes_max)
      core_->post([self = shared_from_this()] { self->room_.cancel(); });
  }
  void close() {
    core_->post([self = shared_from_this()] { self->close_here(); });
  }

 private:
  asio::awaitable<void> run() {
    const auto until = std::chrono::steady_clock::now() + options_.connect_timeout;
    watch_ = std::make_shared<Watch>(core_->io(), Watch::Time::max());
    if (is_closed_) co_return end("closed");
    DialPlan plan;
    plan.url.scheme = "http";  // which says no more than: without TLS
    plan.url.host = options_.host;
    plan.url.port = options_.port;
    plan.until = until;
    auto dialed = co_await dial(core_, watch_, std::move(plan));
    if (!dialed) co_return end(dialed.error().message);
    stream_ = std::move(*dialed);
    if (is_closed_) co_return end("closed");
    is_open_ = true;
    listener_.on_open(number_);
    std::string bytes;
    for (;;) {
      error_code ec;
      // A listener that is behind is waited for: so is the gateway then, by TCP.
      while (received_ >= options_.received_bytes_max && !is_closed_) {
        room_.expires_at(std::chrono::steady_clock::time_point::max());
        co_await room_.async_wait(asio::redirect_error(asio::use_awaitable, ec));
      }
      bytes.resize(read_bytes);
      const auto n = co_await stream_->socket().async_read_some(asio::buffer(bytes),
                                                                asio::redirect_error(asio::use_awaitable, ec));
      if (n > 0) {
        bytes.resize(n);
        received_ += n;
        listener_.on_bytes(number_, std::exchange(bytes, {}));
      }
      if (ec) co_return end(failure_.empty() ? why(ec) : failure_);
    }
  }

  static std::string why(const error_code& ec) {
    if (ec == asio::error::eof) return "the gateway closed the connection";
    if (ec == asio::error::operation_aborted || ec == asio::error::bad_descriptor) return "closed";
    return "the connection broke: " + ec.message();
  }

  void write() {
    is_writing_ = true;
    sent_ = std::exchange(waiting_, {});
    asio::async_write(stream_->socket(), asio::buffer(sent_),
                      [self = shared_from_this()](const error_code& ec, std::size_t) {
                        self->is_writing_ = false;
                        self->sending_ -= self->sent_.size();
                        if (ec) {
                          self->failure_ = why(ec);
                          return self->close_here();  // the reader tells
                        }
                        if (!self->waiting_.empty()) self->write();
                      });
  }

  void close_here() {
    is_closed_ = true;
    is_open_ = false;
    if (watch_) watch_->give_up(NetFault::canceled);
    if (stream_) stream_->close();
    room_.cancel();
  }

  void end(std::string why) {
    close_here();
    if (!std::exchange(is_told_, true)) listener_.on_closed(number_, std::move(why));
  }

  const std::shared_ptr<NetCore> core_;
  LinkListener& listener_;
  const std::uint64_t number_;
  const LinkOptions options_;
  std::atomic<bool> is_open_{false};
  std::atomic<std::size_t> sending_{0};
  std::atomic<std::size_t> received_{0};

  std::shared_ptr<Watch> watch_;
  std::unique_ptr<NetStream> stream_;
  asio::steady_timer room_;  // the reader waits for room
  std::string waiting_;      // to be written after what is being written
  std::string sent_;         // that is being written
  std::string failure_;      // of a write
  bool is_writing_ = false;
  bool is_closed_ = false;
  bool is_told_ = false;
};

Link::Link(LinkListener& listener) : listener_{listener} {
  NetThreadOptions options;
  options.name = "ibkr";
  options.stop_timeout = std::chrono::milliseconds{1'000};
  thread_ = std::make_unique<NetThread>(std::move(options));
}

Link::~Link() {
  close();
  thread_.reset();
}

void Link::open(std::uint64_t connection, LinkOptions options) {
  close();
  connection_ = std::make_shared<Connection>(thread_->core(), listener_, connection, std::move(options));
  connection_->start();
}

bool Link::send(std::string bytes) { return connection_ && connection_->send(std::move(bytes)); }

void Link::taken(std::size_t bytes) {
  if (connection_) connection_->taken(bytes);
}

void Link::close() {
  if (auto old = std::exchange(connection_, nullptr)) old->close();
}

}  // namespace tradebus::ibkr
