// A recording as a library: one thread that first lists what is there and then answers questions about the past, one
// after the other. No CAF in it. All calls from one thread (the actor's).
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <thread>
#include <variant>

#include "actors/providers/replay/report.hpp"

namespace tradebus::replay {

struct SnapshotAt {
  GetDailySnapshot query;
  Timestamp now{};
};
using Question = std::variant<GetHistoricalData, SnapshotAt, SearchSymbols>;

class Archive {
 public:
  // Questions that wait; each may take the time of a pass over the files.
  static constexpr std::size_t questions_max = 64;

  // Starts the thread; the listener outlives the archive. `source` names the provider in answers.
  Archive(Recording files, std::string source, Listener& listener);
  ~Archive();
  Archive(const Archive&) = delete;
  Archive& operator=(const Archive&) = delete;

  // The answer comes as a report Answered with this id. False: questions_max reached.
  bool ask(std::uint64_t id, Question question);

 private:
  void run();

  const Recording files_;
  const std::string source_;
  Listener& listener_;

  std::mutex mutex_;
  std::condition_variable news_;
  std::deque<std::pair<std::uint64_t, Question>> questions_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace tradebus::replay
