#include "actors/providers/replay/player.hpp"

#include <pthread.h>

#include <limits>
#include <utility>

#include "engine/services/clock.hpp"

namespace tradebus::replay {

namespace {
constexpr std::int64_t nothing_released = std::numeric_limits<std::int64_t>::min();
constexpr std::uint64_t look_every = 256;     // rows between two looks at commands and the wall's clock
constexpr std::uint64_t flush_every = 4'096;  // rows: a batch that fills slowly leaves after that
}  // namespace

Player::Player(Recording files, PlayerOptions options, Listener& listener, Outlet::Send send)
    : files_{std::move(files)},
      options_{std::move(options)},
      listener_{listener},
      outlet_{options_.provider, options_.speed == 0.0 ? Outlet::WhenFull::wait : Outlet::WhenFull::drop_oldest,
              held_batches_max, std::move(send)},
      symbols_(files_->size()),
      topics_{files_, symbols_},
      schedule_{options_.start, options_.speed, options_.settle, options_.resume_after > 0},
      released_until_{nothing_released},
      allowed_until_{options_.lockstep ? nothing_released : std::numeric_limits<std::int64_t>::max()},
      to_skip_{options_.resume_after} {
  schedule_.connected(std::chrono::steady_clock::now());
  thread_ = std::thread{[this] {
    pthread_setname_np(pthread_self(), "replay");
    run();
  }};
}

Player::~Player() {
  {
    const std::lock_guard lock{mutex_};
    stop_ = true;
  }
  news_.notify_all();
  outlet_.close();
  thread_.join();
}

// ---- the actor's side ----------------------------------------------------------------------------------------------

bool Player::subscribe(Topic topic) {
  {
    const std::lock_guard lock{mutex_};
    if (commands_.size() >= commands_max) return false;
  }
  post(std::move(topic));
  return true;
}

void Player::unsubscribe(TopicRef ref) { post(Close{ref}); }
void Player::go() { post(Go{}); }

void Player::advance(std::int64_t until) { post(Advance{until}); }

void Player::post(Command command) {
  {
    const std::lock_guard lock{mutex_};
    commands_.push_back(std::move(command));
    has_commands_.store(true, std::memory_order_relaxed);
  }
  news_.notify_all();
}

bool Player::drained() const {
  return outlet_.sent_events() + outlet_.dropped_events() >= delivered_seen_.load(std::memory_order_acquire);
}

PlayerCounters Player::counters() const {
  PlayerCounters out;
  out.rows = rows_seen_;
  out.delivered = delivered_seen_;
  out.skipped = skipped_seen_;
  out.actions = actions_seen_;
  out.dropped = outlet_.dropped_events();
  out.read.rows = out.rows;
  out.read.bad_lines = bad_seen_;
  out.read.rounded = rounded_seen_;
  out.read.out_of_order = out_of_order_seen_;
  return out;
}

// ---- the thread ----------------------------------------------------------------------------------------------------

void Player::report(decltype(Report::what) what) { listener_.on_report({options_.run, std::move(what)}); }

Merger::Hooks Player::hooks() {
  Merger::Hooks hooks;
  if (!first_pass_) return hooks;  // a second pass has nothing new to tell
  hooks.on_bad_line = [this](std::size_t file, std::uint64_t line, std::string_view reason) {
    report(BadLine{(*files_)[file].path, line, std::string{reason}});
  };
  hooks.on_file_end = [this](std::size_t file, const ReadStats& stats, const std::string& failure) {
    if (!stop_) report(FileEnded{(*files_)[file].path, stats, failure});
  };
  return hooks;
}

void Player::run() {
  while (true) {
    const std::uint64_t rows_before = cursor_;
    {
      Merger merger{files_, symbols_, &stop_, hooks()};
      if (!play(merger)) return;
      look_around(&merger);
      const ReadStats read = merger.stats();
      read_before_.bad_lines += read.bad_lines;
      read_before_.rounded += read.rounded;
      read_before_.out_of_order += read.out_of_order;
    }
    const std::uint64_t rows_of_pass = cursor_ - rows_before;
    if (!options_.loop || rows_of_pass == 0) break;
    if (to_skip_ > 0) {  // whole passes need no reading
      cursor_ += to_skip_ / rows_of_pass * rows_of_pass;
      to_skip_ %= rows_of_pass;
    }
    first_pass_ = false;
    schedule_.start_over();
    released_until_ = nothing_released;
    report(StartsOver{cursor_});
  }
  outlet_.set_cursor(cursor_);
  if (!outlet_.flush()) return;
  look_around(nullptr);
  report(Ended{cursor_});
}

// One pass over the files. False: told to stop.
bool Player::play(Merger& merger) {
  std::uint64_t look_in = look_every;
  std::uint64_t flush_in = flush_every;
  look_around(&merger);
  while (const Row* row = merger.peek()) {
    if (--look_in == 0) {
      look_in = look_every;
      look_around(&merger);
      if (stop_.load(std::memory_order_relaxed)) return false;
    }
    if (to_skip_ > 0) {
      --to_skip_;
      ++cursor_;
      merger.advance();
      continue;
    }
    if (row->due > released_until_) {
      look_around(&merger);
      if (!wait_until_released(row->due)) return false;
    }
    ++cursor_;
    if ((*files_)[merger.file()].columns.kind == FileKind::actions) {
      ++actions_;
      outlet_.set_cursor(cursor_);
      if (!outlet_.push(CorporateAction{Symbol{symbols_[merger.file()].name(row->symbol)}, row->event.ts, row->action,
                                        row->event.qty[0]}))
        return false;
    } else if (const TopicRef ref = topics_.find(merger.file(), *row); ref != Topics::none) {
      MarketEvent event = row->event;
      event.ref = ref;
      event.rx = rx_;
      outlet_.set_cursor(cursor_);
      ++delivered_;
      if (!outlet_.push(event)) return false;
    } else {
      ++skipped_;
    }
    if (--flush_in == 0) {
      flush_in = flush_every;
      outlet_.set_cursor(cursor_);
      if (!outlet_.flush()) return false;
    }
    merger.advance();
  }
  return !stop_;
}

// Waits until a row of this time may leave; what has been pushed leaves before. False: told to stop.
bool Player::wait_until_released(std::int64_t due) {
  bool flushed = false;
  while (true) {
    std::unique_lock lock{mutex_};
    if (stop_) return false;
    apply_commands(lock);
    if (due > allowed_until_) {
      if (!std::exchange(step_open_, false)) {
        news_.wait(lock, [this] { return stop_ || !commands_.empty(); });
        continue;
      }
      lock.unlock();
      outlet_.set_cursor(cursor_);
      if (!outlet_.flush()) return false;
      look_around(nullptr);
      report(Stepped{due});
      continue;
    }
    const auto now = std::chrono::steady_clock::now();
    const bool was_running = schedule_.running();
    const auto release = schedule_.release_at(due, now);
    if (release <= now) {
      released_until_ = std::min(std::max(due, schedule_.recorded_at(now)), allowed_until_);
      rx_ = Clock::wall_now();
      lock.unlock();
      if (!was_running) report(Started{due, cursor_});
      return true;
    }
    if (!flushed && release > flushed_at_ + flush_interval) {
      lock.unlock();
      flushed_at_ = now;
      outlet_.set_cursor(cursor_);
      if (!outlet_.flush()) return false;
      flushed = true;
      continue;
    }
    const auto woken = [this] { return stop_ || !commands_.empty(); };
    if (release == Schedule::never) {
      news_.wait(lock, woken);
    } else {
      news_.wait_until(lock, release, woken);
    }
  }
}

// Once in a while: commands, the time of receipt, the counters that others see.
void Player::look_around(const Merger* merger) {
  if (has_commands_.load(std::memory_order_relaxed)) {
    std::unique_lock lock{mutex_};
    apply_commands(lock);
  }
  rx_ = Clock::wall_now();
  rows_seen_.store(cursor_, std::memory_order_relaxed);
  skipped_seen_.store(skipped_, std::memory_order_relaxed);
  actions_seen_.store(actions_, std::memory_order_relaxed);
  delivered_seen_.store(delivered_, std::memory_order_release);
  if (merger == nullptr) return;
  const ReadStats read = merger->stats();
  bad_seen_.store(read_before_.bad_lines + read.bad_lines, std::memory_order_relaxed);
  rounded_seen_.store(read_before_.rounded + read.rounded, std::memory_order_relaxed);
  out_of_order_seen_.store(read_before_.out_of_order + read.out_of_order, std::memory_order_relaxed);
}

void Player::apply_commands(std::unique_lock<std::mutex>&) {
  const auto now = std::chrono::steady_clock::now();
  for (auto& command : commands_) {
    if (const auto* topic = std::get_if<Topic>(&command)) {
      topics_.open(*topic);
      schedule_.subscribed(now);
    } else if (const auto* close = std::get_if<Close>(&command)) {
      topics_.close(close->ref);
    } else if (const auto* advance = std::get_if<Advance>(&command)) {
      allowed_until_ = std::max(allowed_until_, advance->until);
      step_open_ = true;
    } else {
      schedule_.go();
    }
  }
  commands_.clear();
  has_commands_.store(false, std::memory_order_relaxed);
}

}  // namespace tradebus::replay
