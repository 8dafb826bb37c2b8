// The venue's connection: its sockets and the one thread that uses them. No CAF in here, so that it can be tested
// against a scripted venue on port 0, and under ThreadSanitizer.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "actors/providers/_template/models.hpp"

namespace tradebus::_template::provider {

struct ClientOptions {
  std::string url;
};

// What the thread reports. Ids go out with a call and come back with the answer.
class Listener {
 public:
  virtual ~Listener() = default;
  // All called on the client's thread; none may block.
  virtual void on_link(bool up, const std::string& why) = 0;
  virtual void on_quote(std::uint32_t id, const QuoteMessage& quote) = 0;
  virtual void on_idle() = 0;  // nothing more to read right now: what was collected may leave
};

class Client {
 public:
  static constexpr std::size_t commands_max = 100'000;  // that wait for the thread

  // Starts the thread, which connects, and connects anew when the link is lost. The listener outlives the client.
  Client(ClientOptions options, Listener& listener);
  ~Client();  // ends the thread, whatever it waits for
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // From any thread. False: commands_max are waiting.
  bool subscribe(std::uint32_t id, std::string symbol);
  bool unsubscribe(std::uint32_t id);

 private:
  struct Open {
    std::uint32_t id;
    std::string symbol;
  };
  struct Close {
    std::uint32_t id;
  };
  using Command = std::variant<Open, Close>;

  bool post(Command command);
  void run();
  void apply(const Command& command);

  const ClientOptions options_;
  Listener& listener_;
  std::map<std::uint32_t, std::string> open_;  // the thread's own: what to ask for again after a reconnect

  std::mutex mutex_;
  std::condition_variable news_;
  std::vector<Command> commands_;
  bool stop_ = false;

  std::thread thread_;  // last: everything above is there when it starts
};

}  // namespace tradebus::_template::provider
