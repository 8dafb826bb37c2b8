// The venue's memory on disk: its records, in a log of their own (kind "paper"). What is written survives the daemon's
// end, however it ends. Blocks, for microseconds; one thread. The folder is locked as long as it lives. The next file
// takes milliseconds to make: spare_order() says when, for another thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "actors/brokers/paper/paper_venue.hpp"
#include "engine/services/segment_log/segment_log.hpp"

namespace tradebus::paper {

class PaperJournal {
 public:
  // Replays what is there to `venue`. `internal`: another process has the folder, or it can't be read.
  static Result<std::shared_ptr<PaperJournal>> open(const std::string& folder, const PaperConfig& config,
                                                    PaperVenue& venue,
                                                    std::shared_ptr<Disk> disk = std::make_shared<Disk>());

  // broker.rejected: there is no room to speak of for new orders.
  Result<void> takes_orders();
  // Writes what happened. `overloaded`: the disk is full, all of it is kept for retry(). `internal`: the disk broke, or
  // more waits than can be kept: what happened since the last write is lost with this object.
  Result<void> write(const std::vector<Record>& news);
  // Tries again to write what waits.
  Result<void> retry() { return put(); }
  std::optional<SegmentLog::SpareOrder> spare_order() const;
  void take_spare(Result<SegmentLog::Spare> made) { log_->take_spare(std::move(made)); }
  bool behind() const { return behind_; }          // something waits
  const std::string& cut() const { return cut_; }  // what an unfinished write had left; empty as a rule
  std::uint64_t records() const { return log_->last_seq(); }

 private:
  explicit PaperJournal(SegmentLog::Opened opened) : log_{std::move(opened.log)}, cut_{std::move(opened.cut)} {}
  Result<void> put();

  std::unique_ptr<SegmentLog> log_;
  std::string cut_;
  bool behind_ = false;
};

}  // namespace tradebus::paper
