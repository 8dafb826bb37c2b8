#include "actors/brokers/ibkr/wire/venue_time.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <cstdio>

#include "actors/brokers/ibkr/wire/text.hpp"
#include "engine/calendar/zone.hpp"

namespace tradebus::ibkr::wire {

namespace {

using namespace std::chrono;

constexpr std::int64_t ns_per_s = 1'000'000'000;
constexpr std::int64_t last_s = 7'258'118'400;  // 2200-01-01

std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
  if (text.size() < at + count) return std::nullopt;
  int out = 0;
  for (const char c : text.substr(at, count)) {
    if (c < '0' || c > '9') return std::nullopt;
    out = out * 10 + (c - '0');
  }
  return out;
}

// YYYYMMDD or YYYY-MM-DD; removes it from the text.
std::optional<sys_days> take_date(std::string_view& text) {
  const bool has_dashes = text.size() > 7 && text[4] == '-' && text[7] == '-';
  const auto y = digits(text, 0, 4);
  const auto m = digits(text, has_dashes ? 5 : 4, 2);
  const auto d = digits(text, has_dashes ? 8 : 6, 2);
  if (!y || !m || !d || *y < 1970 || *y > 2199) return std::nullopt;
  const year_month_day date{year{*y}, month{static_cast<unsigned>(*m)}, day{static_cast<unsigned>(*d)}};
  if (!date.ok()) return std::nullopt;
  text.remove_prefix(has_dashes ? 10 : 8);
  return sys_days{date};
}

// HH:MM, HH:MM:SS, HH:MM:SS.f
std::optional<nanoseconds> take_time_of_day(std::string_view& text) {
  const auto h = digits(text, 0, 2);
  const auto m = digits(text, 3, 2);
  if (!h || !m || text[2] != ':' || *h > 23 || *m > 59) return std::nullopt;
  nanoseconds out = hours{*h} + minutes{*m};
  text.remove_prefix(5);
  if (text.empty() || text[0] != ':') return out;
  const auto s = digits(text, 1, 2);
  if (!s || *s > 60) return std::nullopt;
  out += seconds{*s};
  text.remove_prefix(3);
  if (text.empty() || text[0] != '.') return out;
  text.remove_prefix(1);
  std::int64_t unit = ns_per_s / 10;
  for (; !text.empty() && text[0] >= '0' && text[0] <= '9'; text.remove_prefix(1), unit /= 10)
    out += nanoseconds{(text[0] - '0') * unit};
  return out;
}

bool is_count(std::string_view text) {
  return text.size() > 8 && text.size() < 12 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

struct ZoneAlias {
  std::string_view text;
  std::string_view name;
};
// Lower case. Names that say "standard" are kept by machines all year.
constexpr auto aliases = std::to_array<ZoneAlias>({
    {"us/eastern", "America/New_York"},
    {"us/central", "America/Chicago"},
    {"us/mountain", "America/Denver"},
    {"us/pacific", "America/Los_Angeles"},
    {"us/alaska", "America/Anchorage"},
    {"us/hawaii", "Pacific/Honolulu"},
    {"us/arizona", "America/Phoenix"},
    {"est", "America/New_York"},
    {"edt", "America/New_York"},
    {"est5edt", "America/New_York"},
    {"eastern time", "America/New_York"},
    {"eastern standard time", "America/New_York"},
    {"eastern daylight time", "America/New_York"},
    {"cst", "America/Chicago"},
    {"cdt", "America/Chicago"},
    {"cst6cdt", "America/Chicago"},
    {"central standard time", "America/Chicago"},
    {"central daylight time", "America/Chicago"},
    {"mst", "America/Denver"},
    {"mdt", "America/Denver"},
    {"mst7mdt", "America/Denver"},
    {"mountain standard time", "America/Denver"},
    {"mountain daylight time", "America/Denver"},
    {"pst", "America/Los_Angeles"},
    {"pdt", "America/Los_Angeles"},
    {"pst8pdt", "America/Los_Angeles"},
    {"pacific standard time", "America/Los_Angeles"},
    {"pacific daylight time", "America/Los_Angeles"},
    {"utc", "Etc/UTC"},
    {"gmt", "Etc/UTC"},
    {"z", "Etc/UTC"},
    {"coordinated universal time", "Etc/UTC"},
    {"greenwich mean time", "Europe/London"},
    {"british summer time", "Europe/London"},
    {"bst", "Europe/London"},
    {"gb", "Europe/London"},
    {"gmt standard time", "Europe/London"},
    {"cet", "Europe/Berlin"},
    {"cest", "Europe/Berlin"},
    {"met", "Europe/Berlin"},
    {"mez", "Europe/Berlin"},
    {"mesz", "Europe/Berlin"},
    {"central european time", "Europe/Berlin"},
    {"central european standard time", "Europe/Berlin"},
    {"central european summer time", "Europe/Berlin"},
    {"central europe standard time", "Europe/Budapest"},
    {"w. europe standard time", "Europe/Berlin"},
    {"romance standard time", "Europe/Paris"},
    {"eet", "Europe/Helsinki"},
    {"eest", "Europe/Helsinki"},
    {"eastern european time", "Europe/Helsinki"},
    {"eastern european standard time", "Europe/Helsinki"},
    {"eastern european summer time", "Europe/Helsinki"},
    {"wet", "Europe/Lisbon"},
    {"west", "Europe/Lisbon"},
    {"western european time", "Europe/Lisbon"},
    {"western european summer time", "Europe/Lisbon"},
    {"moscow standard time", "Europe/Moscow"},
    {"msk", "Europe/Moscow"},
    {"japan", "Asia/Tokyo"},
    {"jst", "Asia/Tokyo"},
    {"japan standard time", "Asia/Tokyo"},
    {"tokyo standard time", "Asia/Tokyo"},
    {"hongkong", "Asia/Hong_Kong"},
    {"hkt", "Asia/Hong_Kong"},
    {"hong kong time", "Asia/Hong_Kong"},
    {"hong kong standard time", "Asia/Hong_Kong"},
    {"china standard time", "Asia/Shanghai"},
    {"prc", "Asia/Shanghai"},
    {"singapore", "Asia/Singapore"},
    {"singapore time", "Asia/Singapore"},
    {"singapore standard time", "Asia/Singapore"},
    {"sgt", "Asia/Singapore"},
    {"india standard time", "Asia/Kolkata"},
    {"ist", "Asia/Kolkata"},
    {"israel standard time", "Asia/Jerusalem"},
    {"israel daylight time", "Asia/Jerusalem"},
    {"israel", "Asia/Jerusalem"},
    {"korean standard time", "Asia/Seoul"},
    {"korea standard time", "Asia/Seoul"},
    {"kst", "Asia/Seoul"},
    {"aest", "Australia/Sydney"},
    {"aedt", "Australia/Sydney"},
    {"australian eastern standard time", "Australia/Sydney"},
    {"australian eastern daylight time", "Australia/Sydney"},
    {"nzst", "Pacific/Auckland"},
    {"nzdt", "Pacific/Auckland"},
    {"new zealand standard time", "Pacific/Auckland"},
    {"new zealand daylight time", "Pacific/Auckland"},
    {"brt", "America/Sao_Paulo"},
    {"brasilia standard time", "America/Sao_Paulo"},
});

// "America/New_York": what may be looked up at all. No dots, so that a name never leaves the database's folder.
bool is_iana(std::string_view text) {
  return text.size() <= 64 && text.find('/') != std::string_view::npos && text.front() != '/' &&
         std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' || c == '_' ||
                  c == '-' || c == '+';
         });
}

