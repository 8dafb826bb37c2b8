#include "actors/brokers/ibkr/session/gateway_session.hpp"

#include <algorithm>
#include <utility>

#include "engine/services/log_text.hpp"

namespace tradebus::ibkr::session {

namespace {
constexpr SessionOptions::Ms next_id_pause{100};  // another client id is there to be tried
}

GatewaySession::GatewaySession(SessionOptions options, SessionOwner& owner)
    : options_{options},
      owner_{owner},
      backoff_{options.retry_first, options.retry_max, options.healthy_after},
      jitter_{options.jitter_seed},
      pacer_{options.pace} {}

void GatewaySession::start(Time now) {
  if (phase_ != Phase::down) return;
  reason_.clear();
  message_.clear();
  dial(now);
}

void GatewaySession::stop() {
  owner_.hang_up();
  ++connection_;  // what is still on its way is old news
  phase_ = Phase::down;
  due_.reset();
  probed_.reset();
  pacer_.clear();
  frames_.clear();
  refused_ids_ = 0;
  reason_ = "requested";
  message_.clear();
}

void GatewaySession::dial(Time now) {
  dialed_ = now;
  due_.reset();  // the dial has a time limit of its own
  phase_ = Phase::dialing;
  owner_.dial(++connection_);
}

void GatewaySession::opened(std::uint64_t connection, Time now) {
  if (connection != connection_) return;
  phase_ = Phase::hello;
  due_ = now + options_.start_timeout;
  frames_.clear();
  pacer_.clear();
  // Our seconds are not the gateway's: what piles up on the way, or in a gateway that is busy, is to wait there instead
  // of being an error (100), of which the third ends the connection.
  if (!owner_.transmit(wire::client_hello(wire::VersionRange{}, "+PACEAPI")))
    give_up("transport", "nothing could be sent", now);
}

void GatewaySession::bytes(std::uint64_t connection, std::string_view bytes, Time now) {
  if (connection != connection_) return;
  heard_ = now;
  probed_.reset();
  frames_.feed(bytes);
  std::string_view payload;
  while (connection == connection_) {
    switch (frames_.next(payload)) {
      case wire::FrameReader::Next::incomplete:
        return;
      case wire::FrameReader::Next::bad_length:
        return give_up("transport",
                       "a length of " + std::to_string(frames_.bad_length()) +
                           " bytes, which no message has: is this the API port of TWS or IB Gateway?",
                       now);
      case wire::FrameReader::Next::payload:
        ++received_;
        if (phase_ == Phase::hello)
          take_hello(payload, now);
        else
          owner_.session_message(payload, version_);
        break;
    }
  }
}

void GatewaySession::closed(std::uint64_t connection, const std::string& why, Time now) {
  if (connection == connection_) give_up("transport", why, now);
}

void GatewaySession::take_hello(std::string_view payload, Time now) {
  const auto hello = wire::parse_server_hello(payload, wire::VersionRange{});
  if (!hello) return give_up("transport", hello.error().message, now);
  if (hello->redirect)
    return give_up("transport",
                   "the gateway sends its clients to " + log_text(hello->redirect->host) + "; set " + options_.section +
                       ".host and port to it",
                   now);
  version_ = hello->version;
  owner_.session_hello(*hello);
  phase_ = Phase::starting;
  due_ = now + options_.start_timeout;
  has_id_ = has_accounts_ = false;
  static_cast<void>(send(wire::StartApi{client_id(), {}}, Urgency::control));
  pump(now);
}

void GatewaySession::took(const wire::NextValidId&, Time now) {
  has_id_ = true;
  begun(now);
}

void GatewaySession::took(const wire::ManagedAccounts&, Time now) {
  has_accounts_ = true;
  begun(now);
}

// Requests that come before both may be passed over without a word.
void GatewaySession::begun(Time now) {
  if (phase_ != Phase::starting || !has_id_ || !has_accounts_) return;
  phase_ = Phase::up;
  due_.reset();
  heard_ = now;
  refused_ids_ = 0;
  reason_.clear();
  message_.clear();
  owner_.session_up();
}

bool GatewaySession::took(const wire::ErrorMessage& m, Time now) {
  switch (m.code) {
    case 100:
      pacer_.pause(now);
      return true;
    case 326:  // the gateway closes next
      ++refused_ids_;
      is_id_refused_ = true;
      reason_ = "client_id";
      message_ =
          "326 " + m.text + ": another program, or an earlier connection, has client id " + std::to_string(client_id());
      client_offset_ = (client_offset_ + 1) % std::max(options_.client_ids, 1);
      return true;
    case 1300:
      message_ = "1300 " + m.text;
      return true;
    default:  // numbers of the venue
      return false;
  }
}

void GatewaySession::give_up(std::string_view reason, const std::string& why, Time now) {
  owner_.hang_up();
  ++connection_;
  ++lost_;
  phase_ = Phase::waiting;
  if (!std::exchange(is_id_refused_, false)) {
    reason_ = reason;
    message_ = why;
  }
  probed_.reset();
  frames_.clear();
  pacer_.clear();
  pause_ = jitter_(backoff_.failed(dialed_, now));
  if (refused_ids_ > 0 && refused_ids_ < options_.client_ids) pause_ = next_id_pause;
  due_ = now + pause_;
  owner_.session_lost();
}

void GatewaySession::tick(Time now) {
  if (due_ && now >= *due_) {
    if (phase_ == Phase::waiting)
      dial(now);
    else if (phase_ == Phase::hello || phase_ == Phase::starting)
      give_up("transport", "the gateway did not answer while the session began", now);
  }
  if (phase_ == Phase::up) {
    if (probed_ && now >= *probed_ + options_.silence_max) {
      give_up("transport", "the gateway is silent", now);
    } else if (!probed_ && now >= heard_ + options_.probe_after) {
      probed_ = now;
      static_cast<void>(send(wire::ReqCurrentTime{}, Urgency::control));
    }
  }
  pump(now);
}

void GatewaySession::pump(Time now) {
  if (phase_ < Phase::starting) return;
  std::string bytes;
  while (auto frame = pacer_.next(now)) {
    bytes += *frame;
    ++sent_;
  }
  if (!bytes.empty() && !owner_.transmit(std::move(bytes))) give_up("transport", "the gateway does not read", now);
}

std::optional<GatewaySession::Time> GatewaySession::next_time(Time now) const {
  std::optional<Time> at = due_;
  const auto by = [&](std::optional<Time> t) {
    if (t) at = at ? std::min(*at, *t) : *t;
  };
  if (phase_ == Phase::up) by(probed_ ? *probed_ + options_.silence_max : heard_ + options_.probe_after);
  if (phase_ >= Phase::starting) by(pacer_.next_time(now));
  return at;
}

}  // namespace tradebus::ibkr::session
