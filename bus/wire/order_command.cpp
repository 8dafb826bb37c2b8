#include "bus/wire/order_command.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <tuple>
#include <utility>

#include "bus/wire/unpack.hpp"

namespace tradebus::wire {

namespace {

// Goes through packed values; `ok` falls, for good, at the first one that it does not expect.
class Scanner {
 public:
  explicit Scanner(std::string_view bytes) : at_{bytes.data()}, end_{bytes.data() + bytes.size()} {}

  bool at_end() const { return at_ == end_; }
  std::uint8_t peek() const { return at_ < end_ ? static_cast<std::uint8_t>(*at_) : never_used; }
  bool skip_nil() {
    if (peek() != 0xc0) return false;
    ++at_;
    return true;
  }

  bool map_size(std::uint32_t& out) {
    const auto b = take();
    if (b >= 0x80 && b <= 0x8f) {
      out = b & 0x0fU;
      return true;
    }
    return b == 0xde && number(2, out);
  }
  bool text(std::string_view& out) {
    const auto b = take();
    std::uint32_t size = b & 0x1fU;
    if (b < 0xa0 || b > 0xbf)
      if (b != 0xd9 || !number(1, size)) return false;
    if (static_cast<std::size_t>(end_ - at_) < size) return false;
    out = {at_, size};
    at_ += size;
    return true;
  }
  bool integer(std::int64_t& out) {
    const auto b = take();
    if (b <= 0x7f || b >= 0xe0) {
      out = static_cast<std::int8_t>(b);
      return true;
    }
    switch (b) {
      case 0xcc:
        return whole<std::uint8_t>(out);
      case 0xcd:
        return whole<std::uint16_t>(out);
      case 0xce:
        return whole<std::uint32_t>(out);
      case 0xcf:
        return whole<std::uint64_t>(out) && out >= 0;
      case 0xd0:
        return whole<std::int8_t>(out);
      case 0xd1:
        return whole<std::int16_t>(out);
      case 0xd2:
        return whole<std::int32_t>(out);
      case 0xd3:
        return whole<std::int64_t>(out);
      default:
        return false;
    }
  }
  bool real(double& out) {
    std::uint64_t bits = 0;
    if (take() != 0xcb || !number(8, bits)) return false;
    out = std::bit_cast<double>(bits);
    return std::isfinite(out);
  }
  bool boolean(bool& out) {
    const auto b = take();
    out = b == 0xc3;
    return b == 0xc2 || b == 0xc3;
  }

 private:
  static constexpr std::uint8_t never_used = 0xc1;

  std::uint8_t take() { return at_ < end_ ? static_cast<std::uint8_t>(*at_++) : never_used; }
  template <class U>
  bool number(std::size_t width, U& out) {
    if (static_cast<std::size_t>(end_ - at_) < width) return false;
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < width; ++i) value = value << 8U | static_cast<std::uint8_t>(at_[i]);
    at_ += width;
    out = static_cast<U>(value);
    return true;
  }
  template <class I>
  bool whole(std::int64_t& out) {
    std::uint64_t raw = 0;
    if (!number(sizeof(I), raw)) return false;
    out = static_cast<std::int64_t>(static_cast<I>(raw));
    return true;
  }

  const char* at_;
  const char* end_;
};

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<std::uint8_t>(c) < 0x80; });
}

bool read(Scanner& in, std::string_view& out) { return in.text(out) && is_ascii(out); }

bool read(Scanner& in, std::string& out) {
  std::string_view text;
  if (!read(in, text)) return false;
  out.assign(text);
  return true;
}

template <class Tag>
bool read(Scanner& in, StrongString<Tag>& out) {
  std::string_view text;
  if (!read(in, text)) return false;
  out = StrongString<Tag>{text};
  return true;
}

bool read(Scanner& in, Symbol& out) {
  std::string_view text;
  if (!read(in, text)) return false;
  auto symbol = parse_symbol(text);
  if (symbol) out = std::move(*symbol);
  return symbol.has_value();
}