tl::unexpected<Error> bad_time(std::string_view what, std::string_view text) {
  return fail(Errc::request_invalid, std::string{what} + ": \"" + printable(text.substr(0, 64)) + '"');
}

}  // namespace

std::optional<Timestamp> from_seconds(std::int64_t count) {
  if (count < 0 || count > last_s) return std::nullopt;
  return from_unix_ns(count * ns_per_s);
}

std::optional<Timestamp> from_millis(std::int64_t count) {
  if (count < 0 || count > last_s * 1'000) return std::nullopt;
  return from_unix_ns(count * 1'000'000);
}

void read_seconds(Reader& r, Timestamp& out) {
  std::int64_t count = 0;
  r(count);
  const auto at = from_seconds(count);
  if (!at) r.fail(DecodeFault::out_of_range, {});
  out = at.value_or(Timestamp{});
}

void read_millis(Reader& r, Timestamp& out) {
  std::int64_t count = 0;
  r(count);
  const auto at = from_millis(count);
  if (!at) r.fail(DecodeFault::out_of_range, {});
  out = at.value_or(Timestamp{});
}

std::optional<VenueTime> parse_venue_time(std::string_view text) {
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  VenueTime out;
  if (is_count(text)) {
    std::int64_t count = 0;
    if (parse(text, count) != Parsed::good || !from_seconds(count)) return std::nullopt;
    return VenueTime{count * ns_per_s, true, true};
  }
  const bool has_dashes = text.size() > 4 && text[4] == '-';
  const auto date = take_date(text);
  if (!date) return std::nullopt;
  out.local_ns = nanoseconds{date->time_since_epoch()}.count();
  if (text.empty()) return out;
  const char separator = text[0];
  if (separator != ' ' && separator != '-' && separator != 'T') return std::nullopt;
  while (!text.empty() && text[0] == separator) text.remove_prefix(1);
  const auto of_day = take_time_of_day(text);
  if (!of_day) return std::nullopt;
  out.local_ns += of_day->count();
  out.has_time_of_day = true;
  if (text.empty()) {
    out.is_utc = separator == '-' || has_dashes;
    return out;
  }
  if (text[0] != ' ' && text[0] != '-') return std::nullopt;
  while (!text.empty() && (text[0] == ' ' || text[0] == '-')) text.remove_prefix(1);
  out.zone = text;
  return out;
}

std::string to_venue_time(Timestamp t) {
  const auto whole = std::clamp(floor<seconds>(t), sys_seconds{}, sys_seconds{seconds{last_s - 1}});
  const auto day = floor<days>(whole);
  const year_month_day date{day};
  const auto s = (whole - day).count();
  std::array<char, 64> out{};
  const int n = std::snprintf(out.data(), out.size(), "%04d%02u%02u-%02d:%02d:%02d", static_cast<int>(date.year()),
                              static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                              static_cast<int>(s / 3600), static_cast<int>(s / 60 % 60), static_cast<int>(s % 60));
  return {out.data(), static_cast<std::size_t>(n)};
}

std::string zone_name(std::string_view text) {
  std::string lower{text.substr(0, 64)};
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const auto found = std::ranges::find(aliases, lower, &ZoneAlias::text);
  if (found != aliases.end()) return std::string{found->name};
  return is_iana(text) ? std::string{text} : std::string{};
}

Result<TimeReader> TimeReader::make(std::string_view login_zone) {
  const auto name = zone_name(login_zone);
  if (name.empty())
    return fail(Errc::config_invalid, "time zone \"" + printable(login_zone.substr(0, 64)) +
                                          "\" is not known; give one like America/New_York");
  auto zone = Zone::find(name);
  if (!zone) return tl::unexpected{zone.error()};
  return TimeReader{std::move(*zone)};
}

std::shared_ptr<const Zone> TimeReader::find(std::string_view name) {
  if (name.empty()) return login_zone_;
  if (const auto known = zones_.find(name); known != zones_.end()) return known->second;
  std::shared_ptr<const Zone> zone;
  if (const auto iana = zone_name(name); !iana.empty()) {
    if (auto found = Zone::find(iana)) zone = std::move(*found);
  }
  if (zones_.size() >= zones_max) zones_.clear();
  zones_.emplace(name, zone);
  return zone;
}

Result<Timestamp> TimeReader::read(std::string_view text, std::string_view zone) {
  const auto time = parse_venue_time(text);
  if (!time) return bad_time("not a time", text);
  if (time->is_utc) return from_unix_ns(time->local_ns);
  const auto where = find(time->zone.empty() ? zone : time->zone);
  if (!where) return bad_time("a time in a zone that is not known", text);
  const sys_time<nanoseconds> local{nanoseconds{time->local_ns}};
  const auto date = floor<days>(local);
  const auto of_day = floor<minutes>(local - date);
  return Timestamp{where->to_utc(date, of_day)} + (local - date - of_day);
}

}  // namespace tradebus::ibkr::wire
