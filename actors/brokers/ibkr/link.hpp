// The TCP connection to TWS or IB Gateway, and the thread that it lives on. It carries bytes: what they mean, and when
// to connect again, its owner decides. No CAF.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace tradebus {
class NetThread;
}

namespace tradebus::ibkr {

struct LinkOptions {
  std::string host;
  std::uint16_t port = 0;
  std::chrono::milliseconds connect_timeout{10'000};  // from the look-up of the name on
  // Handed to the listener and not taken yet: beyond it nothing is read, so that the gateway waits.
  std::size_t received_bytes_max = 4 * 1'048'576;
  std::size_t sending_bytes_max = 1'048'576;  // that wait for the socket
};

// Called on the link's thread; none may block. `connection`: the number that open() was given.
class LinkListener {
 public:
  virtual ~LinkListener() = default;
  virtual void on_open(std::uint64_t connection) = 0;
  virtual void on_bytes(std::uint64_t connection, std::string bytes) = 0;
  // Once for each connection; of one that its owner closed it may still come, or not.
  virtual void on_closed(std::uint64_t connection, std::string why) = 0;
};

class Link {
 public:
  explicit Link(LinkListener& listener);  // which outlives it
  ~Link();                                // closes, and joins the thread: no call comes any more
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  // One owner calls these, on one thread.
  void open(std::uint64_t connection, LinkOptions options);  // closes what was open
  // False: nothing is open, or sending_bytes_max wait.
  bool send(std::string bytes);
  // So many of the bytes that on_bytes() brought are done with.
  void taken(std::size_t bytes);
  void close();

  class Connection;

 private:
  LinkListener& listener_;
  std::unique_ptr<NetThread> thread_;
  std::shared_ptr<Connection> connection_;
};

}  // namespace tradebus::ibkr
