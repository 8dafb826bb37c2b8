// The topics of one connection: who wants which symbol of which channel, and how far the venue has agreed. The decoder
// finds an event's topic here without an allocation. Not thread safe: the stream's lock guards it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "actors/providers/market_batch.hpp"
#include "actors/providers/massive/stream/channel.hpp"

namespace tradebus::massive::stream {

struct Topic {
  enum class Stage : std::uint8_t {
    none,     // a free place
    queued,   // to be asked for
    asked,    // the venue has not answered yet
    suspect,  // an answer named no topic: to be asked for alone
    held,     // confirmed
    leaving,  // held, to be given back
  };

  Stage stage = Stage::none;
  Channel channel = Channel::trade;
  bool wanted = false;      // false: given back while the venue has not answered
  bool gap = false;         // announced, and not over yet
  bool has_data = false;    // since it was asked for: as good as a confirmation
  bool in_queue = false;    // the session's queue names this place
  unsigned silences = 0;    // how often it was asked for in vain
  std::uint64_t asked = 0;  // which question; tells an old entry of the session's list from a new one
  TopicRef ref = 0;
  std::int64_t last_bar = 0;       // start of the newest bar seen, ns
  const std::string* symbol = {};  // as the stream writes it; the table's own key

  std::string text() const { return std::string{letters(channel)} + '.' + *symbol; }
};

class Topics {
 public:
  using Id = std::uint32_t;
  static constexpr Id none = ~Id{0};

  Id find(Channel channel, std::string_view symbol) const {
    const auto it = symbols_.find(symbol);
    return it == symbols_.end() ? none : it->second[static_cast<std::size_t>(channel)];
  }
  Id find(TopicRef ref) const {
    const auto it = refs_.find(ref);
    return it == refs_.end() ? none : it->second;
  }
  // There is none of this channel and symbol.
  Id add(Channel channel, std::string_view symbol);
  void remove(Id id);
  // Events go out under this ref from now on; whoever had the ref before has none. A topic without one is unwanted.
  void want(Id id, TopicRef ref);
  void unwant(Id id);

  Topic& operator[](Id id) { return topics_[id]; }
  const Topic& operator[](Id id) const { return topics_[id]; }
  Id end() const { return static_cast<Id>(topics_.size()); }  // ids are below; some are free
  std::size_t size() const { return size_; }
  std::size_t size(Channel channel) const { return sizes_[static_cast<std::size_t>(channel)]; }
  std::size_t wanted() const { return refs_.size(); }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };

  std::vector<Topic> topics_;
  std::vector<Id> free_;
  std::unordered_map<std::string, std::array<Id, channels>, Hash, std::equal_to<>> symbols_;
  std::unordered_map<TopicRef, Id> refs_;
  std::size_t size_ = 0;
  std::array<std::size_t, channels> sizes_{};
};

}  // namespace tradebus::massive::stream
