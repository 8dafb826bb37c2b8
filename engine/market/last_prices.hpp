// The last quote and trade of each symbol that flows from the default provider, for those who can't wait for an answer
// (risk). The hub writes, anybody reads; any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "bus/model/decimal.hpp"
#include "bus/model/enums.hpp"
#include "bus/model/strong_string.hpp"
#include "bus/model/time.hpp"

namespace tradebus {

struct LastPrice {
  std::optional<Price> bid;
  std::optional<Price> ask;
  std::optional<Price> last;  // traded
  Timestamp ts{};             // of the newer one
  Quality quality = Quality::live;
};

class LastPrices {
 public:
  // A symbol's place; known for as long as somebody (the hub's topics) holds it. One writer.
  class Slot {
   public:
    // 0: no such side.
    void set_quote(Price bid, Price ask, Timestamp ts, Quality quality) {
      change([&] {
        bid_.store(bid.raw(), std::memory_order_relaxed);
        ask_.store(ask.raw(), std::memory_order_relaxed);
        note(ts, quality);
      });
    }
    void set_trade(Price price, Timestamp ts, Quality quality) {
      change([&] {
        last_.store(price.raw(), std::memory_order_relaxed);
        note(ts, quality);
      });
    }
    // Its source is silent, or gone.
    void set_stale() {
      change([&] { quality_.store(Quality::stale, std::memory_order_relaxed); });
    }
    // Nothing before the first price.
    std::optional<LastPrice> get() const {
      for (;;) {
        const auto before = version_.load(std::memory_order_acquire);
        if (before == 0) return std::nullopt;
        LastPrice out{price(bid_), price(ask_), price(last_), from_unix_ns(ts_.load(std::memory_order_relaxed)),
                      quality_.load(std::memory_order_relaxed)};
        std::atomic_thread_fence(std::memory_order_acquire);
        if (before % 2 == 0 && version_.load(std::memory_order_relaxed) == before) return out;
      }
    }

   private:
    // Odd while it is written: who reads then reads again.
    template <class Write>
    void change(Write write) {
      const auto version = version_.load(std::memory_order_relaxed);
      version_.store(version + 1, std::memory_order_relaxed);
      std::atomic_thread_fence(std::memory_order_release);
      write();
      version_.store(version + 2, std::memory_order_release);
    }
    void note(Timestamp ts, Quality quality) {
      ts_.store(unix_ns(ts), std::memory_order_relaxed);
      quality_.store(quality, std::memory_order_relaxed);
    }
    static std::optional<Price> price(const std::atomic<std::int64_t>& raw) {
      const auto value = raw.load(std::memory_order_relaxed);
      return value > 0 ? std::optional<Price>{Price::from_raw(value)} : std::nullopt;
    }

    std::atomic<std::uint64_t> version_{0};
    std::atomic<std::int64_t> bid_{0};
    std::atomic<std::int64_t> ask_{0};
    std::atomic<std::int64_t> last_{0};
    std::atomic<std::int64_t> ts_{0};
    std::atomic<Quality> quality_{Quality::live};
  };

  // Nobody needs them until somebody says so: the hub then spares itself the writing.
  void want(bool wanted) { wanted_.store(wanted, std::memory_order_relaxed); }
  bool wanted() const { return wanted_.load(std::memory_order_relaxed); }

  std::shared_ptr<Slot> open(const Symbol& symbol);
  std::optional<LastPrice> find(const Symbol& symbol) const;

 private:
  std::atomic<bool> wanted_{false};
  mutable std::mutex mutex_;
  std::unordered_map<Symbol, std::weak_ptr<Slot>> slots_;
  std::size_t sweep_at_ = 64;  // so many entries: those that nobody holds go
};

}  // namespace tradebus
