#include "engine/market/last_prices.hpp"

namespace tradebus {

std::shared_ptr<LastPrices::Slot> LastPrices::open(const Symbol& symbol) {
  const std::lock_guard lock{mutex_};
  auto& known = slots_[symbol];
  if (auto slot = known.lock()) return slot;
  auto slot = std::make_shared<Slot>();
  known = slot;
  if (slots_.size() >= sweep_at_) {
    std::erase_if(slots_, [](const auto& entry) { return entry.second.expired(); });
    sweep_at_ = 2 * slots_.size() + 64;
  }
  return slot;
}

std::optional<LastPrice> LastPrices::find(const Symbol& symbol) const {
  const std::lock_guard lock{mutex_};
  const auto it = slots_.find(symbol);
  if (it == slots_.end()) return std::nullopt;
  const auto slot = it->second.lock();
  return slot ? slot->get() : std::nullopt;
}

}  // namespace tradebus
