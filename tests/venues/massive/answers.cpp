#include "tests/venues/massive/answers.hpp"

#include <simdjson.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace tradebus::massive_sim {
namespace {

std::string read_file(const std::string& name) {
  std::ifstream in{name, std::ios::binary};
  if (!in) throw std::runtime_error(name + ": can't be opened");
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

}  // namespace

void Answers::add(const std::string& folder, const std::string& index) {
  std::istringstream lines{read_file(index)};
  simdjson::dom::parser parser;
  std::string line;
  for (std::size_t number = 1; std::getline(lines, line); ++number) {
    if (line.empty() || line.starts_with('#')) continue;
    const auto bad = [&](const std::string& why) {
      return std::runtime_error(index + " line " + std::to_string(number) + ": " + why);
    };
    simdjson::dom::element row;
    if (parser.parse(line).get(row) != simdjson::SUCCESS) throw bad("is no JSON");
    std::string_view path, file;
    if (row["path"].get(path) != simdjson::SUCCESS) throw bad("has no path");
    if (++size_ > entries_max) throw bad("more answers than " + std::to_string(entries_max));
    Entry entry;
    std::int64_t status = 200;
    if (row["status"].get(status) == simdjson::SUCCESS) entry.answer.status = static_cast<int>(status);
    if (row["file"].get(file) == simdjson::SUCCESS) entry.answer.body = read_file(folder + '/' + std::string(file));
    if (entry.answer.body.starts_with('<')) entry.answer.content_type = "text/html";
    simdjson::dom::object query;
    if (row["query"].get(query) == simdjson::SUCCESS) {
      for (const auto& [name, value] : query) {
        std::string_view text;
        if (value.get(text) != simdjson::SUCCESS) throw bad("a value in query is no text");
        entry.query.emplace(name, text);
      }
    }
    by_path_[std::string(path)].push_back(std::move(entry));
  }
  for (auto& [path, entries] : by_path_) {
    std::stable_sort(entries.begin(), entries.end(),
                     [](const Entry& a, const Entry& b) { return a.query.size() > b.query.size(); });
  }
}

std::optional<Answer> Answers::find(const std::string& path, const Query& query) const {
  const auto found = by_path_.find(path);
  if (found == by_path_.end()) return std::nullopt;
  for (const Entry& entry : found->second) {
    const bool fits = std::all_of(entry.query.begin(), entry.query.end(),
                                  [&](const auto& x) { return query.find(x.first) == std::string_view{x.second}; });
    if (fits) return entry.answer;
  }
  return std::nullopt;
}

}  // namespace tradebus::massive_sim
