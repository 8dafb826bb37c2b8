// Answers in the venue's form: our own (samples/), and recorded ones where they lie beside the project.
#pragma once

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

namespace tradebus::massive::test {

inline std::string read(const std::filesystem::path& path) {
  std::ifstream in{path, std::ios::binary};
  BOOST_REQUIRE_MESSAGE(in, path << " can't be read");
  return {std::istreambuf_iterator<char>{in}, {}};
}

inline const std::filesystem::path samples_folder{TRADEBUS_SOURCE_DIR "/tests/actors/providers/massive/samples"};
inline const std::filesystem::path recordings_folder{TRADEBUS_SOURCE_DIR "/../shared/data/http/massive"};

inline std::string sample(const std::string& name) { return read(samples_folder / name); }

// Empty, and said aloud, where there are no recordings.
inline std::optional<std::string> recorded(const std::string& name) {
  if (std::filesystem::exists(recordings_folder / name)) return read(recordings_folder / name);
  BOOST_TEST_MESSAGE("skipped: no recording " << name << " beside the project");
  return std::nullopt;
}

inline std::vector<std::string> all_answers() {
  std::vector<std::string> out;
  for (const auto& folder : {samples_folder, recordings_folder}) {
    if (!std::filesystem::exists(folder)) continue;
    for (const auto& entry : std::filesystem::directory_iterator{folder})
      if (entry.path().extension() == ".json") out.push_back(read(entry.path()));
  }
  return out;
}

}  // namespace tradebus::massive::test
