// Plays Massive to the daemon: says yes to every question, key and topic, and once all symbols are subscribed sends
// their quotes, framed beforehand, as fast as the socket takes them. Prints `ready rest=URL stream=URL`. So little work
// that what is measured is the adapter's; a venue that behaves is tests/venues/massive.
#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>

#include <algorithm>
#include <cstdio>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "bench/support/files.hpp"
#include "bench/support/measure.hpp"

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

constexpr std::size_t events_a_frame = 50;
constexpr std::size_t frames_count = 400;

// RFC 6455, 5.2: a whole text message of a server, unmasked.
std::string framed(const std::string& text) {
  std::string out{"\x81"};
  if (text.size() < 126) {
    out += static_cast<char>(text.size());
  } else if (text.size() < 65'536) {
    out += {126, static_cast<char>(text.size() >> 8), static_cast<char>(text.size() & 0xff)};
  } else {
    throw std::runtime_error{"a frame of 64 KiB or more"};
  }
  return out + text;
}

// In the form of the venue's recorded quotes.
std::string make_frames(const std::vector<std::string>& symbols) {
  std::mt19937_64 random{1};
  std::string out;
  const auto now_ms = static_cast<long long>(tradebus::bench::wall_ns() / 1'000'000);
  std::size_t next = 0;
  char text[512];
  for (std::size_t f = 0; f < frames_count; ++f) {
    std::string frame = "[";
    for (std::size_t i = 0; i < events_a_frame; ++i) {
      const auto cents = 10'000 + random() % 20'000;
      std::snprintf(text, sizeof text,
                    R"({"ev":"Q","sym":"%s","bx":4,"bp":%lu.%02lu,"bs":%lu,"ax":7,"ap":%lu.%02lu,"as":160,"c":0,)"
                    R"("i":[604],"t":%lld,"q":50385480,"z":3})",
                    symbols[next++ % symbols.size()].c_str(), cents / 100, cents % 100, 100 + random() % 900,
                    (cents + 1) / 100, (cents + 1) % 100, now_ms);
      if (i > 0) frame += ',';
      frame += text;
    }
    out += framed(frame + ']');
  }
  return out;
}

class Player {
 public:
  explicit Player(const std::vector<std::string>& symbols) : wanted_{symbols.size()}, frames_{make_frames(symbols)} {}

  void serve(tcp::socket socket) const {
    beast::flat_buffer buffer;
    for (;;) {
      http::request<http::string_body> request;
      http::read(socket, buffer, request);
      if (beast::websocket::is_upgrade(request)) return stream(std::move(socket), request);
      http::response<http::string_body> response{http::status::ok, request.version()};
      response.set(http::field::content_type, "application/json");
      response.body() = R"({"status":"OK","results":[]})";
      response.prepare_payload();
      http::write(socket, response);
    }
  }

 private:
  void stream(tcp::socket socket, const http::request<http::string_body>& request) const {
    socket.set_option(tcp::no_delay{true});
    beast::websocket::stream<tcp::socket> ws{std::move(socket)};
    ws.accept(request);
    say(ws, "connected", "Connected Successfully");
    beast::flat_buffer buffer;
    ws.read(buffer);
    say(ws, "auth_success", "authenticated");
    for (std::size_t subscribed = 0; subscribed < wanted_;) {
      buffer.clear();
      ws.read(buffer);
      const auto text = beast::buffers_to_string(buffer.data());
      const auto list = text.find("\"params\":\"");
      if (list == std::string::npos) continue;
      auto begin = list + 10;
      const auto end = text.find('"', begin);
      while (begin < end) {
        const auto comma = std::min(text.find(',', begin), end);
        const auto topic = text.substr(begin, comma - begin);
        say(ws, "success", "subscribed to: " + topic);
        if (topic.starts_with("Q.")) ++subscribed;
        begin = comma + 1;
      }
    }
    for (;;) asio::write(ws.next_layer(), asio::buffer(frames_));  // until the daemon goes
  }

  static void say(beast::websocket::stream<tcp::socket>& ws, const std::string& status, const std::string& message) {
    ws.write(asio::buffer(R"([{"ev":"status","status":")" + status + R"(","message":")" + message + R"("}])"));
  }

  const std::size_t wanted_;
  const std::string frames_;
};

}  // namespace

int main(int argc, char** argv) try {
  std::string symbols_file;
  CLI::App app{"plays Massive's stream as fast as it is taken"};
  app.add_option("--symbols", symbols_file, "one symbol a line")->required();
  CLI11_PARSE(app, argc, argv);

  const Player player{tradebus::bench::read_lines(symbols_file)};
  asio::io_context io;
  tcp::acceptor acceptor{io, {asio::ip::address_v4::loopback(), 0}};
  const auto port = acceptor.local_endpoint().port();
  std::printf("ready rest=http://127.0.0.1:%u stream=ws://127.0.0.1:%u\n", port, port);
  std::fflush(stdout);
  std::vector<std::jthread> connections;  // the harness ends this process; none is waited for
  for (;;) {
    connections.emplace_back([&player, socket = acceptor.accept()]() mutable {
      try {
        player.serve(std::move(socket));
      } catch (const boost::system::system_error&) {  // the daemon has gone
      }
    });
  }
} catch (const std::exception& error) {
  std::fprintf(stderr, "bench_massive_player: %s\n", error.what());
  return 1;
}
