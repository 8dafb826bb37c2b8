#include "bus/bridge/feed_batches.hpp"

#include "bus/wire/pack.hpp"

namespace tradebus {

FeedBatches::FeedBatches(std::size_t items_max) : items_max_{items_max} {
  for (std::size_t i = 0; i < feeds_.size(); ++i)
    feeds_[i].topic = "feed|" + std::string{EnumTexts<StreamKind>::texts[i]} + "|";
}

std::string_view FeedBatches::message(StreamKind kind) {
  const auto& feed = at(kind);
  wire::Buffer buffer{std::move(message_)};
  buffer.bytes.clear();
  wire::Packer out{buffer};
  out.pack_map(2);
  wire::pack(out, "seq");
  wire::pack(out, feed.seq);
  wire::pack(out, "items");
  out.pack_array(static_cast<std::uint32_t>(feed.items));
  buffer.bytes.append(feed.bytes);
  message_ = std::move(buffer.bytes);
  return message_;
}

void FeedBatches::clear(StreamKind kind) {
  auto& feed = at(kind);
  feed.bytes.clear();
  feed.items = 0;
  ++feed.seq;
}

}  // namespace tradebus
