// The files that a replay reads: CSV with a header line, plain or .gz.
//   quotes  ts_ns,symbol,bid,bid_size,ask,ask_size
//   trades  ts_ns,symbol,price,size
//   bars    ts_ns,symbol,timeframe,open,high,low,close,volume
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "tradebus/expected.hpp"
#include "tradebus/message.hpp"

namespace tradebus::cli {

enum class RecordKind { quotes, trades, bars };

// "quotes", "trades", "bars"
std::string_view file_word(RecordKind kind);
// What a topic is recorded as, its own or that of a feed; empty for topics that replay has no file for.
std::optional<RecordKind> record_kind(std::string_view topic);
// "rec.csv.gz" -> "rec.quotes.csv.gz"
std::string insert_word(const std::string& path, std::string_view word);
// One line without its end; empty for a message that is not recorded (a bar that still grows).
std::string csv_row(const client::Message& message, RecordKind kind);

// One file. Errors stick: the first one is reported by close().
class RecordFile {
 public:
  static client::Expected<RecordFile> create(const std::string& path, RecordKind kind);
  RecordFile(RecordFile&&) noexcept;
  RecordFile& operator=(RecordFile&&) noexcept;
  ~RecordFile();

  void write(std::string_view line);
  // Puts what was written where another program can read it.
  void flush();
  // True when everything is in the file.
  bool close();

  const std::string& path() const { return path_; }
  std::uint64_t rows() const { return rows_; }

 private:
  struct Output;
  RecordFile(std::string path, std::unique_ptr<Output> output);

  std::string path_;
  std::unique_ptr<Output> output_;
  std::uint64_t rows_ = 0;
};

}  // namespace tradebus::cli
