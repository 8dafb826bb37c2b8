#include "actors/providers/_template/client.hpp"

#include <utility>

namespace tradebus::_template::provider {

Client::Client(ClientOptions options, Listener& listener) : options_{std::move(options)}, listener_{listener} {
  thread_ = std::thread{[this] { run(); }};
}

Client::~Client() {
  {
    const std::lock_guard lock{mutex_};
    stop_ = true;
  }
  news_.notify_all();  // a real client wakes its event loop here
  thread_.join();
}

bool Client::subscribe(std::uint32_t id, std::string symbol) { return post(Open{id, std::move(symbol)}); }
bool Client::unsubscribe(std::uint32_t id) { return post(Close{id}); }

bool Client::post(Command command) {
  {
    const std::lock_guard lock{mutex_};
    if (commands_.size() >= commands_max) return false;
    commands_.push_back(std::move(command));
  }
  news_.notify_all();
  return true;
}

// VENUE: an event loop takes the place of this wait: it reads the socket, answers pings, notices silence, and connects
// anew with growing pauses. Each message becomes a struct of models.hpp and goes to the listener.
void Client::run() {
  listener_.on_link(false, "this is the template: there is no venue behind it");
  std::unique_lock lock{mutex_};
  while (!stop_) {
    const auto commands = std::exchange(commands_, {});
    lock.unlock();
    for (const auto& command : commands) apply(command);
    listener_.on_idle();
    lock.lock();
    news_.wait(lock, [this] { return stop_ || !commands_.empty(); });
  }
}

void Client::apply(const Command& command) {
  if (const auto* open = std::get_if<Open>(&command)) {
    open_[open->id] = open->symbol;  // VENUE: send {"action":"subscribe","quotes":[symbol]}
  } else if (const auto* close = std::get_if<Close>(&command)) {
    open_.erase(close->id);  // VENUE: send {"action":"unsubscribe", ...}
  }
}

}  // namespace tradebus::_template::provider
