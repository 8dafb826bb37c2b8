#include "clients/cli/interrupt.hpp"

#include <csignal>
#include <cstdlib>

namespace tradebus::cli {

namespace {

volatile std::sig_atomic_t seen = 0;  // a signal handler can reach nothing else

void on_signal(int signal) {
  if (seen != 0) std::_Exit(128 + signal);
  seen = 1;
}

}  // namespace

void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = on_signal;  // no SA_RESTART: a waiting poll returns
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool interrupted() { return seen != 0; }

}  // namespace tradebus::cli
