// How much memory an answer holds beside its own size: an estimate, read from the field lists.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "bus/model/describe.hpp"
#include "bus/model/strong_string.hpp"

namespace tradebus::memory {

template <class T>
requires std::is_trivially_copyable_v<T>
constexpr std::size_t heap_bytes(const T&) { return 0; }
inline std::size_t heap_bytes(const std::string& text) {
  constexpr std::size_t inside = 15;  // libstdc++ keeps these within the object
  return text.capacity() > inside ? text.capacity() + 1 : 0;
}
template <class Tag>
std::size_t heap_bytes(const StrongString<Tag>& text) {
  return heap_bytes(text.str());
}
template <class T>
requires(!std::is_trivially_copyable_v<std::optional<T>>) std::size_t heap_bytes(const std::optional<T>& value);
template <class T>
std::size_t heap_bytes(const std::vector<T>& values);

template <Described T>
requires(!std::is_trivially_copyable_v<T>) std::size_t heap_bytes(const T& value) {
  std::size_t bytes = 0;
  for_each_field<T>([&](const auto& f) { bytes += heap_bytes(value.*(f.member)); });
  return bytes;
}
template <class T>
requires(!std::is_trivially_copyable_v<std::optional<T>>) std::size_t heap_bytes(const std::optional<T>& value) {
  return value ? heap_bytes(*value) : 0;
}
template <class T>
std::size_t heap_bytes(const std::vector<T>& values) {
  std::size_t bytes = values.capacity() * sizeof(T);
  for (const auto& each : values) bytes += heap_bytes(each);
  return bytes;
}

}  // namespace tradebus::memory
