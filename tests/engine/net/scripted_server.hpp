// A server on a loopback port whose behaviour is a function: a thread a connection, blocking calls with a time limit.
#pragma once

#include <openssl/ssl.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "engine/services/descriptor.hpp"

namespace tradebus::test {

// One connection, from the server's side. Reads end with the connection, or after ten seconds.
class Peer {
 public:
  Peer(int fd, SSL_CTX* tls);
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  ~Peer();

  // -- bytes -----------------------------------------------------------------
  std::string read_some();
  bool write(std::string_view bytes);                            // false: it is gone
  bool write_together(const std::vector<std::string>& records);  // each a TLS record, all in one send()
  void close();                                                  // FIN
  void reset();                                                  // RST
  void wait_closed();                                            // until the client has closed
  void start_tls(SSL_CTX* tls);                                  // after CONNECT

  // -- HTTP ------------------------------------------------------------------
  // Head and body (by Content-Length); empty: the connection has ended.
  std::string read_request();

  // -- WebSocket -------------------------------------------------------------
  // False: no handshake came.
  bool accept_websocket();
  struct Frame {
    int opcode = -1;  // below zero: the connection has ended
    std::string payload;
  };
  Frame read_frame();
  bool write_frame(int opcode, std::string_view payload);
  bool write_text(std::string_view text) { return write_frame(1, text); }
  bool write_close(std::uint16_t code, std::string_view reason = {});

  int index = 0;  // the how many-th connection, from 0

 private:
  bool fill(std::size_t bytes);

  friend class ScriptedServer;
  Descriptor fd_;
  SSL* ssl_ = nullptr;
  std::string buffer_;
};

class ScriptedServer {
 public:
  using Script = std::function<void(Peer&)>;

  explicit ScriptedServer(Script script, std::shared_ptr<SSL_CTX> tls = nullptr);
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;
  ~ScriptedServer();

  std::uint16_t port() const { return port_; }
  std::string url(std::string_view scheme = "http", std::string_view path = "/",
                  std::string_view host = "127.0.0.1") const;
  int connections() const { return accepted_; }

 private:
  void accept_all();

  Script script_;
  std::shared_ptr<SSL_CTX> tls_;
  Descriptor listener_;
  std::uint16_t port_ = 0;
  std::atomic<int> accepted_{0};
  std::mutex mutex_;
  bool stopping_ = false;
  std::vector<std::shared_ptr<Peer>> peers_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

// "HTTP/1.1 200 OK" with a length and this body.
std::string answer(std::string_view body, std::string_view status = "200 OK", std::string_view headers = {});

// A port on which nobody listens (it was just given back).
std::uint16_t free_port();

}  // namespace tradebus::test
