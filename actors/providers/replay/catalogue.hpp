// What a recording holds: by symbol, which kinds of rows stand in which files, and from when to when.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/providers/provider.hpp"
#include "actors/providers/replay/recorded_file.hpp"

namespace tradebus::replay {

class Catalogue {
 public:
  // The rows of one symbol, one kind and one bar length in one file.
  struct Entry {
    std::size_t file = 0;
    FileKind kind = FileKind::trades;
    Timeframe timeframe = Timeframe::s1;  // bars only
    std::int64_t first_ts = 0;            // recorded times, UTC ns
    std::int64_t last_ts = 0;
    std::uint64_t rows = 0;
    bool in_order = true;  // the file's rows never go back in time
  };

  // Reads all files once. Files that can't be read to their end are taken as far as they go. With `stop` set: early
  // end.
  static Catalogue scan(const Recording& files, const std::atomic<bool>& stop);

  // Null for a symbol in no file.
  const std::vector<Entry>* find(std::string_view symbol) const;
  // Whether rows of this stream exist: instrument.unknown, provider.unsupported.
  Result<Done> check(StreamKind kind, const std::string& symbol) const;
  std::vector<StreamKind> streams() const;
  // Lengths of bars that can be answered, be it by adding up finer ones or trades.
  std::vector<Timeframe> timeframes() const;
  SymbolMatches search(const SearchSymbols& query) const;
  std::size_t symbols() const { return by_symbol_.size(); }
  std::uint64_t rows() const { return rows_; }

 private:
  std::map<std::string, std::vector<Entry>, std::less<>> by_symbol_;
  std::uint64_t rows_ = 0;
};

}  // namespace tradebus::replay
