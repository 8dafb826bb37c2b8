#include "actors/brokers/paper/paper_records.hpp"

#include <bit>
#include <concepts>
#include <cstring>

namespace tradebus::paper {

namespace {

static_assert(std::endian::native == std::endian::little, "numbers are written as they stand in memory");

struct Writer {
  std::string out;

  template <class T>
  void raw(T value) {
    char bytes[sizeof(T)];
    std::memcpy(bytes, &value, sizeof(T));
    out.append(bytes, sizeof(T));
  }
  void put(bool value) { raw(static_cast<std::uint8_t>(value)); }
  template <class N>
  requires(std::integral<N> || std::floating_point<N>) void put(N value) { raw(value); }
  template <NamedEnum E>
  void put(E value) {
    raw(static_cast<std::uint8_t>(value));
  }
  template <class Tag, class Rep>
  void put(Decimal<Tag, Rep> value) {
    // Nearly all quantities and amounts fit 64 bits.
    if constexpr (sizeof(Rep) > sizeof(std::int64_t)) {
      const bool narrow = value.raw() >= INT64_MIN && value.raw() <= INT64_MAX;
      put(narrow);
      if (narrow) return raw(static_cast<std::int64_t>(value.raw()));
    }
    raw(value.raw());
  }
  void put(Timestamp t) { raw(unix_ns(t)); }
  void put(const std::string& text) {
    raw(static_cast<std::uint32_t>(text.size()));
    out += text;
  }
  template <class Tag>
  void put(const StrongString<Tag>& text) {
    put(text.str());
  }
  template <class T>
  void put(const std::optional<T>& value) {
    put(value.has_value());
    if (value) put(*value);
  }
  template <class T>
  void put(const std::vector<T>& values) {
    raw(static_cast<std::uint32_t>(values.size()));
    for (const auto& each : values) put(each);
  }
  void put(const std::map<std::string, std::string>& texts) {
    raw(static_cast<std::uint32_t>(texts.size()));
    for (const auto& [name, text] : texts) {
      put(name);
      put(text);
    }
  }
  template <Described T>
  void put(const T& value) {
    raw(static_cast<std::uint8_t>(std::tuple_size_v<decltype(T::fields())>));
    for_each_field<T>([&](const auto& f) { put(value.*(f.member)); });
  }
};

struct Reader {
  std::string_view in;
  bool ok = true;

  template <class T>
  void raw(T& value) {
    ok = ok && in.size() >= sizeof(T);
    if (!ok) return;
    std::memcpy(&value, in.data(), sizeof(T));
    in.remove_prefix(sizeof(T));
  }
  void get(bool& value) {
    std::uint8_t byte = 0;
    raw(byte);
    ok = ok && byte <= 1;
    value = byte == 1;
  }
  template <class N>
  requires(std::integral<N> || std::floating_point<N>) void get(N& value) { raw(value); }
  template <NamedEnum E>
  void get(E& value) {
    std::uint8_t byte = 0;
    raw(byte);
    ok = ok && byte < EnumTexts<E>::texts.size();
    if (ok) value = static_cast<E>(byte);
  }
  template <class Tag, class Rep>
  void get(Decimal<Tag, Rep>& value) {
    if constexpr (sizeof(Rep) > sizeof(std::int64_t)) {
      bool narrow = false;
      get(narrow);
      if (narrow) {
        std::int64_t number = 0;
        raw(number);
        value = Decimal<Tag, Rep>::from_raw(number);
        return;
      }
    }
    Rep number{};
    raw(number);
    value = Decimal<Tag, Rep>::from_raw(number);
  }
  void get(Timestamp& t) {
    std::int64_t ns = 0;
    raw(ns);
    t = from_unix_ns(ns);
  }
  void get(std::string& text) {
    std::uint32_t size = 0;
    raw(size);
    ok = ok && in.size() >= size;
    if (!ok) return;
    text.assign(in.substr(0, size));
    in.remove_prefix(size);
  }
  template <class Tag>
  void get(StrongString<Tag>& text) {
    std::string plain;
    get(plain);
    text = StrongString<Tag>{std::move(plain)};
  }
  template <class T>
  void get(std::optional<T>& value) {
    bool there = false;
    get(there);
    value.reset();
    if (ok && there) get(value.emplace());
  }
  template <class T>
  void get(std::vector<T>& values) {
    std::uint32_t size = 0;
    raw(size);
    ok = ok && size <= in.size();  // an item has a byte at least
    values.clear();
    for (std::uint32_t i = 0; ok && i < size; ++i) get(values.emplace_back());
  }
  void get(std::map<std::string, std::string>& texts) {
    std::uint32_t size = 0;
    raw(size);
    texts.clear();
    for (std::uint32_t i = 0; ok && i < size; ++i) {
      std::string name;
      get(name);
      get(texts[std::move(name)]);
    }
  }
  template <Described T>
  void get(T& value) {
    constexpr auto known = std::tuple_size_v<decltype(T::fields())>;
    std::uint8_t count = 0;
    raw(count);
    ok = ok && count <= known;
    std::uint8_t at = 0;
    for_each_field<T>([&](const auto& f) {
      if (ok && at++ < count) get(value.*(f.member));
    });
  }
};

template <std::size_t I = 0>
bool read_as(std::size_t kind, Reader& in, Record& out) {
  if constexpr (I < std::variant_size_v<Record>) {
    if (kind != I) return read_as<I + 1>(kind, in, out);
    in.get(out.emplace<I>());
    return true;
  } else {
    return false;
  }
}

}  // namespace

std::string encode(const Record& record) {
  Writer out;
  out.raw(static_cast<std::uint8_t>(record.index()));
  std::visit([&](const auto& each) { out.put(each); }, record);
  return std::move(out.out);
}

Result<Record> decode(std::string_view bytes) {
  Reader in{bytes};
  std::uint8_t kind = 0;
  in.raw(kind);
  Record out;
  if (!in.ok || !read_as(kind, in, out) || !in.ok || !in.in.empty())
    return fail(Errc::internal, "a record that this program does not know (kind " + std::to_string(kind) + ", " +
                                    std::to_string(bytes.size()) + " bytes)");
  return out;
}

}  // namespace tradebus::paper
