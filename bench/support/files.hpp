// Small files that the programs share: lists of symbols, captured messages. A file that can't be read ends the program.
#pragma once

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

namespace tradebus::bench {

inline std::ifstream open_file(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  if (!in) throw std::runtime_error{"can't read " + path};
  return in;
}

inline std::vector<std::string> read_lines(const std::string& path) {
  auto in = open_file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);)
    if (!line.empty()) lines.push_back(line);
  return lines;
}

inline std::string read_all(const std::string& path) {
  auto in = open_file(path);
  return {std::istreambuf_iterator<char>{in}, {}};
}

inline void write_all(const std::string& path, std::string_view bytes) {
  std::ofstream out{path, std::ios::binary};
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!out.flush()) throw std::runtime_error{"can't write " + path};
}

}  // namespace tradebus::bench
