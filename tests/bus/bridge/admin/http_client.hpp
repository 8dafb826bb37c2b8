// A raw HTTP client that can misbehave. Every wait has a deadline.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace tradebus::test {

class HttpClient {
 public:
  static constexpr std::chrono::seconds patience{20};  // a loaded machine under a sanitizer

  explicit HttpClient(std::uint16_t port, int receive_buffer = 0)
      : fd_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    if (receive_buffer > 0) ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0)
      throw std::runtime_error("can't connect");
  }
  HttpClient(HttpClient&& other) noexcept : fd_{std::exchange(other.fd_, -1)}, received_{std::move(other.received_)} {}
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  ~HttpClient() {
    if (fd_ >= 0) ::close(fd_);
  }

  // False: the peer has closed.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  void end_sending() { ::shutdown(fd_, SHUT_WR); }

  // One answer, header and body; "" when the peer closed without one. `head`: no body follows.
  std::string answer(bool head = false) {
    while (true) {
      if (const auto size = complete(head)) {
        auto out = received_.substr(0, size);
        received_.erase(0, size);
        return out;
      }
      if (!receive(patience)) return {};
    }
  }
  std::string get(std::string_view path, std::string_view more = {}) {
    send("GET " + std::string{path} + " HTTP/1.1\r\nHost: x\r\n" + std::string{more} + "\r\n");
    return answer();
  }
  // Waits until the peer closes (what it sends meanwhile is dropped); false: it did not within the time.
  bool closed_within(std::chrono::milliseconds time) {
    const auto until = std::chrono::steady_clock::now() + time;
    do {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
      if (left.count() < 0) return false;
      pollfd p{fd_, POLLIN, 0};
      if (::poll(&p, 1, static_cast<int>(left.count())) == 0) return false;
      char bytes[4096];
      if (::recv(fd_, bytes, sizeof bytes, 0) <= 0) return true;
    } while (true);
  }
  bool closed() { return closed_within(patience); }

 private:
  std::size_t complete(bool head) const {
    const auto end = received_.find("\r\n\r\n");
    if (end == std::string::npos) return 0;
    const auto length = received_.find("Content-Length: ");
    const auto body = head || length == std::string::npos ? 0 : std::stoul(received_.substr(length + 16));
    return received_.size() >= end + 4 + body ? end + 4 + body : 0;
  }
  bool receive(std::chrono::milliseconds time) {
    pollfd p{fd_, POLLIN, 0};
    if (::poll(&p, 1, static_cast<int>(time.count())) <= 0) throw std::runtime_error("no answer in time");
    char bytes[65'536];
    const auto got = ::recv(fd_, bytes, sizeof bytes, 0);
    if (got <= 0) return false;
    received_.append(bytes, static_cast<std::size_t>(got));
    return true;
  }

  int fd_;
  std::string received_;
};

}  // namespace tradebus::test
