// 64-bit keys that only ever grow in number: eight bytes each for those known at the start.
#pragma once

#include <algorithm>
#include <cstdint>
#include <unordered_set>
#include <utility>
#include <vector>

namespace tradebus {

class KeySet {
 public:
  void assign(std::vector<std::uint64_t> keys) {
    std::ranges::sort(keys);
    old_ = std::move(keys);
    new_.clear();
  }
  void insert(std::uint64_t key) { new_.insert(key); }
  bool contains(std::uint64_t key) const { return new_.contains(key) || std::ranges::binary_search(old_, key); }
  std::size_t size() const { return old_.size() + new_.size(); }

 private:
  std::vector<std::uint64_t> old_;
  std::unordered_set<std::uint64_t> new_;
};

}  // namespace tradebus
