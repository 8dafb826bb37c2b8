#include "actors/providers/replay/catalogue.hpp"

#include <algorithm>
#include <array>

#include "actors/providers/replay/file_reader.hpp"

namespace tradebus::replay {

namespace {

constexpr std::array all_timeframes = {Timeframe::s1, Timeframe::m1, Timeframe::m5, Timeframe::m15,
                                       Timeframe::h1, Timeframe::d1, Timeframe::w1};
constexpr std::array streamed = {StreamKind::quote,  StreamKind::trade,  StreamKind::bar_1s, StreamKind::bar_1m,
                                 StreamKind::bar_5m, StreamKind::bar_1h, StreamKind::bar_1d};

bool carries(const Catalogue::Entry& entry, StreamKind kind) {
  switch (entry.kind) {
    case FileKind::quotes:
      return kind == StreamKind::quote;
    case FileKind::trades:
      return kind == StreamKind::trade;
    case FileKind::bars:
      return stream_of(entry.timeframe) == kind;
    case FileKind::actions:
      return false;
  }
  return false;
}

std::string upper(std::string_view text) {
  std::string out{text};
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return out;
}

}  // namespace

Catalogue Catalogue::scan(const Recording& files, const std::atomic<bool>& stop) {
  Catalogue out;
  for (std::size_t file = 0; file < files->size() && !stop; ++file) {
    const auto& recorded = (*files)[file];
    if (recorded.columns.kind == FileKind::actions) continue;  // no market data of a symbol
    SymbolTable symbols;
    auto reader =
        FileReader::open(recorded, symbols, {.order = FileReader::Order::recorded, .keys_only = true, .stop = &stop});
    if (!reader) continue;  // the player says so
    std::vector<Entry> entries;
    Row row;
    while (reader->next(row)) {
      const std::size_t i = row.symbol * timeframe_count + static_cast<std::size_t>(row.timeframe);
      if (i >= entries.size()) entries.resize(symbols.size() * timeframe_count);
      Entry& entry = entries[i];
      const std::int64_t ts = unix_ns(row.event.ts);
      entry.first_ts = entry.rows == 0 ? ts : std::min(entry.first_ts, ts);
      entry.last_ts = entry.rows == 0 ? ts : std::max(entry.last_ts, ts);
      ++entry.rows;
    }
    const bool in_order = reader->stats().out_of_order == 0;
    out.rows_ += reader->stats().rows;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (entries[i].rows == 0) continue;
      entries[i].file = file;
      entries[i].kind = recorded.columns.kind;
      entries[i].timeframe = static_cast<Timeframe>(i % timeframe_count);
      entries[i].in_order = in_order;
      out.by_symbol_[symbols.name(static_cast<SymbolId>(i / timeframe_count))].push_back(entries[i]);
    }
  }
  return out;
}

const std::vector<Catalogue::Entry>* Catalogue::find(std::string_view symbol) const {
  const auto it = by_symbol_.find(symbol);
  return it == by_symbol_.end() ? nullptr : &it->second;
}

Result<Done> Catalogue::check(StreamKind kind, const std::string& symbol) const {
  const auto* entries = find(symbol);
  if (entries == nullptr)
    return fail(Errc::instrument_unknown, symbol + " stands in no file of the recording (providers.replay.files)");
  if (std::ranges::any_of(*entries, [&](const Entry& e) { return carries(e, kind); })) return Done{};
  return fail(Errc::provider_unsupported,
              "the recording has no " + std::string{to_string(kind)} + " rows of " + symbol);
}

std::vector<StreamKind> Catalogue::streams() const {
  std::vector<StreamKind> out;
  for (const auto kind : streamed)
    if (std::ranges::any_of(by_symbol_, [&](const auto& each) {
          return std::ranges::any_of(each.second, [&](const Entry& e) { return carries(e, kind); });
        }))
      out.push_back(kind);
  return out;
}

std::vector<Timeframe> Catalogue::timeframes() const {
  std::vector<Timeframe> out;
  for (const auto timeframe : all_timeframes)
    if (std::ranges::any_of(by_symbol_, [&](const auto& each) {
          return std::ranges::any_of(each.second, [&](const Entry& e) {
            return e.kind == FileKind::trades || (e.kind == FileKind::bars && e.timeframe <= timeframe);
          });
        }))
      out.push_back(timeframe);
  return out;
}

SymbolMatches Catalogue::search(const SearchSymbols& query) const {
  const std::string wanted = upper(query.text);
  std::array<SymbolMatches, 3> ranks;  // equal, beginning, anywhere
  for (const auto& [symbol, entries] : by_symbol_) {
    const std::string candidate = upper(symbol);
    const auto at = candidate.find(wanted);
    if (at == std::string::npos) continue;
    auto& rank = ranks[candidate == wanted ? 0 : at == 0 ? 1 : 2].matches;
    if (rank.size() >= query.limit) continue;
    SymbolMatch match;
    match.symbol = Symbol{symbol};
    match.name = symbol;
    if (const auto instrument = Instrument::parse(symbol)) match.asset_class = instrument->asset_class;
    rank.push_back(std::move(match));
  }
  SymbolMatches out;
  for (auto& rank : ranks)
    for (auto& match : rank.matches)
      if (out.matches.size() < query.limit) out.matches.push_back(std::move(match));
  return out;
}

}  // namespace tradebus::replay
