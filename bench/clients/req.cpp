// A requester, the same for the echo anchor and the daemon: a DEALER with at most `--window` requests under way.
// Ends with one line of JSON: requests, seconds, per_second, p50_us, p99_us, request_bytes, reply_bytes.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <msgpack.hpp>
#include <thread>
#include <zmq.hpp>

#include "bench/support/files.hpp"
#include "bench/support/measure.hpp"
#include "bench/support/msgpack_scan.hpp"

namespace {

using namespace tradebus::bench;

struct Options {
  std::string endpoint;
  std::string op = "get_quote";
  std::string symbol = "QAAAA";
  std::string limit_price = "1.00";
  std::string save_file;
  std::string stamps_file;
  int window = 1;
  std::size_t warm_up = 100;
  std::size_t requests_max = 1'000'000;
  double seconds = 1;
  int timeout_ms = 5000;
  std::int64_t every_us = 0;
};

constexpr std::size_t id_digits = 8;
constexpr std::int64_t session_start_ns = 1'718'631'000'000'000'000;  // 2024-06-17, New York opens
constexpr std::int64_t session_ns = 390 * 60'000'000'000;

// The request's bytes; `id` and `client_order_id` have a fixed length and are written over for each request.
class Request {
 public:
  explicit Request(const Options& options) {
    msgpack::sbuffer out;
    msgpack::packer<msgpack::sbuffer> pack{out};
    const auto text = [&](const char* key, const std::string& value) { pack.pack(std::string{key}).pack(value); };
    const std::string digits(id_digits, '0');
    pack.pack_map(4);
    pack.pack(std::string{"v"}).pack(1);
    text("id", digits);
    text("op", options.op);
    pack.pack(std::string{"args"});
    const bool order = options.op == "place_order";
    const bool bars = options.op == "get_historical_data";
    pack.pack_map(order ? 7 : bars ? 4 : 1);
    text("symbol", options.symbol);
    if (bars) {  // one session of minutes
      text("timeframe", "1m");
      pack.pack(std::string{"start"}).pack(session_start_ns);
      pack.pack(std::string{"end"}).pack(session_start_ns + session_ns);
    }
    if (order) {
      text("client_order_id", "bench-" + digits);
      text("side", "buy");
      pack.pack(std::string{"qty"}).pack(1);
      text("order_type", "limit");
      text("limit_price", options.limit_price);
      text("time_in_force", "gtc");
    }
    body_.assign(out.data(), out.size());
    id_ = *find(body_, "id") + 1;
    if (order) order_id_ = *find(body_, "client_order_id", *find(body_, "args")) + 1 + std::strlen("bench-");
  }

  const std::string& with_id(std::size_t n) {
    char digits[32];
    std::snprintf(digits, sizeof digits, "%08zu", n);
    std::memcpy(body_.data() + id_, digits, id_digits);
    if (order_id_ != 0) std::memcpy(body_.data() + order_id_, digits, id_digits);
    return body_;
  }

 private:
  std::string body_;
  std::size_t id_ = 0;
  std::size_t order_id_ = 0;
};

std::size_t reply_id(std::string_view body) {
  const auto at = find(body, "id");
  const auto digits = at ? string_at(body, *at) : std::string_view{};
  if (digits.size() != id_digits) throw std::runtime_error{"a reply without our id"};
  std::size_t n = 0;
  for (const char c : digits) n = n * 10 + static_cast<std::size_t>(c - '0');
  return n;
}

void must_be_ok(std::string_view body) {
  const auto ok = find(body, "ok");
  if (ok && static_cast<std::uint8_t>(body[*ok]) == 0xc3) return;
  std::string why = "a reply that is not ok";
  if (const auto error = find(body, "error")) {
    for (const char* key : {"code", "message"})
      if (const auto at = find(body, key, *error)) why += std::string{": "} + std::string{string_at(body, *at)};
  }
  throw std::runtime_error{why};
}

class Requester {
 public:
  explicit Requester(const Options& options)
      : options_{options}, request_{options}, socket_{context_, zmq::socket_type::dealer} {
    socket_.set(zmq::sockopt::linger, 0);
    socket_.set(zmq::sockopt::rcvtimeo, options.timeout_ms);
    socket_.connect(options.endpoint);
    sent_at_.reserve(options.requests_max + options.warm_up);
  }

