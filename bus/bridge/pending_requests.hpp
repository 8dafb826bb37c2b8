// Requests that have not been answered yet: who asked, under which id, until when. One thread only.
// A token is handed to the actors and comes back with the answer; exactly one reply leaves for each request.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <queue>
#include <string>
#include <vector>
#include <zmq.hpp>

namespace tradebus {

class PendingRequests {
 public:
  using Time = std::chrono::steady_clock::time_point;
  struct Request {
    std::vector<zmq::message_t> envelope;  // the frames in front of the body
    std::string id;                        // packed, as it came
    std::string op;
    Time deadline;
  };

  explicit PendingRequests(std::size_t open_max) : open_max_{open_max} {}

  // Empty when too many are open.
  std::optional<std::uint64_t> add(Request request);
  // The request of this token, which is closed with it; empty when it was answered before (its deadline passed).
  std::optional<Request> take(std::uint64_t token);
  // Those whose deadline has passed, closed with it.
  std::vector<Request> take_expired(Time now);
  std::optional<Time> next_deadline();

  std::size_t open() const { return open_; }
  bool full() const { return open_ >= open_max_; }

 private:
  struct Slot {
    std::uint32_t generation = 0;
    std::optional<Request> request;
  };
  struct Deadline {
    Time at;
    std::uint64_t token;
    bool operator>(const Deadline& other) const { return at > other.at; }
  };
  void forget_answered();

  std::size_t open_max_;
  std::size_t open_ = 0;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
  std::priority_queue<Deadline, std::vector<Deadline>, std::greater<>> deadlines_;
};

}  // namespace tradebus
