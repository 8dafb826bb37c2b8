// A program run as a user runs it: its output collected, its exit code, signals sent to it.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

namespace tradebus::test {

class Subprocess {
 public:
  struct Result {
    int code = -1;  // 128 + signal when one ended it; -1: it had to be killed
    std::string out, err;
  };

  // environment: NAME=value to add.
  Subprocess(const std::string& program, const std::vector<std::string>& args,
             const std::vector<std::string>& environment = {}) {
    std::array<int, 2> out{}, err{};
    if (pipe2(out.data(), O_CLOEXEC) != 0 || pipe2(err.data(), O_CLOEXEC) != 0) return;
    pid_ = fork();
    if (pid_ == 0) {
      dup2(out[1], STDOUT_FILENO);
      dup2(err[1], STDERR_FILENO);
      for (const auto& each : environment) putenv(const_cast<char*>(each.c_str()));
      std::vector<char*> argv{const_cast<char*>(program.c_str())};
      for (const auto& arg : args) argv.push_back(const_cast<char*>(arg.c_str()));
      argv.push_back(nullptr);
      execv(program.c_str(), argv.data());
      _exit(127);
    }
    close(out[1]);
    close(err[1]);
    out_ = out[0];
    err_ = err[0];
  }
  ~Subprocess() {
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
    close(out_);
    close(err_);
  }
  Subprocess(const Subprocess&) = delete;
  Subprocess& operator=(const Subprocess&) = delete;

  void signal(int number) const { kill(pid_, number); }

  // Reads until standard output holds `text`.
  bool wait_output(const std::string& text) {
    while (result_.out.find(text) == std::string::npos)
      if (!read_some()) return result_.out.find(text) != std::string::npos;
    return true;
  }

  // Until it ends by itself; killed after 30 s.
  Result wait() {
    while (read_some()) {
    }
    if (expired()) kill(pid_, SIGKILL);
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = -1;
    if (!expired()) result_.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return result_;
  }

 private:
  bool expired() const { return std::chrono::steady_clock::now() > deadline_; }

  // False at the end of both pipes, or of our patience.
  bool read_some() {
    if (expired()) return false;
    std::array<pollfd, 2> fds{pollfd{out_open_ ? out_ : -1, POLLIN, 0}, pollfd{err_open_ ? err_ : -1, POLLIN, 0}};
    if (!out_open_ && !err_open_) return false;
    ::poll(fds.data(), fds.size(), 100);
    if (fds[0].revents != 0) out_open_ = read_into(out_, result_.out);
    if (fds[1].revents != 0) err_open_ = read_into(err_, result_.err);
    return true;
  }
  static bool read_into(int fd, std::string& to) {
    std::array<char, 4096> buffer{};
    const auto n = ::read(fd, buffer.data(), buffer.size());
    if (n > 0) to.append(buffer.data(), static_cast<std::size_t>(n));
    return n > 0 || (n < 0 && errno == EINTR);
  }

  pid_t pid_ = -1;
  int out_ = -1, err_ = -1;
  bool out_open_ = true, err_open_ = true;
  Result result_;
  std::chrono::steady_clock::time_point deadline_ = std::chrono::steady_clock::now() + std::chrono::seconds{30};
};

}  // namespace tradebus::test
