#include "engine/journal/durable_journal.hpp"

#include <filesystem>
#include <utility>

#include "engine/journal/record_codec.hpp"
#include "engine/journal/recovery.hpp"

namespace tradebus {

namespace {

constexpr auto patience = std::chrono::milliseconds{1};  // of what nobody waits for

JournalState state_of(LogState state) {
  switch (state) {
    case LogState::ok:
      return JournalState::ok;
    case LogState::full:
      return JournalState::full;
    case LogState::failed:
      return JournalState::failed;
  }
  return JournalState::failed;
}

// It would be made anew all the same, but with a warning.
void remove_index(const std::string& folder) {
  for (const char* name : {"/index.sqlite", "/index.sqlite-wal", "/index.sqlite-shm"}) {
    std::error_code ignored;
    std::filesystem::remove(folder + name, ignored);
  }
}

}  // namespace

Result<DurableJournal::Opened> DurableJournal::open(DurableJournalOptions options) {
  auto& segments = options.segments;
  segments.kind = "orders";
  segments.schema_version = journal::schema_version;
  segments.promise = options.sync == JournalSync::full ? LogPromise::synced : LogPromise::written;
  journal::Recovery recovery;
  auto opened = SegmentLog::open(options.folder, segments, [&](const LogRecord& record) { recovery.visit(record); });
  if (!opened) return tl::unexpected{opened.error()};
  if (segments.begin_anew) remove_index(options.folder);
  auto recovered = recovery.finish(options.folder, options.closed_max);
  if (!recovered) return tl::unexpected{recovered.error()};
  Opened out;
  out.cut = std::move(opened->cut);
  out.recovered = std::move(*recovered);
  out.journal.reset(new DurableJournal{std::move(options), std::move(opened->log)});
  return out;
}

DurableJournal::DurableJournal(DurableJournalOptions options, std::unique_ptr<SegmentLog> log)
    : options_{std::move(options)},
      reserve_bytes_{options_.segments.reserve_bytes.value_or(options_.segments.reserve_mb << 20U)},
      log_{std::move(log)},
      last_seq_{log_->last_seq()},
      durable_seq_{last_seq_} {
  published_ = log_->status();
  thread_ = std::thread{[this] { options_.sync == JournalSync::full ? run_writer() : run_spares(); }};
}

DurableJournal::~DurableJournal() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  work_.notify_all();
  thread_.join();
}

void DurableJournal::on_progress(std::function<void()> tell) {
  auto shared = std::make_shared<const std::function<void()>>(std::move(tell));
  const std::lock_guard lock{mutex_};
  tell_ = std::move(shared);
}

void DurableJournal::tell() const {
  std::shared_ptr<const std::function<void()>> tell;
  {
    const std::lock_guard lock{mutex_};
    tell = tell_;
  }
  if (tell && *tell) (*tell)();
}

// ---- appending -----------------------------------------------------------------------------------------------------

void DurableJournal::append(OrderRecord& record) {
  record.event.seq = ++last_seq_;
  // Nobody waits for a broker's acceptance as for a reply or a fill: its sync may be shared with what comes next.
  if (record.event.event != OrderEventType::new_) urgent_ = true;
  gathered_.add(last_seq_, journal::most(record), [&](char* at) { return journal::encode(record, at); });
}

void DurableJournal::append(const StateRecord& record) {
  urgent_ = true;
  gathered_.add(++last_seq_, journal::most(record), [&](char* at) { return journal::encode(record, at); });
}

bool DurableJournal::has_failed() const {
  const std::lock_guard lock{mutex_};
  return state_locked() == JournalState::failed;
}

