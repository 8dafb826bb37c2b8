#include "bus/wire/market_encoder.hpp"

#include <bit>
#include <cstring>

namespace tradebus::wire {

namespace {

class Writer {
 public:
  explicit Writer(char* out) : begin_{out}, at_{out} {}
  std::size_t size() const { return static_cast<std::size_t>(at_ - begin_); }

  void byte(std::uint8_t b) { *at_++ = static_cast<char>(b); }
  // A key of fewer than 32 characters, its length known at compile time.
  template <std::size_t N>
  void key(const char (&text)[N]) {
    static_assert(N - 1 < 32);
    byte(static_cast<std::uint8_t>(0xa0U | (N - 1)));
    std::memcpy(at_, text, N - 1);
    at_ += N - 1;
  }
  void text(std::string_view s) {
    if (s.size() < 32) {
      byte(static_cast<std::uint8_t>(0xa0U | s.size()));
    } else {
      byte(0xd9);
      byte(static_cast<std::uint8_t>(s.size()));
    }
    std::memcpy(at_, s.data(), s.size());
    at_ += s.size();
  }
  void boolean(bool b) { byte(b ? 0xc3 : 0xc2); }

  void unsigned_integer(std::uint64_t v) {
    if (v < 0x80) {
      byte(static_cast<std::uint8_t>(v));
    } else if (v <= 0xff) {
      byte(0xcc);
      byte(static_cast<std::uint8_t>(v));
    } else if (v <= 0xffff) {
      byte(0xcd);
      big(static_cast<std::uint16_t>(v));
    } else if (v <= 0xffffffff) {
      byte(0xce);
      big(static_cast<std::uint32_t>(v));
    } else {
      byte(0xcf);
      big(v);
    }
  }
  void integer(std::int64_t v) {
    if (v >= 0) {
      unsigned_integer(static_cast<std::uint64_t>(v));
    } else if (v >= -32) {
      byte(static_cast<std::uint8_t>(v));
    } else if (v >= INT8_MIN) {
      byte(0xd0);
      byte(static_cast<std::uint8_t>(v));
    } else if (v >= INT16_MIN) {
      byte(0xd1);
      big(static_cast<std::uint16_t>(v));
    } else if (v >= INT32_MIN) {
      byte(0xd2);
      big(static_cast<std::uint32_t>(v));
    } else {
      byte(0xd3);
      big(static_cast<std::uint64_t>(v));
    }
  }
  void number(double d) {
    byte(0xcb);
    big(std::bit_cast<std::uint64_t>(d));
  }
  void price(Price p) {
    constexpr std::int64_t exact = std::int64_t{1} << 53;
    const auto raw = p.raw();
    // Both sides exact: the division rounds to the nearest double.
    number(raw < exact && raw > -exact ? static_cast<double>(raw) / 1e9 : p.to_double());
  }
  void quantity(Quantity q) {
    const auto raw = q.raw();
    constexpr std::int64_t exact = std::int64_t{1} << 53;
    if (raw <= INT64_MAX && raw >= INT64_MIN) {
      const auto narrow = static_cast<std::int64_t>(raw);
      const auto whole = narrow / Quantity::scale;
      if (whole * Quantity::scale == narrow) return integer(whole);
    } else if (const auto whole = raw / Quantity::scale;
               whole * Quantity::scale == raw && whole < exact && whole > -exact) {
      return integer(static_cast<std::int64_t>(whole));
    }
    number(q.to_double());
  }

 private:
  template <class U>
  void big(U v) {
    if constexpr (sizeof(U) == 8)
      v = __builtin_bswap64(v);
    else if constexpr (sizeof(U) == 4)
      v = __builtin_bswap32(v);
    else
      v = __builtin_bswap16(v);
    std::memcpy(at_, &v, sizeof v);
    at_ += sizeof v;
  }

  char* begin_;
  char* at_;
};

void write_head(Writer& out, unsigned keys, std::uint64_t seq, std::string_view symbol, Timestamp ts) {
  out.byte(static_cast<std::uint8_t>(0x80U | keys));
  out.key("seq");
  out.unsigned_integer(seq);
  out.key("symbol");
  out.text(symbol);
  out.key("ts");
  out.integer(unix_ns(ts));
}

void write_quality(Writer& out, Quality quality) {
  if (quality == Quality::live) return;
  out.key("quality");
  out.text(to_string(quality));
}

}  // namespace

std::size_t encode_quote(char* out, std::uint64_t seq, std::string_view symbol, const QuoteValues& quote) {
  Writer w{out};
  const unsigned keys = 4U + (quote.bid != nullptr ? 1U : 0U) + (quote.bid_size != nullptr ? 1U : 0U) +
                        (quote.ask != nullptr ? 1U : 0U) + (quote.ask_size != nullptr ? 1U : 0U) +
                        (quote.quality != Quality::live ? 1U : 0U);
  write_head(w, keys, seq, symbol, quote.ts);
  w.key("rx");
  w.integer(unix_ns(quote.rx));
  if (quote.bid != nullptr) {
    w.key("bid");
    w.price(*quote.bid);
  }
  if (quote.bid_size != nullptr) {
    w.key("bid_size");
    w.quantity(*quote.bid_size);
  }
  if (quote.ask != nullptr) {
    w.key("ask");
    w.price(*quote.ask);
  }
  if (quote.ask_size != nullptr) {
    w.key("ask_size");
    w.quantity(*quote.ask_size);
  }
  write_quality(w, quote.quality);
  return w.size();
}

std::size_t encode_trade(char* out, std::uint64_t seq, std::string_view symbol, Timestamp ts, Timestamp rx, Price price,
                         Quantity size, Quality quality) {
  Writer w{out};
  write_head(w, 6U + (quality != Quality::live ? 1U : 0U), seq, symbol, ts);
  w.key("rx");
  w.integer(unix_ns(rx));
  w.key("price");
  w.price(price);
  w.key("size");
  w.quantity(size);
  write_quality(w, quality);
  return w.size();
}

std::size_t encode_bar(char* out, std::uint64_t seq, std::string_view symbol, const BarValues& bar) {
  Writer w{out};
  write_head(w, 10U + (bar.trades != 0 ? 1U : 0U), seq, symbol, bar.ts);
  w.key("rx");
  w.integer(unix_ns(bar.rx));
  w.key("open");
  w.price(bar.open);
  w.key("high");
  w.price(bar.high);
  w.key("low");
  w.price(bar.low);
  w.key("close");
  w.price(bar.close);
  w.key("volume");
  w.quantity(bar.volume);
  if (bar.trades != 0) {
    w.key("trades");
    w.integer(bar.trades);
  }
  w.key("final");
  w.boolean(bar.final);
  return w.size();
}

}  // namespace tradebus::wire
