// What the bridge's thread reports: the one class in which it meets the actors. In tests a fake stands here.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bus/model/describe.hpp"

namespace tradebus {

struct ClientRequest {
  std::uint64_t token = 0;  // comes back with the reply
  std::string client;       // who asks, from hello; "" before it
  std::string op;
  std::string args;             // a packed map, or empty
  std::int64_t timeout_ms = 0;  // within which the bridge must have the reply

  static constexpr std::string_view type_name = "ClientRequest";
  static constexpr auto fields() {
    return std::tuple{field("token", &ClientRequest::token), field("client", &ClientRequest::client),
                      field("op", &ClientRequest::op), field("args", &ClientRequest::args),
                      field("timeout_ms", &ClientRequest::timeout_ms)};
  }
};

struct ClientRequests {
  std::vector<ClientRequest> requests;

  static constexpr std::string_view type_name = "ClientRequests";
  static constexpr auto fields() { return std::tuple{field("requests", &ClientRequests::requests)}; }
};

// A hello that turns cancel_on_disconnect on or off.
struct WatchRequest {
  std::string client;
  std::int64_t silence_ms = 0;  // its orders are to be canceled when it has been silent for so long; 0: no longer
  std::uint64_t token = 0;      // for the reply
  std::string answer;           // the reply once that is recorded, packed

  static constexpr std::string_view type_name = "WatchRequest";
  static constexpr auto fields() {
    return std::tuple{field("client", &WatchRequest::client), field("silence_ms", &WatchRequest::silence_ms),
                      field("token", &WatchRequest::token), field("answer", &WatchRequest::answer)};
  }
};

class BridgeListener {
 public:
  virtual ~BridgeListener() = default;
  // All called on the bridge's thread; none may block.
  // So many clients now subscribe to exactly this market topic.
  virtual void on_subscribers(std::string topic, std::uint32_t count) = 0;
  // What had arrived, in its order; never empty.
  virtual void on_requests(std::vector<ClientRequest> requests) = 0;
  virtual void on_room() = 0;
  // Silence counts from now on.
  virtual void on_client_watched(WatchRequest request) = 0;
  // A watched client has been silent for its time.
  virtual void on_client_silent(std::string client) = 0;
  // It is heard of again.
  virtual void on_client_heard(std::string client) = 0;
};

}  // namespace tradebus
