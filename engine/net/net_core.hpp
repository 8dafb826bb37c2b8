// INTERNAL: what stands behind a NetThread; its clients hold it together. Includes Asio: for .cpp files of this folder.
#pragma once

#include <utility>  // before Asio, which needs std::exchange

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <tl/expected.hpp>
#include <vector>

#include "engine/net/net_error.hpp"
#include "engine/net/net_thread.hpp"
#include "engine/net/watch.hpp"

namespace tradebus {

// A client of the thread, which ends it when the thread ends first.
class NetClient {
 public:
  virtual ~NetClient() = default;
  // On the net thread; more than once is fine. `at_once`: nobody waits for a close frame's answer any more; after it
  // nothing may be left that waits for a timer or a peer.
  virtual void shut_down(bool at_once) = 0;
};

class NetCore : public std::enable_shared_from_this<NetCore> {
 public:
  explicit NetCore(NetThreadOptions options);

  void start();
  void stop();  // see ~NetThread

  boost::asio::io_context& io() { return io_; }
  bool on_thread() const { return std::this_thread::get_id() == id_.load(); }
  // False: the thread ends, and `work` is forgotten. Any thread.
  bool post(std::function<void()> work);
  // The client is told when the thread ends; false: it has.
  bool add(std::weak_ptr<NetClient> client);
  std::chrono::milliseconds stop_timeout() const { return options_.stop_timeout; }

  // Addresses of a host, at least one. A thread of its own asks the system, for that can't be interrupted: who gives up
  // doesn't wait for it. `where` is for the error.
  boost::asio::awaitable<tl::expected<std::vector<boost::asio::ip::tcp::endpoint>, NetError>> resolve(
      std::shared_ptr<Watch> watch, std::string host, std::uint16_t port, std::string where);

 private:
  NetThreadOptions options_;
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::atomic<std::thread::id> id_;
  std::size_t lookups_ = 0;  // net thread

  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  bool ended_ = false;
  std::vector<std::weak_ptr<NetClient>> clients_;
  std::thread thread_;
};

}  // namespace tradebus
