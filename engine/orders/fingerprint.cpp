#include "engine/orders/fingerprint.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <type_traits>

namespace tradebus {

namespace {

class Mixer {
 public:
  // One step of splitmix64 a word: each bit of it moves half of the state.
  void add(std::uint64_t word) {
    state_ = (state_ ^ word) + 0x9e3779b97f4a7c15U;
    state_ = (state_ ^ (state_ >> 30U)) * 0xbf58476d1ce4e5b9U;
    state_ = (state_ ^ (state_ >> 27U)) * 0x94d049bb133111ebU;
    state_ ^= state_ >> 31U;
  }
  void add(const std::string& text) {
    add(text.size());
    for (std::size_t at = 0; at < text.size(); at += 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, text.data() + at, std::min<std::size_t>(8, text.size() - at));
      add(word);
    }
  }
  template <class Tag>
  void add(const StrongString<Tag>& text) {
    add(text.str());
  }
  template <class Tag, class Rep>
  void add(Decimal<Tag, Rep> value) {
    const auto wide = static_cast<Int128>(value.raw());
    add(static_cast<std::uint64_t>(wide));
    if constexpr (sizeof(Rep) > 8) add(static_cast<std::uint64_t>(wide >> 64));
  }
  void add(Timestamp t) { add(static_cast<std::uint64_t>(unix_ns(t))); }
  void add(double value) { add(std::bit_cast<std::uint64_t>(value)); }
  void add(bool value) { add(std::uint64_t{value}); }
  void add(std::int32_t value) { add(static_cast<std::uint64_t>(value)); }
  template <NamedEnum E>
  void add(E value) {
    add(static_cast<std::uint64_t>(value));
  }
  void add(const StrategyParameters& parameters) {
    add(parameters.size());
    for (const auto& [name, text] : parameters) {
      add(name);
      add(text);
    }
  }
  template <Described T>
  void add(const T& value) {
    add_fields(value);
  }
  // Which of the optional fields are there is told apart by `position`: absent ones cost nothing.
  template <class T>
  void add_field(std::uint64_t position, const T& value) {
    if constexpr (is_optional<T>) {
      if (!value) return;
      add(position);
      add(*value);
    } else {
      add(value);
    }
  }
  template <Described T>
  void add_fields(const T& value) {
    std::uint64_t position = 0;
    for_each_field<T>([&](const auto& f) { add_field(++position, value.*(f.member)); });
  }
  std::uint64_t result() const { return state_; }

 private:
  std::uint64_t state_ = 0;
};

}  // namespace

std::uint64_t fingerprint(const TradeOrder& order, const std::vector<OrderLeg>& legs) {
  Mixer mixer;
  mixer.add_fields(order);
  for (const auto& leg : legs) mixer.add_fields(leg);
  return mixer.result();
}

std::uint64_t client_key(const ClientName& client, const ClientOrderId& id) {
  if (id.empty()) return 0;
  Mixer mixer;
  mixer.add(client);
  mixer.add(id);
  return std::max<std::uint64_t>(mixer.result(), 1);
}

}  // namespace tradebus
