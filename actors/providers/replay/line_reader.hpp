// The lines of a file, one view at a time, without copies. One thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "actors/providers/replay/byte_source.hpp"

namespace tradebus::replay {

class LineReader {
 public:
  static constexpr std::size_t line_max = 16 * 1024;  // bytes; a longer one is reported and left out
  enum class Got : std::uint8_t { line, too_long, end };

  // `stop`: when it turns true, reading ends at the next piece of the file. May be null.
  static Result<LineReader> open(const std::string& path, const std::atomic<bool>* stop);

  // The next line without its \n or \r\n; the view holds until the next call.
  Got next(std::string_view& line);
  std::uint64_t line_number() const { return line_number_; }  // of the line that came last, from 1
  // Why reading ended early; empty for a file that was read to its end. The torn line before that is left out.
  const std::string& failure() const { return source_.failure(); }

 private:
  LineReader(ByteSource source, const std::atomic<bool>* stop);
  Got finish(std::string_view& line);

  ByteSource source_;
  const std::atomic<bool>* stop_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;  // not yet handed out: [begin_, end_)
  std::size_t end_ = 0;
  std::uint64_t line_number_ = 0;
  bool skipping_ = false;  // within a line that is too long
  bool ended_ = false;
};

}  // namespace tradebus::replay
