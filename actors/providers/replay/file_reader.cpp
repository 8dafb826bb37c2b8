#include "actors/providers/replay/file_reader.hpp"

#include <algorithm>
#include <limits>

namespace tradebus::replay {

namespace {
constexpr std::int64_t long_ago = std::numeric_limits<std::int64_t>::min();
}

Result<FileReader> FileReader::open(const RecordedFile& file, SymbolTable& symbols, Options options) {
  auto lines = LineReader::open(file.path, options.stop);
  if (!lines) return tl::unexpected{lines.error()};
  std::string_view header;
  lines->next(header);  // was read at start-up
  return FileReader{std::move(*lines), file, symbols, std::move(options)};
}

FileReader::FileReader(LineReader lines, const RecordedFile& file, SymbolTable& symbols, Options options)
    : lines_{std::move(lines)},
      parser_{file.columns, options.keys_only},
      symbols_{&symbols},
      options_{std::move(options)},
      last_ts_{long_ago},
      windowed_{file.mixed_timeframes && options_.order == Order::due},
      known_until_{long_ago} {}

bool FileReader::next(Row& row) { return windowed_ ? next_of_window(row) : read(row); }

bool FileReader::read(Row& row) {
  std::string_view line;
  while (true) {
    switch (lines_.next(line)) {
      case LineReader::Got::line:
        break;
      case LineReader::Got::too_long:
        bad_line("longer than a line may be");
        continue;
      case LineReader::Got::end:
        return false;
    }
    if (line.empty()) continue;
    if (const auto bad = parser_.parse(line, *symbols_, row); !bad.empty()) {
      bad_line(bad);
      continue;
    }
    ++stats_.rows;
    const std::int64_t ts = unix_ns(row.event.ts);
    if (ts < last_ts_) ++stats_.out_of_order;
    last_ts_ = ts;
    return true;
  }
}

// Bars come by start and leave by end: one that is still open waits until no bar to come can end before it.
bool FileReader::next_of_window(Row& row) {
  constexpr std::int64_t shortest = length_ns(Timeframe::s1);
  while (true) {
    if (!window_.empty() && (ended_ || window_.front().row.due <= known_until_ || window_.size() >= window_max)) {
      std::pop_heap(window_.begin(), window_.end(), later);
      row = window_.back().row;
      window_.pop_back();
      return true;
    }
    if (ended_) return false;
    Row read_row;
    if (read(read_row)) {
      known_until_ = unix_ns(read_row.event.ts) + shortest;
      window_.push_back({read_row, stats_.rows});
      std::push_heap(window_.begin(), window_.end(), later);
    } else {
      ended_ = true;
    }
  }
}

bool FileReader::later(const Waiting& a, const Waiting& b) {
  return a.row.due != b.row.due ? a.row.due > b.row.due : a.number > b.number;
}

void FileReader::bad_line(std::string_view reason) {
  if (++stats_.bad_lines <= bad_lines_reported && options_.on_bad_line)
    options_.on_bad_line(lines_.line_number(), reason);
}

ReadStats FileReader::stats() const {
  ReadStats out = stats_;
  out.rounded = parser_.rounded();
  return out;
}

}  // namespace tradebus::replay
