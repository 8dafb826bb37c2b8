// ibgw-sim as a child of the test: started on a free port, ended with the object.
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

namespace tradebus::ibkr::data::test {

class GatewayProgram {
 public:
  // In TRADEBUS_BIN_DIR, else beside the test: build/tests/x -> build/bin/ibgw-sim.
  static std::filesystem::path program() {
    const char* folder = std::getenv("TRADEBUS_BIN_DIR");
    if (folder != nullptr && *folder != '\0') return std::filesystem::path{folder} / "ibgw-sim";
    return std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path() / "bin" / "ibgw-sim";
  }

  explicit GatewayProgram(std::vector<std::string> arguments) {
    if (!std::filesystem::exists(program()))
      throw std::runtime_error(program().string() + " is missing: build the target ibgw-sim");
    arguments.insert(arguments.begin(), program().string());
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
    const auto at = line.find("\"port\":");
    port_ = at == std::string::npos ? 0 : std::atoi(line.c_str() + at + 7);
    if (port_ == 0) throw std::runtime_error("ibgw-sim did not start: " + line);
  }
  ~GatewayProgram() {
    if (pid_ <= 0) return;
    kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
  }
  GatewayProgram(const GatewayProgram&) = delete;
  GatewayProgram& operator=(const GatewayProgram&) = delete;

  int port() const { return port_; }

 private:
  pid_t pid_ = 0;
  int port_ = 0;
};

}  // namespace tradebus::ibkr::data::test
