// What get_quote has learned of topics that are closed: their last quote, or why there is none, for as long as that is
// good. Bounded: what was learned first goes first. Time is passed in. One owner, no lock.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <utility>
#include <variant>

#include "bus/model/error.hpp"
#include "bus/model/market_data.hpp"
#include "bus/model/strong_string.hpp"
#include "bus/model/time.hpp"

namespace tradebus {

class KeptQuotes {
 public:
  using Answer = std::variant<Quote, Error>;

  explicit KeptQuotes(std::size_t entries_max) : entries_max_{entries_max} {}

  // Replaces what was known. Nothing is kept when `until` is not after `now`.
  void put(std::size_t provider, const Symbol& symbol, Answer answer, Timestamp now, Timestamp until);
  // Null: nothing that is good at `now`. Valid until the next call.
  const Answer* find(std::size_t provider, const Symbol& symbol, Timestamp now);
  // It is open again: what flows says more.
  void erase(std::size_t provider, const Symbol& symbol);
  // An empty symbol: all.
  void clear(const Symbol& symbol);

  std::size_t entries() const { return by_key_.size(); }
  std::size_t bytes() const { return bytes_; }
  std::int64_t evicted() const { return evicted_; }  // for want of room

 private:
  using Key = std::pair<Symbol, std::size_t>;
  struct Entry {
    Key key;
    Answer answer;
    Timestamp learned{};
    Timestamp until{};
  };
  using Entries = std::list<Entry>;
  static std::size_t size_of(const Entry& entry);
  void remove(Entries::iterator entry);

  std::size_t entries_max_;
  std::size_t bytes_ = 0;
  std::int64_t evicted_ = 0;
  Entries entries_;  // the oldest first
  std::map<Key, Entries::iterator> by_key_;
};

}  // namespace tradebus
