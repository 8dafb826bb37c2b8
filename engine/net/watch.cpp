#include "engine/net/watch.hpp"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace tradebus {

namespace asio = boost::asio;

void Watch::enter(NetPhase phase, Time until) {
  phase_ = phase;
  const auto round = ++round_;
  timer_.expires_at(std::min(until, whole_));
  timer_.async_wait([weak = weak_from_this(), round](const boost::system::error_code& ec) {
    const auto self = weak.lock();
    if (!ec && self && self->round_ == round) self->give_up(NetFault::timed_out);
  });
}

void Watch::disarm() {
  ++round_;
  timer_.cancel();
}

void Watch::give_up(NetFault fault) {
  if (ended_) return;
  ended_ = fault;
  disarm();
  wait_.cancel();
  if (end_) end_();
}

NetError Watch::error(const std::string& where, bool may_have_been_sent) const {
  NetError error;
  error.fault = ended_.value_or(NetFault::canceled);
  error.phase = phase_;
  error.may_have_been_sent = may_have_been_sent;
  const std::string phase{to_string(phase_)};
  if (error.fault == NetFault::timed_out)
    error.message = where + ": the time was over while " + phase + "; ";
  else if (error.fault == NetFault::stopped)
    error.message = where + ": the client was stopped while " + phase + "; ";
  else  // nobody gives up for anything else
    error.message = where + ": canceled by its owner while " + phase + "; ";
  switch (error.phase) {
    case NetPhase::queue:
      error.message += "too many requests are under way: ask less, or allow more connections";
      break;
    case NetPhase::resolve:
      error.message += "look at this machine's name servers";
      break;
    case NetPhase::connect:
      error.message += "look at the network, firewalls and the port";
      break;
    case NetPhase::proxy:
      error.message += "look at the proxy";
      break;
    case NetPhase::tls:
      error.message += "is this a TLS port?";
      break;
    case NetPhase::send:
    case NetPhase::first_byte:
    case NetPhase::body:
      error.message += "the venue or the network is slow: try later, or allow more time";
      break;
    case NetPhase::backoff:
      error.message += "the tries before failed";
      break;
    case NetPhase::open:
      error.message += "it was open";
      break;
  }
  return error;
}

asio::awaitable<void> Watch::sleep_until(Time t) {
  if (ended_) co_return;
  wait_.expires_at(t);
  boost::system::error_code ec;
  co_await wait_.async_wait(asio::redirect_error(asio::use_awaitable, ec));
}

}  // namespace tradebus
