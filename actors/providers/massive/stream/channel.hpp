// The venue's channels that carry our kinds of data, the same letters for stocks and for options.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "bus/model/enums.hpp"

namespace tradebus::massive::stream {

enum class Channel : std::uint8_t { trade, quote, second_bar, minute_bar };
inline constexpr std::size_t channels = 4;

constexpr std::string_view letters(Channel channel) {
  constexpr std::array<std::string_view, channels> texts{"T", "Q", "A", "AM"};
  return texts[static_cast<std::size_t>(channel)];
}

constexpr std::optional<Channel> channel_from(std::string_view text) {
  for (std::size_t i = 0; i < channels; ++i)
    if (const auto channel = static_cast<Channel>(i); letters(channel) == text) return channel;
  return std::nullopt;
}

constexpr std::optional<Channel> channel_of(StreamKind kind) {
  switch (kind) {
    case StreamKind::quote:
      return Channel::quote;
    case StreamKind::trade:
      return Channel::trade;
    case StreamKind::bar_1s:
      return Channel::second_bar;
    case StreamKind::bar_1m:
      return Channel::minute_bar;
    case StreamKind::bar_5m:
    case StreamKind::bar_1h:
    case StreamKind::bar_1d:
    case StreamKind::option:
    case StreamKind::news:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace tradebus::massive::stream
