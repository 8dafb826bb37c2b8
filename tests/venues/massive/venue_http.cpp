#include "tests/venues/massive/venue_http.hpp"

#include <algorithm>

namespace tradebus::massive_sim {

HttpReply VenueHttp::reply(const HttpRequest& request, std::string& request_id) {
  HttpReply out;
  const std::string host = request.host.empty() ? "127.0.0.1" : request.host;
  // A fault that replaces the answer costs no call of the free plan's five.
  const std::string path = parse_target(request.target).path;
  out.fault = faults_.take(path);
  if (out.fault) ++stats_.faults;
  RestAnswer answer;
  if (out.fault && out.fault->kind == FaultKind::status) {
    stats_.count_call(path);
    request_id = rest_.next_request_id();
    return out;
  }
  answer =
      rest_.answer({request.method, request.target, request.authorization, (tls_ ? "https://" : "http://") + host});
  request_id = answer.request_id;
  out.status = answer.status;
  out.body = std::move(answer.body);
  out.content_type = std::move(answer.content_type);
  if (!answer.next_url.empty()) out.headers.emplace_back("Link", '<' + answer.next_url + ">; rel=\"next\"");
  if (answer.items >= 0) out.headers.emplace_back("X-Item-Count", std::to_string(answer.items));
  return out;
}

std::optional<std::string> VenueHttp::stream_at(const std::string& target) const {
  constexpr std::string_view markets[] = {"stocks",  "options",     "indices",      "forex",         "crypto",
                                          "futures", "futures/cme", "futures/cbot", "futures/nymex", "futures/comex"};
  std::string path = parse_target(target).path;
  if (!path.empty()) path.erase(0, 1);
  if (std::find(std::begin(markets), std::end(markets), path) == std::end(markets)) return std::nullopt;
  return path;
}

}  // namespace tradebus::massive_sim
