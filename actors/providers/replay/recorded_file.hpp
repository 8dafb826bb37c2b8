// One file of a recording as start-up found it: which kind, where it begins, how large it is.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "actors/providers/replay/csv_parser.hpp"
#include "bus/model/error.hpp"

namespace tradebus::replay {

struct RecordedFile {
  std::string path;
  Columns columns;
  std::uint64_t bytes = 0;  // on disk, packed
  bool has_rows = false;
  std::int64_t first_due = 0;     // of the row that is released first; UTC ns
  bool mixed_timeframes = false;  // bars of several lengths: their ends are not in the order of their starts
};
using Recording = std::shared_ptr<const std::vector<RecordedFile>>;

// Files that the patterns name (glob(7); a name without wildcards is taken as it stands), in the order given.
// config.invalid for a pattern that matches nothing, and for more than `files_max` files.
Result<std::vector<std::string>> expand(const std::vector<std::string>& patterns);
inline constexpr std::size_t files_max = 10'000;

// Looks at the beginning of each file. config.invalid names the file, what is wrong, and what to do.
Result<Recording> open_recording(const std::vector<std::string>& paths);

}  // namespace tradebus::replay
