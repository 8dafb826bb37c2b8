// Many files, one sequence: rows by the time at which they were known; at equal times the files in their configured
// order, each file's rows in theirs. A file is opened when its first row's turn comes. One thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "actors/providers/replay/file_reader.hpp"

namespace tradebus::replay {

class Merger {
 public:
  struct Hooks {
    std::function<void(std::size_t file, std::uint64_t line, std::string_view reason)> on_bad_line = {};
    // A file ended; `failure` is empty unless it could not be read to its end.
    std::function<void(std::size_t file, const ReadStats& stats, const std::string& failure)> on_file_end = {};
  };
  // `symbols`: one table a file, kept by the caller from pass to pass.
  Merger(Recording files, std::vector<SymbolTable>& symbols, const std::atomic<bool>* stop, Hooks hooks);
  Merger(const Merger&) = delete;  // the readers call back
  Merger& operator=(const Merger&) = delete;

  // The row whose turn it is, until advance(); null at the end.
  const Row* peek() { return ready_ ? &lanes_[heap_.front()].row : prepare(); }
  std::size_t file() const { return heap_.front(); }  // the row's file
  void advance();
  ReadStats stats() const;  // of all files

 private:
  struct Lane {
    std::optional<FileReader> reader;  // none: not opened yet
    Row row;
    std::int64_t due = 0;
  };
  const Row* prepare();
  void open(std::size_t file);
  void end(std::size_t file, const std::string& failure);
  void next(std::size_t file);
  void sift_down();
  bool before(std::size_t a, std::size_t b) const {
    return lanes_[a].due != lanes_[b].due ? lanes_[a].due < lanes_[b].due : a < b;
  }

  Recording files_;
  std::vector<SymbolTable>* symbols_;
  const std::atomic<bool>* stop_;
  Hooks hooks_;
  std::vector<Lane> lanes_;
  std::vector<std::size_t> heap_;  // files that have rows left, the next one first
  ReadStats ended_stats_;
  bool ready_ = false;  // the first file of the heap is open and holds its row
};

}  // namespace tradebus::replay
