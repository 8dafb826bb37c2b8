// What the replay's threads tell their actor. They know it as a Listener only: no actor, no promise crosses.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "actors/providers/provider.hpp"
#include "actors/providers/replay/file_reader.hpp"

namespace tradebus::replay {

class Catalogue;

struct Started {  // the first row leaves now
  std::int64_t recorded_ns = 0;
  std::uint64_t cursor = 0;
};
struct BadLine {  // left out; only the first few of a file are told
  std::string file;
  std::uint64_t line = 0;
  std::string reason;
};
struct FileEnded {  // `failure`: why it could not be read to its end; empty for most
  std::string file;
  ReadStats stats;
  std::string failure;
};
struct Stepped {  // lockstep: all rows up to where it was told to go were handed over
  std::int64_t next_due = 0;
};
struct StartsOver {  // loop: the recording begins again at its first row
  std::uint64_t cursor = 0;
};
struct Ended {  // every row was handed over; the outlet may still hold some
  std::uint64_t cursor = 0;
};
struct CatalogueReady {
  std::shared_ptr<const Catalogue> catalogue;
};
struct Answered {  // to the question with this number
  std::uint64_t id = 0;
  std::variant<Result<HistoricalBars>, Result<DailySnapshot>, Result<SymbolMatches>> answer;
};

struct Report {
  std::uint64_t run = 0;  // which connection it belongs to: reports of one that was closed are old news
  std::variant<Started, BadLine, FileEnded, Stepped, StartsOver, Ended, CatalogueReady, Answered> what;
};

class Listener {
 public:
  virtual ~Listener() = default;
  // From any of the threads; must not wait.
  virtual void on_report(Report report) = 0;
};

}  // namespace tradebus::replay