template <NamedEnum E>
bool read(Scanner& in, E& out) {
  std::string_view text;
  if (!in.text(text)) return false;
  const auto value = enum_from_string<E>(text);
  if (value) out = *value;
  return value.has_value();
}

template <class Tag, class Rep>
bool read(Scanner& in, Decimal<Tag, Rep>& out) {
  using D = Decimal<Tag, Rep>;
  Result<D> value;
  std::string_view text;
  double real = 0;
  std::int64_t integer = 0;
  const auto b = in.peek();
  if (b == 0xcb) {
    if (!in.real(real)) return false;
    value = D::from_double(real);
  } else if (b == 0xd9 || (b >= 0xa0 && b <= 0xbf)) {
    if (!in.text(text)) return false;
    value = D::parse(text);
  } else {
    if (!in.integer(integer)) return false;
    value = D::from_integer(integer);
  }
  if (value) out = *value;
  return value.has_value();
}

bool read(Scanner& in, double& out) {
  if (in.peek() == 0xcb) return in.real(out);
  std::int64_t integer = 0;
  if (!in.integer(integer)) return false;
  out = static_cast<double>(integer);
  return true;
}

bool read(Scanner& in, Timestamp& out) {
  std::int64_t ns = 0;
  if (!in.integer(ns)) return false;
  out = from_unix_ns(ns);
  return true;
}

bool read(Scanner& in, bool& out) { return in.boolean(out); }

// Rare: unpack_fields() reads them.
bool read(Scanner&, Bracket&) { return false; }
bool read(Scanner&, StrategyParameters&) { return false; }

// nil counts as absent.
template <class T>
bool read_value(Scanner& in, T& out) {
  if constexpr (is_optional<T>)
    return read(in, out.emplace());
  else
    return read(in, out);
}

constexpr auto fields = TradeOrder::fields();
constexpr std::size_t field_count = std::tuple_size_v<decltype(fields)>;
static_assert(field_count <= 32, "a bit each");
using Indexes = std::make_index_sequence<field_count>;

template <std::size_t... I>
constexpr std::uint32_t mask_of(std::initializer_list<std::string_view> names, std::index_sequence<I...>) {
  std::uint32_t mask = 0;
  for (const auto name : names) ((mask |= std::get<I>(fields).name == name ? 1U << I : 0U), ...);
  return mask;
}
constexpr auto required = mask_of({"client_order_id", "symbol", "side", "order_type"}, Indexes{});

// Keys that came, and those of them that had a value. A field's position is its bit.
struct Seen {
  std::uint32_t keys = 0;
  std::uint32_t values = 0;
};

// The value of the key named `name`; false when it is none of ours, comes twice, or can't be read.
template <std::size_t... I>
bool read_field(Scanner& in, std::string_view name, TradeOrder& order, Seen& seen, std::index_sequence<I...>) {
  bool good = false;
  const auto one = [&]<std::size_t N>(std::integral_constant<std::size_t, N>) {
    constexpr auto f = std::get<N>(fields);
    constexpr std::uint32_t bit = 1U << N;
    if (name.size() != f.name.size() || name != f.name) return false;
    if ((seen.keys & bit) != 0) return true;
    seen.keys |= bit;
    good = in.skip_nil();
    if (good) return true;
    seen.values |= bit;
    good = read_value(in, order.*(f.member));
    return true;
  };
  const bool known = (one(std::integral_constant<std::size_t, I>{}) || ...);
  return known && good;
}

}  // namespace

bool read_order(std::string_view args, TradeOrder& order) {
  Scanner in{args};
  std::uint32_t pairs = 0;
  Seen seen;
  if (!in.map_size(pairs)) return false;
  for (; pairs > 0; --pairs) {
    std::string_view key;
    if (!in.text(key) || !read_field(in, key, order, seen, Indexes{})) return false;
  }
  return in.at_end() && (seen.values & required) == required;
}

}  // namespace tradebus::wire
