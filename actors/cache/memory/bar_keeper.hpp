// Keeps bars on disk for the memory cache: an actor with a thread of its own, as it blocks. The cache asks it, and goes
// on without it when it fails; what went wrong is said once, in one line.
#pragma once

#include <spdlog/fwd.h>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "actors/cache/cache.hpp"
#include "engine/bars/bar_file.hpp"
#include "engine/services/clock.hpp"

namespace tradebus {

struct ReadBars {
  BarSeries series;
  TimeRange range;
  std::uint32_t limit = 0;

  static constexpr std::string_view type_name = "ReadBars";
  static constexpr auto fields() {
    return std::tuple{field("series", &ReadBars::series), field("range", &ReadBars::range),
                      field("limit", &ReadBars::limit)};
  }
};
// `bars` are all there are in the range.
struct KeepBars {
  BarSeries series;
  TimeRange range;
  std::vector<HistoricalBar> bars;

  static constexpr std::string_view type_name = "KeepBars";
  static constexpr auto fields() {
    return std::tuple{field("series", &KeepBars::series), field("range", &KeepBars::range),
                      field("bars", &KeepBars::bars)};
  }
};
// Of a symbol, or of all (an empty one).
struct ForgetBars {
  Symbol symbol;
  bool only_adjusted = false;

  static constexpr std::string_view type_name = "ForgetBars";
  static constexpr auto fields() {
    return std::tuple{field("symbol", &ForgetBars::symbol), field("only_adjusted", &ForgetBars::only_adjusted)};
  }
};

using BarKeeperActor = protocol<
    // Nothing known when the disk failed.
    KnownBars(ReadBars), Done(KeepBars), Done(ForgetBars)>;

#define TRADEBUS_BAR_KEEPER_MESSAGES(X) \
  X(BarSeries)                          \
  X(TimeRange)                          \
  X(KnownBars)                          \
  X(ReadBars)                           \
  X(KeepBars)                           \
  X(ForgetBars)
TRADEBUS_BAR_KEEPER_MESSAGES(TRADEBUS_DECLARE_INSPECT)

}  // namespace tradebus

namespace tradebus::memory {

// What the keeper tells of itself; the cache reads it without waiting for the disk.
class SharedDiskStats {
 public:
  BarsDiskStats get() const {
    const std::lock_guard lock{mutex_};
    return stats_;
  }
  void set(BarsDiskStats stats) {
    const std::lock_guard lock{mutex_};
    stats_ = std::move(stats);
  }

 private:
  mutable std::mutex mutex_;
  BarsDiskStats stats_;
};

struct BarKeeperConfig {
  std::string path;
  std::int64_t bytes_max = 0;
  Clock clock;
  std::shared_ptr<spdlog::logger> log;
  std::shared_ptr<SharedDiskStats> stats;
};

struct BarKeeperState {
  static inline const char* name = "bar-keeper";
  explicit BarKeeperState(BarKeeperActor::pointer self);
  BarKeeperActor::behavior_type make_behavior(BarKeeperConfig with);

  KnownBars read(const ReadBars& question);
  void keep(const KeepBars& bars);
  void forget(const ForgetBars& what);

  // The file, opened anew if it failed a while ago; null while it can't be used.
  BarFile* file();
  void open();
  void failed(const Error& error);
  // What is there is still read: a full disk.
  void write_failed(const Error& error);
  bool may_write() const;
  // What must be forgotten and can't be deleted goes with all the rest.
  void drop_file(const Error& error);
  void tell();

  BarKeeperActor::pointer self;
  BarKeeperConfig config;
  std::unique_ptr<BarFile> open_file;
  std::optional<std::chrono::steady_clock::time_point> failed_at;
  std::optional<std::chrono::steady_clock::time_point> write_failed_at;
  std::int64_t skipped = 0;  // answers that were not written
  std::string why;
};

BarKeeperActor::behavior_type bar_keeper(BarKeeperActor::stateful_pointer<BarKeeperState> self,
                                         const BarKeeperConfig& config);

}  // namespace tradebus::memory

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tradebus::memory::BarKeeperConfig)
