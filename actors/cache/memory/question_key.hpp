// A question as one string: equal keys are equal questions to the same provider. Put together once a question; bytes,
// not text.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "actors/providers/provider.hpp"
#include "bus/model/decimal.hpp"
#include "bus/model/describe.hpp"
#include "bus/model/instrument.hpp"

namespace tradebus::memory {

namespace detail {

template <class N>
requires(std::is_arithmetic_v<N> || std::is_enum_v<N>) void append_key(std::string& key, N value) {
  key.append(reinterpret_cast<const char*>(&value), sizeof value);
}
// With its length before it, so that two neighbouring texts can't be cut differently.
inline void append_key(std::string& key, std::string_view text) {
  append_key(key, static_cast<std::uint32_t>(text.size()));
  key.append(text);
}
template <class Tag>
void append_key(std::string& key, const StrongString<Tag>& text) {
  append_key(key, std::string_view{text.str()});
}
inline void append_key(std::string& key, Timestamp t) { append_key(key, unix_ns(t)); }
inline void append_key(std::string& key, Date date) {
  append_key(key, date.year);
  append_key(key, date.month);
  append_key(key, date.day);
}
inline void append_key(std::string& key, Price price) { append_key(key, price.raw()); }
template <class T>
void append_key(std::string& key, const std::optional<T>& value) {
  append_key(key, value.has_value());
  if (value) append_key(key, *value);
}

}  // namespace detail

// Bars of up to a quarter of an hour begin on whole multiples in UTC: every `end` between two of them asks for the same
// bars. So strategies that ask for bars "until now" share one answer until the next bar begins.
inline GetHistoricalData same_question(GetHistoricalData query) {
  using namespace std::chrono;
  auto to_grid = [&](auto step) {
    auto up = [](Timestamp t) { return t > Timestamp::max() - hours{1} ? t : Timestamp{ceil<decltype(step)>(t)}; };
    query.start = up(query.start);
    query.end = up(query.end);
  };
  using minutes_5 = duration<std::int64_t, std::ratio<300>>;
  using minutes_15 = duration<std::int64_t, std::ratio<900>>;
  switch (query.timeframe) {
    case Timeframe::s1:
      to_grid(seconds{1});
      break;
    case Timeframe::m1:
      to_grid(minutes{1});
      break;
    case Timeframe::m5:
      to_grid(minutes_5{1});
      break;
    case Timeframe::m15:
      to_grid(minutes_15{1});
      break;
    case Timeframe::h1:  // venues begin hours, days and weeks at different times
    case Timeframe::d1:
    case Timeframe::w1:
      break;
  }
  return query;
}
template <Described Query>
const Query& same_question(const Query& query) {
  return query;
}

template <Described Query>
std::string question_key(const ProviderName& provider, const Query& asked) {
  std::string key;
  key.reserve(96);
  detail::append_key(key, Query::type_name);
  detail::append_key(key, provider);
  const auto& query = same_question(asked);
  for_each_field<Query>([&](const auto& f) { detail::append_key(key, query.*(f.member)); });
  return key;
}

// The symbol that a question with this key is about; empty for those that are about none.
inline std::string_view symbol_of_key(std::string_view key) {
  std::array<std::string_view, 3> texts;  // type, provider, symbol
  for (auto& text : texts) {
    std::uint32_t size = 0;
    if (key.size() < sizeof size) return {};
    std::memcpy(&size, key.data(), sizeof size);
    text = key.substr(sizeof size, size);
    key.remove_prefix(std::min(key.size(), sizeof size + size));
  }
  const bool of_no_symbol = texts[0] == GetMarketNews::type_name || texts[0] == SearchSymbols::type_name;
  return of_no_symbol ? std::string_view{} : texts[2];
}

}  // namespace tradebus::memory
