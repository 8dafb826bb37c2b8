// INTERNAL: what may end a wait before its time: the deadline of the whole, that of a phase, its owner. One for each
// request or connection; on the net thread only.
#pragma once

#include <utility>  // before Asio, which needs std::exchange

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "engine/net/net_error.hpp"

namespace tradebus {

class Watch : public std::enable_shared_from_this<Watch> {
 public:
  using Time = std::chrono::steady_clock::time_point;

  Watch(boost::asio::io_context& io, Time whole) : timer_{io}, wait_{io}, whole_{whole} {}

  // The phase begins; it ends at `until` or with the whole.
  void enter(NetPhase phase, Time until = Time::max());
  // No deadline runs any more; the owner still may give up.
  void disarm();

  // Ends the wait that is under way, and every later one at once. The first reason stays.
  void give_up(NetFault fault);
  std::optional<NetFault> ended() const { return ended_; }
  NetPhase phase() const { return phase_; }
  Time whole() const { return whole_; }
  // What to say when ended(): "HOST: timed out while connecting; ...".
  NetError error(const std::string& where, bool may_have_been_sent) const;

  // Waits until `t`, wake() or the end.
  boost::asio::awaitable<void> sleep_until(Time t);
  void wake() { wait_.cancel(); }

  // What interrupts the operation under way, for as long as this stands.
  class Interrupt {
   public:
    Interrupt(Watch& watch, std::function<void()> end)
        : watch_{watch}, before_{std::exchange(watch.end_, std::move(end))} {
      if (watch_.ended_) watch_.end_();
    }
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;
    ~Interrupt() { watch_.end_ = std::move(before_); }

   private:
    Watch& watch_;
    std::function<void()> before_;
  };

 private:
  boost::asio::steady_timer timer_;
  boost::asio::steady_timer wait_;
  Time whole_;
  NetPhase phase_ = NetPhase::queue;
  std::uint64_t round_ = 0;
  std::optional<NetFault> ended_;
  std::function<void()> end_;
};

}  // namespace tradebus