  // Keeps the window full until `requests` are sent or `until` has come, then takes what is outstanding.
  void run(std::size_t requests, std::int64_t until) {
    const auto last = sent_at_.size() + requests;
    std::size_t under_way = 0;
    for (; under_way < static_cast<std::size_t>(options_.window) && sent_at_.size() < last; ++under_way) send();
    while (under_way > 0) {
      const bool more = receive() < until && sent_at_.size() < last;
      if (more) pause();
      if (more)
        send();
      else
        --under_way;
    }
  }

  std::vector<std::int64_t>& latencies() { return latency_ns_; }
  const std::vector<std::int64_t>& sent_at() const { return sent_at_; }
  std::size_t request_bytes() { return request_.with_id(0).size(); }
  std::size_t reply_bytes() const { return reply_.size(); }
  std::string_view last_reply() const { return reply_.to_string_view(); }

 private:
  void send() {
    const auto& body = request_.with_id(sent_at_.size());
    sent_at_.push_back(now_ns());
    socket_.send(zmq::const_buffer{body.data(), body.size()}, zmq::send_flags::none);
  }

  void pause() const {
    const auto left = sent_at_.back() + options_.every_us * 1'000 - now_ns();
    if (options_.every_us > 0 && left > 0) std::this_thread::sleep_for(std::chrono::nanoseconds{left});
  }

  std::int64_t receive() {
    if (!socket_.recv(reply_, zmq::recv_flags::none)) throw std::runtime_error{"no reply within the timeout"};
    const auto now = now_ns();
    const auto body = reply_.to_string_view();
    must_be_ok(body);
    latency_ns_.push_back(now - sent_at_.at(reply_id(body)));
    return now;
  }

  const Options& options_;
  Request request_;
  zmq::context_t context_{1};
  zmq::socket_t socket_;
  zmq::message_t reply_;
  std::vector<std::int64_t> sent_at_;
  std::vector<std::int64_t> latency_ns_;
};

}  // namespace

int main(int argc, char** argv) try {
  Options options;
  CLI::App app{"requester that measures"};
  app.add_option("--connect", options.endpoint, "command endpoint")->required();
  app.add_option("--op", options.op, "place_order, get_quote, get_historical_data, ping")
      ->check(CLI::IsMember({"place_order", "get_quote", "get_historical_data", "ping"}));
  app.add_option("--symbol", options.symbol, "symbol to ask for");
  app.add_option("--limit-price", options.limit_price, "place_order: far from the market, so that nothing fills");
  app.add_option("--window", options.window, "requests under way");
  app.add_option("--warm-up", options.warm_up, "requests before measuring");
  app.add_option("--requests", options.requests_max, "requests at most");
  app.add_option("--seconds", options.seconds, "time at most");
  app.add_option("--every-us", options.every_us, "the least time between two requests, with window 1");
  app.add_option("--timeout", options.timeout_ms, "ms to wait for a reply");
  app.add_option("--stamps", options.stamps_file,
                 "writes when each request was sent (CLOCK_MONOTONIC, ns), a line each");
  app.add_option("--save", options.save_file, "writes the last reply to this file");
  CLI11_PARSE(app, argc, argv);

  Requester requester{options};
  requester.run(options.warm_up, INT64_MAX);
  requester.latencies().clear();
  const auto start = now_ns();
  requester.run(options.requests_max, start + static_cast<std::int64_t>(options.seconds * 1e9));
  const double seconds = static_cast<double>(now_ns() - start) / 1e9;

  auto& samples = requester.latencies();
  std::printf(
      "{\"requests\": %zu, \"seconds\": %.6f, \"per_second\": %.1f, \"p50_us\": %.2f, \"p99_us\": %.2f, "
      "\"request_bytes\": %zu, \"reply_bytes\": %zu}\n",
      samples.size(), seconds, static_cast<double>(samples.size()) / seconds, percentile_us(samples, 0.5),
      percentile_us(samples, 0.99), requester.request_bytes(), requester.reply_bytes());
  if (!options.stamps_file.empty()) {
    std::string stamps;
    for (const auto at : requester.sent_at()) stamps += std::to_string(at) + '\n';
    write_all(options.stamps_file, stamps);
  }
  if (!options.save_file.empty()) write_all(options.save_file, requester.last_reply());
} catch (const std::exception& error) {
  std::fprintf(stderr, "bench_req: %s\n", error.what());
  return 1;
}
