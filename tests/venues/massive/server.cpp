#include "tests/venues/massive/server.hpp"

#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <iostream>
#include <stdexcept>

#include "tests/venues/massive/control.hpp"
#include "tests/venues/massive/json.hpp"
#include "tests/venues/massive/listener.hpp"
#include "tests/venues/massive/recorded.hpp"
#include "tests/venues/massive/synthetic.hpp"
#include "tests/venues/massive/venue_http.hpp"

namespace tradebus::massive_sim {
namespace {

namespace net = boost::asio;

constexpr auto pump_interval = std::chrono::milliseconds{10};
constexpr auto goodbye = std::chrono::milliseconds{300};  // for closing handshakes at the end

class Server {
 public:
  explicit Server(const ServerOptions& options)
      : options_(options),
        tls_(net::ssl::context::tls_server),
        keys_(options.free_calls),
        hub_(options.hub, keys_, clock_, stats_, faults_),
        timer_(io_),
        signals_(io_, SIGTERM, SIGINT) {
    if (!options.plain) load_certificate();
    for (const std::string& key : options.keys) keys_.add(key);
    for (const std::string& spec : options.answers) {
      const std::size_t equals = spec.find('=');
      const std::string folder = spec.substr(0, equals);
      answers_.add(folder, equals == std::string::npos ? folder + "/index.jsonl" : spec.substr(equals + 1));
    }
    make_market();
    set_clock();
  }

  void run() {
    Rest rest{market_.get(), keys_, answers_, clock_, stats_};
    VenueHttp venue{rest, faults_, stats_, !options_.plain};
    Control control{hub_, faults_, clock_, stats_};
    net::ssl::context* tls = options_.plain ? nullptr : &tls_;
    const Services services{venue, &hub_, options_.stream, stats_};
    Listener rest_listener{io_, options_.address, options_.rest_port, tls, services};
    Listener ws_listener{io_, options_.address, options_.ws_port, tls, services};
    std::unique_ptr<Listener> control_listener;
    if (options_.control_port >= 0) {
      control_listener = std::make_unique<Listener>(io_, "127.0.0.1", static_cast<std::uint16_t>(options_.control_port),
                                                    nullptr, Services{control, nullptr, options_.stream, stats_});
    }
    signals_.async_wait([&](auto error, int) {
      if (error) return;
      rest_listener.stop();
      ws_listener.stop();
      if (control_listener) control_listener->stop();
      stopping_ = true;
      hub_.close_all(1001, "going away");
      timer_.expires_after(goodbye);
      timer_.async_wait([this](auto) { io_.stop(); });
    });
    last_ = std::chrono::steady_clock::now();
    pump();
    announce(rest_listener.port(), ws_listener.port(), control_listener ? control_listener->port() : 0);
    io_.run();
  }

 private:
  void load_certificate() {
    if (options_.certificate.empty() || options_.key.empty()) {
      throw std::invalid_argument(
          "no certificate: give --certificate and --private-key (--make-certificate FOLDER makes them), or --plain");
    }
    tls_.use_certificate_chain_file(options_.certificate);
    tls_.use_private_key_file(options_.key, net::ssl::context::pem);
  }

  void make_market() {
    if (options_.no_market) return;
    if (options_.recordings.empty()) {
      market_ = std::make_unique<SyntheticMarket>();
      ticks_ = synthetic_ticks(*market_);
    } else {
      auto recorded = std::make_unique<RecordedMarket>(options_.recordings);
      ticks_ = recorded_ticks(*recorded, options_.loop);
      market_ = std::move(recorded);
    }
    hub_.set_ticks(*ticks_);
  }

  // A recording's venue lives at its end, so that all of it is the past.
  void set_clock() {
    if (options_.frozen) clock_.freeze(true);
    if (!options_.now.empty()) {
      const auto time = parse_utc(options_.now);
      if (!time) throw std::invalid_argument("--now is like 2024-06-21T15:00:00Z, not " + options_.now);
      clock_.set(*time);
    } else if (market_ && !options_.recordings.empty()) {
      clock_.set(market_->extent().to);
    }
  }

  void pump() {
    timer_.expires_after(pump_interval);
    timer_.async_wait([this](auto error) {
      if (error || stopping_) return;
      const auto now = std::chrono::steady_clock::now();
      const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(now - last_);
      last_ += elapsed;
      hub_.pump(elapsed.count());
      pump();
    });
  }

  void announce(std::uint16_t rest, std::uint16_t ws, std::uint16_t control) const {
    const std::string host =
        options_.address.find(':') == std::string::npos ? options_.address : '[' + options_.address + ']';
    const auto url = [&](const char* scheme, std::uint16_t port) {
      return std::string(scheme) + (options_.plain ? "://" : "s://") + host + ':' + std::to_string(port);
    };
    Json json;
    json.begin_object().field("ready", true).field("rest", url("http", rest)).field("websocket", url("ws", ws));
    json.field("rest_port", rest).field("ws_port", ws);
    if (control != 0)
      json.field("control", "http://127.0.0.1:" + std::to_string(control)).field("control_port", control);
    json.end_object();
    std::cout << json.text() << std::endl;
  }

  const ServerOptions& options_;
  net::ssl::context tls_;
  Keys keys_;
  Answers answers_;
  Clock clock_;
  Stats stats_;
  Faults faults_;
  std::unique_ptr<Market> market_;
  std::unique_ptr<Ticks> ticks_;
  Hub hub_;
  net::io_context io_{1};
  net::steady_timer timer_;
  net::signal_set signals_;
  std::chrono::steady_clock::time_point last_;
  bool stopping_ = false;
};

}  // namespace

void serve(const ServerOptions& options) { Server{options}.run(); }

}  // namespace tradebus::massive_sim
