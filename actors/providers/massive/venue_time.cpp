#include "actors/providers/massive/venue_time.hpp"

#include <algorithm>

#include "bus/model/instrument.hpp"

namespace tradebus::massive {

namespace {

// Two digits at `at`, or -1.
int two(std::string_view text, std::size_t at) {
  if (at + 2 > text.size()) return -1;
  const char a = text[at];
  const char b = text[at + 1];
  return a < '0' || a > '9' || b < '0' || b > '9' ? -1 : (a - '0') * 10 + (b - '0');
}

bool in(int value, int max) { return value >= 0 && value <= max; }

}  // namespace

std::optional<Timestamp> parse_rfc3339(std::string_view text) {
  using namespace std::chrono;
  if (text.size() < 20 || text.size() > 40 || (text[10] != 'T' && text[10] != ' ')) return std::nullopt;
  const auto date = Date::parse(text.substr(0, 10));
  const int h = two(text, 11);
  const int m = two(text, 14);
  const int s = two(text, 17);
  if (!date || date->year < 1970 || date->year > 2198 || !in(h, 23) || !in(m, 59) || !in(s, 60) || text[13] != ':' ||
      text[16] != ':')
    return std::nullopt;
  nanoseconds t = date->to_days().time_since_epoch() + hours{h} + minutes{m} + seconds{s};
  std::size_t at = 19;
  if (text[at] == '.') {
    std::int64_t unit = 100'000'000;
    std::size_t digits = 0;
    for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, ++digits, unit /= 10)
      t += nanoseconds{(text[at] - '0') * unit};
    if (digits == 0) return std::nullopt;
  }
  const auto zone = text.substr(at);
  if (zone == "Z" || zone == "z") return Timestamp{t};
  const int zone_h = two(zone, 1);
  const int zone_m = two(zone, 4);
  if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':' || !in(zone_h, 23) || !in(zone_m, 59))
    return std::nullopt;
  const nanoseconds offset = hours{zone_h} + minutes{zone_m};
  return Timestamp{zone[0] == '+' ? t - offset : t + offset};
}

std::string to_rfc3339(Timestamp t) {
  using namespace std::chrono;
  constexpr Timestamp first{};
  const auto seconds_only = floor<seconds>(std::clamp(t, first, last_time));
  auto out = to_iso8601(Timestamp{seconds_only});
  return out.substr(0, 19) + "Z";
}

}  // namespace tradebus::massive
