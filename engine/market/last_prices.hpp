// The last price of each symbol that flows from the default provider, for those who can't wait for an answer (risk).
// The hub writes, anybody reads; any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "bus/model/decimal.hpp"
#include "bus/model/strong_string.hpp"

namespace tradebus {

class LastPrices {
 public:
  // A symbol's place; known for as long as somebody (the hub's topics) holds it.
  class Slot {
   public:
    void set(Price price) { raw_.store(price.raw(), std::memory_order_relaxed); }
    std::optional<Price> get() const {
      const auto raw = raw_.load(std::memory_order_relaxed);
      return raw > 0 ? std::optional<Price>{Price::from_raw(raw)} : std::nullopt;
    }

   private:
    std::atomic<std::int64_t> raw_{0};
  };

  std::shared_ptr<Slot> open(const Symbol& symbol);
  std::optional<Price> find(const Symbol& symbol) const;

 private:
  mutable std::mutex mutex_;
  std::unordered_map<Symbol, std::weak_ptr<Slot>> slots_;
  std::size_t sweep_at_ = 64;  // so many entries: those that nobody holds go
};

}  // namespace tradebus
