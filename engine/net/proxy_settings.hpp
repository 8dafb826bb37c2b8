// Which proxy leads to which host, by the environment's usual variables. Pure.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bus/model/error.hpp"
#include "engine/net/url.hpp"

namespace tradebus {

struct ProxySettings {
  std::optional<Url> for_http = {};   // http:// and ws://
  std::optional<Url> for_https = {};  // https:// and wss://
  // Hosts reached without it: "*", "host", ".suffix" (a bare "suffix" too also stands for all below it), each with
  // ":port" or not; addresses ("10.0.0.1", "::1") and networks ("10.0.0.0/8").
  std::vector<std::string> direct = {};

  // None: straight to the host. Loopback hosts never go through a proxy.
  const Url* proxy_for(const Url& url) const;
};

// HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY, each in lower case too, which wins. HTTP_PROXY in upper case is
// ignored where REQUEST_METHOD is set (a CGI's request header "Proxy"). A proxy is an http:// URL; without a scheme,
// http:// is meant. config.invalid: the variable's name and why, never its value.
Result<ProxySettings> proxy_from_environment();
Result<ProxySettings> proxy_from_environment(const std::function<std::optional<std::string>(std::string_view)>& get);

}  // namespace tradebus
