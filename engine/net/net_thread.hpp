// The one thread of an adapter's sockets: its HTTP and WebSocket clients share it. All callbacks run here, so they must
// be quick, must not throw and must not wait: hand over to the actor and return.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <string>

namespace tradebus {

class NetCore;

struct NetThreadOptions {
  std::string name = "net";                       // the thread's, at most 15 characters
  std::map<std::string, std::string> hosts = {};  // addresses known without asking, as in /etc/hosts
  std::size_t lookups_max = 16;                   // name look-ups under way at once; more are refused by name
  // What is under way when the destructor runs gets this long to end by itself (close frames).
  std::chrono::milliseconds stop_timeout{5'000};
};

class NetThread {
 public:
  explicit NetThread(NetThreadOptions options = {});
  NetThread(const NetThread&) = delete;
  NetThread& operator=(const NetThread&) = delete;
  // Ends all clients that still live (their callers hear `stopped`), then joins. Not from a callback.
  ~NetThread();

  const std::shared_ptr<NetCore>& core() const { return core_; }  // for the clients

 private:
  std::shared_ptr<NetCore> core_;
};

}  // namespace tradebus
