#include "bus/bridge/bus_queue.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <numeric>
#include <system_error>
#include <utility>

#include "bus/bridge/squeeze.hpp"

namespace tradebus {

namespace {
constexpr std::size_t spare_max = 64;
constexpr std::size_t spare_bytes_max = 256 * 1024;
}  // namespace

BusQueue::BusQueue(std::size_t capacity, std::size_t kept_bytes_max)
    : capacity_{capacity}, kept_bytes_max_{kept_bytes_max}, lossy_max_{capacity} {
  wake_fd_ = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (wake_fd_ < 0) throw std::system_error{errno, std::generic_category(), "eventfd"};
}

BusQueue::~BusQueue() { ::close(wake_fd_); }

void BusQueue::push(BusBatch batch) {
  if (batch.empty()) return;
  {
    const std::lock_guard lock{mutex_};
    if (!batch.lossless) ++lossy_;
    batches_.push_back(std::move(batch));
    depth_.fetch_add(1, std::memory_order_relaxed);
    if (lossy_ > lossy_max_) make_room();
  }
  wake();
}

// Each message is looked at once a capacity's worth of batches: what it costs stays in proportion.
void BusQueue::make_room() {
  const auto before = batches_.size();
  std::deque<BusBatch> kept;
  std::deque<BusBatch> run;
  lossy_ = 0;
  const auto end_run = [&] {
    if (run.size() > 1) run = squeeze(std::move(run), kept_bytes_max_, dropped_);
    lossy_ += run.size();
    std::ranges::move(run, std::back_inserter(kept));
    run.clear();
  };
  for (auto& batch : batches_) {
    if (batch.lossless) {
      end_run();
      kept.push_back(std::move(batch));
    } else {
      run.push_back(std::move(batch));
    }
  }
  end_run();
  batches_ = std::move(kept);
  lossy_max_ = std::max(capacity_, 2 * lossy_);
  depth_.fetch_sub(before - batches_.size(), std::memory_order_relaxed);
}

void BusQueue::reply(BusReply reply) {
  {
    const std::lock_guard lock{mutex_};
    replies_.push_back(std::move(reply));  // bounded by the requests that are open
  }
  wake();
}

bool BusQueue::reply(std::vector<BusReply>& replies) {
  if (replies.empty()) return false;
  {
    const std::lock_guard lock{mutex_};
    if (replies_.empty())
      replies_.swap(replies);
    else
      std::move(replies.begin(), replies.end(), std::back_inserter(replies_));
  }
  replies.clear();
  return wake();
}

void BusQueue::hold(std::uint64_t seq, std::vector<BusReply>& replies) {
  {
    const std::lock_guard lock{mutex_};
    if (seq > released_) {
      for (auto& reply : replies) held_.push_back({seq, std::move(reply)});
      replies.clear();
    }
  }
  reply(replies);
}

void BusQueue::release(std::uint64_t seq) {
  {
    const std::lock_guard lock{mutex_};
    released_ = std::max(released_, seq);
    if (held_.empty() || held_.front().seq > released_) return;
    for (; !held_.empty() && held_.front().seq <= released_; held_.pop_front())
      replies_.push_back(std::move(held_.front().reply));
  }
  wake();
}

void BusQueue::refuse_held(const Error& why) {
  {
    const std::lock_guard lock{mutex_};
    for (auto& held : held_) replies_.push_back({held.reply.token, {}, why});
    held_.clear();
  }
  wake();
}

BusBatch BusQueue::fresh() {
  const std::lock_guard lock{mutex_};
  if (spare_.empty()) return {};
  BusBatch out = std::move(spare_.back());
  spare_.pop_back();
  return out;
}

bool BusQueue::has_room() {
  if (depth() < capacity_ / 2) return true;
  room_wanted_.store(true);
  if (depth() < capacity_ / 2) {  // it was emptied in between: nobody else would call on_room
    room_wanted_.store(false);
    return true;
  }
  return false;
}

void BusQueue::set_on_room(std::function<void()> on_room) { on_room_ = std::move(on_room); }

std::uint64_t BusQueue::dropped(std::uint32_t source) const {
  const std::lock_guard lock{mutex_};
  return source < dropped_.size() ? dropped_[source] : 0;
}

std::uint64_t BusQueue::dropped() const {
  const std::lock_guard lock{mutex_};
  return std::accumulate(dropped_.begin(), dropped_.end(), std::uint64_t{0});
}

bool BusQueue::pop(BusBatch& out) {
  bool found = false;
  {
    const std::lock_guard lock{mutex_};
    if (popped_) depth_.fetch_sub(1, std::memory_order_relaxed);
    popped_ = false;
    if (out.bytes.capacity() != 0 && out.bytes.capacity() <= spare_bytes_max && spare_.size() < spare_max) {
      out.clear();
      spare_.push_back(std::move(out));
    }
    if (!batches_.empty()) {
      out = std::move(batches_.front());
      batches_.pop_front();
      if (!out.lossless) --lossy_;
      popped_ = true;
      found = true;
    } else {
      out = BusBatch{};
    }
  }
  if (depth() < capacity_ / 4 && room_wanted_.exchange(false) && on_room_) on_room_();
  return found;
}

void BusQueue::take_replies(std::vector<BusReply>& out) {
  out.clear();
  const std::lock_guard lock{mutex_};
  out.swap(replies_);
}

bool BusQueue::wake() {
  if (!asleep_.exchange(false)) return false;  // one system call from idle to busy, none while busy
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto n = ::write(wake_fd_, &one, sizeof one);  // full means: awake already
  return true;
}

bool BusQueue::prepare_sleep() {
  asleep_.store(true);
  const std::lock_guard lock{mutex_};
  if (batches_.empty() && replies_.empty()) return true;
  asleep_.store(false);
  return false;
}

void BusQueue::woke(bool readable) {
  asleep_.store(false);
  if (!readable) return;
  std::uint64_t count = 0;
  [[maybe_unused]] const auto n = ::read(wake_fd_, &count, sizeof count);
}

}  // namespace tradebus
