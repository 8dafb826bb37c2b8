#include "actors/brokers/paper/paper_journal.hpp"

namespace tradebus::paper {

Result<std::shared_ptr<PaperJournal>> PaperJournal::open(const std::string& folder, const PaperConfig& config,
                                                         PaperVenue& venue, std::shared_ptr<Disk> disk) {
  SegmentLogOptions options;
  options.kind = "paper";
  options.schema_version = records_version;
  options.segment_mb = config.segment_mb;
  options.reserve_mb = config.reserve_mb;
  options.promise = LogPromise::written;
  options.disk = std::move(disk);
  std::optional<Error> trouble;
  auto opened = SegmentLog::open(folder, std::move(options), [&](const LogRecord& entry) {
    if (trouble) return;
    auto record = decode(entry.payload);
    auto ok = record ? venue.replay(*record) : Result<void>{tl::unexpected{record.error()}};
    if (!ok)
      trouble = Error{Errc::internal, folder + ": record " + std::to_string(entry.seq) + ": " + ok.error().message};
  });
  if (!opened) return tl::unexpected{opened.error()};
  if (trouble) return tl::unexpected{*trouble};
  return std::shared_ptr<PaperJournal>{new PaperJournal{std::move(*opened)}};
}

Result<void> PaperJournal::takes_orders() {
  if (!behind_ && log_->takes_ordinary()) return {};
  return fail(Errc::broker_rejected, "disk full: the paper broker can't keep the order; " + log_->status().reason);
}

Result<void> PaperJournal::write(const std::vector<Record>& news) {
  for (const auto& record : news)
    if (auto ok = log_->append(encode(record), true); !ok) return fail(Errc::internal, ok.error().message);
  return put();
}

Result<void> PaperJournal::put() {
  auto ok = log_->write();
  behind_ = !ok;
  return ok;
}

std::optional<SegmentLog::SpareOrder> PaperJournal::spare_order() const {
  return log_->wants_spare() ? std::optional{log_->spare_order()} : std::nullopt;
}

}  // namespace tradebus::paper
