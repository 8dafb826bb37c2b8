#include "engine/net/net_thread.hpp"

#include "engine/net/net_core.hpp"

#include <netdb.h>
#include <pthread.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <system_error>

namespace tradebus {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

namespace {

constexpr std::size_t addresses_max = 8;

struct Lookup {
  std::vector<asio::ip::address> addresses = {};
  std::string why = {};
  bool done = false;
};

Lookup look_up(const std::string& host) {
  Lookup result;
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* list = nullptr;
  if (const int code = getaddrinfo(host.c_str(), nullptr, &hints, &list); code != 0) {
    result.why = gai_strerror(code);
    return result;
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner{list, &freeaddrinfo};
  for (const auto* at = list; at != nullptr && result.addresses.size() < addresses_max; at = at->ai_next) {
    tcp::endpoint endpoint;
    if (at->ai_addrlen > endpoint.capacity()) continue;
    std::copy_n(reinterpret_cast<const unsigned char*>(at->ai_addr), at->ai_addrlen,
                reinterpret_cast<unsigned char*>(endpoint.data()));
    result.addresses.push_back(endpoint.address());
  }
  if (result.addresses.empty()) result.why = "no address";
  return result;
}

void set_name(const std::string& name) { pthread_setname_np(pthread_self(), name.substr(0, 15).c_str()); }

}  // namespace

// ---- the thread -----------------------------------------------------------------------------------------------------

NetThread::NetThread(NetThreadOptions options) : core_{std::make_shared<NetCore>(std::move(options))} {
  core_->start();
}
NetThread::~NetThread() { core_->stop(); }

NetCore::NetCore(NetThreadOptions options) : options_{std::move(options)}, work_{io_.get_executor()} {}

void NetCore::start() {
  thread_ = std::thread{[self = shared_from_this()] {
    self->id_ = std::this_thread::get_id();
    set_name(self->options_.name);
    self->io_.run();
    const std::lock_guard lock{self->mutex_};
    self->ended_ = true;
    self->changed_.notify_all();
  }};
}

void NetCore::stop() {
  const auto shut_down = [](const std::vector<std::weak_ptr<NetClient>>& clients, bool at_once) {
    for (const auto& weak : clients)
      if (const auto client = weak.lock()) client->shut_down(at_once);
  };
  std::vector<std::weak_ptr<NetClient>> clients;
  {
    std::unique_lock lock{mutex_};
    stopping_ = true;
    clients.swap(clients_);
    asio::post(io_, [shut_down, clients] { shut_down(clients, false); });
    work_.reset();
    if (on_thread()) {  // against the contract; nothing better is left
      thread_.detach();
      return;
    }
    if (changed_.wait_for(lock, options_.stop_timeout, [&] { return ended_; })) {
      lock.unlock();
      thread_.join();
      return;
    }
  }
  // A callback or a deaf peer kept the thread too long. What is left undone is ended here, so that every caller hears
  // of it, and nothing (its coroutines hold us) stays suspended for ever with its socket.
  io_.stop();
  thread_.join();
  id_ = std::this_thread::get_id();
  io_.restart();
  shut_down(clients, true);
  io_.poll();
}

bool NetCore::post(std::function<void()> work) {
  const std::lock_guard lock{mutex_};
  if (stopping_) return false;
  asio::post(io_, std::move(work));
  return true;
}

bool NetCore::add(std::weak_ptr<NetClient> client) {
  const std::lock_guard lock{mutex_};
  if (stopping_) return false;
  std::erase_if(clients_, [](const auto& weak) { return weak.expired(); });
  clients_.push_back(std::move(client));
  return true;
}

// ---- names ----------------------------------------------------------------------------------------------------------

asio::awaitable<tl::expected<std::vector<tcp::endpoint>, NetError>> NetCore::resolve(std::shared_ptr<Watch> watch,
                                                                                     std::string host,
                                                                                     std::uint16_t port,
                                                                                     std::string where) {
  std::vector<tcp::endpoint> endpoints;
  const auto known = options_.hosts.find(host);
  boost::system::error_code not_an_address;
  const auto address = asio::ip::make_address(known == options_.hosts.end() ? host : known->second, not_an_address);
  if (!not_an_address) {
    endpoints.emplace_back(address, port);
    co_return endpoints;
  }

  NetError error;
  error.fault = NetFault::not_resolved;
  error.phase = NetPhase::resolve;
  if (lookups_ >= options_.lookups_max) {
    error.message = where + ": " + std::to_string(lookups_) +
                    " name look-ups are under way already; connect to less at once, or look at this machine's name "
                    "servers if they are slow";
    co_return tl::unexpected{error};
  }
  auto lookup = std::make_shared<Lookup>();
  ++lookups_;
  try {
    std::thread{[weak_core = weak_from_this(), weak_watch = std::weak_ptr{watch}, lookup, host] {
      set_name("net-lookup");
      auto found = look_up(host);
      const auto core = weak_core.lock();
      if (!core) return;
      core->post([core = core.get(), weak_watch, lookup, found = std::move(found)]() mutable {
        --core->lookups_;
        *lookup = std::move(found);
        lookup->done = true;
        if (const auto waiting = weak_watch.lock()) waiting->wake();
      });
    }}.detach();
  } catch (const std::system_error& failed) {
    --lookups_;
    error.message = where + ": no thread for the name look-up: " + failed.what();
    co_return tl::unexpected{error};
  }
  while (!lookup->done && !watch->ended()) co_await watch->sleep_until(Watch::Time::max());
  if (watch->ended()) co_return tl::unexpected{watch->error(where, false)};
  if (lookup->addresses.empty()) {
    error.message = where + ": no address for the name: " + lookup->why + "; look at the name and at the name servers";
    co_return tl::unexpected{error};
  }
  for (const auto& found : lookup->addresses) endpoints.emplace_back(found, port);
  co_return endpoints;
}

}  // namespace tradebus
