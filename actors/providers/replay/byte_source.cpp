#include "actors/providers/replay/byte_source.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace tradebus::replay {

namespace {
constexpr std::size_t chunk_bytes = 256 * 1024;  // large enough that a system call costs nothing beside unpacking
constexpr int gzip_window = 15 + 16;             // zlib's words for "gzip, largest window"

std::string system_text(int code) { return std::strerror(code); }  // NOLINT(concurrency-mt-unsafe): glibc's is safe
}  // namespace

void ByteSource::EndInflate::operator()(z_stream_s* stream) const {
  inflateEnd(stream);
  std::default_delete<z_stream_s>{}(stream);
}

Result<ByteSource> ByteSource::open(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return fail(Errc::request_invalid, "cannot be opened: " + system_text(errno));
  ByteSource out{Descriptor{fd}};
  struct stat about {};
  if (::fstat(fd, &about) == 0 && S_ISDIR(about.st_mode)) return fail(Errc::request_invalid, "is a folder, not a file");
  out.packed_.resize(chunk_bytes);
  if (!out.fill() && !out.failure_.empty()) return fail(Errc::request_invalid, out.failure_);
  const bool gzip = out.packed_end_ >= 2 && static_cast<unsigned char>(out.packed_[0]) == 0x1f &&
                    static_cast<unsigned char>(out.packed_[1]) == 0x8b;
  if (gzip) {
    auto stream = std::make_unique<z_stream_s>();
    if (inflateInit2(stream.get(), gzip_window) != Z_OK) return fail(Errc::request_invalid, "zlib has no memory");
    out.inflate_.reset(stream.release());
  }
  return out;
}

// Reads the next piece of the file into packed_.
bool ByteSource::fill() {
  packed_begin_ = 0;
  packed_end_ = 0;
  while (packed_end_ == 0) {
    const ssize_t n = ::read(file_.get(), packed_.data(), packed_.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) failure_ = "cannot be read: " + system_text(errno);
    if (n <= 0) return false;
    packed_end_ = static_cast<std::size_t>(n);
  }
  return true;
}

std::size_t ByteSource::read(char* out, std::size_t size) {
  if (ended_ || size == 0 || !failure_.empty()) return 0;
  const std::size_t got = inflate_ ? read_packed(out, size) : read_file(out, size);
  if (got == 0) ended_ = true;
  return got;
}

std::size_t ByteSource::read_file(char* out, std::size_t size) {
  if (packed_begin_ == packed_end_ && !fill()) return 0;
  const std::size_t n = std::min(size, packed_end_ - packed_begin_);
  std::memcpy(out, packed_.data() + packed_begin_, n);
  packed_begin_ += n;
  return n;
}

std::size_t ByteSource::read_packed(char* out, std::size_t size) {
  z_stream_s& z = *inflate_;
  z.next_out = reinterpret_cast<Bytef*>(out);
  z.avail_out = static_cast<uInt>(size);
  bool member_open = z.total_in != 0;  // a gzip file is a row of members; between two of them it may end
  while (z.avail_out > 0) {
    if (packed_begin_ == packed_end_ && !fill()) {
      if (failure_.empty() && member_open) failure_ = "gzip data ends in the middle";
      break;
    }
    if (!member_open && z.total_out == 0 && z.total_in == 0 && packed_[packed_begin_] != '\x1f') {
      packed_begin_ = packed_end_;  // what follows the last member is padding, as gzip itself sees it
      break;
    }
    z.next_in = reinterpret_cast<Bytef*>(packed_.data() + packed_begin_);
    z.avail_in = static_cast<uInt>(packed_end_ - packed_begin_);
    const int code = ::inflate(&z, Z_NO_FLUSH);
    packed_begin_ = packed_end_ - z.avail_in;
    member_open = true;
    if (code == Z_STREAM_END) {
      inflateReset(&z);
      member_open = false;
    } else if (code != Z_OK && code != Z_BUF_ERROR) {
      failure_ = std::string{"gzip data is damaged: "} + (z.msg != nullptr ? z.msg : "no reason given");
      break;
    }
  }
  return size - z.avail_out;
}

}  // namespace tradebus::replay
