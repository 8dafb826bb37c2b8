// Which rows somebody wants: open topics by file and symbol number, one array look-up a row. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "actors/providers/replay/recorded_file.hpp"

namespace tradebus::replay {

struct Topic {
  TopicRef ref = 0;
  StreamKind kind = StreamKind::quote;
  std::string symbol;
};

class Topics {
 public:
  static constexpr TopicRef none = UINT32_MAX;

  // `symbols`: the files' symbol tables, which may grow at any time between calls.
  Topics(Recording files, const std::vector<SymbolTable>& symbols);

  void open(const Topic& topic);  // the same kind and symbol again: the new ref counts
  void close(TopicRef ref);       // one that is not open is no error

  TopicRef find(std::size_t file, const Row& row) {
    auto& refs = refs_[file];
    const std::size_t i = row.symbol * stride_[file] + slot(file, row.timeframe);
    if (i >= refs.size()) learn(file);
    return refs[i];
  }

 private:
  std::size_t slot(std::size_t file, Timeframe timeframe) const {
    return stride_[file] == 1 ? 0 : static_cast<std::size_t>(timeframe);
  }
  void learn(std::size_t file);
  void set(StreamKind kind, const std::string& symbol, TopicRef ref);

  Recording files_;
  const std::vector<SymbolTable>* symbols_;
  std::vector<std::size_t> stride_;          // refs a symbol: one, or one a timeframe
  std::vector<std::vector<TopicRef>> refs_;  // by file, by symbol and timeframe
  std::map<std::pair<StreamKind, std::string>, TopicRef> open_;
  std::unordered_map<TopicRef, std::pair<StreamKind, std::string>> by_ref_;
};

}  // namespace tradebus::replay
