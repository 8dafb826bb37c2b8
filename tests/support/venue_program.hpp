// A simulated venue as a child of the test: started, heard once, ended with the object.
#pragma once

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

extern char** environ;

namespace tradebus::test {

class VenueProgram {
 public:
  // In TRADEBUS_BIN_DIR, else beside the test: build/tests/x -> build/bin/NAME.
  static std::filesystem::path program(const std::string& name) {
    const char* folder = std::getenv("TRADEBUS_BIN_DIR");
    if (folder != nullptr && *folder != '\0') return std::filesystem::path{folder} / name;
    return std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path() / "bin" / name;
  }

  // Throws when it is not built, or can't be started.
  VenueProgram(const std::string& name, std::vector<std::string> arguments) {
    const auto path = program(name);
    if (!std::filesystem::exists(path))
      throw std::runtime_error(path.string() + " is missing: build the target " + name);
    arguments.insert(arguments.begin(), path.string());
    std::vector<char*> argv;
    for (auto& each : arguments) argv.push_back(each.data());
    argv.push_back(nullptr);
    std::array<int, 2> out{};
    if (pipe(out.data()) != 0) throw std::runtime_error("no pipe");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, out[0]);
    const int failed = posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    close(out[1]);
    for (char c = 0; failed == 0 && read(out[0], &c, 1) == 1 && c != '\n';) ready_ += c;
    close(out[0]);
    if (failed != 0) throw std::runtime_error(name + " did not start");
  }
  ~VenueProgram() {
    kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
  }
  VenueProgram(const VenueProgram&) = delete;
  VenueProgram& operator=(const VenueProgram&) = delete;

  // The first line that it wrote: a JSON object with its ports or addresses.
  const std::string& ready() const { return ready_; }
  // A number of that line; 0: it is not there.
  int number(const std::string& key) const {
    const auto at = ready_.find("\"" + key + "\":");
    return at == std::string::npos ? 0 : std::atoi(ready_.c_str() + at + key.size() + 3);
  }

 private:
  pid_t pid_ = 0;
  std::string ready_;
};

}  // namespace tradebus::test
