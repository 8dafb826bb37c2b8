// The stream decoder of the provider `massive` beside a bare simdjson pass over the same text (every key and value
// touched, nothing kept). --write FILE puts the frames there, a line each, for the vendor's own client to decode.
// Prints one line of JSON: events (a second), bare (a second), bytes_per_event.
#include <simdjson.h>

#include <cstdio>
#include <cstring>
#include <fstream>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "actors/providers/massive/stream/decoder.hpp"
#include "bench/support/measure.hpp"

namespace {

using namespace tradebus;
using namespace tradebus::massive::stream;

constexpr int passes = 30;
constexpr std::size_t frames_count = 200;
constexpr std::size_t events_a_frame = 100;
constexpr int symbols = 500;

struct Sink final : FrameSink {
  std::uint64_t events = 0;
  std::int64_t sum = 0;
  void on_status(std::string_view, std::string_view) override {}
  void on_event(const MarketEvent& event) override {
    ++events;
    sum ^= event.price[0].raw();
  }
};

// In the form of the venue's recorded messages: mostly quotes, some trades, few bars.
std::vector<std::string> make_frames() {
  std::mt19937_64 random{1};
  std::vector<std::string> frames;
  char text[512];
  for (std::size_t f = 0; f < frames_count; ++f) {
    std::string frame = "[";
    for (std::size_t i = 0; i < events_a_frame; ++i) {
      const auto symbol = random() % symbols;
      const auto cents = 10'000 + random() % 20'000;
      const auto dollars = cents / 100;
      const auto rest = cents % 100;
      const unsigned long long t = 1'760'000'000'000 + f * 10 + i / 10;
      const auto kind = random() % 20;
      if (kind < 12) {
        std::snprintf(text, sizeof text,
                      R"({"ev":"Q","sym":"S%lu","bx":4,"bp":%lu.%02lu,"bs":%lu,"ax":7,"ap":%lu.%02lu5,"as":160,"c":0,)"
                      R"("i":[604],"t":%llu,"q":50385480,"z":3})",
                      symbol, dollars, rest, 100 + random() % 900, dollars, rest, t);
      } else if (kind < 19) {
        std::snprintf(text, sizeof text,
                      R"({"ev":"T","sym":"S%lu","x":4,"i":"12345","z":3,"p":%lu.%02lu,"s":%lu,"c":[0,12],"t":%llu,)"
                      R"("q":3681328})",
                      symbol, dollars, rest, 1 + random() % 500, t);
      } else {
        std::snprintf(
            text, sizeof text,
            R"({"ev":"AM","sym":"S%lu","v":4110,"av":9470157,"op":100.4372,"vw":100.4488,"o":%lu.%02lu,)"
            R"("c":%lu.4486,"h":%lu.9989,"l":%lu.0086,"a":100.4352,"z":685,"s":1760000040000,"e":1760000100000})",
            symbol, dollars, rest, dollars, dollars, dollars);
      }
      if (i > 0) frame += ',';
      frame += text;
    }
    frames.push_back(frame + ']');
  }
  return frames;
}

template <class Pass>
double best_a_second(Pass pass) {
  double best = 1e18;
  for (int i = 0; i < passes; ++i) {
    const auto start = bench::clock_ns(CLOCK_THREAD_CPUTIME_ID);
    pass();
    best = std::min(best, static_cast<double>(bench::clock_ns(CLOCK_THREAD_CPUTIME_ID) - start));
  }
  return static_cast<double>(frames_count * events_a_frame) * 1e9 / best;
}

// As little as can be done with such a text: stage one, and a walk over what it found.
std::uint64_t walk(simdjson::ondemand::parser& parser, std::vector<char>& buffer, const std::string& frame) {
  std::memcpy(buffer.data(), frame.data(), frame.size());
  auto document = parser.iterate(buffer.data(), frame.size(), buffer.size());
  std::uint64_t sum = 0;
  for (auto element : document.get_array()) {
    for (auto field : element.get_object()) {
      simdjson::ondemand::raw_json_string key;
      simdjson::ondemand::value value;
      if (field.key().get(key) != simdjson::SUCCESS || field.value().get(value) != simdjson::SUCCESS)
        throw std::runtime_error{"the frames are no JSON"};
      sum += static_cast<unsigned char>(key.raw()[0]) + value.raw_json_token().size();
    }
  }
  return sum;
}

}  // namespace

int main(int argc, char** argv) try {
  const auto frames = make_frames();
  std::size_t bytes = 0;
  for (const auto& frame : frames) bytes += frame.size();
  if (argc == 3 && std::string_view{argv[1]} == "--write") {
    std::ofstream out{argv[2]};
    for (const auto& frame : frames) out << frame << '\n';
    if (!out.flush()) throw std::runtime_error{std::string{"can't write "} + argv[2]};
    std::printf("{\"frames\": %zu}\n", frames.size());
    return 0;
  }

  Topics topics;
  for (int i = 0; i < symbols; ++i) {
    for (const auto channel : {Channel::trade, Channel::quote, Channel::minute_bar}) {
      const auto id = topics.add(channel, "S" + std::to_string(i));
      topics.want(id, id);
      topics[id].stage = Topic::Stage::held;
    }
  }
  Decoder decoder{topics, Quality::live};
  Sink sink;
  const auto events = best_a_second([&] {
    for (const auto& frame : frames) decoder.decode(frame, from_unix_ns(1), sink);
  });
  if (sink.events != passes * frames_count * events_a_frame) throw std::runtime_error{"some events were not decoded"};

  simdjson::ondemand::parser parser;
  std::vector<char> buffer(1'048'576);
  std::uint64_t checksum = static_cast<std::uint64_t>(sink.sum);
  const auto bare = best_a_second([&] {
    for (const auto& frame : frames) checksum += walk(parser, buffer, frame);
  });
  std::printf("{\"events\": %.0f, \"bare\": %.0f, \"bytes_per_event\": %.1f, \"checksum\": %llu}\n", events, bare,
              static_cast<double>(bytes) / static_cast<double>(frames_count * events_a_frame),
              static_cast<unsigned long long>(checksum));
} catch (const std::exception& error) {
  std::fprintf(stderr, "bench_massive_decode: %s\n", error.what());
  return 1;
}
