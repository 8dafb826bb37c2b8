// Anchor: what libzmq alone publishes. Two frames a message, `quote|SYMBOL|` and a body, round robin over the symbols,
// lossless (XPUB_NODROP: a full subscriber blocks it). Prints `ready stream=<endpoint>`, starts when all subscriptions
// have come, and publishes until it is killed.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <zmq.hpp>

#include "bench/support/files.hpp"
#include "bench/support/measure.hpp"
#include "bench/support/quote_body.hpp"

namespace {

using namespace tradebus::bench;

struct Options {
  std::string symbols_file;
  std::string body_file;
  int subscriptions = 1;
  int per_second = 0;
  int hwm = 1000;
};

void await_subscriptions(zmq::socket_t& socket, int wanted) {
  zmq::message_t frame;
  for (int seen = 0; seen < wanted;) {
    if (!socket.recv(frame, zmq::recv_flags::none)) continue;
    if (!frame.empty() && *frame.data<char>() == 1) ++seen;
  }
}

void sleep_until(std::int64_t at_ns) {
  timespec t{at_ns / 1'000'000'000, at_ns % 1'000'000'000};
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, nullptr);
}

void publish(zmq::socket_t& socket, const Options& options) {
  std::vector<std::string> topics;
  for (const auto& symbol : read_lines(options.symbols_file)) topics.push_back("quote|" + symbol + "|");
  std::string body = options.body_file.empty() ? sample_quote_body("QAAAA", wall_ns()) : read_all(options.body_file);
  const std::int64_t step = options.per_second > 0 ? 1'000'000'000 / options.per_second : 0;

  await_subscriptions(socket, options.subscriptions);
  std::int64_t next = now_ns();
  for (std::size_t i = 0;; i = i + 1 == topics.size() ? 0 : i + 1) {
    if (step > 0) {
      sleep_until(next += step);
      patch_u64(body, "rx", static_cast<std::uint64_t>(wall_ns()));
    }
    socket.send(zmq::const_buffer{topics[i].data(), topics[i].size()}, zmq::send_flags::sndmore);
    socket.send(zmq::const_buffer{body.data(), body.size()}, zmq::send_flags::none);
  }
}

}  // namespace

int main(int argc, char** argv) try {
  Options options;
  CLI::App app{"raw libzmq publisher"};
  app.add_option("--symbols", options.symbols_file, "one symbol a line")->required();
  app.add_option("--body", options.body_file, "a captured quote body; without it one of the same shape is made");
  app.add_option("--subscriptions", options.subscriptions, "subscriptions to wait for, over all subscribers");
  app.add_option("--rate", options.per_second, "messages a second; 0 = as fast as it goes");
  app.add_option("--hwm", options.hwm, "high-water mark, messages");
  CLI11_PARSE(app, argc, argv);

  zmq::context_t context{1};
  zmq::socket_t socket{context, zmq::socket_type::xpub};
  socket.set(zmq::sockopt::xpub_nodrop, true);
  socket.set(zmq::sockopt::xpub_verbose, true);
  socket.set(zmq::sockopt::sndhwm, options.hwm);
  socket.set(zmq::sockopt::linger, 0);
  socket.bind("tcp://127.0.0.1:*");
  std::printf("ready stream=%s\n", socket.get(zmq::sockopt::last_endpoint).c_str());
  std::fflush(stdout);
  publish(socket, options);
} catch (const std::exception& error) {
  std::fprintf(stderr, "raw_pub: %s\n", error.what());
  return 1;
}
