// massive-sim as a child of the test: started on free ports, ended with the object.
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

namespace tradebus::massive::test {

class Simulator {
 public:
  // In TRADEBUS_BIN_DIR, else beside the test: build/tests/x -> build/bin/massive-sim.
  static std::filesystem::path program() {
    const char* folder = std::getenv("TRADEBUS_BIN_DIR");
    if (folder != nullptr && *folder != '\0') return std::filesystem::path{folder} / "massive-sim";
    return std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path() / "bin" / "massive-sim";
  }

  explicit Simulator(std::vector<std::string> arguments) {
    if (!std::filesystem::exists(program()))
      throw std::runtime_error(program().string() + " is missing: build the target massive-sim");
    arguments.insert(arguments.begin(), {program().string(), "--plain", "--key", "test-key"});
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
    std::string line;
    for (char c = 0; failed == 0 && read(out[0], &c, 1) == 1 && c != '\n';) line += c;
    close(out[0]);
    rest_ = text_of(line, "rest");
    stream_ = text_of(line, "websocket");
    if (rest_.empty() || stream_.empty()) throw std::runtime_error("massive-sim did not start: " + line);
  }
  ~Simulator() {
    if (pid_ <= 0) return;
    kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
  }
  Simulator(const Simulator&) = delete;
  Simulator& operator=(const Simulator&) = delete;

  const std::string& rest() const { return rest_; }
  const std::string& stream() const { return stream_; }

 private:
  static std::string text_of(const std::string& line, const std::string& key) {
    const auto at = line.find("\"" + key + "\":");
    const auto begin = at == std::string::npos ? at : line.find('"', at + key.size() + 3);
    if (begin == std::string::npos) return {};
    return line.substr(begin + 1, line.find('"', begin + 1) - begin - 1);
  }

  pid_t pid_ = 0;
  std::string rest_;
  std::string stream_;
};

}  // namespace tradebus::massive::test
