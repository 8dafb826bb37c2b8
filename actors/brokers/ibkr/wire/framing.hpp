// Messages on a TCP stream: four bytes of length, big-endian, then so many bytes of payload; both directions alike.
// Pure: bytes in, payloads out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tradebus::ibkr::wire {

inline constexpr std::size_t frame_bytes_max = 0xFFFFFF;  // as the venue's own clients have it
inline constexpr std::size_t length_bytes = 4;

// Appends length and payload. False, and nothing is appended: it is empty or longer than frame_bytes_max.
bool append_frame(std::string& out, std::string_view payload);

// Cuts what arrives into payloads. It holds what is not yet read of one message, and what was fed behind it.
class FrameReader {
 public:
  enum class Next : std::uint8_t {
    payload,     // there was one
    incomplete,  // more bytes are needed
    bad_length,  // 0, or longer than allowed: nothing that follows can be read, close the connection
  };

  explicit FrameReader(std::size_t payload_bytes_max = frame_bytes_max) : payload_bytes_max_{payload_bytes_max} {}

  // Call next() until it has no more before feeding again, so that the buffer stays bounded: one message and one read.
  void feed(std::string_view bytes);
  // `payload` is a view into the buffer, valid until the next feed() or clear().
  Next next(std::string_view& payload);
  // For a new connection.
  void clear();

  std::size_t buffered() const { return buffer_.size() - begin_; }
  std::uint32_t bad_length() const { return bad_length_; }  // the length that was refused

 private:
  std::size_t payload_bytes_max_;
  std::string buffer_;
  std::size_t begin_ = 0;  // of what next() has not handed out yet
  bool is_bad_ = false;
  std::uint32_t bad_length_ = 0;
};

}  // namespace tradebus::ibkr::wire
