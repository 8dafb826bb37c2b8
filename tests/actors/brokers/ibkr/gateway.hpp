// ibgw-sim as a child of the test: started on free ports, ended with the object.
#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/actors/brokers/conformance_bench.hpp"
#include "tests/support/venue_program.hpp"

namespace tradebus::ibkr::test {

class Gateway final : public tradebus::test::BenchVenue {
 public:
  // Its recording stands still: quotes are the test's.
  explicit Gateway(std::vector<std::string> arguments = {})
      : program_{"ibgw-sim", standing_still(std::move(arguments))} {
    port_ = program_.number("port");
    control_ = program_.number("control_port");
    if (port_ == 0 || control_ == 0) throw std::runtime_error("ibgw-sim did not start: " + program_.ready());
  }

  int port() const { return port_; }
  void configure(Section& settings) override { settings.set("port", static_cast<std::int64_t>(port_)); }
  void quote(const std::string& symbol, const std::string& bid, const std::string& bid_size, const std::string& ask,
             const std::string& ask_size) override {
    control("POST", "/quote",
            R"({"symbol":")" + symbol + R"(","bid":)" + bid + R"(,"bid_size":)" + bid_size + R"(,"ask":)" + ask +
                R"(,"ask_size":)" + ask_size + "}");
  }

  // The answer's body. Throws when it is not 200.
  std::string control(const std::string& method, const std::string& path, const std::string& body = "{}") const {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in there{};
    there.sin_family = AF_INET;
    there.sin_port = htons(static_cast<std::uint16_t>(control_));
    there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    std::string answer;
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&there), sizeof there) == 0) {
      const std::string request = method + " " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n" +
                                  "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
      static_cast<void>(::send(fd, request.data(), request.size(), 0));
      std::array<char, 4096> buffer{};
      for (ssize_t n = 0; (n = ::recv(fd, buffer.data(), buffer.size(), 0)) > 0;)
        answer.append(buffer.data(), static_cast<std::size_t>(n));
    }
    close(fd);
    if (!answer.starts_with("HTTP/1.1 200")) throw std::runtime_error(path + ": " + answer);
    return answer.substr(answer.find("\r\n\r\n") + 4);
  }

 private:
  static std::vector<std::string> standing_still(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--control", "0", "--rate", "0"});
    return arguments;
  }

  tradebus::test::VenueProgram program_;
  int port_ = 0;
  int control_ = 0;
};

}  // namespace tradebus::ibkr::test
