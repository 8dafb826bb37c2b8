// INTERNAL to engine/calendar: the files of config/calendars, as they were when the daemon was built.
#pragma once

#include <span>
#include <string_view>

namespace tradebus {

struct ShippedFile {
  std::string_view path;
  std::string_view text;
};
std::span<const ShippedFile> shipped_calendar_files();

}  // namespace tradebus
