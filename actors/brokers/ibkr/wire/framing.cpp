#include "actors/brokers/ibkr/wire/framing.hpp"

namespace tradebus::ibkr::wire {

namespace {

std::uint32_t read_length(std::string_view at) {
  std::uint32_t out = 0;
  for (std::size_t i = 0; i < length_bytes; ++i) out = out << 8 | static_cast<unsigned char>(at[i]);
  return out;
}

constexpr std::size_t idle_bytes_max = 1 << 20;  // a buffer larger than this is given back when it is empty

}  // namespace

bool append_frame(std::string& out, std::string_view payload) {
  if (payload.empty() || payload.size() > frame_bytes_max) return false;
  const auto size = static_cast<std::uint32_t>(payload.size());
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(size >> shift & 0xff);
  out += payload;
  return true;
}

void FrameReader::feed(std::string_view bytes) {
  if (is_bad_) return;
  if (begin_ == buffer_.size()) {
    buffer_.clear();
    if (buffer_.capacity() > idle_bytes_max) buffer_.shrink_to_fit();
    begin_ = 0;
  } else if (begin_ > 0) {
    buffer_.erase(0, begin_);
    begin_ = 0;
  }
  buffer_ += bytes;
}

FrameReader::Next FrameReader::next(std::string_view& payload) {
  payload = {};
  if (is_bad_) return Next::bad_length;
  const auto rest = std::string_view{buffer_}.substr(begin_);
  if (rest.size() < length_bytes) return Next::incomplete;
  const auto size = read_length(rest);
  if (size == 0 || size > payload_bytes_max_) {
    is_bad_ = true;
    bad_length_ = size;
    buffer_.clear();
    begin_ = 0;
    return Next::bad_length;
  }
  if (rest.size() - length_bytes < size) return Next::incomplete;
  payload = rest.substr(length_bytes, size);
  begin_ += length_bytes + size;
  return Next::payload;
}

void FrameReader::clear() {
  buffer_.clear();
  begin_ = 0;
  is_bad_ = false;
  bad_length_ = 0;
}

}  // namespace tradebus::ibkr::wire
