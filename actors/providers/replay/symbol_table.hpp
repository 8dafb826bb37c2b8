// The symbols of one file, numbered as they appear: a row carries a small number instead of a text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/providers/replay/row.hpp"

namespace tradebus::replay {

class SymbolTable {
 public:
  static constexpr std::size_t symbols_max = 1'000'000;  // far above any listing; a file of random text stays bounded

  SymbolTable();
  // The symbol's number; a new one is added. Empty: not a symbol the bus accepts, or the table is full.
  std::optional<SymbolId> intern(std::string_view text) {
    if (last_ < names_.size() && names_[last_] == text) return last_;
    return look_up(text);
  }
  std::optional<SymbolId> find(std::string_view text) const;
  const std::string& name(SymbolId id) const { return names_[id]; }
  std::size_t size() const { return names_.size(); }

 private:
  std::optional<SymbolId> look_up(std::string_view text);
  std::size_t slot_of(std::string_view text) const;
  void grow();

  std::vector<std::string> names_;
  std::vector<SymbolId> slots_;  // open addressing, a power of two, at most half full
  SymbolId last_ = 0;            // rows of one symbol come in runs
};

}  // namespace tradebus::replay
