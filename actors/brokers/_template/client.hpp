// The venue's connection: its sockets and the one thread that uses them. No CAF in here, so that it can be tested
// against a scripted venue on port 0, and under ThreadSanitizer.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "actors/brokers/_template/models.hpp"

namespace tradebus::_template::broker {

struct ClientOptions {
  std::string url;
};

// What became of a submit or a cancel.
enum class Outcome : std::uint8_t {
  accepted,
  refused,  // the venue said no, or nothing was sent
  unknown,  // it may have reached the venue: never sent again, the order is in doubt
};

// What the thread reports. Ids go out with a call and come back with the answer.
class Listener {
 public:
  virtual ~Listener() = default;
  // All called on the client's thread; none may block.
  virtual void on_link(bool up, const std::string& why) = 0;
  virtual void on_answer(std::uint64_t id, Outcome outcome,
                         const std::string& text) = 0;  // text: the venue's id, or why
  virtual void on_update(const OrderUpdate& update) = 0;
};

class Client {
 public:
  static constexpr std::size_t commands_max = 10'000;  // that wait for the thread

  // Starts the thread, which connects, and connects anew when the link is lost. The listener outlives the client.
  Client(ClientOptions options, Listener& listener);
  ~Client();  // ends the thread, whatever it waits for
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // From any thread. False: commands_max are waiting, nothing was sent. Else exactly one on_answer follows while the
  // client lives.
  bool submit(std::uint64_t id, OrderPayload order);
  bool cancel(std::uint64_t id, std::string client_order_id);

 private:
  struct Submit {
    std::uint64_t id;
    OrderPayload order;
  };
  struct Cancel {
    std::uint64_t id;
    std::string client_order_id;
  };
  using Command = std::variant<Submit, Cancel>;

  bool post(Command command);
  void run();
  void apply(const Command& command);

  const ClientOptions options_;
  Listener& listener_;

  std::mutex mutex_;
  std::condition_variable news_;
  std::vector<Command> commands_;
  bool stop_ = false;

  std::thread thread_;  // last: everything above is there when it starts
};

}  // namespace tradebus::_template::broker
