// One REST call on its way to an endpoint, and what comes back.
#pragma once

#include <string>
#include <string_view>

#include "tests/venues/massive/json.hpp"
#include "tests/venues/massive/keys.hpp"
#include "tests/venues/massive/market.hpp"
#include "tests/venues/massive/query.hpp"

namespace tradebus::massive_sim {

struct Answer {
  int status = 200;
  std::string body;
  std::string next_url;       // repeated in the header Link
  std::ptrdiff_t items = -1;  // X-Item-Count
  std::string content_type = "application/json";
};

struct Call {
  const Market& market;
  const Access& access;
  Query query;                     // the cursor's, when there is one
  std::vector<std::string> parts;  // what stood in the pattern's gaps
  std::string path;                // decoded
  std::string base_url;            // https://127.0.0.1:4000: how the client reached us
  std::string request_id;
  Ns now = 0;  // 15 minutes back on a delayed plan

  const char* status() const { return access.plan == Plan::delayed ? "DELAYED" : "OK"; }
  const char* timeframe() const { return access.plan == Plan::delayed ? "DELAYED" : "REAL-TIME"; }
  Day today() const { return day_of(now / ns_per_ms); }
  // The address of the next page: this path with a cursor of these parameters.
  std::string next(const Query& parameters) const;
};

// Bodies of failures as the venue words them.
Answer bad_request(const Call& call, std::string_view why);
Answer not_entitled(const Call& call, std::string_view why = {});
Answer not_found(const Call& call, std::string_view why = "Ticker not found.");
Answer failure(int status, std::string_view request_id, std::string_view error);

// {"results": ..., "status", "request_id", ["count"], ["next_url"]}: the common envelope. `results` is JSON.
Answer envelope(const Call& call, std::string_view results, std::ptrdiff_t count, const std::string& next_url,
                bool with_count);

// `limit` within its bounds; nullopt: not a number.
std::optional<std::size_t> limit_of(const Query& query, std::size_t otherwise, std::size_t most);

}  // namespace tradebus::massive_sim
