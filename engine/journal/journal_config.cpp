#include "engine/journal/journal_config.hpp"

namespace tradebus {

SectionSpec journal_section() {
  SectionSpec spec;
  spec.path = "journal";
  spec.about = "The durable record of orders, below engine.data_dir.";
  spec.keys = {
      {"sync", std::string{"full"},
       "what an ok to place_order outlives: full: a power cut; write: the daemon's death; none: nothing, for trials"},
      {"segment_mb", std::int64_t{64}, "size of a journal file, allocated as a whole", 1, 4'000},
      {"reserve_mb", std::int64_t{16}, "on a full disk: room kept for changes of orders that are known", 1, 1'000},
  };
  return spec;
}

Result<DurableJournalOptions> journal_options(const Section& section, const std::string& data_dir) {
  DurableJournalOptions out;
  const auto& text = section.get<std::string>("sync");
  const auto sync = enum_from_string<JournalSync>(text);
  if (!sync) return fail(Errc::config_invalid, "journal.sync: \"" + text + "\" is none of full, write, none");
  out.folder = data_dir + "/journal";
  out.sync = *sync;
  out.segments.segment_mb = static_cast<std::uint64_t>(section.get<std::int64_t>("segment_mb"));
  out.segments.reserve_mb = static_cast<std::uint64_t>(section.get<std::int64_t>("reserve_mb"));
  return out;
}

}  // namespace tradebus
