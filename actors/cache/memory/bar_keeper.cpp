#include "actors/cache/memory/bar_keeper.hpp"

#include <spdlog/spdlog.h>

#include <filesystem>
#include <utility>

namespace tradebus {
TRADEBUS_BAR_KEEPER_MESSAGES(TRADEBUS_DEFINE_INSPECT)
}  // namespace tradebus

namespace tradebus::memory {

namespace {
constexpr std::chrono::seconds retry{60};
constexpr std::chrono::seconds retry_with_room{1};  // where the disk has room again
constexpr std::uintmax_t room_min = 256U << 10U;
}  // namespace

BarKeeperState::BarKeeperState(BarKeeperActor::pointer s) : self{s} {}

BarKeeperActor::behavior_type bar_keeper(BarKeeperActor::stateful_pointer<BarKeeperState> self,
                                         const BarKeeperConfig& config) {
  return self->state.make_behavior(config);
}

BarKeeperActor::behavior_type BarKeeperState::make_behavior(BarKeeperConfig with) {
  config = std::move(with);
  self->set_exception_handler([](std::exception_ptr& e) { return error_from_exception(e); });
  open();
  return {
      [this](const ReadBars& m) { return read(m); },
      [this](const KeepBars& m) {
        keep(m);
        return Done{};
      },
      [this](const ForgetBars& m) {
        forget(m);
        return Done{};
      },
  };
}

KnownBars BarKeeperState::read(const ReadBars& question) {
  auto* bars = file();
  if (bars == nullptr) return {};
  auto found = bars->read(question.series, question.range, question.limit, Clock::wall_now());
  if (found) return std::move(*found);
  failed(found.error());
  return {};
}

void BarKeeperState::keep(const KeepBars& bars) {
  auto* to = file();
  if (to == nullptr || !may_write()) {
    ++skipped;
    return tell();
  }
  const auto ok = to->keep(bars.series, bars.range, bars.bars, Clock::wall_now());
  if (!ok) {
    ++skipped;
    return to->is_damaged() ? failed(ok.error()) : write_failed(ok.error());
  }
  if (std::exchange(write_failed_at, std::nullopt)) {
    config.log->info("bars-disk-back file={}", config.path);
    why.clear();
  }
  tell();
}

void BarKeeperState::forget(const ForgetBars& what) {
  auto* from = file();
  if (from == nullptr) return;
  const auto gone = from->forget(what.symbol, what.only_adjusted);
  if (!gone) return from->is_damaged() ? failed(gone.error()) : drop_file(gone.error());
  if (*gone > 0)
    config.log->info("bars-disk-forgotten symbol={} series={} only_adjusted={}",
                     what.symbol.empty() ? "all" : what.symbol.str(), *gone, what.only_adjusted);
  tell();
}

BarFile* BarKeeperState::file() {
  if (!open_file && failed_at && std::chrono::steady_clock::now() - *failed_at >= retry) open();
  return open_file.get();
}

void BarKeeperState::open() {
  auto opened = BarFile::open(config.path, config.bytes_max, Clock::wall_now());
  if (!opened) return failed(opened.error());
  if (!opened->set_aside.empty())
    config.log->warn("bars-disk-damaged file={} set_aside={} reason=\"{}\"", config.path, opened->set_aside,
                     opened->why);
  open_file = std::move(opened->file);
  if (std::exchange(failed_at, std::nullopt)) config.log->info("bars-disk-back file={}", config.path);
  why.clear();
  tell();
}

// One line, until it works again: a full disk must not fill the log too.
void BarKeeperState::failed(const Error& error) {
  const bool damaged = open_file && open_file->is_damaged();
  open_file.reset();
  write_failed_at.reset();
  why = error.message;
  if (damaged) return open();
  if (!failed_at)
    config.log->warn("bars-disk-failed file={} retry_s={} reason=\"{}\"", config.path, retry.count(), error.message);
  failed_at = std::chrono::steady_clock::now();
  tell();
}

void BarKeeperState::write_failed(const Error& error) {
  why = error.message;
  if (!write_failed_at)
    config.log->warn("bars-disk-unwritable file={} retry_s={} reason=\"{}\"", config.path, retry.count(),
                     error.message);
  write_failed_at = std::chrono::steady_clock::now();
  tell();
}

bool BarKeeperState::may_write() const {
  if (!write_failed_at) return true;
  const auto since = std::chrono::steady_clock::now() - *write_failed_at;
  if (since >= retry) return true;
  if (since < retry_with_room) return false;
  std::error_code error;
  const auto space = std::filesystem::space(std::filesystem::path{config.path}.parent_path(), error);
  return !error && space.available >= room_min;
}

void BarKeeperState::drop_file(const Error& error) {
  config.log->warn("bars-disk-dropped file={} reason=\"{}\"", config.path, error.message);
  open_file.reset();
  write_failed_at.reset();
  bool gone = true;
  for (const auto* end : {"", "-wal", "-shm"}) {
    std::error_code ignored;
    std::filesystem::remove(config.path + end, ignored);
    gone = gone && !std::filesystem::exists(config.path + end, ignored);
  }
  if (gone) return open();
  failed({Errc::internal, "what was to be forgotten can't be deleted: " + error.message});
}

void BarKeeperState::tell() {
  BarsDiskStats out;
  out.state = !open_file ? "failed" : write_failed_at ? "read_only" : "up";
  out.reason = why;
  out.skipped = skipped;
  if (open_file) {
    out.ranges = open_file->ranges();
    out.bytes = open_file->bytes();
    out.evicted = open_file->evicted();
  }
  config.stats->set(std::move(out));
}

}  // namespace tradebus::memory
