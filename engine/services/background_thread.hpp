// For a thread whose work nobody waits for: where it shares a core with those that clients do wait for, it lets them
// by. Without it the kernel leaves it the core for a whole slice, 3 ms, whoever wakes meanwhile.
#pragma once

#include <sys/resource.h>

#include <cerrno>
#include <thread>

namespace tradebus::background {

constexpr int niceness = 10;  // a tenth of the share of an ordinary thread, while others want the core

// The calling thread alone, for good: Linux keeps niceness by thread, and takes it back from nobody without rights.
// What can't be had is gone without.
inline void enter() {
  errno = 0;
  const int now = ::getpriority(PRIO_PROCESS, 0);
  if (errno == 0 && now < niceness) static_cast<void>(::setpriority(PRIO_PROCESS, 0, niceness));
}

// Called every few dozen microseconds of work. Some 0.3 us when nobody waits.
inline void let_by() { std::this_thread::yield(); }

}  // namespace tradebus::background
