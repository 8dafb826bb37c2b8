#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include "config/loading.hpp"

namespace tradebus::loading {

namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_{fd} {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

std::string why() { return std::strerror(errno); }  // NOLINT(concurrency-mt-unsafe): one thread at start-up

bool exists(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0;
}

}  // namespace

std::optional<std::string> find_file(const ConfigSource& source) {
  if (source.file) return source.file;
  std::vector<std::string> places;
  // The XDG base directory specification: a relative path is not to be used.
  if (const auto xdg = source.environment.find("XDG_CONFIG_HOME");
      xdg != source.environment.end() && xdg->second.starts_with('/'))
    places.push_back(xdg->second);
  if (!source.home.empty()) places.push_back(source.home + "/.config");
  places.push_back(source.system_dir);
  for (const auto& place : places)
    if (auto file = place + "/tradebus/tradebus.toml"; exists(file)) return file;
  return std::nullopt;
}

Result<std::string> read_file(const std::string& path, std::size_t bytes_max, bool secret) {
  // Non-blocking: a FIFO in place of the file must not hang the start.
  const Descriptor fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};  // NOLINT(*-vararg)
  struct stat info {};
  if (fd.get() < 0 || ::fstat(fd.get(), &info) != 0) return fail(Errc::config_invalid, "cannot be read: " + why());
  if (!S_ISREG(info.st_mode)) return fail(Errc::config_invalid, "cannot be read: it is not a regular file");
  if (secret && (info.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    return fail(Errc::config_invalid, "others than its owner can use this secret file; run: chmod 600 " + path);
  std::string out;
  std::array<char, 16384> chunk{};
  for (;;) {
    const auto n = ::read(fd.get(), chunk.data(), chunk.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail(Errc::config_invalid, "cannot be read: " + why());
    if (n == 0) return out;
    out.append(chunk.data(), static_cast<std::size_t>(n));
    if (out.size() > bytes_max)
      return fail(Errc::config_invalid, "is larger than " + std::to_string(bytes_max) + " bytes: not read");
  }
}

}  // namespace tradebus::loading
