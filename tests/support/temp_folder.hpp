// A folder of a test's own, gone with it.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

namespace tradebus::test {

struct TempFolder {
  explicit TempFolder(const std::string& name) {
    std::random_device random;
    path = std::filesystem::temp_directory_path() /
           ("tradebus-" + name + "-" + std::to_string(random()) + std::to_string(random()));
    std::filesystem::create_directory(path);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  std::string str() const { return path.string(); }
  std::string file(const std::string& name) const { return path / name; }

  std::filesystem::path path;
};

inline std::string bytes_of(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}
inline void write_bytes(const std::string& path, const std::string& bytes) {
  std::ofstream{path, std::ios::binary | std::ios::trunc} << bytes;
}

}  // namespace tradebus::test
