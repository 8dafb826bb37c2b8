// The keys that [brokers.ibkr] and [providers.ibkr] have in common: where the gateway is, and how a session with it is
// kept. Here they are described and read.
#pragma once

#include <cstdint>
#include <string>

#include "actors/brokers/ibkr/session/gateway_session.hpp"
#include "config/section.hpp"

namespace tradebus::ibkr {

struct GatewayPlace {
  std::string host = "127.0.0.1";
  std::uint16_t port = 4002;
};

// What each of the two says of them in its own way.
struct GatewayKeys {
  std::int64_t client_id = 0;
  std::string about_client_id;
  std::int64_t client_ids = 1;
  std::string about_client_ids;
  double messages_per_second_max = 1'000;
};

// host, port, client_id, client_ids: in the order in which they are shown.
void add_place_keys(SectionSpec& spec, const GatewayKeys& keys);
void add_pace_key(SectionSpec& spec, const GatewayKeys& keys);  // messages_per_second
void add_life_keys(SectionSpec& spec);                          // probe_s, silence_s_max, retry_s_max

// config.invalid names the key. `path`: "brokers.ibkr".
Result<GatewayPlace> read_place(const Section& section, const std::string& path);
session::SessionOptions read_session(const Section& section, const std::string& path);

}  // namespace tradebus::ibkr
