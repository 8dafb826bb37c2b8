// One session with a gateway: dialed, greeted, kept alive by probes, and begun anew after a loss, with growing pauses.
// It knows no socket, no actor and no clock: its owner carries bytes and tells the time. What a message means, beyond
// those that begin and keep a session, is its owner's affair.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "actors/brokers/ibkr/session/message_pacer.hpp"
#include "actors/brokers/ibkr/wire/framing.hpp"
#include "actors/brokers/ibkr/wire/handshake.hpp"
#include "actors/brokers/ibkr/wire/requests.hpp"
#include "actors/brokers/ibkr/wire/system_messages.hpp"
#include "engine/net/jitter.hpp"
#include "engine/services/backoff.hpp"

namespace tradebus::ibkr::session {

struct SessionOptions {
  using Ms = std::chrono::milliseconds;
  std::string section;  // of the configuration, for what is said to people
  std::int32_t client_id = 0;
  std::int32_t client_ids = 1;  // how many, from client_id on, are tried when one is in use
  PaceLimits pace;
  Ms retry_first{500};
  Ms retry_max{30'000};
  Ms healthy_after{60'000};
  Ms probe_after{30'000};  // of silence the gateway is asked for its time
  Ms silence_max{10'000};  // after that question: the connection is dead
  Ms start_timeout{15'000};
  std::uint64_t jitter_seed = 0;  // 0: from the system
};

// What a session needs, and what it reports. Calls come from within the session's own functions.
class SessionOwner {
 public:
  virtual ~SessionOwner() = default;
  // The answers come as opened(), bytes(), closed(), with this number.
  virtual void dial(std::uint64_t connection) = 0;
  virtual void hang_up() = 0;
  // False: what waits for the socket is too much.
  virtual bool transmit(std::string bytes) = 0;
  // The gateway's greeting: what it is to be known by before anything is asked.
  virtual void session_hello(const wire::ServerHello&) {}
  // A message after the greeting; a session is told of those that its took() functions take.
  virtual void session_message(std::string_view payload, std::int32_t version) = 0;
  // Requests may be sent now. Nothing of an earlier connection is left.
  virtual void session_up() = 0;
  // What was asked gets no answer any more.
  virtual void session_lost() = 0;
};

class GatewaySession {
 public:
  using Time = std::chrono::steady_clock::time_point;
  enum class Phase : std::uint8_t { down, waiting, dialing, hello, starting, up };

  GatewaySession(SessionOptions options, SessionOwner& owner);  // the owner outlives it

  // -- its life ------------------------------------------------------------------
  void start(Time now);  // nothing happens unless it is down
  void stop();
  void opened(std::uint64_t connection, Time now);
  void bytes(std::uint64_t connection, std::string_view bytes, Time now);
  void closed(std::uint64_t connection, const std::string& why, Time now);
  // The connection is of no use; another one is tried after a pause.
  void give_up(std::string_view reason, const std::string& why, Time now);
  void tick(Time now);
  std::optional<Time> next_time(Time now) const;

  // -- messages of the session itself, by way of the owner's decoder --------------
  void took(const wire::NextValidId& m, Time now);
  void took(const wire::ManagedAccounts& m, Time now);
  // True: it was about the session (100, 326, 1300).
  bool took(const wire::ErrorMessage& m, Time now);

  // -- requests ------------------------------------------------------------------
  // provider.unavailable: not up; overloaded: too many wait. It goes out by pump(). By its ticket, when it has one, it
  // can be taken back while it waits.
  template <class Request>
  Result<void> send(const Request& request, Urgency urgency = Urgency::data, std::uint64_t ticket = 0) {
    if (phase_ < Phase::starting) return fail(Errc::provider_unavailable, "the gateway is not connected");
    std::string frame;
    if (auto ok = wire::encode(request, version_, frame); !ok) return ok;
    return pacer_.add(urgency, std::move(frame), ticket);
  }
  bool waits(std::uint64_t ticket) const { return pacer_.waits(ticket); }
  // True: it still waited, and is not sent any more.
  bool withdraw(std::uint64_t ticket) { return pacer_.withdraw(ticket); }
  // Sends what the pace allows now.
  void pump(Time now);

  Phase phase() const { return phase_; }
  bool is_up() const { return phase_ == Phase::up; }
  // Requests may be sent: they are asked for, or taken.
  bool is_begun() const { return phase_ >= Phase::starting; }
  std::uint64_t connection() const { return connection_; }
  // Before the next try.
  std::chrono::milliseconds pause() const { return pause_; }
  // Reports of another one are old news.
  bool is_current(std::uint64_t connection) const { return connection == connection_; }
  // Why it is not up: "", transport, client_id; and a sentence for people.
  const std::string& reason() const { return reason_; }
  const std::string& message() const { return message_; }
  std::int32_t version() const { return version_; }
  std::int32_t client_id() const { return options_.client_id + client_offset_; }
  std::uint64_t lost() const { return lost_; }
  std::uint64_t sent() const { return sent_; }
  std::uint64_t received() const { return received_; }
  std::size_t waiting() const { return pacer_.waiting(); }

 private:
  void dial(Time now);
  void take_hello(std::string_view payload, Time now);
  void begun(Time now);

  const SessionOptions options_;
  SessionOwner& owner_;
  Phase phase_ = Phase::down;
  std::uint64_t connection_ = 0;
  std::string reason_;
  std::string message_;
  std::optional<Time> due_;  // waiting: the next try; until up: the end of patience
  Time dialed_{};
  SessionOptions::Ms pause_{};
  Time heard_{};
  std::optional<Time> probed_;
  Backoff backoff_;
  Jitter jitter_;
  wire::FrameReader frames_;
  MessagePacer pacer_;
  std::int32_t version_ = 0;
  std::int32_t client_offset_ = 0;
  std::int32_t refused_ids_ = 0;  // one after the other
  bool is_id_refused_ = false;    // by the connection that ends now
  bool has_id_ = false;
  bool has_accounts_ = false;
  std::uint64_t lost_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t received_ = 0;
};

}  // namespace tradebus::ibkr::session
