#include "bus/model/time.hpp"

#include <array>
#include <cstdio>

namespace tradebus {

std::string to_iso8601(Timestamp t) {
  using namespace std::chrono;
  const auto day = floor<days>(t);
  const year_month_day date{day};
  const auto of_day = t - day;
  const auto whole = floor<seconds>(of_day);
  const auto s = whole.count();
  std::array<char, 48> out{};
  const int n = std::snprintf(
      out.data(), out.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%09dZ", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), static_cast<int>(s / 3600),
      static_cast<int>(s / 60 % 60), static_cast<int>(s % 60), static_cast<int>((of_day - whole).count()));
  return {out.data(), static_cast<std::size_t>(n)};
}

}  // namespace tradebus