void DurableJournal::flush() {
  if (constrained_.load(std::memory_order_relaxed) && has_failed()) return gathered_.clear();
  if (options_.sync != JournalSync::full) return write_here();
  if (gathered_.empty()) return;
  bool wake = false;
  {
    const std::lock_guard lock{mutex_};
    if (taken_bytes_ + handed_.size() + gathered_.size() > options_.waiting_bytes_max) {
      overflowed_ = true;
      constrained_.store(true, std::memory_order_relaxed);
    }
    if (!overflowed_) handed_.add(gathered_);
    handed_urgent_ = handed_urgent_ || urgent_;
    wake = waits_ && (handed_urgent_ || asleep_);
  }
  gathered_.clear();
  urgent_ = false;
  if (!wake) return;
  work_.notify_one();
  // The disk is at work sooner, and what follows here is done meanwhile.
  turn_.give();
}

void DurableJournal::write_here() {
  {
    std::unique_lock lock{mutex_};
    // The thread is about to have the next file, and nobody else may make it: a few milliseconds, once in a file.
    if (spare_order_ && published_.state == LogState::ok && log_->room_left() < gathered_.size())
      made_.wait(lock, [this] { return spare_made_.has_value() || !spare_order_; });
    if (spare_made_) log_->take_spare(*std::exchange(spare_made_, std::nullopt));
  }
  // Failures show in the status; what found no room stays in the batch.
  static_cast<void>(log_->write(gathered_));
  const bool overflows = gathered_.size() > options_.waiting_bytes_max;
  if (overflows) gathered_.clear();
  const auto status = log_->status();
  durable_seq_.store(status.last_seq, std::memory_order_release);
  const bool wants = log_->wants_spare();
  if (!wants && status.state == LogState::ok && published_.state == LogState::ok && !overflows) {
    published_.last_seq = status.last_seq;  // of this thread alone when nothing is wrong
    published_.bytes = status.bytes;
    return;
  }
  bool news = false;
  {
    const std::lock_guard lock{mutex_};
    const auto before = state_locked();
    published_ = status;
    overflowed_ = overflowed_ || overflows;
    stuck_ = !gathered_.empty();
    const auto now = state_locked();
    constrained_.store(now != JournalState::ok, std::memory_order_relaxed);
    news = now != before;
    if (wants && !spare_order_ && !spare_made_) spare_order_ = log_->spare_order();
  }
  if (wants || news) work_.notify_one();
  if (news) tell();
}

Result<void> DurableJournal::takes_orders() const {
  return has_room(reserve_bytes_, "no new orders: the journal can't record them: ");
}

Result<void> DurableJournal::takes_changes() const {
  return has_room(reserve_bytes_ / 4, "nothing is changed: the journal can't record it: ");
}

// What is on its way counts as written.
Result<void> DurableJournal::has_room(std::uint64_t bytes, const char* for_what) const {
  if (!constrained_.load(std::memory_order_relaxed)) return {};
  const std::lock_guard lock{mutex_};
  const auto state = state_locked();
  if (state == JournalState::failed) return fail(Errc::internal, for_what + reason_locked());
  const auto waiting = taken_bytes_ + handed_.size() + gathered_.size();
  if (state == JournalState::ok || (!stuck_ && published_.room >= bytes + waiting)) return {};
  return fail(Errc::overloaded, for_what + reason_locked());
}

JournalStatus DurableJournal::status() const {
  JournalStatus out;
  const std::lock_guard lock{mutex_};
  out.state = state_locked();
  out.reason = reason_locked();
  out.sync = to_string(options_.sync);
  out.durable = true;
  out.last_seq = last_seq_;
  out.durable_seq = durable_seq();
  out.bytes = published_.bytes;
  out.segments = published_.segments;
  return out;
}

JournalState DurableJournal::state_locked() const {
  return overflowed_ ? JournalState::failed : state_of(published_.state);
}

std::string DurableJournal::reason_locked() const {
  if (!overflowed_) return published_.reason;
  return "more than " + std::to_string(options_.waiting_bytes_max >> 20U) +
         " MB of records waited for the disk, and were given up: make room, then start again; the brokers tell "
         "what was missed";
}

