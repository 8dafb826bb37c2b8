// The few calls by which a log changes files; a test's own disk can be full, or broken. Any thread.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <utility>

#include "bus/model/error.hpp"

namespace tradebus {

class Disk {
 public:
  Disk() = default;
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;
  virtual ~Disk() = default;

  // As pwrite(2), fdatasync(2): -1 and errno.
  virtual ssize_t write_at(int fd, const char* bytes, std::size_t size, off_t offset);
  virtual int sync(int fd);
  // As posix_fallocate(3): an errno, or 0.
  virtual int allocate(int fd, off_t size);
};

// An open file.
class File {
 public:
  File() = default;
  explicit File(int fd) : fd_{fd} {}
  File(File&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}
  File& operator=(File&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File();

  // The flags of open(2); `internal` with the file's name and the system's words.
  static Result<File> open(const std::string& path, int flags);

  int fd() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  Result<std::size_t> size(const std::string& path) const;
  // Up to `size` bytes; fewer at the file's end. An errno in `error` when it fails.
  std::size_t read_at(char* to, std::size_t size, std::size_t offset, int& error) const;

 private:
  int fd_ = -1;
};

// "No space left on device"
std::string system_text(int error);
// Makes what happened in a folder (a new name) survive a power cut.
Result<void> sync_folder(const std::string& path);

}  // namespace tradebus
