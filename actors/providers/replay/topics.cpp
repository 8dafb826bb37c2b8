#include "actors/providers/replay/topics.hpp"

#include <optional>

namespace tradebus::replay {

namespace {
FileKind file_kind_of(StreamKind kind) {
  if (kind == StreamKind::quote) return FileKind::quotes;
  return kind == StreamKind::trade ? FileKind::trades : FileKind::bars;
}
}  // namespace

Topics::Topics(Recording files, const std::vector<SymbolTable>& symbols)
    : files_{std::move(files)}, symbols_{&symbols}, refs_(files_->size()) {
  for (const auto& file : *files_) stride_.push_back(file.columns.kind == FileKind::bars ? timeframe_count : 1);
}

void Topics::open(const Topic& topic) {
  close(topic.ref);
  auto key = std::pair{topic.kind, topic.symbol};
  if (const auto it = open_.find(key); it != open_.end()) by_ref_.erase(it->second);
  open_[key] = topic.ref;
  by_ref_[topic.ref] = std::move(key);
  set(topic.kind, topic.symbol, topic.ref);
}

void Topics::close(TopicRef ref) {
  const auto it = by_ref_.find(ref);
  if (it == by_ref_.end()) return;
  set(it->second.first, it->second.second, none);
  open_.erase(it->second);
  by_ref_.erase(it);
}

void Topics::set(StreamKind kind, const std::string& symbol, TopicRef ref) {
  const FileKind wanted = file_kind_of(kind);
  for (std::size_t file = 0; file < refs_.size(); ++file) {
    if ((*files_)[file].columns.kind != wanted) continue;
    const auto id = (*symbols_)[file].find(symbol);
    if (!id) continue;
    const std::size_t i = *id * stride_[file] + slot(file, timeframe_of(kind).value_or(Timeframe::s1));
    if (i < refs_[file].size()) refs_[file][i] = ref;  // else learn() will find it
  }
}

// Symbols came up that this file did not have before.
void Topics::learn(std::size_t file) {
  auto& refs = refs_[file];
  const auto& symbols = (*symbols_)[file];
  const std::size_t stride = stride_[file];
  for (std::size_t id = refs.size() / stride; id < symbols.size(); ++id) {
    for (std::size_t i = 0; i < stride; ++i) {
      std::optional<StreamKind> kind;
      switch ((*files_)[file].columns.kind) {
        case FileKind::quotes:
          kind = StreamKind::quote;
          break;
        case FileKind::trades:
          kind = StreamKind::trade;
          break;
        case FileKind::bars:
          kind = stream_of(static_cast<Timeframe>(i));
          break;
        case FileKind::actions:  // everybody's
          break;
      }
      const auto it = kind ? open_.find({*kind, symbols.name(static_cast<SymbolId>(id))}) : open_.end();
      refs.push_back(it == open_.end() ? none : it->second);
    }
  }
}

}  // namespace tradebus::replay
