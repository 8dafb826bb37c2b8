// The section [providers.replay].
#pragma once

#include <chrono>
#include <cstdint>

#include "actors/providers/replay/recorded_file.hpp"
#include "actors/providers/replay/schedule.hpp"
#include "config/section.hpp"

namespace tradebus::replay {

struct Settings {
  Recording files;
  double speed = 1.0;  // 0: as fast as the bus takes it, without loss
  bool loop = false;
  bool lockstep = false;  // goes on only as far as it is told
  StartRule start = StartRule::subscribe;
  std::chrono::milliseconds settle{250};

  // Up to this size on disk (a few seconds of reading) Subscribe waits until the files are listed; for larger
  // recordings it waits `list_wait` at most, and what turns out not to exist is rejected later.
  std::uint64_t list_first_bytes = 64ULL * 1024 * 1024;
  std::chrono::milliseconds list_wait{2'000};
};

SectionSpec section();
// Opens the files to look at their beginnings. config.invalid says what is wrong and what to do.
Result<Settings> read_settings(const Section& section);

}  // namespace tradebus::replay
