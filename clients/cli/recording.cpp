#include "clients/cli/recording.hpp"

#include <zlib.h>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "tradebus/decimal.hpp"
#include "tradebus/topic.hpp"
#include "tradebus/types.hpp"

namespace tradebus::cli {

namespace {

using client::decimal_text;

std::string_view header(RecordKind kind) {
  switch (kind) {
    case RecordKind::quotes:
      return "ts_ns,symbol,bid,bid_size,ask,ask_size";
    case RecordKind::trades:
      return "ts_ns,symbol,price,size";
    case RecordKind::bars:
      return "ts_ns,symbol,timeframe,open,high,low,close,volume";
  }
  return {};
}

std::string field(const std::optional<double>& value) { return value ? decimal_text(*value) : std::string{}; }

}  // namespace

std::string_view file_word(RecordKind kind) {
  switch (kind) {
    case RecordKind::quotes:
      return "quotes";
    case RecordKind::trades:
      return "trades";
    case RecordKind::bars:
      return "bars";
  }
  return {};
}

std::optional<RecordKind> record_kind(std::string_view topic) {
  if (client::topic_kind(topic) == client::Kind::feed) topic = client::topic_key(topic);
  const auto kind = client::topic_kind(topic);
  if (kind == client::Kind::quote) return RecordKind::quotes;
  if (kind == client::Kind::trade) return RecordKind::trades;
  if (kind == client::Kind::bar) return RecordKind::bars;
  return std::nullopt;
}

std::string insert_word(const std::string& path, std::string_view word) {
  const auto name = path.rfind('/') == std::string::npos ? 0 : path.rfind('/') + 1;
  auto at = path.size();
  if (path.ends_with(".gz")) at -= 3;
  const auto dot = at == 0 ? std::string::npos : path.rfind('.', at - 1);
  if (dot != std::string::npos && dot > name) at = dot;
  return path.substr(0, at) + "." + std::string{word} + path.substr(at);
}

std::string csv_row(const client::Message& message, RecordKind kind) {
  switch (kind) {
    case RecordKind::quotes: {
      const auto q = message.as<client::Quote>();
      return std::to_string(q.ts) + "," + q.symbol + "," + field(q.bid) + "," + field(q.bid_size) + "," + field(q.ask) +
             "," + field(q.ask_size);
    }
    case RecordKind::trades: {
      const auto t = message.as<client::Trade>();
      return std::to_string(t.ts) + "," + t.symbol + "," + decimal_text(t.price) + "," + decimal_text(t.size);
    }
    case RecordKind::bars: {
      const auto b = message.as<client::Bar>();
      if (!b.final) return {};
      const auto timeframe = std::string{client::topic_word(message.topic())}.substr(4);  // bar_1m
      return std::to_string(b.ts) + "," + b.symbol + "," + timeframe + "," + decimal_text(b.open) + "," +
             decimal_text(b.high) + "," + decimal_text(b.low) + "," + decimal_text(b.close) + "," +
             decimal_text(b.volume);
    }
  }
  return {};
}

// ---- the file
// ---------------------------------------------------------------------------------------------------------

struct RecordFile::Output {
  gzFile gz = nullptr;
  std::FILE* plain = nullptr;
  bool failed = false;

  Output() = default;
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  ~Output() { close(); }

  bool open(const std::string& path) {
    if (path.ends_with(".gz"))
      gz = gzopen(path.c_str(), "wb");
    else
      plain = std::fopen(path.c_str(), "wb");
    return gz != nullptr || plain != nullptr;
  }
  void write(std::string_view text) {
    if (gz != nullptr)
      failed = gzwrite(gz, text.data(), static_cast<unsigned>(text.size())) != static_cast<int>(text.size()) || failed;
    else
      failed = std::fwrite(text.data(), 1, text.size(), plain) != text.size() || failed;
  }
  void close() {
    if (gz != nullptr) failed = gzclose(gz) != Z_OK || failed;
    if (plain != nullptr) failed = std::fclose(plain) != 0 || failed;
    gz = nullptr;
    plain = nullptr;
  }
};

client::Expected<RecordFile> RecordFile::create(const std::string& path, RecordKind kind) {
  auto output = std::make_unique<Output>();
  errno = 0;
  if (!output->open(path))
    return client::Error{"file", "cannot create " + path + ": " + std::strerror(errno != 0 ? errno : EIO)};
  RecordFile file{path, std::move(output)};
  file.output_->write(header(kind));
  file.output_->write("\n");
  return file;
}

RecordFile::RecordFile(std::string path, std::unique_ptr<Output> output)
    : path_{std::move(path)}, output_{std::move(output)} {}
RecordFile::RecordFile(RecordFile&&) noexcept = default;
RecordFile& RecordFile::operator=(RecordFile&&) noexcept = default;
RecordFile::~RecordFile() = default;

void RecordFile::write(std::string_view line) {
  std::string text{line};
  text += '\n';
  output_->write(text);
  ++rows_;
}

void RecordFile::flush() {
  if (output_->gz != nullptr)
    output_->failed = gzflush(output_->gz, Z_SYNC_FLUSH) != Z_OK || output_->failed;
  else
    output_->failed = std::fflush(output_->plain) != 0 || output_->failed;
}

bool RecordFile::close() {
  output_->close();
  return !output_->failed;
}

}  // namespace tradebus::cli
