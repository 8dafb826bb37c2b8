// Who uses which market data line. One line serves all topics of one contract; there are only so many of them. Topics
// that found none wait in the order in which they came. A snapshot borrows a line until it ends, when no topic needs
// it. Plain bookkeeping; ids, no requests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "actors/providers/market_batch.hpp"

namespace tradebus::ibkr::data {

class LineTable {
 public:
  using ConId = std::int64_t;
  enum class Grant : std::uint8_t {
    joined,   // the contract has a line
    opened,   // a new one: ask for it
    refused,  // none is left; the topic waits
  };
  static constexpr std::size_t waiting_max = 10'000;  // topics; the oldest are forgotten

  explicit LineTable(std::size_t lines_max) : lines_max_{lines_max}, allowed_{lines_max} {}

  // A topic that has a line already gives it up first.
  Grant need(TopicRef topic, ConId contract);
  // The line that nobody needs any more, and is closed. A topic that waits waits no more.
  std::optional<ConId> release(TopicRef topic);
  // The contract's line is refused or gone: its topics have none, and don't wait.
  std::vector<TopicRef> drop(ConId contract);
  // All lines are gone, all topics without one. Who waits goes on waiting; what is borrowed is given back by its owner.
  void clear();

  // The venue has fewer than was thought (101): other programs use some of them. Until raise().
  // `refused`: of those that count as used, the venue has just refused so many.
  void allow_no_more(std::size_t refused = 0);
  void raise();
  // The topic had none, and is to wait.
  void wait(TopicRef topic);
  // Those that may be asked for again: as many as there are free lines. They wait no more, and nobody borrows what was
  // offered to them, until it is taken or the offers are over.
  std::vector<TopicRef> take_waiting();
  void end_offers() { offered_ = 0; }

  // A line for a snapshot; false: there is none to spare.
  bool borrow();
  void give_back();

  std::optional<ConId> line_of(TopicRef topic) const;
  // By number.
  const std::vector<TopicRef>* topics_of(ConId contract) const;
  std::size_t size() const { return lines_.size(); }
  std::size_t used() const { return lines_.size() + borrowed_; }
  std::size_t free() const { return used() >= allowed_ ? 0 : allowed_ - used(); }
  std::size_t borrowed() const { return borrowed_; }
  std::size_t allowed() const { return allowed_; }
  bool is_restricted() const { return allowed_ < lines_max_; }
  std::size_t waiting() const { return waiting_.size(); }

 private:
  std::size_t lines_max_;
  std::size_t allowed_;
  std::map<ConId, std::vector<TopicRef>> lines_;
  std::unordered_map<TopicRef, ConId> by_topic_;
  std::deque<TopicRef> waiting_;
  std::size_t offered_ = 0;
  std::size_t borrowed_ = 0;
};

}  // namespace tradebus::ibkr::data
