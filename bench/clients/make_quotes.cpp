// Writes a file of quotes for the replay provider: rows round robin over the symbols, 1 us apart, prices that move.
// Arguments: SYMBOLS_FILE ROWS OUT.
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "bench/support/files.hpp"

int main(int argc, char** argv) try {
  if (argc != 4) throw std::runtime_error{"usage: bench_make_quotes SYMBOLS_FILE ROWS OUT"};
  const auto symbols = tradebus::bench::read_lines(argv[1]);
  const long rows = std::atol(argv[2]);
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> out{std::fopen(argv[3], "wb"), &std::fclose};
  if (!out) throw std::runtime_error{std::string{"can't write "} + argv[3]};
  std::fputs("ts_ns,symbol,bid,bid_size,ask,ask_size\n", out.get());
  const long long start = 1'700'058'600'000'000'000;  // a Wednesday, 14:30 UTC: the session is open
  for (long row = 0; row < rows; ++row) {
    const long cents = 10'000 + row * 7 % 500;
    const auto& symbol = symbols[static_cast<std::size_t>(row) % symbols.size()];
    std::fprintf(out.get(), "%lld,%s,%ld.%02ld,%ld,%ld.%02ld,%ld\n", start + 1000LL * row, symbol.c_str(), cents / 100,
                 cents % 100, 100 + row % 9 * 100, (cents + 1) / 100, (cents + 1) % 100, 100 + row % 7 * 100);
  }
  if (std::fflush(out.get()) != 0) throw std::runtime_error{std::string{"can't write "} + argv[3]};
} catch (const std::exception& error) {
  std::fprintf(stderr, "bench_make_quotes: %s\n", error.what());
  return 1;
}
