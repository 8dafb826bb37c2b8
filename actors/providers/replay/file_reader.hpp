// The good rows of one recorded file; bad lines are counted, reported a few times and left out. One thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "actors/providers/replay/line_reader.hpp"
#include "actors/providers/replay/recorded_file.hpp"

namespace tradebus::replay {

struct ReadStats {
  std::uint64_t rows = 0;
  std::uint64_t bad_lines = 0;
  std::uint64_t rounded = 0;       // values with more than nine decimals
  std::uint64_t out_of_order = 0;  // rows with an earlier ts than the row before
};

class FileReader {
 public:
  // `due`: in the order in which rows became known; differs from the recorded order only where bars of several lengths
  // share a file. Bars longer than the window reaches are then released early (window_max rows).
  enum class Order : std::uint8_t { due, recorded };
  using OnBadLine = std::function<void(std::uint64_t line, std::string_view reason)>;
  struct Options {
    Order order = Order::due;
    bool keys_only = false;                   // ts, symbol and timeframe, not the numbers
    const std::atomic<bool>* stop = nullptr;  // ends reading when it turns true
    OnBadLine on_bad_line = {};               // called for the first few of a file
  };
  static constexpr std::uint64_t bad_lines_reported = 5;
  static constexpr std::size_t window_max = 65'536;

  // `symbols` numbers the file's symbols and outlives the reader.
  static Result<FileReader> open(const RecordedFile& file, SymbolTable& symbols, Options options);

  // False at the end, and where the file can't be read further: failure() says why.
  bool next(Row& row);
  const std::string& failure() const { return lines_.failure(); }
  ReadStats stats() const;

 private:
  struct Waiting {
    Row row;
    std::uint64_t number;
  };
  FileReader(LineReader lines, const RecordedFile& file, SymbolTable& symbols, Options options);
  bool read(Row& row);
  bool next_of_window(Row& row);
  void bad_line(std::string_view reason);
  static bool later(const Waiting& a, const Waiting& b);

  LineReader lines_;
  CsvParser parser_;
  SymbolTable* symbols_;
  Options options_;
  ReadStats stats_;
  std::int64_t last_ts_;
  bool windowed_;
  bool ended_ = false;
  std::int64_t known_until_;     // no row still to be read is due earlier
  std::vector<Waiting> window_;  // a heap, the earliest first
};

}  // namespace tradebus::replay
