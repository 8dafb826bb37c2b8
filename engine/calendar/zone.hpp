// A time zone of the system's IANA database, copied into a table when it is made; later it asks nobody.
// Immutable: any thread may use it. Known to the end of 2037, as far as the database's own table goes.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bus/model/error.hpp"
#include "bus/model/time.hpp"

namespace tradebus {

class Zone {
 public:
  // "America/New_York". config.invalid when there is no such zone, or no tzdata.
  static Result<std::shared_ptr<const Zone>> find(const std::string& name);

  const std::string& name() const { return name_; }
  // Local time minus UTC.
  std::chrono::seconds offset_at(std::chrono::sys_seconds t) const;
  // The local date, counted as if it were a date in UTC.
  std::chrono::sys_days date_of(Timestamp t) const;
  // A local time (minutes from the midnight that begins `date`). Where a change of the clocks makes it ambiguous, the
  // first one; where it skips it, the moment of the change.
  std::chrono::sys_seconds to_utc(std::chrono::sys_days date, std::chrono::minutes of_day) const;
  Timestamp midnight(std::chrono::sys_days date) const { return to_utc(date, std::chrono::minutes{0}); }

 private:
  struct Change {
    std::int64_t at = 0;      // seconds since 1970
    std::int64_t offset = 0;  // from then on
  };
  std::size_t index_at(std::int64_t t) const;

  std::string name_;
  std::vector<Change> changes_;  // the first one is long before any of our times
};

}  // namespace tradebus
