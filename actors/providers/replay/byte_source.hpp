// The bytes of a file, unpacked when it is gzip (told by its content, not its name). Fixed buffers: a file may be far
// larger than memory. One thread.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bus/model/error.hpp"
#include "engine/services/descriptor.hpp"

struct z_stream_s;

namespace tradebus::replay {

class ByteSource {
 public:
  // request.invalid says what is wrong with the file, without its name.
  static Result<ByteSource> open(const std::string& path);

  // Up to `size` bytes; 0 at the end, or when the rest can't be read: failure() says why.
  std::size_t read(char* out, std::size_t size);
  const std::string& failure() const { return failure_; }

 private:
  struct EndInflate {
    void operator()(z_stream_s* stream) const;
  };

  explicit ByteSource(Descriptor file) : file_{std::move(file)} {}
  std::size_t read_file(char* out, std::size_t size);
  std::size_t read_packed(char* out, std::size_t size);
  bool fill();

  Descriptor file_;
  std::unique_ptr<z_stream_s, EndInflate> inflate_;  // gzip only
  std::vector<char> packed_;                         // gzip: input not yet unpacked; plain: the first two bytes
  std::size_t packed_begin_ = 0;
  std::size_t packed_end_ = 0;
  bool ended_ = false;
  std::string failure_;
};

}  // namespace tradebus::replay
