// The venue's many ways to write a moment, into UTC nanoseconds. Pure, but for zones that are looked up once.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "actors/brokers/ibkr/wire/reader.hpp"
#include "bus/model/error.hpp"
#include "bus/model/time.hpp"

namespace tradebus {
class Zone;
}

namespace tradebus::ibkr::wire {

// Counts since 1970. Before 1970 and after 2200: empty.
std::optional<Timestamp> from_seconds(std::int64_t count);
std::optional<Timestamp> from_millis(std::int64_t count);
// A field that holds one: out of range is a fault, empty is 1970.
void read_seconds(Reader& r, Timestamp& out);
void read_millis(Reader& r, Timestamp& out);

// What stands in a text, before anybody knows its zone.
struct VenueTime {
  std::int64_t local_ns = 0;     // as if it were UTC
  bool has_time_of_day = false;  // else a date alone
  bool is_utc = false;           // "20260611-13:30:30", "2026-04-14 14:58:42.0", a count of seconds
  std::string_view zone = {};    // "US/Eastern", "British Summer Time"; a view into the text
};
// "20260611-13:30:30" (UTC) · "20260611 09:30:30 US/Eastern" · "20250415  19:38:31" (the login's zone) · "20250620
// 08:30 US/Central" · "20250620-08:30:00-US/Central" · "20230413" · "2026-04-14 14:58:42.0" (UTC) · "1681133399"
// (seconds). Empty: none of these.
std::optional<VenueTime> parse_venue_time(std::string_view text);

// "20260611-13:30:30", as requests have it.
std::string to_venue_time(Timestamp t);

// The zone that a TWS means: IANA's name, or how Java and Windows call it ("Central European Standard Time", "CET");
// the clocks change there although the name says otherwise. Empty: not known.
std::string zone_name(std::string_view text);

// Texts into moments. Zones are kept, so that each is looked up once. Not for two threads at once.
class TimeReader {
 public:
  // Of times without a zone: that of the TWS's login. config.invalid when there is no such zone.
  static Result<TimeReader> make(std::string_view login_zone);

  // request.invalid: not a time, or a zone that nobody knows. A date alone is its midnight in `zone`, or the login's.
  Result<Timestamp> read(std::string_view text, std::string_view zone = {});

 private:
  static constexpr std::size_t zones_max = 256;
  explicit TimeReader(std::shared_ptr<const Zone> login_zone) : login_zone_{std::move(login_zone)} {}
  std::shared_ptr<const Zone> find(std::string_view name);

  std::shared_ptr<const Zone> login_zone_;
  std::map<std::string, std::shared_ptr<const Zone>, std::less<>> zones_;  // nullptr: there is none
};

}  // namespace tradebus::ibkr::wire
