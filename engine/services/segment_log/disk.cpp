#include "engine/services/segment_log/disk.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace tradebus {

ssize_t Disk::write_at(int fd, const char* bytes, std::size_t size, off_t offset) {
  return ::pwrite(fd, bytes, size, offset);
}
int Disk::sync(int fd) { return ::fdatasync(fd); }
int Disk::allocate(int fd, off_t size) { return ::posix_fallocate(fd, 0, size); }

Result<File> File::open(const std::string& path, int flags) {
  constexpr mode_t ours_alone = 0600;
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC, ours_alone);
  if (fd < 0) return fail(Errc::internal, "can't open " + path + ": " + system_text(errno));
  return File{fd};
}

Result<std::size_t> File::size(const std::string& path) const {
  struct stat info {};
  if (::fstat(fd(), &info) != 0) return fail(Errc::internal, "can't read " + path + ": " + system_text(errno));
  return static_cast<std::size_t>(info.st_size);
}

std::size_t File::read_at(char* to, std::size_t size, std::size_t offset, int& error) const {
  std::size_t done = 0;
  while (done < size) {
    const auto n = ::pread(fd(), to + done, size - done, static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) error = errno;
    if (n <= 0) break;
    done += static_cast<std::size_t>(n);
  }
  return done;
}

std::string system_text(int error) { return std::generic_category().message(error); }

Result<void> sync_folder(const std::string& path) {
  const auto folder = File::open(path, O_RDONLY | O_DIRECTORY);
  if (!folder) return tl::unexpected{folder.error()};
  if (::fsync(folder->fd()) != 0) return fail(Errc::internal, "can't sync " + path + ": " + system_text(errno));
  return {};
}

}  // namespace tradebus
