// One client's connection: framing, the handshake, the messages a second, and faults on the way out.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <deque>
#include <memory>

#include "tests/venues/ibgw/faults.hpp"
#include "tests/venues/ibgw/gateway.hpp"

namespace tradebus::ibgw_sim {

struct SessionOptions {
  int version = 178;                       // the newest that is offered
  std::size_t messages_per_second = 50;    // 0: any number
  std::size_t out_bytes_max = 16U << 20U;  // of a client that doesn't read
};

class Session final : public Peer, public std::enable_shared_from_this<Session> {
 public:
  // `finish`: keeps the state and flushes everyone.
  Session(boost::asio::ip::tcp::socket socket, Gateway& gateway, Faults& faults, const SessionOptions& options,
          std::function<void()> finish);
  void run();

  void send(const std::string& payload) override;
  void close(Ending ending) override;
  void flush();
  // Neither reads nor writes any more, and doesn't end.
  void half_open(bool on);
  // Bytes as they are.
  void send_raw(std::string bytes);
  bool closed() const { return closed_; }

 private:
  using Clock = std::chrono::steady_clock;

  void read();
  void consume();
  bool handshake();
  bool take_frame(std::string& payload);
  void on_message(const std::string& payload);
  bool too_many(bool& wait);
  void deliver(const std::string& payload);
  void later(std::string bytes, int delay_ms);
  void write();
  void shut(Ending ending);

  boost::asio::ip::tcp::socket socket_;
  Gateway& gateway_;
  Faults& faults_;
  const SessionOptions& options_;
  std::function<void()> finish_;
  boost::asio::steady_timer pause_;
  std::array<char, 65536> chunk_{};
  std::string in_;
  std::string out_, writing_;
  std::deque<std::string> held_;  // executions that wait for the rest
  std::deque<Clock::time_point> recent_;
  int violations_ = 0;
  bool greeted_ = false, paced_ = false, half_open_ = false, closed_ = false, split_ = false, stalled_ = false,
       overflow_ = false;
  std::optional<Ending> ending_;  // once everything is written
};

}  // namespace tradebus::ibgw_sim
