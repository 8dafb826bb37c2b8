// What is traded, read from its symbol alone.
// Sources: OCC's option symbology (OSI, 2010) in its compact form: root without padding, yymmdd, C or P, strike x 1000
// in eight digits; US equities as listed (BRK.B); pairs as BASE-QUOTE.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "bus/model/decimal.hpp"
#include "bus/model/describe.hpp"
#include "bus/model/enums.hpp"
#include "bus/model/strong_string.hpp"

namespace tradebus {

// A calendar date without a zone, as an option's expiry is; "2024-06-21" on the wire.
struct Date {
  std::int16_t year = 1970;
  std::uint8_t month = 1;
  std::uint8_t day = 1;

  static Result<Date> parse(std::string_view iso);
  static Date from_days(std::chrono::sys_days days);
  std::chrono::sys_days to_days() const;
  std::string to_string() const;
  friend auto operator<=>(const Date&, const Date&) = default;
  template <class Inspector>
  friend auto inspect(Inspector& f, Date& x) -> typename Inspector::result_type {
    return f(x.year, x.month, x.day);
  }
};

struct Instrument {
  Symbol symbol;
  AssetClass asset_class = AssetClass::equity;
  std::optional<Symbol> underlying;  // options only, as the next three
  std::optional<Date> expiry;
  std::optional<OptionRight> right;
  std::optional<Price> strike;
  std::int32_t multiplier = 1;  // units of the underlying a contract: 100 for standard equity options

  // Any symbol the bus accepts: 1-32 characters of A-Z a-z 0-9 . - _ /, beginning with a letter or a digit.
  // instrument.unknown says what is wrong.
  static Result<Instrument> parse(std::string_view symbol);
  static Result<Instrument> option(std::string_view root, Date expiry, OptionRight right, Price strike);
  bool is_option() const { return asset_class == AssetClass::option; }

  static constexpr std::string_view type_name = "Instrument";
  static constexpr auto fields() {
    return std::tuple{field("symbol", &Instrument::symbol),         field("asset_class", &Instrument::asset_class),
                      field("underlying", &Instrument::underlying), field("expiry", &Instrument::expiry),
                      field("right", &Instrument::right),           field("strike", &Instrument::strike),
                      field("multiplier", &Instrument::multiplier)};
  }
};

// Checks a symbol's characters and length only.
Result<Symbol> parse_symbol(std::string_view text);

}  // namespace tradebus
