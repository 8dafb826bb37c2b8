// The REST side without sockets: key, pace, recorded answers, endpoints.
#pragma once

#include <map>

#include "tests/venues/massive/answers.hpp"
#include "tests/venues/massive/call.hpp"
#include "tests/venues/massive/stats.hpp"

namespace tradebus::massive_sim {

struct RestRequest {
  std::string method = "GET";
  std::string target;         // /path?query
  std::string authorization;  // the header's value
  std::string base_url;       // as the client addressed us
};

struct RestAnswer : Answer {
  std::string request_id;
};

class Rest {
 public:
  // `market` may be null: recorded answers only.
  Rest(const Market* market, Keys& keys, const Answers& answers, const Clock& clock, Stats& stats)
      : market_(market), keys_(keys), answers_(answers), clock_(clock), stats_(stats) {}

  RestAnswer answer(const RestRequest& request);
  std::string next_request_id();

 private:
  Answer answer_with(const RestRequest& request, const std::string& request_id);

  const Market* market_;
  Keys& keys_;
  const Answers& answers_;
  const Clock& clock_;
  Stats& stats_;
  std::uint64_t requests_ = 0;
};

// Where a request's key stands: the Bearer header, else the parameter apiKey. Empty: nowhere.
std::string key_of(std::string_view authorization, const Query& query);

}  // namespace tradebus::massive_sim
