#include "tests/venues/massive/call.hpp"

#include <algorithm>
#include <charconv>

namespace tradebus::massive_sim {

std::string Call::next(const Query& parameters) const {
  std::string encoded;
  for (const char c : path) encoded += c == '/' ? std::string("/") : percent_encode(std::string_view{&c, 1});
  return base_url + encoded + "?cursor=" + to_cursor(parameters);
}

Answer failure(int status, std::string_view request_id, std::string_view error) {
  Json json;
  json.begin_object().field("status", "ERROR").field("request_id", request_id).field("error", error).end_object();
  return {status, json.take(), {}, -1, "application/json"};
}

Answer bad_request(const Call& call, std::string_view why) { return failure(400, call.request_id, why); }

Answer not_entitled(const Call& call, std::string_view why) {
  if (why.empty()) why = "You are not entitled to this data. Please upgrade your plan at https://massive.com/pricing";
  Json json;
  json.begin_object()
      .field("status", "NOT_AUTHORIZED")
      .field("request_id", call.request_id)
      .field("message", why)
      .end_object();
  return {403, json.take(), {}, -1, "application/json"};
}

Answer not_found(const Call& call, std::string_view why) {
  Json json;
  json.begin_object()
      .field("status", "NOT_FOUND")
      .field("request_id", call.request_id)
      .field("message", why)
      .end_object();
  return {404, json.take(), {}, -1, "application/json"};
}

Answer envelope(const Call& call, std::string_view results, std::ptrdiff_t count, const std::string& next_url,
                bool with_count) {
  Json json;
  json.begin_object().key("results").raw(results).field("status", call.status()).field("request_id", call.request_id);
  if (with_count) json.field("count", count);
  if (!next_url.empty()) json.field("next_url", next_url);
  json.end_object();
  return {200, json.take(), next_url, count, "application/json"};
}

std::optional<std::size_t> limit_of(const Query& query, std::size_t otherwise, std::size_t most) {
  const auto text = query.find("limit");
  if (!text || text->empty()) return otherwise;
  std::size_t n = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), n);
  if (error != std::errc{} || end != text->data() + text->size() || n == 0) return std::nullopt;
  return std::min(n, most);
}

}  // namespace tradebus::massive_sim
