// ibgw-sim as a child of the test: started on free ports, ended with the object.
#pragma once

#include <arpa/inet.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/actors/brokers/conformance_bench.hpp"

extern char** environ;

namespace tradebus::ibkr::test {

class Gateway final : public tradebus::test::BenchVenue {
 public:
  // In TRADEBUS_BIN_DIR, else beside the test: build/tests/x -> build/bin/ibgw-sim.
  static std::filesystem::path program() {
    const char* folder = std::getenv("TRADEBUS_BIN_DIR");
    if (folder != nullptr && *folder != '\0') return std::filesystem::path{folder} / "ibgw-sim";
    return std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path() / "bin" / "ibgw-sim";
  }

  // Its recording stands still: quotes are the test's.
  explicit Gateway(std::vector<std::string> arguments = {}) {
    if (!std::filesystem::exists(program()))
      throw std::runtime_error(program().string() + " is missing: build the target ibgw-sim");
    arguments.insert(arguments.begin(), {program().string(), "--control", "0", "--rate", "0"});
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
    port_ = number_of(line, "port");
    control_ = number_of(line, "control_port");
    if (port_ == 0 || control_ == 0) throw std::runtime_error("ibgw-sim did not start: " + line);
  }
  ~Gateway() override {
    if (pid_ <= 0) return;
    kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
  }
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  int port() const { return port_; }
  void configure(Section& settings) override { settings.set("port", static_cast<std::int64_t>(port_)); }
  void quote(const std::string& symbol, const std::string& bid, const std::string& bid_size, const std::string& ask,
             const std::string& ask_size) override {
    control("POST", "/quote",
            R"({"symbol":")" + symbol + R"(","bid":)" + bid + R"(,"bid_size":)" + bid_size + R"(,"ask":)" + ask +
                R"(,"ask_size":)" + ask_size + "}");
  }

  // The answer's body. Throws when it is not 200.
  std::string control(const std::string& method, const std::string& path, const std::string& body = "{}") const {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in there{};
    there.sin_family = AF_INET;
    there.sin_port = htons(static_cast<std::uint16_t>(control_));
    there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    std::string answer;
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&there), sizeof there) == 0) {
      const std::string request = method + " " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n" +
                                  "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
      static_cast<void>(::send(fd, request.data(), request.size(), 0));
      std::array<char, 4096> buffer{};
      for (ssize_t n = 0; (n = ::recv(fd, buffer.data(), buffer.size(), 0)) > 0;)
        answer.append(buffer.data(), static_cast<std::size_t>(n));
    }
    close(fd);
    if (!answer.starts_with("HTTP/1.1 200")) throw std::runtime_error(path + ": " + answer);
    return answer.substr(answer.find("\r\n\r\n") + 4);
  }

 private:
  static int number_of(const std::string& line, const std::string& key) {
    const auto at = line.find("\"" + key + "\":");
    return at == std::string::npos ? 0 : std::atoi(line.c_str() + at + key.size() + 3);
  }

  pid_t pid_ = 0;
  int port_ = 0;
  int control_ = 0;
};

}  // namespace tradebus::ibkr::test
