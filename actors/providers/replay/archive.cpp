#include "actors/providers/replay/archive.hpp"

#include <utility>

#include "actors/providers/replay/catalogue.hpp"
#include "actors/providers/replay/history.hpp"

namespace tradebus::replay {

Archive::Archive(Recording files, std::string source, Listener& listener)
    : files_{std::move(files)}, source_{std::move(source)}, listener_{listener} {
  thread_ = std::thread{[this] { run(); }};
}

Archive::~Archive() {
  {
    const std::lock_guard lock{mutex_};
    stop_ = true;
  }
  news_.notify_all();
  thread_.join();
}

bool Archive::ask(std::uint64_t id, Question question) {
  {
    const std::lock_guard lock{mutex_};
    if (questions_.size() >= questions_max) return false;
    questions_.emplace_back(id, std::move(question));
  }
  news_.notify_all();
  return true;
}

void Archive::run() {
  const auto catalogue = std::make_shared<const Catalogue>(Catalogue::scan(files_, stop_));
  if (stop_) return;
  listener_.on_report({0, CatalogueReady{catalogue}});
  const History history{files_, *catalogue, stop_};
  while (true) {
    std::unique_lock lock{mutex_};
    news_.wait(lock, [this] { return stop_ || !questions_.empty(); });
    if (stop_) return;
    const auto [id, question] = std::move(questions_.front());
    questions_.pop_front();
    lock.unlock();
    Answered answered;
    answered.id = id;
    if (const auto* query = std::get_if<GetHistoricalData>(&question)) {
      answered.answer = history.bars(*query).map([&](std::vector<HistoricalBar>&& bars) {
        return HistoricalBars{std::move(bars), source_};
      });
    } else if (const auto* snapshot = std::get_if<SnapshotAt>(&question)) {
      answered.answer = history.snapshot(snapshot->query, snapshot->now);
    } else {
      answered.answer = Result<SymbolMatches>{catalogue->search(std::get<SearchSymbols>(question))};
    }
    if (!stop_) listener_.on_report({0, std::move(answered)});
  }
}

}  // namespace tradebus::replay
