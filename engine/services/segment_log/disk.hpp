// The few calls by which a log changes files; a test's own disk can be full, or broken. Any thread.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>

#include "bus/model/error.hpp"
#include "engine/services/descriptor.hpp"

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
  explicit File(int fd) : descriptor_{fd} {}

  // The flags of open(2); `internal` with the file's name and the system's words.
  static Result<File> open(const std::string& path, int flags);

  int fd() const { return descriptor_.get(); }
  explicit operator bool() const { return fd() >= 0; }
  Result<std::size_t> size(const std::string& path) const;
  // Up to `size` bytes; fewer at the file's end. An errno in `error` when it fails.
  std::size_t read_at(char* to, std::size_t size, std::size_t offset, int& error) const;

 private:
  Descriptor descriptor_;
};

// "No space left on device"
std::string system_text(int error);
// Makes what happened in a folder (a new name) survive a power cut.
Result<void> sync_folder(const std::string& path);

}  // namespace tradebus
