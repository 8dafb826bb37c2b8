// Where order events become facts: everything that is recorded passes through it before anyone hears of it.
#pragma once

#include <cstdint>

#include "bus/model/orders.hpp"

namespace tradebus {

class Journal {
 public:
  Journal() = default;
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;
  virtual ~Journal() = default;

  // Keeps the event and numbers it: seqs rise over all accounts and are never given twice. Called by the order manager
  // alone. The event's own seq is ignored.
  virtual std::uint64_t append(const OrderEvent& event) = 0;
  // The number given last, 0 when nothing was appended yet.
  virtual std::uint64_t last_seq() const = 0;
};

// Numbers from 1 and forgets with the process.
class MemoryJournal final : public Journal {
 public:
  std::uint64_t append(const OrderEvent&) override { return ++last_; }
  std::uint64_t last_seq() const override { return last_; }

 private:
  std::uint64_t last_ = 0;
};

}  // namespace tradebus
