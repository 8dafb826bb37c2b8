// Clients that asked for their orders to be canceled when nothing is heard of them. Pure: the time is passed in; one
// thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tradebus {

class ClientWatch {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit ClientWatch(std::size_t max) : max_{max} {}

  bool empty() const { return clients_.empty(); }
  // Beside those that are about to be.
  bool has_room(const std::string& client, std::size_t about_to_be) const {
    return clients_.contains(client) || clients_.size() + about_to_be < max_;
  }
  // From now on. False: too many are watched.
  bool watch(const std::string& client, std::chrono::milliseconds silence, Time now) {
    if (!clients_.contains(client) && clients_.size() >= max_) return false;
    clients_[client] = {silence, now, false};
    return true;
  }
  void unwatch(std::string_view client) {
    if (const auto it = clients_.find(client); it != clients_.end()) clients_.erase(it);
  }
  // A sign of life. True: it had been silent, and its orders were canceled.
  bool seen(std::string_view client, Time now) {
    const auto it = clients_.find(client);
    if (it == clients_.end()) return false;
    it->second.last = now;
    return std::exchange(it->second.silent, false);
  }
  // Those that have been silent for their time; each is told once a silence.
  std::vector<std::string> silent(Time now) {
    std::vector<std::string> out;
    for (auto& [name, client] : clients_) {
      if (client.silent || now - client.last < client.silence) continue;
      client.silent = true;
      out.push_back(name);
    }
    return out;
  }
  // When the next one could be silent.
  std::optional<Time> next() const {
    std::optional<Time> out;
    for (const auto& [name, client] : clients_)
      if (!client.silent && (!out || client.last + client.silence < *out)) out = client.last + client.silence;
    return out;
  }

 private:
  struct Client {
    std::chrono::milliseconds silence{};
    Time last;
    bool silent = false;
  };
  std::size_t max_;
  std::map<std::string, Client, std::less<>> clients_;
};

}  // namespace tradebus
