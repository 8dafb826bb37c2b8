// The decoder of Interactive Brokers' market data: payloads in the form of recorded ones, each a call, into a sink that
// adds them up. --write FILE puts the payloads there, a line each, `|` for each NUL, for a Python client to decode.
// Prints one line of JSON: messages (a second), bytes_per_message.
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "actors/brokers/ibkr/wire/decoder.hpp"
#include "bench/support/measure.hpp"

namespace {

using namespace tradebus;
using namespace tradebus::ibkr::wire;

constexpr int passes = 30;
constexpr std::size_t messages_count = 20'000;
constexpr int server_version = 178;

struct Sink final : MessageSink {
  using MessageSink::on;
  std::uint64_t messages = 0;
  std::int64_t sum = 0;
  void on(TickPrice&& m) override { add(m.price.raw()); }
  void on(TickSize&& m) override { add(m.type); }
  void on(TickOption&& m) override { add(m.type); }
  void on(TickGeneric&& m) override { add(m.type); }
  void on(TickString&& m) override { add(static_cast<std::int64_t>(m.text.size())); }
  void on(TickByTickLast&& m) override { add(m.price.raw()); }
  void on(TickByTickBidAsk&& m) override { add(m.bid.raw()); }
  void add(std::int64_t value) {
    ++messages;
    sum ^= value;
  }
};

// What a stream of stocks and options is made of: sizes and prices mostly, some texts, greeks, tick-by-tick.
std::vector<std::string> make_messages() {
  std::mt19937_64 random{1};
  std::vector<std::string> out;
  char text[256];
  for (std::size_t i = 0; i < messages_count; ++i) {
    const auto id = static_cast<unsigned>(1 + random() % 100);
    const auto cents = static_cast<unsigned>(10'000 + random() % 20'000);
    const auto size = static_cast<unsigned>(100 * (1 + random() % 20));
    const auto seconds = 1'760'000'000U + static_cast<unsigned>(i / 100);
    const auto kind = random() % 20;
    if (kind < 8) {
      std::snprintf(text, sizeof text, "1|6|%u|%u|%u.%02u|%u|1|", id, static_cast<unsigned>(1 + random() % 2),
                    cents / 100, cents % 100, size);
    } else if (kind < 14) {
      std::snprintf(text, sizeof text, "2|6|%u|%u|%u|", id, static_cast<unsigned>(random() % 2 == 0 ? 0 : 3), size);
    } else if (kind < 15) {
      std::snprintf(text, sizeof text, "46|6|%u|45|%u|", id, seconds);
    } else if (kind < 16) {
      std::snprintf(text, sizeof text, "45|6|%u|49|0.0|", id);
    } else if (kind < 17) {
      std::snprintf(text, sizeof text, "21|%u|13|0|0.2874512|0.51234|%u.%02u|0.0|0.0312|0.1987|-0.0871|%u.%02u|", id,
                    cents / 1'000, cents % 100, cents / 100, cents % 100);
    } else if (kind < 18) {
      std::snprintf(text, sizeof text, "99|%u|1|%u|%u.%02u|%u|0|ARCA| T I|", id, seconds, cents / 100, cents % 100,
                    size);
    } else {
      std::snprintf(text, sizeof text, "99|%u|3|%u|%u.%02u|%u.%02u|%u|%u|0|", id, seconds, cents / 100, cents % 100,
                    cents / 100, (cents + 1) % 100, size, size + 100);
    }
    out.emplace_back(text);
    std::ranges::replace(out.back(), '|', '\0');
  }
  return out;
}

}  // namespace

int main(int argc, char** argv) try {
  const auto payloads = make_messages();
  if (argc == 3 && std::string_view{argv[1]} == "--write") {
    std::ofstream out{argv[2]};
    for (auto payload : payloads) {
      std::ranges::replace(payload, '\0', '|');
      out << payload << '\n';
    }
    if (!out.flush()) throw std::runtime_error{std::string{"can't write "} + argv[2]};
    std::printf("{\"messages\": %zu}\n", payloads.size());
    return 0;
  }
  std::size_t bytes = 0;
  for (const auto& payload : payloads) bytes += payload.size();
  Sink sink;
  double best = 1e18;
  for (int i = 0; i < passes; ++i) {
    const auto start = bench::clock_ns(CLOCK_THREAD_CPUTIME_ID);
    for (const auto& payload : payloads)
      if (decode(payload, server_version, sink).fault != DecodeFault::none)
        throw std::runtime_error{"a message that can't be read"};
    best = std::min(best, static_cast<double>(bench::clock_ns(CLOCK_THREAD_CPUTIME_ID) - start));
  }
  if (sink.messages != passes * messages_count) throw std::runtime_error{"some messages were not decoded"};
  std::printf("{\"messages\": %.0f, \"bytes_per_message\": %.1f, \"checksum\": %lld}\n",
              static_cast<double>(messages_count) * 1e9 / best,
              static_cast<double>(bytes) / static_cast<double>(messages_count), static_cast<long long>(sink.sum));
} catch (const std::exception& error) {
  std::fprintf(stderr, "bench_ibkr_decode: %s\n", error.what());
  return 1;
}
