// As little of a gateway as a daemon needs to be up, which stamps each order when its bytes are there. One client.
// Prints `ready port=N`, and once --orders have come their arrival times (CLOCK_MONOTONIC, ns) stand in --stamps, a
// line each, and one line of JSON says so: orders.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "bench/support/measure.hpp"

namespace {

using Fields = std::vector<std::string_view>;

Fields split(std::string_view payload) {
  Fields out;
  for (std::size_t at = 0; at < payload.size();) {
    const auto end = std::min(payload.find('\0', at), payload.size());
    out.push_back(payload.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

class Gateway {
 public:
  Gateway(int socket, std::vector<std::int64_t>& stamps) : socket_{socket}, stamps_{stamps} {}

  void serve(std::size_t orders) {
    char bytes[65'536];
    while (stamps_.size() < orders) {
      const auto n = recv(socket_, bytes, sizeof bytes, 0);
      if (n <= 0) throw std::runtime_error{"the client left"};
      const auto now = tradebus::bench::now_ns();
      buffer_.append(bytes, static_cast<std::size_t>(n));
      std::size_t at = 0;
      if (!greeted_ && buffer_.size() >= 4) at = 4;  // API, NUL
      while (buffer_.size() >= at + 4) {
        const auto byte = [&](std::size_t i) {
          return static_cast<std::uint32_t>(static_cast<unsigned char>(buffer_[at + i]));
        };
        const std::size_t size = byte(0) << 24U | byte(1) << 16U | byte(2) << 8U | byte(3);
        if (buffer_.size() < at + 4 + size) break;
        take(std::string_view{buffer_}.substr(at + 4, size), now);
        at += 4 + size;
      }
      if (greeted_) buffer_.erase(0, at);
      if (!out_.empty() && send(socket_, out_.data(), out_.size(), MSG_NOSIGNAL) < 0)
        throw std::runtime_error{"the client left"};
      out_.clear();
    }
  }

 private:
  // `|` ends a field.
  void say(std::string text) {
    for (auto& c : text)
      if (c == '|') c = '\0';
    const auto size = static_cast<std::uint32_t>(text.size());
    for (const auto shift : {24U, 16U, 8U, 0U}) out_ += static_cast<char>(size >> shift & 0xffU);
    out_ += text;
  }

  void take(std::string_view payload, std::int64_t now) {
    if (!std::exchange(greeted_, true)) return say("178|20260611 09:30:00 US/Eastern|");
    const auto fields = split(payload);
    const std::string id{fields.at(0)};
    const auto field = [&](std::size_t i) { return std::string{fields.at(i)}; };
    if (id == "3") {
      stamps_.push_back(now);
      say("3|" + field(1) + "|Submitted|0|" + field(17) + "|0|" + std::to_string(1'000'000 + stamps_.size()) +
          "|0|0|1||0|");
    } else if (id == "71") {
      say("15|1|DU1|");
      say("9|1|1|");
    } else if (id == "7") {
      say("55|1|" + field(2) + "|");
    } else if (id == "5" || id == "16") {
      say("53|1|");
    } else if (id == "99") {
      say("102|");
    } else if (id == "61") {
      say("62|1|");
    } else if (id == "62") {
      for (const auto* tag : {"NetLiquidation", "TotalCashValue", "BuyingPower"})
        say("63|1|" + field(2) + "|DU1|" + tag + "|1000000|USD|");
      say("64|1|" + field(2) + "|");
    } else if (id == "49") {
      say("49|1|1760000000|");
    }
  }

  int socket_;
  std::vector<std::int64_t>& stamps_;
  std::string buffer_;
  std::string out_;
  bool greeted_ = false;
};

}  // namespace

int main(int argc, char** argv) try {
  std::size_t orders = 0;
  std::string file;
  CLI::App app{"a gateway that stamps orders"};
  app.add_option("--orders", orders, "how many are waited for")->required();
  app.add_option("--stamps", file, "where their times go")->required();
  CLI11_PARSE(app, argc, argv);

  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener, 1) != 0 ||
      getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::runtime_error{"no port is free"};
  std::printf("ready port=%u\n", ntohs(address.sin_port));
  std::fflush(stdout);
  const int client = accept(listener, nullptr, nullptr);
  const int on = 1;
  setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  std::vector<std::int64_t> stamps;
  stamps.reserve(orders);
  Gateway{client, stamps}.serve(orders);
  std::ofstream out{file};
  for (const auto stamp : stamps) out << stamp << '\n';
  if (!out.flush()) throw std::runtime_error{"can't write " + file};
  std::printf("{\"orders\": %zu}\n", stamps.size());
  std::fflush(stdout);
  pause();  // the connection stays until the benchmark ends it
} catch (const std::exception& error) {
  std::fprintf(stderr, "bench_ibkr_gateway: %s\n", error.what());
  return 1;
}
