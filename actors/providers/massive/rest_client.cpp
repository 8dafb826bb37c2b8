#include "actors/providers/massive/rest_client.hpp"

#include <algorithm>

#include "engine/net/url.hpp"

namespace tradebus::massive {

Result<std::unique_ptr<RestClient>> RestClient::make(NetThread& thread, RestOptions options) {
  const auto url = parse_url(options.url);
  if (!url) return fail(Errc::config_invalid, "rest_url: " + url.error().message);
  if (url->scheme != "https" && url->scheme != "http")
    return fail(Errc::config_invalid, "rest_url must begin with https://");
  if (url->scheme == "http" && !url->is_loopback())
    return fail(Errc::config_invalid, "rest_url: the key would travel in the open; http:// is for this machine alone");
  if (!url->user_info.empty() || url->target.find('?') != std::string::npos)
    return fail(Errc::config_invalid, "rest_url must hold neither a user nor a query");
  if (!std::ranges::all_of(options.api_key, [](char c) { return c > ' ' && c <= '~'; }))
    return fail(Errc::config_invalid, "api_key holds a blank or a character that no key has");
  options.url = url->origin() + url->target;
  while (options.url.ends_with('/')) options.url.pop_back();

  HttpClientOptions http;
  http.tls = options.tls;
  http.proxy = options.proxy;
  http.waiting_max = 1'024;  // questions are bounded by their owner
  auto client = HttpClient::make(thread, std::move(http));
  if (!client) return tl::unexpected{client.error()};
  return std::unique_ptr<RestClient>{new RestClient{std::move(options), std::move(*client)}};
}

tl::expected<void, NetError> RestClient::get(const Target& target, HttpCallback callback) {
  HttpRequest request;
  request.url = options_.url + target;
  request.headers = {{"Authorization", "Bearer " + options_.api_key}, {"Accept", "application/json"}};
  request.deadline = options_.timeout;
  request.retry = false;  // each call counts: their owner paces them
  auto sent = http_.send(std::move(request), std::move(callback));
  if (!sent) return tl::unexpected{std::move(sent.error())};
  return {};
}

}  // namespace tradebus::massive
