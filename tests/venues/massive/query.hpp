// A request's target taken apart: decoded path segments, parameters in their order, and back again as an opaque cursor.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tradebus::massive_sim {

class Query {
 public:
  Query() = default;
  explicit Query(std::string_view encoded);  // a=1&b=2

  std::optional<std::string_view> find(std::string_view name) const;
  std::string_view get(std::string_view name, std::string_view otherwise = {}) const;
  void set(std::string_view name, std::string_view value);
  void erase(std::string_view name);
  const std::vector<std::pair<std::string, std::string>>& all() const { return all_; }
  std::string encoded() const;

 private:
  static constexpr std::size_t parameters_max = 100;
  std::vector<std::pair<std::string, std::string>> all_;
};

struct Target {
  std::string path;  // decoded
  std::vector<std::string> segments;
  Query query;
};
Target parse_target(std::string_view target);

std::string percent_decode(std::string_view text);
std::string percent_encode(std::string_view text);

// A cursor holds every other parameter, never the key. Nullopt: not one of ours.
std::string to_cursor(Query query);
std::optional<Query> from_cursor(std::string_view cursor);

}  // namespace tradebus::massive_sim
