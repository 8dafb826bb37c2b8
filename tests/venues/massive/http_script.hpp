// An answer as bytes and the way they are sent, with a fault or without.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/venues/massive/faults.hpp"

namespace tradebus::massive_sim {

struct HttpRequest {
  std::string method, target, authorization, host, body;
  bool accepts_gzip = false;
  bool keep_alive = true;
};

struct HttpReply {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  std::optional<Fault> fault;
};

enum class After : std::uint8_t { next_request, close, reset, hang };

struct HttpScript {
  std::string bytes;
  std::size_t chunk = 0;  // bytes at a time behind the first `whole`; 0: all at once
  std::size_t whole = 0;  // the head, sent at once
  int delay_first_ms = 0;
  int delay_chunk_ms = 0;
  After after = After::next_request;
};

HttpScript script_of(const HttpRequest& request, HttpReply reply, std::string_view request_id);

std::string gzip(std::string_view text);

}  // namespace tradebus::massive_sim
