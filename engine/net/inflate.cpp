#include "engine/net/inflate.hpp"

#include <zlib.h>

#include <algorithm>
#include <limits>

namespace tradebus {

namespace {

constexpr int gzip_or_zlib = MAX_WBITS + 32;

struct Stream {
  Stream() { ready = inflateInit2(&z, gzip_or_zlib) == Z_OK; }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() {
    if (ready) inflateEnd(&z);
  }
  z_stream z{};
  bool ready = false;
};

}  // namespace

tl::expected<std::string, InflateFault> inflate_body(std::string_view packed, std::size_t bytes_max) {
  Stream stream;
  if (!stream.ready || packed.size() > std::numeric_limits<uInt>::max()) return tl::unexpected{InflateFault::damaged};
  auto& z = stream.z;
  std::string in{packed};  // zlib's pointer is not const
  z.next_in = reinterpret_cast<Bytef*>(in.data());
  z.avail_in = static_cast<uInt>(in.size());
  std::string out;
  std::size_t size = 0;
  for (;;) {
    // One byte more than allowed, to tell "just fits" from "too large".
    if (size == out.size()) out.resize(std::min(bytes_max + 1, std::max<std::size_t>(size * 2, 16'384)));
    const auto room = std::min<std::size_t>(out.size() - size, std::numeric_limits<uInt>::max());
    z.next_out = reinterpret_cast<Bytef*>(out.data() + size);
    z.avail_out = static_cast<uInt>(room);
    const int code = inflate(&z, Z_NO_FLUSH);
    size += room - z.avail_out;
    if (size > bytes_max) return tl::unexpected{InflateFault::too_large};
    if (code == Z_STREAM_END) {
      if (z.avail_in == 0) break;
      if (inflateReset(&z) != Z_OK) return tl::unexpected{InflateFault::damaged};  // the next member of a gzip file
    } else if (code == Z_BUF_ERROR || (code == Z_OK && z.avail_in == 0 && z.avail_out > 0)) {
      return tl::unexpected{InflateFault::cut};
    } else if (code != Z_OK) {
      return tl::unexpected{InflateFault::damaged};
    }
  }
  out.resize(size);
  out.shrink_to_fit();
  return out;
}

}  // namespace tradebus
