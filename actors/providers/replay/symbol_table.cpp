#include "actors/providers/replay/symbol_table.hpp"

#include <functional>

#include "bus/model/instrument.hpp"

namespace tradebus::replay {

namespace {
constexpr SymbolId empty_slot = UINT32_MAX;
}

SymbolTable::SymbolTable() : slots_(64, empty_slot) {}

std::size_t SymbolTable::slot_of(std::string_view text) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = std::hash<std::string_view>{}(text)&mask;
  while (slots_[slot] != empty_slot && names_[slots_[slot]] != text) slot = (slot + 1) & mask;
  return slot;
}

std::optional<SymbolId> SymbolTable::find(std::string_view text) const {
  const SymbolId id = slots_[slot_of(text)];
  if (id == empty_slot) return std::nullopt;
  return id;
}

std::optional<SymbolId> SymbolTable::look_up(std::string_view text) {
  std::size_t slot = slot_of(text);
  if (slots_[slot] == empty_slot) {
    if (names_.size() >= symbols_max || !parse_symbol(text)) return std::nullopt;
    if ((names_.size() + 1) * 2 > slots_.size()) {
      grow();
      slot = slot_of(text);
    }
    slots_[slot] = static_cast<SymbolId>(names_.size());
    names_.emplace_back(text);
  }
  last_ = slots_[slot];
  return last_;
}

void SymbolTable::grow() {
  slots_.assign(slots_.size() * 2, empty_slot);
  for (std::size_t id = 0; id < names_.size(); ++id) slots_[slot_of(names_[id])] = static_cast<SymbolId>(id);
}

}  // namespace tradebus::replay
