// A subscriber, the same for the anchors and the daemon: plain libzmq, counts what arrives.
//   window: drains from the start, prints `flowing` at the first message, measures `--seconds` from the line `go` on
//   stdin drain:  measures from the first message to the last; ends after `--count` messages or `--quiet` ms of silence
// Ends with one line of JSON: messages, ticks, seconds, [lost] of one tracked topic, [p50_us, p99_us].
#include <poll.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <zmq.hpp>

#include "bench/support/files.hpp"
#include "bench/support/measure.hpp"
#include "bench/support/msgpack_scan.hpp"

namespace {

using namespace tradebus::bench;

struct Options {
  std::string endpoint;
  std::string symbols_file;
  std::string kind = "quote";
  std::string pattern;      // instead of the symbols: one prefix
  std::string latency_key;  // body key with the sender's wall time
  std::string save_file;    // the first non-snapshot body goes here
  std::string mode = "window";
  double seconds = 1;
  double deadline_s = 60;
  std::uint64_t count = UINT64_MAX;
  int quiet_ms = 500;
  int hwm = 1000;
  bool items = false;  // bodies are batches: count their items
};

struct Tally {
  std::uint64_t messages = 0;
  std::uint64_t ticks = 0;
  std::uint64_t bytes = 0;
  // One topic stands for all: following every sequence would cost more than receiving.
  std::uint64_t tracked = 0;
  std::uint64_t first_seq = 0;
  std::uint64_t last_seq = 0;
  std::vector<std::int64_t> latency_ns;
};

class Subscriber {
 public:
  explicit Subscriber(const Options& options) : options_{options}, socket_{context_, zmq::socket_type::sub} {
    socket_.set(zmq::sockopt::rcvhwm, options.hwm);
    socket_.set(zmq::sockopt::sndhwm, 0);  // subscriptions beyond it would be lost without a word
    socket_.set(zmq::sockopt::linger, 0);
    socket_.connect(options.endpoint);
    if (!options.pattern.empty()) {
      tracked_topic_ = options.pattern;
      socket_.set(zmq::sockopt::subscribe, options.pattern);
      return;
    }
    const auto symbols = read_lines(options.symbols_file);
    for (const auto& symbol : symbols) socket_.set(zmq::sockopt::subscribe, options.kind + "|" + symbol + "|");
    tracked_topic_ = options.kind + "|" + symbols.at(symbols.size() / 2) + "|";
  }

  // One message if there is one; false when none came within `wait_ms`.
  bool take(int wait_ms) {
    if (!socket_.recv(topic_, zmq::recv_flags::dontwait)) {
      if (wait_ms == 0) return false;
      zmq::pollitem_t item{socket_.handle(), 0, ZMQ_POLLIN, 0};
      if (zmq::poll(&item, 1, std::chrono::milliseconds{wait_ms}) == 0) return false;
      if (!socket_.recv(topic_, zmq::recv_flags::dontwait)) return false;
    }
    if (!topic_.more() || !socket_.recv(body_, zmq::recv_flags::none))
      throw std::runtime_error{"a message without a body"};
    count();
    return true;
  }

  void restart() { tally_ = {}; }
  Tally& tally() { return tally_; }

 private:
  void count() {
    const auto body = body_.to_string_view();
    ++tally_.messages;
    tally_.bytes += body.size();
    if (options_.items) {
      const auto items = find(body, "items");
      const auto head = items ? head_at(body, *items) : std::nullopt;
      if (!head) throw std::runtime_error{"a batch without items"};
      tally_.ticks += head->values;
    } else {
      ++tally_.ticks;
    }
    if (topic_.to_string_view() == tracked_topic_) track(body);
    if (!options_.latency_key.empty())
      if (const auto sent = unsigned_of(body, options_.latency_key))
        tally_.latency_ns.push_back(wall_ns() - static_cast<std::int64_t>(*sent));
    if (!options_.save_file.empty() && !saved_ && !find(body, "snapshot") && tally_.messages > 100) {
      write_all(options_.save_file, body);
      saved_ = true;
    }
  }

  void track(std::string_view body) {
    if (!options_.items && find(body, "snapshot")) return;  // a batch is none, and long to search
    const auto seq = unsigned_of(body, "seq");
    if (!seq) return;
    if (tally_.tracked++ == 0) tally_.first_seq = *seq;
    tally_.last_seq = *seq;
  }

