// What a disk's word costs: records of 200 bytes written into a preallocated file, each synced, one after the other.
// Ends with one line of JSON: per_second, p50_us, p99_us.
#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include "bench/support/measure.hpp"

int main(int argc, char** argv) try {
  using namespace tradebus::bench;
  std::string path;
  double seconds = 1;
  CLI::App app{"serial fdatasync"};
  app.add_option("--file", path, "made, and removed")->required();
  app.add_option("--seconds", seconds, "time at most");
  CLI11_PARSE(app, argc, argv);

  constexpr std::size_t record = 200;
  constexpr off_t bytes = 64 << 20;
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0600);
  const auto check = [](bool good, const char* what) {
    if (!good) throw std::system_error{errno, std::generic_category(), what};
  };
  check(fd >= 0, "open");
  check(::posix_fallocate(fd, 0, bytes) == 0, "posix_fallocate");
  check(::fdatasync(fd) == 0, "fdatasync");
  std::array<char, record> data{};
  data.fill('x');
  std::vector<std::int64_t> samples;
  const auto start = now_ns();
  const auto end = start + static_cast<std::int64_t>(seconds * 1e9);
  for (off_t at = 0; now_ns() < end && at + static_cast<off_t>(record) < bytes; at += record) {
    const auto before = now_ns();
    check(::pwrite(fd, data.data(), data.size(), at) == static_cast<ssize_t>(record), "pwrite");
    check(::fdatasync(fd) == 0, "fdatasync");
    samples.push_back(now_ns() - before);
  }
  const double took = static_cast<double>(now_ns() - start) / 1e9;
  ::close(fd);
  ::unlink(path.c_str());
  std::printf("{\"per_second\": %.1f, \"p50_us\": %.2f, \"p99_us\": %.2f}\n",
              static_cast<double>(samples.size()) / took, percentile_us(samples, 0.5), percentile_us(samples, 0.99));
} catch (const std::exception& error) {
  std::fprintf(stderr, "bench_fdatasync: %s\n", error.what());
  return 1;
}
