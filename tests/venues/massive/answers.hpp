// Recorded answers: a folder with an index, one JSON object a line:
//   {"path": "/v2/last/trade/AAPL", "query": {"limit": "2"}, "status": 200, "file": "last-trade.json"}
// The line whose query has the most parameters in common with the call wins; all that it names must be equal. "file"
// absent: an empty body.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/venues/massive/call.hpp"

namespace tradebus::massive_sim {

class Answers {
 public:
  static constexpr std::size_t entries_max = 10'000;

  // Reads FOLDER/index.jsonl, or another index for the folder's files. Throws std::runtime_error.
  void add(const std::string& folder, const std::string& index);
  std::optional<Answer> find(const std::string& path, const Query& query) const;
  std::size_t size() const { return size_; }

 private:
  struct Entry {
    std::map<std::string, std::string> query;
    Answer answer;
  };
  std::map<std::string, std::vector<Entry>> by_path_;
  std::size_t size_ = 0;
};

}  // namespace tradebus::massive_sim
