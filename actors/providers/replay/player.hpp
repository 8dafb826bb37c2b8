// Plays a recording: a thread that reads the files, waits for each row's time and hands the wanted ones to the outlet.
// No CAF in it; it reports through a Listener. One object is one connection; all calls from one thread (the actor's).
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <variant>
#include <vector>

#include "actors/providers/outlet.hpp"
#include "actors/providers/replay/merger.hpp"
#include "actors/providers/replay/report.hpp"
#include "actors/providers/replay/schedule.hpp"
#include "actors/providers/replay/topics.hpp"

namespace tradebus::replay {

struct PlayerOptions {
  ProviderName provider;
  double speed = 1.0;  // 0: as fast as the outlet takes it, without loss
  bool loop = false;
  bool lockstep = false;  // no row leaves before advance() allows it
  StartRule start = StartRule::subscribe;
  std::chrono::nanoseconds settle{};
  std::uint64_t resume_after = 0;  // rows that were consumed before a restart
  std::uint64_t run = 0;           // stands in every report
};

struct PlayerCounters {
  std::uint64_t rows = 0;       // consumed: the cursor
  std::uint64_t delivered = 0;  // pushed into the outlet
  std::uint64_t skipped = 0;    // nobody had subscribed to them
  std::uint64_t actions = 0;    // splits and dividends told
  std::uint64_t dropped = 0;    // by the outlet: the bus was behind
  ReadStats read;
};

class Player {
 public:
  // Topic commands that may wait for the thread while it waits for credit.
  static constexpr std::size_t commands_max = 100'000;
  // Batches held back while the bus is behind (speed > 0): half a second of the fastest flushing, at most 16 MB.
  static constexpr std::size_t held_batches_max = 512;
  // A single tick leaves at once; in a burst a batch leaves so often, so that it is not a batch a tick.
  static constexpr std::chrono::milliseconds flush_interval{1};

  // Starts the thread. The listener outlives the player.
  Player(Recording files, PlayerOptions options, Listener& listener, Outlet::Send send);
  ~Player();  // ends the thread, whatever it waits for
  Player(const Player&) = delete;
  Player& operator=(const Player&) = delete;

  bool subscribe(Topic topic);  // false: commands_max reached
  void unsubscribe(TopicRef ref);
  void go();  // start rule `connect`
  // lockstep: rows up to this recorded time may leave; Stepped, or Ended, tells when they have.
  void advance(std::int64_t until);
  void add_credit(std::uint32_t batches) { outlet_.add_credit(batches); }

  // Whether all that was pushed has left for the bus, or was dropped. True for good after Ended, once true.
  bool drained() const;
  PlayerCounters counters() const;

 private:
  struct Close {
    TopicRef ref;
  };
  struct Go {};
  struct Advance {
    std::int64_t until = 0;
  };
  using Command = std::variant<Topic, Close, Go, Advance>;

  void run();
  bool play(Merger& merger);
  bool wait_until_released(std::int64_t due);
  void look_around(const Merger* merger);
  void apply_commands(std::unique_lock<std::mutex>& lock);
  void post(Command command);
  void report(decltype(Report::what) what);
  Merger::Hooks hooks();

  const Recording files_;
  const PlayerOptions options_;
  Listener& listener_;
  Outlet outlet_;

  // the thread's own
  std::vector<SymbolTable> symbols_;
  Topics topics_;
  Schedule schedule_;
  std::int64_t released_until_;  // recorded time: rows up to there need no look at the wall's clock
  std::int64_t allowed_until_;   // lockstep: the same, by what was asked for
  bool step_open_ = false;       // and not told yet
  std::uint64_t cursor_ = 0;
  std::uint64_t to_skip_;
  std::uint64_t delivered_ = 0;
  std::uint64_t skipped_ = 0;
  std::uint64_t actions_ = 0;
  ReadStats read_before_;  // of earlier passes
  Timestamp rx_{};
  Schedule::Steady flushed_at_{};
  bool first_pass_ = true;

  // read by the actor
  std::atomic<std::uint64_t> rows_seen_{0}, delivered_seen_{0}, skipped_seen_{0}, actions_seen_{0}, bad_seen_{0},
      rounded_seen_{0}, out_of_order_seen_{0};

  std::mutex mutex_;
  std::condition_variable news_;
  std::vector<Command> commands_;
  std::atomic<bool> has_commands_{false};
  std::atomic<bool> stop_{false};

  std::thread thread_;  // last: everything above is there when it starts
};

}  // namespace tradebus::replay
