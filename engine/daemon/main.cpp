// tradebusd: reads its configuration, starts, waits for a signal, stops.
// Exit codes: 0 stopped as asked, 1 something outside is in the way, 2 wrong options or configuration,
// 3 a part that nothing works without has failed: start it anew.
#include <malloc.h>
#include <pthread.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <mutex>
#include <thread>

#include "config/config.hpp"
#include "engine/daemon/daemon.hpp"

namespace {

using namespace std::chrono_literals;

constexpr int exit_in_the_way = 1;
constexpr int exit_wrong = 2;
constexpr int exit_failed = 3;

// One line on standard error, however long the story is.
int refuse(const tradebus::Error& error) {
  std::string text = error.message;
  if (error.code != tradebus::Errc::config_invalid) std::replace(text.begin(), text.end(), '\n', ' ');
  std::cerr << "tradebusd: " << text << std::endl;
  return error.code == tradebus::Errc::config_invalid ? exit_wrong : exit_in_the_way;
}

// The data directory is there, and can be written.
tradebus::Result<void> prepare(const std::string& dir) {
  std::error_code ec;
  std::filesystem::create_directories(dir, ec);
  if (ec)
    return tradebus::fail(tradebus::Errc::internal,
                          "can't create the data directory " + dir + ": " + ec.message() + " (set engine.data_dir)");
  const auto probe = dir + "/.write-probe-" + std::to_string(::getpid());
  std::FILE* file = std::fopen(probe.c_str(), "w");
  if (file == nullptr)
    return tradebus::fail(tradebus::Errc::internal,
                          "can't write to the data directory " + dir + " (set engine.data_dir)");
  std::fclose(file);
  std::filesystem::remove(probe, ec);
  return {};
}

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

// Their default is to end the process.
constexpr std::array asked_signal_numbers{SIGHUP, SIGUSR1, SIGUSR2};

sigset_t asked_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int each : asked_signal_numbers) sigaddset(&set, each);
  return set;
}

// While the daemon stops: a second signal ends the process at once, and so does a stop that hangs.
class StopWatch {
 public:
  StopWatch() : thread_{[this] { watch(); }} {}
  ~StopWatch() {
    {
      const std::lock_guard lock{mutex_};
      done_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

 private:
  void watch() {
    const auto signals = stop_signals();
    const auto deadline = std::chrono::steady_clock::now() + 1800ms;
    std::unique_lock lock{mutex_};
    while (!done_) {
      const timespec none{};
      if (sigtimedwait(&signals, nullptr, &none) > 0) ::_exit(130);
      if (std::chrono::steady_clock::now() > deadline) {
        std::fputs("tradebusd: the stop took too long and was cut short\n", stderr);
        ::_exit(exit_in_the_way);
      }
      changed_.wait_for(lock, 20ms);
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool done_ = false;
  std::thread thread_;
};

}  // namespace

int main(int argc, char** argv) {
  // First of all: what is asked while it starts waits until it runs.
  const auto asked = asked_signals();
  pthread_sigmask(SIG_BLOCK, &asked, nullptr);
  // One heap for all threads, which grows in large steps: those that glibc gives to a second thread grow by a page each
  // time, and that is a system call for every order that is kept. Threads rarely meet at it: small pieces are cached.
  ::mallopt(M_ARENA_MAX, 1);
  ::mallopt(M_TOP_PAD, 4 << 20);
  CLI::App app{
      "tradebusd: one daemon owns the connections to brokers and market-data providers; strategies share them over "
      "ZeroMQ."};
  app.set_version_flag("--version", std::string{"tradebusd "} + TRADEBUS_VERSION);
  std::optional<std::string> file;
  bool check = false;
  bool print = false;
  app.add_option("--config", file,
                 "The configuration file (TOML). Without it: $XDG_CONFIG_HOME/tradebus/tradebus.toml, "
                 "~/.config/tradebus/tradebus.toml, /etc/tradebus/tradebus.toml, then built-in defaults.");
  app.add_flag("--check-config", check,
               "Say what would run, and end: 0 when the configuration is good, 2 when it is not.");
  app.add_flag("--print-config", print,
               "Print every key, its value and where it comes from (secrets masked), and end.");
  app.footer(
      "Signals: TERM and INT stop it, HUP reads the limits of [risk] again, USR1 halts trading, USR2 lets only through "
      "what shrinks a position.\n"
      "Environment over file: BROKER, DATA_PROVIDER, TRADEBUS_<SECTION>_<KEY>.\n"
      "Exit codes: 0 stopped as asked, 1 something is in the way (a port in use, an unwritable directory), 2 wrong "
      "options or configuration, 3 a part of it failed while it ran: start it anew.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : exit_wrong;
  }

  auto adapters = tradebus::all_adapters();
  const auto sections = tradebus::all_sections(adapters);
  const auto source = tradebus::ConfigSource::of_process(file);
  const auto config = tradebus::load_config(sections, source);
  if (!config) return refuse(config.error());
  if (auto ok = tradebus::check_config(*config, adapters); !ok) return refuse(ok.error());
  const auto dir = tradebus::data_dir(*config, source);
  if (!dir) return refuse(dir.error());
  if (print) {
    std::cout << tradebus::print_config(*config, sections);
    return 0;
  }
  const auto calendars = tradebus::load_calendars(*config, *dir);
  if (!calendars) return refuse(calendars.error());
  if (check) {
    const auto list = [&](const char* key) {
      std::string out;
      for (const auto& name : config->section("engine").get<std::vector<std::string>>(key))
        out += (out.empty() ? "" : ", ") + name;
      return out.empty() ? std::string{"none"} : out;
    };
    std::cout << "configuration: " << (config->file().empty() ? "built-in defaults" : config->file())
              << "\nproviders: " << list("data_provider") << "\nbrokers: " << list("broker")
              << "\ndata directory: " << *dir << "\n";
    return 0;
  }
  if (auto ok = prepare(*dir); !ok) return refuse(ok.error());

  // Blocked before any thread exists: every thread inherits it, and main alone waits for them.
  auto signals = stop_signals();
  for (const int each : asked_signal_numbers) sigaddset(&signals, each);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  const auto reload = [=, known = tradebus::all_adapters()]() -> tradebus::Result<tradebus::Config> {
    auto again = tradebus::load_config(sections, source);
    if (!again) return again;
    if (auto ok = tradebus::check_config(*again, known); !ok) return tl::unexpected{ok.error()};
    return again;
  };
  tradebus::Daemon daemon{*config, std::move(adapters), *calendars, *dir, TRADEBUS_VERSION, reload};
  const auto ready = daemon.start();
  if (!ready) {
    // A port in use is in the way; it is not the configuration that is wrong.
    std::cerr << "tradebusd: " << ready.error().message << std::endl;
    return exit_in_the_way;
  }
  std::cout << *ready << std::endl;

  int signal = 0;
  while (sigwait(&signals, &signal) == 0) {
    if (signal == SIGHUP)
      daemon.reload_risk();
    else if (signal == SIGUSR1)
      daemon.set_trading_state(tradebus::TradingState::halted, "signal USR1");
    else if (signal == SIGUSR2)
      daemon.set_trading_state(tradebus::TradingState::reducing, "signal USR2");
    else
      break;
  }
  const StopWatch watch;
  daemon.stop();
  if (const auto part = daemon.failed(); !part.empty()) {
    std::cerr << "tradebusd: the " << part << " failed (the log says why): start the daemon anew" << std::endl;
    return exit_failed;
  }
  return 0;
}