// ---- the thread ----------------------------------------------------------------------------------------------------

void DurableJournal::publish(std::uint64_t durable, std::size_t waiting_bytes) {
  const auto status = log_->status();
  // Who sees that the disk broke sees also how far it had come.
  durable_seq_.store(durable, std::memory_order_release);
  {
    const std::lock_guard lock{mutex_};
    published_ = status;
    taken_bytes_ = waiting_bytes;
    stuck_ = waiting_bytes > 0;
    constrained_.store(state_locked() != JournalState::ok, std::memory_order_relaxed);
  }
}

// Sync full: all that gathered since the last sync is written and synced at once.
void DurableJournal::run_writer() {
  RecordBatch batch;
  bool stopping = false;
  auto next_look = std::chrono::steady_clock::now();  // for room
  while (!stopping) {
    const bool is_full = log_->status().state == LogState::full;
    {
      std::unique_lock lock{mutex_};
      const auto urgent = [this] { return stopping_ || handed_urgent_; };
      const auto ready = [this] { return stopping_ || !handed_.empty(); };
      waits_ = true;
      if (!batch.empty()) {
        work_.wait_for(lock, options_.retry_interval, urgent);
      } else {
        // What nobody waits for does not wake the thread when orders flow: it looks for itself.
        work_.wait_for(lock, patience, urgent);
        if (!ready()) {
          asleep_ = true;
          if (is_full)
            work_.wait_until(lock, next_look, ready);
          else
            work_.wait(lock, ready);
          asleep_ = false;
          if (ready()) work_.wait_for(lock, patience, urgent);
        }
      }
      waits_ = false;
      handed_urgent_ = false;
      stopping = stopping_;
      if (batch.empty())
        std::swap(batch, handed_);
      else
        batch.add(handed_);
      handed_.clear();
      taken_bytes_ = batch.size();
    }
    if (is_full && (stopping || std::chrono::steady_clock::now() >= next_look)) {
      log_->retry();
      next_look = std::chrono::steady_clock::now() + options_.retry_interval;
    }
    const auto before = log_->status().last_seq;
    static_cast<void>(log_->write(batch));  // failures show in the status
    auto durable = durable_seq();
    if (log_->status().last_seq != before && log_->sync()) durable = log_->status().last_seq;
    if (log_->status().state == LogState::failed) batch.clear();
    publish(durable, batch.size());
    tell();
    if (is_full || !log_->wants_spare()) continue;
    log_->retry();
    if (log_->status().state == LogState::ok) continue;
    publish(durable, batch.size());  // refused sooner than what finds no room
    tell();
  }
}

// Sync write: the order manager writes; here only the next file is made, and made again on a full disk.
void DurableJournal::run_spares() {
  std::unique_lock lock{mutex_};
  while (!stopping_) {
    if (!spare_order_) {
      const auto is_stuck = [this] { return stuck_ && published_.state == LogState::full; };
      work_.wait(lock, [&] { return stopping_ || spare_order_ || is_stuck(); });
      if (stopping_ || spare_order_) continue;
      // There is a next file, and yet a write found no room: the order manager is to try it again.
      work_.wait_for(lock, options_.retry_interval, [this] { return stopping_; });
      lock.unlock();
      tell();
      lock.lock();
      continue;
    }
    const auto order = *spare_order_;
    lock.unlock();
    auto made = SegmentLog::make_spare(order);
    lock.lock();
    const bool no_room = !made && made.error().code == Errc::overloaded;
    if (!no_room || published_.state == LogState::ok) {  // the writer doesn't know yet
      spare_order_.reset();
      spare_made_ = std::move(made);
      made_.notify_one();
      lock.unlock();
      tell();
      lock.lock();
    }
    if (no_room) work_.wait_for(lock, options_.retry_interval, [this] { return stopping_; });
  }
}

}  // namespace tradebus