  const Options& options_;
  zmq::context_t context_{1};
  zmq::socket_t socket_;
  zmq::message_t topic_;
  zmq::message_t body_;
  std::string tracked_topic_;
  bool saved_ = false;
  Tally tally_;
};

bool go_arrived() {
  pollfd in{STDIN_FILENO, POLLIN, 0};
  return poll(&in, 1, 0) > 0;
}

void say(const char* word) {
  std::puts(word);
  std::fflush(stdout);
}

// Seconds measured.
double window(Subscriber& sub, const Options& options, std::int64_t deadline) {
  bool flowing = false;
  for (unsigned i = 0;; ++i) {
    const bool got = sub.take(20);
    if (got && !flowing) {
      say("flowing");
      flowing = true;
    }
    if ((!got || i % 1024 == 0) && go_arrived()) break;
    if ((!got || i % 1024 == 0) && now_ns() > deadline) throw std::runtime_error{"no `go` before the deadline"};
  }
  sub.restart();
  const auto start = now_ns();
  const auto end = start + static_cast<std::int64_t>(options.seconds * 1e9);
  auto now = start;
  for (unsigned i = 0; now < end; ++i) {
    const bool got = sub.take(5);
    if (!got || i % 64 == 0 || !options.latency_key.empty()) now = now_ns();
  }
  return static_cast<double>(now - start) / 1e9;
}

double drain(Subscriber& sub, const Options& options, std::int64_t deadline) {
  while (!sub.take(20))
    if (now_ns() > deadline) throw std::runtime_error{"no message before the deadline"};
  say("flowing");
  const auto start = now_ns();
  auto last = start;
  while (sub.tally().messages < options.count && last < deadline) {
    if (sub.take(0)) {
      if (sub.tally().messages % 64 == 0) last = now_ns();
    } else {
      last = now_ns();
      if (!sub.take(options.quiet_ms)) break;
    }
  }
  return static_cast<double>(last - start) / 1e9;
}

void report(Tally& tally, double seconds) {
  std::printf("{\"messages\": %llu, \"ticks\": %llu, \"bytes\": %llu, \"seconds\": %.6f",
              static_cast<unsigned long long>(tally.messages), static_cast<unsigned long long>(tally.ticks),
              static_cast<unsigned long long>(tally.bytes), seconds);
  if (tally.last_seq > tally.first_seq) {
    const auto wanted = static_cast<double>(tally.last_seq - tally.first_seq + 1);
    std::printf(", \"lost\": %.6f", 1.0 - static_cast<double>(tally.tracked) / wanted);
  }
  if (!tally.latency_ns.empty())
    std::printf(", \"p50_us\": %.2f, \"p99_us\": %.2f", percentile_us(tally.latency_ns, 0.5),
                percentile_us(tally.latency_ns, 0.99));
  say("}");
}

}  // namespace

int main(int argc, char** argv) try {
  Options options;
  CLI::App app{"subscriber that counts"};
  app.add_option("--connect", options.endpoint, "stream endpoint")->required();
  app.add_option("--symbols", options.symbols_file, "one symbol a line: subscribes their exact topics");
  app.add_option("--kind", options.kind, "quote, trade, ...");
  app.add_option("--pattern", options.pattern, "one topic prefix instead of symbols");
  app.add_option("--latency", options.latency_key, "body key that holds the sender's time");
  app.add_option("--save", options.save_file, "writes one body to this file");
  app.add_option("--mode", options.mode, "window, drain")->check(CLI::IsMember({"window", "drain"}));
  app.add_option("--seconds", options.seconds, "window: how long to measure");
  app.add_option("--deadline", options.deadline_s, "seconds after which to give up");
  app.add_option("--count", options.count, "drain: messages to wait for");
  app.add_option("--quiet", options.quiet_ms, "drain: ms of silence that end it");
  app.add_option("--hwm", options.hwm, "receive high-water mark, messages");
  app.add_flag("--items", options.items, "bodies are batches: count their items");
  CLI11_PARSE(app, argc, argv);
  if (options.pattern.empty() == options.symbols_file.empty())
    throw std::runtime_error{"either --symbols or --pattern"};

  Subscriber sub{options};
  say("subscribed");
  const auto deadline = now_ns() + static_cast<std::int64_t>(options.deadline_s * 1e9);
  const double seconds = options.mode == "window" ? window(sub, options, deadline) : drain(sub, options, deadline);
  report(sub.tally(), seconds);
} catch (const std::exception& error) {
  std::fprintf(stderr, "bench_sub: %s\n", error.what());
  return 1;
}
