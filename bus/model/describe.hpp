// Each value type lists its fields once, in `fields()`. msgpack, CAF inspect, equality and printing come from that
// list.
#pragma once

#include <optional>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace tradebus {

template <class T, class M>
struct Field {
  std::string_view name;  // the key on the wire
  M T::*member;
};

template <class T, class M>
constexpr Field<T, M> field(std::string_view name, M T::*member) {
  return {name, member};
}

template <class T>
concept Described = requires {
  { T::type_name } -> std::convertible_to<std::string_view>;
  T::fields();
};

template <Described T, class F>
constexpr void for_each_field(F&& f) {
  std::apply([&](const auto&... each) { (f(each), ...); }, T::fields());
}

template <Described T>
constexpr bool operator==(const T& a, const T& b) {
  return std::apply([&](const auto&... each) { return ((a.*(each.member) == b.*(each.member)) && ...); }, T::fields());
}

// CAF's inspection (messages between actors, also across nodes): found by argument-dependent look-up.
template <class Inspector, Described T>
auto inspect(Inspector& f, T& x) -> typename Inspector::result_type {
  return std::apply([&](const auto&... each) { return f((x.*(each.member))...); }, T::fields());
}

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

}  // namespace tradebus
