// An answer of 5,000 bars from Massive, decoded into our bars, beside simdjson's bare parse of it (the same string, on
// demand, every key and every number of it read as a double, nothing kept). Prints one line of JSON: decode_us,
// bare_us, bytes.
#include <malloc.h>
#include <simdjson.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <random>
#include <stdexcept>
#include <string>

#include "actors/providers/massive/bars.hpp"
#include "bench/support/measure.hpp"
#include "bus/model/instrument.hpp"
#include "engine/calendar/calendars.hpp"

namespace {

using namespace tradebus;

constexpr std::size_t bars_count = 5'000;
constexpr int passes = 200;

// In the form of the venue's recorded aggregates: minutes of a session and the next.
std::string make_answer() {
  std::mt19937_64 random{1};
  std::string body = R"({"ticker":"AAPL","queryCount":5000,"resultsCount":5000,"adjusted":true,"results":[)";
  char row[256];
  for (std::size_t i = 0; i < bars_count; ++i) {
    const auto cents = 10'000 + random() % 20'000;
    std::snprintf(row, sizeof row,
                  R"(%s{"v":%lu.0,"vw":%lu.%04lu,"o":%lu.%02lu,"c":%lu.%02lu,"h":%lu.99,"l":%lu.01,"t":%llu,"n":%lu})",
                  i > 0 ? "," : "", 1'000 + random() % 100'000, cents / 100, random() % 10'000, cents / 100,
                  cents % 100, cents / 100, (cents + 7) % 100, cents / 100 + 1, cents / 100 - 1,
                  1'697'000'400'000ULL + i * 60'000ULL, 1 + random() % 500);
    body += row;
  }
  return body + R"(],"status":"OK","request_id":"0123456789abcdef0123456789abcdef","count":5000})";
}

template <class Pass>
double best_us(Pass pass) {
  double best = 1e18;
  for (int i = 0; i < passes; ++i) {
    const auto start = bench::clock_ns(CLOCK_THREAD_CPUTIME_ID);
    pass();
    best = std::min(best, static_cast<double>(bench::clock_ns(CLOCK_THREAD_CPUTIME_ID) - start));
  }
  return best / 1'000;
}

double walk(const std::string& body) {
  simdjson::ondemand::parser parser;
  const simdjson::padded_string padded{body};
  double sum = 0;
  auto document = parser.iterate(padded);
  for (auto row : document["results"].get_array()) {
    for (auto field : row.get_object()) {
      simdjson::ondemand::raw_json_string key;
      double number = 0;
      if (field.key().get(key) != simdjson::SUCCESS || field.value().get_double().get(number) != simdjson::SUCCESS)
        throw std::runtime_error{"the answer is no JSON of numbers"};
      sum += number + static_cast<unsigned char>(key.raw()[0]);
    }
  }
  return sum;
}

}  // namespace

int main() try {
  // Both with the heap of a process that has run for a while: it keeps what it gets back.
  mallopt(M_TRIM_THRESHOLD, 256 << 20);
  mallopt(M_MMAP_THRESHOLD, 256 << 20);
  const auto body = make_answer();
  const auto calendars = Calendars::shipped();
  const auto& calendar = *calendars->find("XNYS");
  const auto symbol = *parse_symbol("AAPL");
  const auto decode_us = best_us([&] {
    const auto page = massive::decode_bars(body, symbol, Timeframe::m1, calendar);
    if (!page || page->rows.size() != bars_count || page->bad_rows != 0)
      throw std::runtime_error{"some bars were not decoded"};
  });
  double checksum = 0;
  const auto bare_us = best_us([&] { checksum += walk(body); });
  std::printf("{\"decode_us\": %.1f, \"bare_us\": %.1f, \"bytes\": %zu, \"checksum\": %.0f}\n", decode_us, bare_us,
              body.size(), checksum);
} catch (const std::exception& error) {
  std::fprintf(stderr, "bench_massive_bars: %s\n", error.what());
  return 1;
}
