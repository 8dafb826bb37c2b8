// The venue's REST API over the network: one base URL, one key, GET only. No CAF.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "actors/providers/massive/plan.hpp"
#include "engine/net/http_client.hpp"

namespace tradebus::massive {

// What answers calls: the venue, or a test.
class RestPort {
 public:
  virtual ~RestPort() = default;
  // The callback is called once, on another thread, unless the call is refused here. Nothing is tried again.
  virtual tl::expected<void, NetError> get(const Target& target, HttpCallback callback) = 0;
};

struct RestOptions {
  std::string url = "https://api.massive.com";  // a path in it comes before the venue's own
  std::string api_key = {};
  TlsOptions tls = {};
  ProxySettings proxy = {};
  std::chrono::milliseconds timeout{30'000};  // of one call
};

class RestClient final : public RestPort {
 public:
  // config.invalid: no URL, http:// to another machine, an impossible key or CA file.
  static Result<std::unique_ptr<RestClient>> make(NetThread& thread, RestOptions options);
  tl::expected<void, NetError> get(const Target& target, HttpCallback callback) override;

 private:
  RestClient(RestOptions options, HttpClient http) : options_{std::move(options)}, http_{std::move(http)} {}
  RestOptions options_;  // url: without a slash at its end
  HttpClient http_;
};

}  // namespace tradebus::massive
