// What was asked and is not over, by request id. `What` is whatever its owner needs to know of a request. Bounded; time
// is passed in.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "actors/brokers/ibkr/session/order_ids.hpp"
#include "bus/model/error.hpp"

namespace tradebus::ibkr::session {

template <class What>
class RequestTable {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Id = std::int32_t;

  explicit RequestTable(std::size_t open_max) : open_max_{open_max} {}

  // Its id. Without a deadline it is a stream, which never expires. overloaded: too many are open.
  Result<Id> open(What what, std::optional<Time> deadline = {}) {
    if (open_.size() >= open_max_)
      return fail(Errc::overloaded,
                  std::to_string(open_.size()) + " requests to the gateway are open; try again later");
    // Ids are never used twice but after two billions of them.
    do {
      next_ = next_ == INT32_MAX ? first_request_id : next_ + 1;
    } while (open_.contains(next_));
    open_.emplace(next_, Entry{std::move(what), deadline});
    return next_;
  }
  // nullptr: not, or no more: what arrives late for it is ignored.
  What* find(Id id) {
    const auto found = open_.find(id);
    return found == open_.end() ? nullptr : &found->second.what;
  }
  std::optional<What> close(Id id) {
    const auto found = open_.find(id);
    if (found == open_.end()) return std::nullopt;
    std::optional<What> out{std::move(found->second.what)};
    open_.erase(found);
    return out;
  }
  // An answer came, and more may follow.
  void extend(Id id, Time deadline) {
    const auto found = open_.find(id);
    if (found != open_.end() && found->second.deadline) found->second.deadline = deadline;
  }
  // Those whose time is over; they are closed.
  std::vector<std::pair<Id, What>> expired(Time now) {
    std::vector<std::pair<Id, What>> out;
    for (auto it = open_.begin(); it != open_.end();) {
      if (!it->second.deadline || *it->second.deadline > now) {
        ++it;
        continue;
      }
      out.emplace_back(it->first, std::move(it->second.what));
      it = open_.erase(it);
    }
    return out;
  }
  // The connection is gone: all of them, in the order in which they were asked.
  std::vector<std::pair<Id, What>> clear() {
    std::vector<std::pair<Id, What>> out;
    for (auto& [id, entry] : open_) out.emplace_back(id, std::move(entry.what));
    open_.clear();
    return out;
  }
  std::size_t size() const { return open_.size(); }

 private:
  struct Entry {
    What what;
    std::optional<Time> deadline;
  };
  std::size_t open_max_;
  std::map<Id, Entry> open_;
  Id next_ = first_request_id;
};

}  // namespace tradebus::ibkr::session
