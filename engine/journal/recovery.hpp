// What a journal's records amount to when it is opened: heads of all, whole records of what still matters.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/journal/record_codec.hpp"
#include "engine/services/segment_log/segment_log.hpp"

namespace tradebus::journal {

class Recovery {
 public:
  // Every record of the log, in order.
  void visit(const LogRecord& record);
  // All open orders and the `closed_max` that closed last are read whole. `internal`: a record is none of ours.
  Result<RecoveredJournal> finish(const std::string& folder, std::size_t closed_max);

 private:
  struct Known {
    LogPosition last;  // the order's last record
    std::uint64_t client_key = 0;
    bool is_closed = false;
    bool seen = false;
  };
  struct Execution {
    std::uint64_t number = 0;
    std::uint64_t seq = 0;
    LogPosition position;
    bool busted = false;
  };
  std::vector<Known> orders_;  // by number, from 1
  std::vector<Execution> executions_;
  std::uint64_t positions_seq_ = 0;  // of the state that holds positions
  RecoveredJournal out_;
  std::string bad_;  // the first record that could not be read
};

}  // namespace tradebus::journal
