// What the venue's REST API refuses, in the protocol's words. The HTTP status decides, never the text. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "bus/model/error.hpp"

namespace tradebus::massive {

// 400 request.invalid; 401 auth.denied (the key); 403 provider.unsupported (the plan); 404 instrument.unknown;
// 429 provider.rate_limited; all else provider.unavailable. `text` is the venue's own, for people; `section`: whose
// keys to look at, "providers.massive".
Error refused(unsigned http_status, std::string_view text, std::string_view section = "the provider");

// The same from an answer's bytes: the text of `error` or `message` where the body is JSON, its beginning else.
// `retry_after`: the header's, for 429.
Error refused_answer(unsigned http_status, std::string_view body, std::optional<std::chrono::milliseconds> retry_after,
                     std::string_view section);

// A 200 that can't be read: provider.unavailable, with the answer's length but nothing of its content.
Error not_understood(std::string_view why, std::string_view body);

// May the same call work a moment later? 408, 413, 499, 500, 502, 503, 504.
bool is_passing(unsigned http_status);

}  // namespace tradebus::massive
