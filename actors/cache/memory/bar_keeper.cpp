#include "actors/cache/memory/bar_keeper.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace tradebus {
TRADEBUS_BAR_KEEPER_MESSAGES(TRADEBUS_DEFINE_INSPECT)
}  // namespace tradebus

namespace tradebus::memory {

namespace {
constexpr std::chrono::seconds retry{60};
}

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
      [this](const ReadBars& m) {
        KnownBars out;
        if (auto* bars = file()) {
          auto found = bars->read(m.series, m.range, m.limit, Clock::wall_now());
          if (found)
            out = std::move(*found);
          else
            failed(found.error());
        }
        return out;
      },
      [this](const KeepBars& m) {
        if (auto* bars = file()) {
          if (const auto ok = bars->keep(m.series, m.range, m.bars, Clock::wall_now()); !ok) failed(ok.error());
          tell();
        }
        return Done{};
      },
      [this](const ForgetBars& m) {
        if (auto* bars = file()) {
          const auto gone = bars->forget(m.symbol, m.only_adjusted);
          if (!gone)
            failed(gone.error());
          else if (*gone > 0)
            config.log->info("bars-disk-forgotten symbol={} series={} only_adjusted={}",
                             m.symbol.empty() ? "all" : m.symbol.str(), *gone, m.only_adjusted);
          tell();
        }
        return Done{};
      },
  };
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
  why = error.message;
  if (damaged) return open();
  if (!failed_at)
    config.log->warn("bars-disk-failed file={} retry_s={} reason=\"{}\"", config.path, retry.count(), error.message);
  failed_at = std::chrono::steady_clock::now();
  tell();
}

void BarKeeperState::tell() {
  BarsDiskStats out;
  out.state = open_file ? "up" : "failed";
  out.reason = why;
  if (open_file) {
    out.ranges = open_file->ranges();
    out.bytes = open_file->bytes();
    out.evicted = open_file->evicted();
  }
  config.stats->set(std::move(out));
}

}  // namespace tradebus::memory
