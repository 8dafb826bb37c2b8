#include "actors/providers/massive/rest_error.hpp"

#include <algorithm>

#include "actors/providers/massive/json.hpp"

namespace tradebus::massive {

namespace {

constexpr std::size_t text_max = 240;

// For one line of a log: no control characters, not too long.
std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, text_max)) out += c >= ' ' && c <= '~' ? c : ' ';
  while (out.ends_with(' ')) out.pop_back();
  return out;
}

std::string text_of(std::string_view body) {
  json::Reader reader;
  std::string error;
  std::string message;
  reader.document(body, [&](std::string_view key, json::Value& value) {
    if (key == "error") error = reader.text(key, value).value_or("");
    if (key == "message") message = reader.text(key, value).value_or("");
  });
  if (!error.empty() && !message.empty() && error != message) return error + ": " + message;
  if (!error.empty() || !message.empty()) return error.empty() ? message : error;
  // A proxy's page says nothing that helps.
  return body.starts_with('<') ? "" : std::string{body.substr(0, text_max)};
}

}  // namespace

Error refused(unsigned http_status, std::string_view text, std::string_view section) {
  const auto said = printable(text);
  const auto with = [&](std::string_view what) {
    std::string out = "the venue answered " + std::to_string(http_status) + ", " + std::string{what};
    return said.empty() ? out : out + ": \"" + said + "\"";
  };
  switch (http_status) {
    case 400:
      return {Errc::request_invalid, with("it can't be asked so")};
    case 401:
      return {Errc::auth_denied, with("the API key was refused (" + std::string{section} + ".api_key)")};
    case 403:
      return {Errc::provider_unsupported, with("the key's plan is not entitled to it")};
    case 404:
      return {Errc::instrument_unknown, with("there is no such thing")};
    case 429:
      return {Errc::provider_rate_limited, with("too many calls (" + std::string{section} + ".calls_per_minute)")};
    default:
      return {Errc::provider_unavailable, with("ask again later")};
  }
}

Error refused_answer(unsigned http_status, std::string_view body, std::optional<std::chrono::milliseconds> retry_after,
                     std::string_view section) {
  auto out = refused(http_status, text_of(body), section);
  if (http_status == 429 && retry_after) out.retry_after_ms = std::max<std::int64_t>(retry_after->count(), 0);
  return out;
}

Error not_understood(std::string_view why, std::string_view body) {
  return {Errc::provider_unavailable, "the venue's answer of " + std::to_string(body.size()) +
                                          " bytes was not understood (" + printable(why) +
                                          "): ask again; if it stays so, its format has changed"};
}

bool is_passing(unsigned http_status) {
  constexpr unsigned passing[] = {408, 413, 499, 500, 502, 503, 504};
  return std::ranges::find(passing, http_status) != std::end(passing);
}

}  // namespace tradebus::massive
