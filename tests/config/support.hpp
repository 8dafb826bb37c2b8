// A configuration file in a folder of its own, gone when the case is over.
#pragma once

#include <sys/stat.h>
#include <unistd.h>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "config/config.hpp"
#include "config/core_sections.hpp"

namespace tradebus::test {

struct ConfigFixture {
  std::filesystem::path folder;
  ConfigSource source;

  ConfigFixture() {
    auto pattern = (std::filesystem::temp_directory_path() / "tradebus-config-XXXXXX").string();
    BOOST_REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    folder = pattern;
    source.system_dir = folder / "etc";
  }
  ~ConfigFixture() { std::filesystem::remove_all(folder); }
  ConfigFixture(const ConfigFixture&) = delete;
  ConfigFixture& operator=(const ConfigFixture&) = delete;

  std::string write(const std::string& name, const std::string& text, int mode = 0600) const {
    const auto path = folder / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream{path, std::ios::binary} << text;
    std::filesystem::permissions(path, static_cast<std::filesystem::perms>(mode));
    return path;
  }
  static bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }
  static std::vector<SectionSpec> specs() {
    auto out = core_sections();
    SectionSpec venue{"providers.venue", "A venue of the tests.", {}};
    KeySpec key{"api_key", std::string{}, "the venue's key"};
    key.secret = true;
    key.environment = {"VENUE_API_KEY", "OLD_VENUE_KEY"};
    venue.keys = {key, {"rate", 1.5, "calls a second", 0.5, 100}, {"lines", std::int64_t{100}, "lines", 1, 1000}};
    out.push_back(venue);
    return out;
  }
  Result<Config> load(const std::string& text) {
    source.file = write("tradebus.toml", text);
    return load_config(specs(), source);
  }
  // The error of a file, each "FILE" for its path.
  std::string error_of(const std::string& text) {
    const auto config = load(text);
    return config ? "loaded" : shown(config.error());
  }
  std::string shown(const Error& error) const {
    BOOST_CHECK(error.code == Errc::config_invalid);
    auto out = error.message;
    const auto path = (folder / "tradebus.toml").string();
    for (std::size_t at = 0; (at = out.find(path, at)) != std::string::npos; at += 4)
      out.replace(at, path.size(), "FILE");
    return out;
  }
};

}  // namespace tradebus::test
