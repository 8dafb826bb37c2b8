// Collects messages of one kind into `feed|KIND|` messages: {seq, items: [bodies]}. One thread only.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "bus/model/enums.hpp"

namespace tradebus {

class FeedBatches {
 public:
  explicit FeedBatches(std::size_t items_max);

  bool full(StreamKind kind) const { return at(kind).items >= items_max_; }
  bool empty(StreamKind kind) const { return at(kind).items == 0; }
  void add(StreamKind kind, std::string_view body) {
    auto& feed = at(kind);
    feed.bytes.append(body);
    ++feed.items;
  }
  std::string_view topic(StreamKind kind) const { return at(kind).topic; }
  // The message as it stands; valid until the next call. The same number until clear().
  std::string_view message(StreamKind kind);
  void clear(StreamKind kind);

 private:
  struct Feed {
    std::string topic;
    std::string bytes;
    std::size_t items = 0;
    std::uint64_t seq = 1;
  };
  Feed& at(StreamKind kind) { return feeds_[static_cast<std::size_t>(kind)]; }
  const Feed& at(StreamKind kind) const { return feeds_[static_cast<std::size_t>(kind)]; }

  std::size_t items_max_;
  std::array<Feed, EnumTexts<StreamKind>::texts.size()> feeds_;
  std::string message_;
};

}  // namespace tradebus
