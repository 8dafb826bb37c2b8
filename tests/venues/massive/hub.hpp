// The WebSocket side without sockets: login, subscriptions, the limit of connections, and who gets which event. One
// thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tests/venues/massive/faults.hpp"
#include "tests/venues/massive/keys.hpp"
#include "tests/venues/massive/stats.hpp"
#include "tests/venues/massive/ticks.hpp"

namespace tradebus::massive_sim {

using Frame = std::shared_ptr<const std::string>;

// A client's connection, as the hub sees it. The hub is told when it is gone.
class Connection {
 public:
  virtual ~Connection() = default;
  virtual void send(Frame frame) = 0;
  virtual void close(int code, std::string_view reason) = 0;  // after what was sent, with a closing handshake
  virtual void drop() = 0;                                    // after what was sent, without one
  virtual void reset() = 0;                                   // at once
};

struct HubOptions {
  bool delayed = false;              // this is the host of delayed data
  std::size_t connections_max = 1;   // of one key and market
  bool evict_newcomer = false;       // instead of the oldest
  bool as_fast_as_possible = false;  // frames made beforehand, sent again and again
  std::size_t rate = 100;            // trades and quotes a second, all topics together
};

class Hub {
 public:
  Hub(HubOptions options, Keys& keys, const Clock& clock, Stats& stats, Faults& faults)
      : options_(options), keys_(keys), clock_(clock), stats_(stats), faults_(faults) {}

  // Where events come from, by market ("stocks", "options").
  void set_ticks(Ticks& ticks) { ticks_ = &ticks; }

  void opened(Connection& connection, std::string market);
  void received(Connection& connection, std::string_view text);
  void closed(Connection& connection);
  // Nothing came for a while: ends those that never logged in.
  void login_is_late(Connection& connection);
  // Everything queued is out; with as_fast_as_possible the next frame goes.
  void drained(Connection& connection);
  // Sends what is due since the last call; `elapsed_ms` of real time have passed.
  void pump(Ms elapsed_ms);

  // For the control port.
  void cut_all(bool with_reset);
  void send_all(std::string frame);
  void silence(bool on) { silent_ = on; }
  void close_all(int code, std::string_view reason);
  std::size_t connections() const { return clients_.size(); }
  std::vector<std::string> subscriptions() const;  // "stocks T.AAPL", once each

 private:
  static constexpr std::size_t prepared_frames = 64, events_a_frame = 100;
  static constexpr Ms catch_up_ms_max = 250;  // after a pause

  struct Client {
    Connection* connection = nullptr;
    std::string market, key;
    std::uint64_t number = 0;  // in the order of arrival
    bool authenticated = false;
    bool leaving = false;
    bool limit_checked = false;
    bool mute = false;  // by a fault: never answered
    TopicSet topics;
    std::string pending;  // events for the next frame, comma separated
    std::vector<Frame> prepared;
    std::size_t next_prepared = 0;
  };

  Client* find(Connection& connection);
  void authenticate(Client& client, std::string_view key);
  void subscribe(Client& client, std::string_view params);
  void unsubscribe(Client& client, std::string_view params);
  void enforce_limit(Client& newcomer);
  void end_with_limit(Client& client);
  void flush(Client& client);
  void send(Client& client, std::string text);
  void prepare(Client& client);
  Wanted wanted(std::string_view market) const;
  void deliver(std::string_view market, const std::vector<Event>& events);

  const HubOptions options_;
  Keys& keys_;
  const Clock& clock_;
  Stats& stats_;
  Faults& faults_;
  Ticks* ticks_ = nullptr;
  std::unordered_map<Connection*, Client> clients_;
  std::uint64_t numbers_ = 0;
  double owed_ = 0;
  Ns bars_until_ = 0;
  bool silent_ = false;
};

}  // namespace tradebus::massive_sim
