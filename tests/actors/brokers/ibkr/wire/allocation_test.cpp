// Market data is decoded without an allocation.
#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <new>

#include "tests/actors/brokers/ibkr/wire/messages.hpp"

namespace {
std::size_t allocations = 0;
}

// Not inlined: the compiler would see free() of what new gave.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* out = std::malloc(size)) return out;
  throw std::bad_alloc{};
}
[[gnu::noinline]] void operator delete(void* at) noexcept { std::free(at); }
[[gnu::noinline]] void operator delete(void* at, std::size_t) noexcept { std::free(at); }

using namespace tradebus::ibkr::wire;
using namespace tradebus::ibkr::wire::test;

BOOST_AUTO_TEST_SUITE(allocation)

BOOST_AUTO_TEST_CASE(ticks_take_no_memory) {
  std::size_t ticks = 0;
  for (const auto& line : lines_of(samples_folder / "server_178.txt")) {
    if (line.comment != " ticks") continue;
    ++ticks;
    Recorder sink;
    // Cut, it is bad; that takes none either.
    const std::string_view cut{line.payload.data(), line.payload.size() - 1};
    const auto before = allocations;
    const auto error = decode(line.payload, 178, sink);
    const auto fault = decode(cut, 178, sink);
    const auto taken = allocations - before;
    BOOST_TEST(!error);
    BOOST_TEST(static_cast<bool>(fault));
    BOOST_TEST(taken == 0u);
  }
  BOOST_TEST(ticks == 14u);
}

BOOST_AUTO_TEST_SUITE_END()
