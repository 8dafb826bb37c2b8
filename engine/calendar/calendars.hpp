// All the calendars there are: those that come with the daemon (config/calendars, built in) and what the user's files
// add. Any thread may ask: a calendar's days are worked out once, when it is first asked for (a millisecond or two),
// and never change; whoever keeps the Calendar needs no lock.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "bus/model/error.hpp"
#include "bus/model/instrument.hpp"
#include "engine/calendar/calendar.hpp"

namespace tradebus {

struct CalendarFile {
  std::string path;
  std::string text;
};

class Calendars {
 public:
  // Files in the order in which they were given, on top of the built-in ones. config.invalid names file, line and key:
  // whatever a file changes is worked out here.
  static Result<std::shared_ptr<const Calendars>> make(const std::vector<CalendarFile>& files);
  // The built-in ones alone: made once a process.
  static std::shared_ptr<const Calendars> shipped();

  // By code or alias, upper and lower case alike; null when there is none.
  const Calendar* find(std::string_view exchange) const;
  // request.invalid (key: exchange) with the nearest name.
  Result<const Calendar*> get(std::string_view exchange) const;
  // The one an instrument trades by: its asset class decides, for options their root too.
  const Calendar& of(const Instrument& instrument) const;
  std::vector<std::string> codes() const;

 private:
  // One calendar, before and after it is worked out.
  class Entry {
   public:
    Entry(CalendarSpec spec, std::shared_ptr<const Zone> zone) : spec_{std::move(spec)}, zone_{std::move(zone)} {}
    Result<const Calendar*> make() const;
    const Calendar& get() const;  // of an entry that can be made

   private:
    CalendarSpec spec_;
    std::shared_ptr<const Zone> zone_;
    mutable std::once_flag once_;
    mutable Result<std::shared_ptr<const Calendar>> made_ = std::shared_ptr<const Calendar>{};
  };
  static constexpr std::size_t asset_classes_count = 5;

  std::map<std::string, Entry, std::less<>> by_code_;
  std::map<std::string, const Entry*, std::less<>> by_name_;  // codes and aliases in lower case
  std::map<std::string, const Entry*, std::less<>> by_option_root_;
  std::array<const Entry*, asset_classes_count> by_asset_class_{};
};

// Reads what the configuration names: files, and folders whose *.toml are taken by name. config.invalid names what
// can't be read. `optional_folder` is read too when it is there.
Result<std::vector<CalendarFile>> read_calendar_files(const std::vector<std::string>& paths,
                                                      const std::string& optional_folder);

}  // namespace tradebus
