// The configuration of the order journal: section [journal].
#pragma once

#include "config/section.hpp"
#include "engine/journal/durable_journal.hpp"

namespace tradebus {

SectionSpec journal_section();
// config.invalid names the key. The folder is below the data directory.
Result<DurableJournalOptions> journal_options(const Section& section, const std::string& data_dir);

}  // namespace tradebus
