#include "actors/brokers/_template/client.hpp"

#include <utility>

namespace tradebus::_template::broker {

namespace {
constexpr const char* no_venue = "this is the template: there is no venue behind it, nothing was sent";
}

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

bool Client::submit(std::uint64_t id, OrderPayload order) { return post(Submit{id, std::move(order)}); }
bool Client::cancel(std::uint64_t id, std::string client_order_id) {
  return post(Cancel{id, std::move(client_order_id)});
}

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
// anew with growing pauses. Each order message becomes an OrderUpdate and goes to the listener, in the venue's order.
void Client::run() {
  listener_.on_link(false, no_venue);
  std::unique_lock lock{mutex_};
  while (!stop_) {
    const auto commands = std::exchange(commands_, {});
    lock.unlock();
    for (const auto& command : commands) apply(command);
    lock.lock();
    news_.wait(lock, [this] { return stop_ || !commands_.empty(); });
  }
}

// VENUE: keep each id until the venue answers. When the link is lost under it, the outcome is unknown, never refused.
void Client::apply(const Command& command) {
  std::visit([this](const auto& each) { listener_.on_answer(each.id, Outcome::refused, no_venue); }, command);
}

}  // namespace tradebus::_template::broker
