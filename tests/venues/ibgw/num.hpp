// Exact decimals of the simulator: prices, sizes, money, in units of 1e-9. An amount that a message leaves unset is an
// empty optional.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "bus/model/decimal.hpp"

namespace tradebus::ibgw_sim {

class Num {
 public:
  static constexpr std::int64_t scale = 1'000'000'000;

  constexpr Num() = default;
  constexpr Num(int whole) : raw_(Int128{whole} * scale) {}
  static constexpr Num from_raw(Int128 raw) {
    Num out;
    out.raw_ = raw;
    return out;
  }
  // Empty text, letters and what is too large have no value.
  static std::optional<Num> parse(std::string_view text) {
    std::string why;
    const auto nanos = detail::parse_nanos(text, true, why);
    if (!nanos || *nanos > limit || *nanos < -limit) return std::nullopt;
    return from_raw(*nanos);
  }
  // To the nearest multiple of `step`.
  static Num from_double(double value, Num step) {
    const double steps = value * static_cast<double>(scale) / static_cast<double>(step.raw_);
    return from_raw(static_cast<Int128>(steps < 0 ? steps - 0.5 : steps + 0.5) * step.raw_);
  }

  constexpr Int128 raw() const { return raw_; }
  double to_double() const { return detail::nanos_to_double(raw_); }
  std::string text() const { return detail::nanos_to_string(raw_); }
  // As a Java double is written: 150.0, 1.8E-4.
  std::string java() const;

  constexpr bool zero() const { return raw_ == 0; }
  constexpr bool positive() const { return raw_ > 0; }
  constexpr bool negative() const { return raw_ < 0; }
  constexpr bool multiple_of(Num step) const { return step.raw_ != 0 && raw_ % step.raw_ == 0; }
  constexpr Num abs() const { return raw_ < 0 ? from_raw(-raw_) : *this; }

  friend constexpr Num operator+(Num a, Num b) { return from_raw(a.raw_ + b.raw_); }
  friend constexpr Num operator-(Num a, Num b) { return from_raw(a.raw_ - b.raw_); }
  friend constexpr Num operator-(Num a) { return from_raw(-a.raw_); }
  friend Num operator*(Num a, Num b) { return from_raw(detail::divide_half_even(a.raw_ * b.raw_, scale)); }
  // b must not be zero.
  friend Num operator/(Num a, Num b) {
    return b.raw_ > 0 ? from_raw(detail::divide_half_even(a.raw_ * scale, b.raw_))
                      : from_raw(detail::divide_half_even(-a.raw_ * scale, -b.raw_));
  }
  Num& operator+=(Num b) { return *this = *this + b; }
  Num& operator-=(Num b) { return *this = *this - b; }
  friend constexpr bool operator==(Num a, Num b) { return a.raw_ == b.raw_; }
  friend constexpr auto operator<=>(Num a, Num b) {
    if (a.raw_ < b.raw_) return std::strong_ordering::less;
    return a.raw_ > b.raw_ ? std::strong_ordering::greater : std::strong_ordering::equal;
  }

 private:
  // Two of them multiplied still fit; orders have narrower limits.
  static constexpr Int128 limit = Int128{10'000'000'000} * scale;

  Int128 raw_ = 0;
};

inline Num min(Num a, Num b) { return b < a ? b : a; }
inline Num max(Num a, Num b) { return a < b ? b : a; }

}  // namespace tradebus::ibgw_sim
