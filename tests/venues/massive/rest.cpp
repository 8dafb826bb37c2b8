#include "tests/venues/massive/rest.hpp"

#include <array>
#include <cstdio>

#include "tests/venues/massive/endpoints.hpp"

namespace tradebus::massive_sim {
namespace {

constexpr Ns delay = 15 * 60 * ns_per_s;
constexpr std::string_view too_many =
    "You've exceeded the maximum requests per minute, please wait or upgrade your subscription to continue. "
    "https://massive.com/pricing";

struct Route {
  std::string_view pattern;  // {} takes one segment
  Answer (*endpoint)(const Call&);
};

// The first that fits: fixed words before gaps.
constexpr Route routes[] = {
    {"/v2/aggs/ticker/{}/range/{}/{}/{}/{}", aggregates},
    {"/v2/aggs/ticker/{}/prev", previous_close},
    {"/v2/aggs/grouped/locale/us/market/stocks/{}", grouped_daily},
    {"/v1/open-close/{}/{}", open_close},
    {"/v3/trades/{}", trade_history},
    {"/v3/quotes/{}", quote_history},
    {"/v2/last/trade/{}", last_trade},
    {"/v2/last/nbbo/{}", last_quote},
    {"/v2/snapshot/locale/us/markets/stocks/tickers", snapshot_all},
    {"/v2/snapshot/locale/us/markets/stocks/tickers/{}", snapshot_ticker},
    {"/v2/snapshot/locale/us/markets/stocks/{}", snapshot_direction},
    {"/v3/snapshot", universal_snapshot},
    {"/v3/snapshot/indices", indices_snapshot},
    {"/v3/snapshot/options/{}", option_chain},
    {"/v3/snapshot/options/{}/{}", option_snapshot},
    {"/v3/reference/options/contracts", option_contracts},
    {"/v3/reference/options/contracts/{}", option_contract},
    {"/v3/reference/tickers", tickers},
    {"/v3/reference/tickers/types", ticker_types},
    {"/v3/reference/tickers/{}", ticker_details},
    {"/vX/reference/tickers/{}/events", ticker_events},
    {"/v1/related-companies/{}", related_companies},
    {"/v2/reference/news", news},
    {"/v1/marketstatus/now", market_status},
    {"/v1/marketstatus/upcoming", market_holidays},
    {"/v3/reference/splits", splits},
    {"/stocks/v1/splits", stock_splits},
    {"/v3/reference/dividends", dividends},
    {"/stocks/v1/dividends", stock_dividends},
    {"/v3/reference/exchanges", exchanges},
    {"/v3/reference/conditions", conditions},
    {"/stocks/v1/short-interest", short_interest},
    {"/stocks/v1/short-volume", short_volume},
};

// The segments in the pattern's gaps, when it fits.
std::optional<std::vector<std::string>> match(std::string_view pattern, const std::vector<std::string>& segments) {
  std::vector<std::string> parts;
  for (const std::string& segment : segments) {
    if (pattern.empty()) return std::nullopt;
    pattern.remove_prefix(1);
    const std::string_view word = pattern.substr(0, pattern.find('/'));
    pattern.remove_prefix(word.size());
    if (word == "{}") {
      parts.push_back(segment);
    } else if (word != segment) {
      return std::nullopt;
    }
  }
  if (!pattern.empty()) return std::nullopt;
  return parts;
}

Answer unknown_path() { return {404, "404 page not found\n", {}, -1, "text/plain; charset=utf-8"}; }

}  // namespace

std::string key_of(std::string_view authorization, const Query& query) {
  constexpr std::string_view bearer = "Bearer ";
  if (authorization.starts_with(bearer)) return std::string(authorization.substr(bearer.size()));
  return std::string(query.get("apiKey"));
}

std::string Rest::next_request_id() {
  std::array<char, 48> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%016llx%016llx", 0x5e551095e551095eULL,
                static_cast<unsigned long long>(++requests_));
  return buffer.data();
}

RestAnswer Rest::answer(const RestRequest& request) {
  const std::string id = next_request_id();
  return {answer_with(request, id), id};
}

Answer Rest::answer_with(const RestRequest& request, const std::string& request_id) {
  Target target = parse_target(request.target);
  stats_.count_call(target.path);
  if (request.method != "GET" && request.method != "HEAD")
    return {405, "405 method not allowed\n", {}, -1, "text/plain; charset=utf-8"};
  const std::string key = key_of(request.authorization, target.query);
  if (key.empty()) return failure(401, request_id, "API Key was not provided");
  const Access* access = keys_.find(key);
  if (access == nullptr) {
    ++stats_.auth_failures;
    return failure(401, request_id, "Unknown API Key");
  }
  if (!keys_.take_call(key, clock_.now())) {
    ++stats_.rate_limited;
    return failure(429, request_id, too_many);
  }
  target.query.erase("apiKey");
  if (auto recorded = answers_.find(target.path, target.query)) return *recorded;
  if (market_ == nullptr) return unknown_path();
  for (const Route& route : routes) {
    auto parts = match(route.pattern, target.segments);
    if (!parts) continue;
    Call call{*market_,    *access,          target.query, std::move(*parts),
              target.path, request.base_url, request_id,   clock_.now()};
    if (access->plan == Plan::delayed) call.now -= delay;
    if (const auto cursor = target.query.find("cursor")) {
      auto query = from_cursor(*cursor);
      if (!query) return bad_request(call, "Could not parse the cursor.");
      call.query = std::move(*query);
    }
    return route.endpoint(call);
  }
  return unknown_path();
}

}  // namespace tradebus::massive_sim
