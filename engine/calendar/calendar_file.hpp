// Calendar files (docs/calendars.md): TOML, one table an exchange.
#pragma once

#include <map>
#include <string>

#include "bus/model/error.hpp"
#include "engine/calendar/calendar_spec.hpp"

namespace tradebus {

using CalendarSpecs = std::map<std::string, CalendarSpec>;  // by code

// Adds what a file says to `specs`: lists are appended to, single values replaced; hours with the same `from` replace
// each other. On failure `specs` is left as it was, and the error (config.invalid) tells every problem of the file, a
// line each: FILE:LINE: key CODE.key ...
Result<void> read_calendar_file(const std::string& text, const std::string& file, CalendarSpecs& specs);

// `spec` with what it takes over from the calendars that it is based on.
Result<CalendarSpec> resolved(const CalendarSpecs& specs, const CalendarSpec& spec);

}  // namespace tradebus
