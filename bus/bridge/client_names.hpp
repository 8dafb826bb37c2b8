// Which name a connection gave in hello. Bounded: the connection that has been silent for longest is forgotten first,
// so that a client that works keeps its name however many others come and go. One thread only.
#pragma once

#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace tradebus {

class ClientNames {
 public:
  explicit ClientNames(std::size_t max) : max_{max} {}

  void set(std::string identity, std::string name) {
    if (const auto it = by_identity_.find(identity); it != by_identity_.end()) {
      it->second->second = std::move(name);
      used_.splice(used_.begin(), used_, it->second);
      return;
    }
    if (by_identity_.size() >= max_) {
      by_identity_.erase(used_.back().first);
      used_.pop_back();
    }
    used_.emplace_front(std::move(identity), std::move(name));
    by_identity_.emplace(used_.front().first, used_.begin());
  }

  // "" for a connection that has given none.
  std::string name_of(std::string_view identity) {
    const auto it = by_identity_.find(identity);
    if (it == by_identity_.end()) return {};
    used_.splice(used_.begin(), used_, it->second);
    return it->second->second;
  }
  std::size_t size() const { return by_identity_.size(); }

 private:
  using Used = std::list<std::pair<std::string, std::string>>;  // identity, name; the last used first
  std::size_t max_;
  Used used_;
  std::unordered_map<std::string_view, Used::iterator> by_identity_;  // keys live in used_
};

}  // namespace tradebus
