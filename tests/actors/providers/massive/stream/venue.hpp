// massive-sim as a child process, and its control port.
#pragma once

#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <string>
#include <vector>

#include "engine/net/http_client.hpp"

namespace tradebus::massive {

class Venue {
 public:
  explicit Venue(std::vector<std::string> more) { start(std::move(more)); }
  ~Venue() { end(SIGTERM); }
  Venue(const Venue&) = delete;
  Venue& operator=(const Venue&) = delete;

  // Runs it to its end, for what it makes.
  static void make_certificate(const std::filesystem::path& folder) {
    std::vector<std::string> words{program(), "--make-certificate", folder.string()};
    pid_t pid = 0;
    auto argv = pointers(words);
    BOOST_REQUIRE_EQUAL(::posix_spawn(&pid, argv[0], nullptr, nullptr, argv.data(), environ), 0);
    int status = 0;
    ::waitpid(pid, &status, 0);
    BOOST_REQUIRE_EQUAL(status, 0);
  }

  void end(int signal) {
    if (pid_ <= 0) return;
    ::kill(pid_, signal);
    ::waitpid(pid_, nullptr, 0);
    ::close(out_);
    pid_ = 0;
  }

  int port() const { return port_; }
  std::string url(const char* scheme = "ws") const {
    return std::string{scheme} + "://127.0.0.1:" + std::to_string(port_);
  }

  // The control port.
  std::string ask(const std::string& method, const std::string& path, std::string body = {}) {
    HttpRequest request;
    request.method = method;
    request.url = "http://127.0.0.1:" + std::to_string(control_port_) + path;
    request.body = std::move(body);
    std::promise<HttpResult> answered;
    auto answer = answered.get_future();
    BOOST_REQUIRE(http_.send(std::move(request), [&answered](HttpResult r) { answered.set_value(std::move(r)); }));
    const auto result = answer.get();
    BOOST_REQUIRE_MESSAGE(result, path << ": " << result.error().message);
    BOOST_REQUIRE_MESSAGE(result->is_ok(), path << ": " << result->body);
    return result->body;
  }
  std::size_t subscriptions() {
    const auto text = ask("GET", "/stats");
    const auto list = text.substr(text.find("\"subscriptions\":["));
    const auto inside = list.substr(0, list.find(']'));
    return static_cast<std::size_t>(std::count(inside.begin(), inside.end(), '.'));
  }

 private:
  static std::string program() {
    const char* named = std::getenv("TRADEBUS_MASSIVE_SIM");
    return named != nullptr ? named : TRADEBUS_MASSIVE_SIM;
  }
  static std::vector<char*> pointers(std::vector<std::string>& words) {
    std::vector<char*> out;
    for (auto& word : words) out.push_back(word.data());
    out.push_back(nullptr);
    return out;
  }

  void start(std::vector<std::string> more) {
    std::vector<std::string> words{program(), "--control", "0"};
    words.insert(words.end(), more.begin(), more.end());
    auto argv = pointers(words);
    std::array<int, 2> pipe{};
    BOOST_REQUIRE_EQUAL(::pipe(pipe.data()), 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipe[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, pipe[0]);
    BOOST_REQUIRE_EQUAL(::posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    ::close(pipe[1]);
    out_ = pipe[0];
    const auto line = first_line();
    port_ = number(line, "\"ws_port\":");
    control_port_ = number(line, "\"control_port\":");
  }
  std::string first_line() const {
    std::string line;
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{30};
    while (line.find('\n') == std::string::npos) {
      pollfd wait{out_, POLLIN, 0};
      ::poll(&wait, 1, 100);
      std::array<char, 512> bytes{};
      if ((wait.revents & (POLLIN | POLLHUP)) != 0) {
        const auto got = ::read(out_, bytes.data(), bytes.size());
        BOOST_REQUIRE_MESSAGE(got > 0, "massive-sim ended: " << line);
        line.append(bytes.data(), static_cast<std::size_t>(got));
      }
      BOOST_REQUIRE_MESSAGE(std::chrono::steady_clock::now() < until, "massive-sim is not ready: " << line);
    }
    return line;
  }
  static int number(const std::string& line, const std::string& key) {
    const auto at = line.find(key);
    BOOST_REQUIRE_MESSAGE(at != std::string::npos, line);
    return std::atoi(line.c_str() + at + key.size());
  }

  pid_t pid_ = 0;
  int out_ = -1;
  int port_ = 0;
  int control_port_ = 0;
  NetThread thread_;
  HttpClient http_ = *HttpClient::make(thread_, {});
};

}  // namespace tradebus::massive
