// Printing of described values, from their field list: "Quote{symbol=AAPL, bid=190.5}". Absent fields are left out.
#pragma once

#include <map>
#include <ostream>
#include <sstream>
#include <string>
#include <vector>

#include "bus/model/decimal.hpp"
#include "bus/model/describe.hpp"
#include "bus/model/enums.hpp"
#include "bus/model/instrument.hpp"
#include "bus/model/strong_string.hpp"
#include "bus/model/time.hpp"

namespace tradebus {

template <Described T>
std::ostream& operator<<(std::ostream& out, const T& value);

namespace detail {
template <class Tag, class Rep>
void print(std::ostream& out, Decimal<Tag, Rep> v) {
  out << v.to_string();
}
template <class Tag>
void print(std::ostream& out, const StrongString<Tag>& v) {
  out << v.str();
}
inline void print(std::ostream& out, Timestamp v) { out << to_iso8601(v); }
inline void print(std::ostream& out, Date v) { out << v.to_string(); }
inline void print(std::ostream& out, const std::string& v) { out << '"' << v << '"'; }
inline void print(std::ostream& out, bool v) { out << (v ? "true" : "false"); }
template <NamedEnum E>
void print(std::ostream& out, E v) {
  out << to_string(v);
}
template <class N>
requires(std::is_arithmetic_v<N> && !std::is_same_v<N, bool>) void print(std::ostream& out, N v) { out << v; }
template <Described T>
void print(std::ostream& out, const T& v) {
  out << v;
}
// A value without a field list prints itself.
template <class T>
requires(std::is_class_v<T> && !Described<T> &&
         requires(std::ostream & o, const T& x) { o << x; }) void print(std::ostream& out, const T& v) {
  out << v;
}
template <class T>
void print(std::ostream& out, const std::vector<T>& v) {
  out << '[';
  for (std::size_t i = 0; i < v.size(); ++i) {
    if (i != 0) out << ", ";
    print(out, v[i]);
  }
  out << ']';
}
inline void print(std::ostream& out, const std::map<std::string, std::string>& v) {
  out << '{';
  for (auto it = v.begin(); it != v.end(); ++it)
    out << (it == v.begin() ? "" : ", ") << it->first << ": " << it->second;
  out << '}';
}
}  // namespace detail

template <Described T>
std::ostream& operator<<(std::ostream& out, const T& value) {
  out << T::type_name << '{';
  bool first = true;
  for_each_field<T>([&](const auto& f) {
    const auto& v = value.*(f.member);
    auto one = [&](const auto& x) {
      if (!first) out << ", ";
      first = false;
      out << f.name << '=';
      detail::print(out, x);
    };
    if constexpr (is_optional<std::decay_t<decltype(v)>>) {
      if (v) one(*v);
    } else {
      one(v);
    }
  });
  return out << '}';
}

template <Described T>
std::string to_string(const T& value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

}  // namespace tradebus
