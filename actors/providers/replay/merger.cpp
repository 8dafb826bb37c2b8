#include "actors/providers/replay/merger.hpp"

#include <algorithm>

namespace tradebus::replay {

namespace {
void add(ReadStats& sum, const ReadStats& part) {
  sum.rows += part.rows;
  sum.bad_lines += part.bad_lines;
  sum.rounded += part.rounded;
  sum.out_of_order += part.out_of_order;
}
}  // namespace

Merger::Merger(Recording files, std::vector<SymbolTable>& symbols, const std::atomic<bool>* stop, Hooks hooks)
    : files_{std::move(files)}, symbols_{&symbols}, stop_{stop}, hooks_{std::move(hooks)}, lanes_(files_->size()) {
  symbols_->resize(files_->size());
  for (std::size_t file = 0; file < lanes_.size(); ++file) {
    if (!(*files_)[file].has_rows) continue;
    lanes_[file].due = (*files_)[file].first_due;
    heap_.push_back(file);
  }
  // A sorted range is a heap.
  std::sort(heap_.begin(), heap_.end(), [this](std::size_t a, std::size_t b) { return before(a, b); });
}

const Row* Merger::prepare() {
  while (!heap_.empty()) {
    const std::size_t file = heap_.front();
    if (lanes_[file].reader) {
      ready_ = true;
      return &lanes_[file].row;
    }
    open(file);
  }
  return nullptr;
}

void Merger::open(std::size_t file) {
  FileReader::OnBadLine on_bad_line;
  if (hooks_.on_bad_line)
    on_bad_line = [this, file](std::uint64_t line, std::string_view reason) { hooks_.on_bad_line(file, line, reason); };
  auto reader =
      FileReader::open((*files_)[file], (*symbols_)[file], {.stop = stop_, .on_bad_line = std::move(on_bad_line)});
  if (!reader) return end(file, reader.error().message);
  lanes_[file].reader.emplace(std::move(*reader));
  next(file);
}

void Merger::advance() {
  ready_ = false;
  next(heap_.front());
}

// Reads the next row of the first file, and finds who is first then.
void Merger::next(std::size_t file) {
  Lane& lane = lanes_[file];
  if (!lane.reader->next(lane.row)) return end(file, lane.reader->failure());
  lane.due = lane.row.due;
  sift_down();
}

void Merger::end(std::size_t file, const std::string& failure) {
  Lane& lane = lanes_[file];
  ReadStats stats;
  if (lane.reader) stats = lane.reader->stats();
  add(ended_stats_, stats);
  if (hooks_.on_file_end) hooks_.on_file_end(file, stats, failure);
  lane.reader.reset();
  heap_.front() = heap_.back();
  heap_.pop_back();
  sift_down();
}

// While the first file stays first, which runs of rows make likely, this costs two comparisons.
void Merger::sift_down() {
  std::size_t at = 0;
  while (true) {
    std::size_t child = 2 * at + 1;
    if (child >= heap_.size()) return;
    if (child + 1 < heap_.size() && before(heap_[child + 1], heap_[child])) ++child;
    if (!before(heap_[child], heap_[at])) return;
    std::swap(heap_[child], heap_[at]);
    at = child;
  }
}

ReadStats Merger::stats() const {
  ReadStats out = ended_stats_;
  for (const std::size_t file : heap_)
    if (lanes_[file].reader) add(out, lanes_[file].reader->stats());
  return out;
}

}  // namespace tradebus::replay
