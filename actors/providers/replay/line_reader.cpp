#include "actors/providers/replay/line_reader.hpp"

#include <cstring>

namespace tradebus::replay {

namespace {
constexpr std::size_t piece_bytes = 256 * 1024;

std::string_view without_return(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}
}  // namespace

Result<LineReader> LineReader::open(const std::string& path, const std::atomic<bool>* stop) {
  auto source = ByteSource::open(path);
  if (!source) return tl::unexpected{source.error()};
  return LineReader{std::move(*source), stop};
}

LineReader::LineReader(ByteSource source, const std::atomic<bool>* stop)
    : source_{std::move(source)}, stop_{stop}, buffer_(line_max + piece_bytes) {}

LineReader::Got LineReader::next(std::string_view& line) {
  while (true) {
    const char* const first = buffer_.data() + begin_;
    const std::size_t rest = end_ - begin_;
    if (const void* found = rest == 0 ? nullptr : std::memchr(first, '\n', rest)) {
      const auto length = static_cast<std::size_t>(static_cast<const char*>(found) - first);
      begin_ += length + 1;
      ++line_number_;
      if (std::exchange(skipping_, false) || length > line_max) return Got::too_long;
      line = without_return({first, length});
      return Got::line;
    }
    if (ended_) return finish(line);
    if (rest > line_max || skipping_) {
      skipping_ = true;
      begin_ = end_ = 0;
    } else {
      if (rest > 0) std::memmove(buffer_.data(), first, rest);
      begin_ = 0;
      end_ = rest;
    }
    const bool stopped = stop_ != nullptr && stop_->load(std::memory_order_relaxed);
    const std::size_t got = stopped ? 0 : source_.read(buffer_.data() + end_, buffer_.size() - end_);
    end_ += got;
    ended_ = got == 0;
    if (stopped) begin_ = end_;
  }
}

// What stands after the last line end.
LineReader::Got LineReader::finish(std::string_view& line) {
  const std::string_view last{buffer_.data() + begin_, end_ - begin_};
  begin_ = end_;
  if (!source_.failure().empty()) return Got::end;  // torn: nobody knows how it went on
  if (std::exchange(skipping_, false)) {
    ++line_number_;
    return Got::too_long;
  }
  if (last.empty()) return Got::end;
  ++line_number_;
  line = without_return(last);
  return Got::line;
}

}  // namespace tradebus::replay
