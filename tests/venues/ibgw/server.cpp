#include "tests/venues/ibgw/server.hpp"

#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <iostream>

#include "tests/venues/ibgw/control_http.hpp"

namespace tradebus::ibgw_sim {
namespace {

namespace net = boost::asio;
using tcp = net::ip::tcp;

constexpr auto pump_interval = std::chrono::milliseconds{10};

std::vector<std::string> recordings_of(const ServerOptions& options) {
  if (!options.recordings.empty()) return options.recordings;
  return {options.data + "/quotes.csv", options.data + "/trades.csv"};
}

class Server final : public ServerActions {
  using Clock = std::chrono::steady_clock;

 public:
  explicit Server(const ServerOptions& options)
      : options_(options),
        contracts_(options.data + "/contracts.csv", wall_now()),
        recording_(read_recording(recordings_of(options), contracts_)),
        gateway_(options.gateway, contracts_, wall_now()),
        control_(gateway_, faults_, *this),
        timer_(io_),
        restart_timer_(io_),
        signals_(io_, SIGTERM, SIGINT),
        acceptor_(io_, tcp::endpoint{net::ip::make_address(options.address), options.port}) {}

  void run() {
    port_ = acceptor_.local_endpoint().port();
    accept();
    if (options_.control_port >= 0) {
      control_port_ = std::make_unique<ControlListener>(io_, static_cast<std::uint16_t>(options_.control_port),
                                                        control_, [this] { finish(); });
    }
    signals_.async_wait([this](auto error, int) {
      if (!error) io_.stop();
    });
    last_ = sampled_ = ticked_ = Clock::now();
    pump();
    announce();
    io_.run();
  }

  // -- ServerActions --
  void cut(std::optional<int> client, Ending ending) override {
    for (const auto& session : of(client)) session->close(ending);
  }
  void half_open(std::optional<int> client, bool on) override {
    for (const auto& session : of(client)) session->half_open(on);
  }
  void restart(int down_ms) override {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    cut(std::nullopt, Ending::close);
    restart_timer_.expires_after(std::chrono::milliseconds{down_ms});
    restart_timer_.async_wait([this](auto error) {
      if (error) return;
      const tcp::endpoint endpoint{net::ip::make_address(options_.address), port_};
      acceptor_.open(endpoint.protocol());
      acceptor_.set_option(tcp::acceptor::reuse_address{true});
      acceptor_.bind(endpoint);
      acceptor_.listen();
      accept();
    });
  }
  void play(std::size_t rows) override {
    for (; rows > 0 && !recording_.rows.empty(); --rows) {
      gateway_.play(recording_.rows[next_]);
      next_ = (next_ + 1) % recording_.rows.size();
    }
  }
  void send_raw(std::optional<int> client, std::string payload) override {
    for (const auto& session : of(client)) session->send_raw(frame(payload));
  }

 private:
  std::vector<std::shared_ptr<Session>> of(std::optional<int> client) const {
    std::vector<std::shared_ptr<Session>> out;
    for (const auto& session : sessions_)
      if (!client || session->client == client) out.push_back(session);
    return out;
  }

  void accept() {
    acceptor_.async_accept([this](boost::system::error_code error, tcp::socket socket) {
      if (error == net::error::operation_aborted || !acceptor_.is_open()) return;
      if (!error) {
        sessions_.push_back(
            std::make_shared<Session>(std::move(socket), gateway_, faults_, options_.session, [this] { finish(); }));
        sessions_.back()->run();
      }
      accept();
    });
  }

  // The state first, then the messages.
  void finish() {
    gateway_.finish();
    for (const auto& session : std::vector(sessions_)) session->flush();
    std::erase_if(sessions_, [](const auto& session) { return session->closed(); });
  }

  void pump() {
    timer_.expires_after(pump_interval);
    timer_.async_wait([this](auto error) {
      if (error) return;
      const auto now = Clock::now();
      due_ = std::min(due_ + options_.rate * std::chrono::duration<double>(now - last_).count(), options_.rate + 1);
      last_ = now;
      const auto rows = static_cast<std::size_t>(due_);
      due_ -= static_cast<double>(rows);
      play(rows);
      if (now - sampled_ >= std::chrono::milliseconds{options_.sample_ms}) {
        sampled_ = now;
        gateway_.sample();
      }
      if (now - ticked_ >= std::chrono::seconds{1}) {
        ticked_ = now;
        gateway_.every_second();
      }
      finish();
      pump();
    });
  }

  void announce() const {
    std::cout << R"({"ready":true,"address":")" << options_.address << R"(","port":)" << port_;
    if (control_port_)
      std::cout << R"(,"control":"http://127.0.0.1:)" << control_port_->port() << R"(","control_port":)"
                << control_port_->port();
    std::cout << R"(,"rows":)" << recording_.rows.size() << R"(,"rows_unknown":)" << recording_.unknown << '}'
              << std::endl;
  }

  const ServerOptions& options_;
  Contracts contracts_;
  Recording recording_;
  Faults faults_;
  Gateway gateway_;
  Control control_;
  net::io_context io_{1};
  net::steady_timer timer_, restart_timer_;
  net::signal_set signals_;
  tcp::acceptor acceptor_;
  std::uint16_t port_ = 0;
  std::unique_ptr<ControlListener> control_port_;
  std::vector<std::shared_ptr<Session>> sessions_;
  Clock::time_point last_, sampled_, ticked_;
  double due_ = 0;
  std::size_t next_ = 0;
};

}  // namespace

void serve(const ServerOptions& options) { Server{options}.run(); }

}  // namespace tradebus::ibgw_sim
