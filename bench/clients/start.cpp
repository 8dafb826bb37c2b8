// Starts a program again and again and measures from spawn to its line that begins with `ready`, then ends it (SIGTERM,
// after two seconds SIGKILL). Prints one line of JSON: starts, p50_us, min_us, max_us.
// In C++ because a Python parent would add more than the anchor itself takes.
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "bench/support/measure.hpp"

namespace {

using namespace tradebus::bench;

// Reads up to a line that begins with `ready`; false at end of file or deadline.
bool await_ready(int fd, std::int64_t deadline) {
  std::string text;
  for (;;) {
    const auto left_ms = (deadline - now_ns()) / 1'000'000;
    pollfd in{fd, POLLIN, 0};
    if (left_ms <= 0 || poll(&in, 1, static_cast<int>(left_ms)) <= 0) return false;
    char buffer[4096];
    const auto n = read(fd, buffer, sizeof buffer);
    if (n <= 0) return false;
    text.append(buffer, static_cast<std::size_t>(n));
    if (text.starts_with("ready") || text.find("\nready") != std::string::npos) return true;
  }
}

// Ends and reaps the child.
void finish(pid_t pid) {
  kill(pid, SIGTERM);
  const auto deadline = now_ns() + 2'000'000'000;
  while (waitpid(pid, nullptr, WNOHANG) == 0) {
    if (now_ns() > deadline) {
      kill(pid, SIGKILL);
      waitpid(pid, nullptr, 0);
      return;
    }
    poll(nullptr, 0, 1);
  }
}

// Nanoseconds from spawn to ready.
std::int64_t start_once(std::vector<char*>& command) {
  int out[2];
  if (pipe(out) != 0) throw std::runtime_error{"pipe failed"};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  posix_spawn_file_actions_addclose(&actions, out[0]);
  posix_spawn_file_actions_addclose(&actions, out[1]);
  pid_t pid = 0;
  const auto start = now_ns();
  const int failed = posix_spawn(&pid, command[0], &actions, nullptr, command.data(), environ);
  close(out[1]);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) throw std::runtime_error{std::string{"can't start "} + command[0]};
  const bool ready = await_ready(out[0], start + 10'000'000'000);
  const auto took = now_ns() - start;
  finish(pid);
  close(out[0]);
  if (!ready) throw std::runtime_error{std::string{command[0]} + " was not ready within 10 s"};
  return took;
}

}  // namespace

int main(int argc, char** argv) try {
  int runs = 10;
  std::vector<std::string> words;
  CLI::App app{"start-to-ready time"};
  app.add_option("--runs", runs, "starts");
  app.add_option("command", words, "program and arguments, after --")->required();
  app.positionals_at_end();
  CLI11_PARSE(app, argc, argv);

  std::vector<char*> command;
  for (auto& word : words) command.push_back(word.data());
  command.push_back(nullptr);
  start_once(command);  // brings the files into memory
  std::vector<std::int64_t> times;
  for (int i = 0; i < runs; ++i) times.push_back(start_once(command));
  std::printf("{\"starts\": %d, \"p50_us\": %.1f, \"min_us\": %.1f, \"max_us\": %.1f}\n", runs,
              percentile_us(times, 0.5), percentile_us(times, 0), percentile_us(times, 1));
} catch (const std::exception& error) {
  std::fprintf(stderr, "bench_start: %s\n", error.what());
  return 1;
}
