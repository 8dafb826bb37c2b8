#include "bus/model/instrument.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace tradebus {

namespace {

constexpr std::size_t occ_tail = 15;  // yymmdd + right + eight digits of strike
constexpr std::size_t symbol_max = 32;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_alnum(char c) { return is_digit(c) || is_upper(c) || (c >= 'a' && c <= 'z'); }

int number(std::string_view digits) {
  int n = 0;
  for (char c : digits) n = n * 10 + (c - '0');
  return n;
}

bool looks_like_occ(std::string_view s) {
  if (s.size() <= occ_tail || s.size() > occ_tail + 6) return false;
  const auto root = s.substr(0, s.size() - occ_tail);
  const auto tail = s.substr(root.size());
  return std::ranges::all_of(root, [](char c) { return is_upper(c) || is_digit(c); }) && is_upper(root[0]) &&
         std::ranges::all_of(tail.substr(0, 6), is_digit) && (tail[6] == 'C' || tail[6] == 'P') &&
         std::ranges::all_of(tail.substr(7), is_digit);
}

constexpr std::array<std::string_view, 22> currencies = {"USD", "EUR", "GBP", "JPY", "CHF", "AUD", "NZD", "CAD",
                                                         "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "TRY", "ZAR",
                                                         "MXN", "SGD", "HKD", "CNH", "CNY", "INR"};

bool is_currency(std::string_view s) { return std::ranges::find(currencies, s) != currencies.end(); }

}  // namespace

// ---- Date ----------------------------------------------------------------------------------------------------------

Result<Date> Date::parse(std::string_view iso) {
  const bool shaped =
      iso.size() == 10 && iso[4] == '-' && iso[7] == '-' && std::ranges::all_of(iso.substr(0, 4), is_digit) &&
      std::ranges::all_of(iso.substr(5, 2), is_digit) && std::ranges::all_of(iso.substr(8, 2), is_digit);
  if (shaped) {
    const std::chrono::year_month_day ymd{std::chrono::year{number(iso.substr(0, 4))},
                                          std::chrono::month{static_cast<unsigned>(number(iso.substr(5, 2)))},
                                          std::chrono::day{static_cast<unsigned>(number(iso.substr(8, 2)))}};
    if (ymd.ok()) return from_days(std::chrono::sys_days{ymd});
  }
  return fail(Errc::request_invalid, "not a date (YYYY-MM-DD): \"" + std::string{iso.substr(0, 32)} + "\"");
}

Date Date::from_days(std::chrono::sys_days days) {
  const std::chrono::year_month_day ymd{days};
  return {static_cast<std::int16_t>(static_cast<int>(ymd.year())),
          static_cast<std::uint8_t>(static_cast<unsigned>(ymd.month())),
          static_cast<std::uint8_t>(static_cast<unsigned>(ymd.day()))};
}

std::chrono::sys_days Date::to_days() const {
  return std::chrono::year_month_day{std::chrono::year{year}, std::chrono::month{month}, std::chrono::day{day}};
}

std::string Date::to_string() const {
  std::array<char, 24> out{};
  const int n = std::snprintf(out.data(), out.size(), "%04d-%02d-%02d", year, month, day);
  return {out.data(), static_cast<std::size_t>(n)};
}

// ---- Instrument ----------------------------------------------------------------------------------------------------

Result<Symbol> parse_symbol(std::string_view text) {
  const bool good =
      !text.empty() && text.size() <= symbol_max && is_alnum(text[0]) &&
      std::ranges::all_of(text, [](char c) { return is_alnum(c) || c == '.' || c == '-' || c == '_' || c == '/'; });
  if (!good)
    return fail(Errc::instrument_unknown, "not a symbol (1-32 characters A-Z a-z 0-9 . - _ /): \"" +
                                              std::string{text.substr(0, symbol_max)} + "\"");
  return Symbol{text};
}

Result<Instrument> Instrument::parse(std::string_view text) {
  auto symbol = parse_symbol(text);
  if (!symbol) return tl::unexpected{symbol.error()};
  Instrument out;
  out.symbol = *symbol;
  if (looks_like_occ(text)) {
    const auto root = text.substr(0, text.size() - occ_tail);
    const auto tail = text.substr(root.size());
    const std::chrono::year_month_day ymd{std::chrono::year{2000 + number(tail.substr(0, 2))},
                                          std::chrono::month{static_cast<unsigned>(number(tail.substr(2, 2)))},
                                          std::chrono::day{static_cast<unsigned>(number(tail.substr(4, 2)))}};
    if (!ymd.ok())
      return fail(Errc::instrument_unknown, "option symbol with an impossible expiry: \"" + std::string{text} + "\"");
    out.asset_class = AssetClass::option;
    out.underlying = Symbol{root};
    out.expiry = Date::from_days(std::chrono::sys_days{ymd});
    out.right = tail[6] == 'C' ? OptionRight::call : OptionRight::put;
    out.strike = Price::from_raw(static_cast<std::int64_t>(number(tail.substr(7))) * (Price::scale / 1000));
    out.multiplier = 100;
    return out;
  }
  if (const auto dash = text.find('-'); dash != std::string_view::npos && dash > 0 && dash + 1 < text.size()) {
    const auto base = text.substr(0, dash);
    const auto quote = text.substr(dash + 1);
    if (is_currency(quote))
      out.asset_class = is_currency(base) ? AssetClass::fx : AssetClass::crypto;
    else if (quote == "USDT" || quote == "USDC" || quote == "BTC" || quote == "ETH")
      out.asset_class = AssetClass::crypto;
  }
  return out;
}

Result<Instrument> Instrument::option(std::string_view root, Date expiry, OptionRight right, Price strike) {
  const bool root_ok = !root.empty() && root.size() <= 6 && is_upper(root[0]) &&
                       std::ranges::all_of(root, [](char c) { return is_upper(c) || is_digit(c); });
  if (!root_ok)
    return invalid("root", "an option root is 1-6 characters A-Z 0-9: \"" + std::string{root.substr(0, 16)} + "\"");
  if (expiry.year < 2000 || expiry.year > 2099) return invalid("expiry", "expiries run from 2000 to 2099");
  constexpr std::int64_t mill = Price::scale / 1000;
  if (!strike.is_positive() || strike.raw() % mill != 0 || strike.raw() / mill > 99'999'999)
    return invalid("strike", "a strike lies in 0.001 to 99999.999 with at most three decimals: " + strike.to_string());
  std::array<char, 48> out{};
  const int n = std::snprintf(out.data(), out.size(), "%.*s%02d%02d%02d%c%08lld", static_cast<int>(root.size()),
                              root.data(), expiry.year - 2000, expiry.month, expiry.day,
                              right == OptionRight::call ? 'C' : 'P', static_cast<long long>(strike.raw() / mill));
  return parse({out.data(), static_cast<std::size_t>(n)});
}

}  // namespace tradebus
