#include "actors/brokers/ibkr/gateway_keys.hpp"

namespace tradebus::ibkr {

void add_place_keys(SectionSpec& spec, const GatewayKeys& keys) {
  spec.keys.push_back(
      {"host", std::string{"127.0.0.1"}, "where TWS or IB Gateway runs; the connection is not encrypted"});
  spec.keys.push_back({.key = "port",
                       .fallback = std::int64_t{4002},
                       .about = "its API port: IB Gateway 4001 live, 4002 paper; TWS 7496 live, 7497 paper",
                       .min = 1.0,
                       .max = 65'535.0});
  spec.keys.push_back(
      {.key = "client_id", .fallback = keys.client_id, .about = keys.about_client_id, .min = 0.0, .max = 999'999.0});
  spec.keys.push_back(
      {.key = "client_ids", .fallback = keys.client_ids, .about = keys.about_client_ids, .min = 1.0, .max = 32.0});
}

void add_pace_key(SectionSpec& spec, const GatewayKeys& keys) {
  spec.keys.push_back(
      {.key = "messages_per_second",
       .fallback = std::int64_t{45},
       .about = "at most so many are sent; the gateway allows half as many as the account has market data lines",
       .min = 5.0,
       .max = keys.messages_per_second_max});
}

void add_life_keys(SectionSpec& spec) {
  spec.keys.push_back({.key = "probe_s",
                       .fallback = 30.0,
                       .about = "seconds of silence after which the gateway is asked for its time",
                       .min = 0.1,
                       .max = 600.0});
  spec.keys.push_back({.key = "silence_s_max",
                       .fallback = 10.0,
                       .about = "seconds without an answer to that, and the connection is given up",
                       .min = 0.1,
                       .max = 600.0});
  spec.keys.push_back({.key = "retry_s_max",
                       .fallback = 30.0,
                       .about = "the longest pause between two tries to connect; the first one is half a second",
                       .min = 0.5,
                       .max = 3'600.0});
}

Result<GatewayPlace> read_place(const Section& section, const std::string& path) {
  GatewayPlace out;
  out.host = section.get<std::string>("host");
  if (out.host.empty() || out.host.find_first_of(" \t/") != std::string::npos)
    return fail(Errc::config_invalid, path + ".host must be a name or an address, without a scheme or a port");
  out.port = static_cast<std::uint16_t>(section.get<std::int64_t>("port"));
  return out;
}

session::SessionOptions read_session(const Section& section, const std::string& path) {
  const auto ms = [&](const char* key) {
    return session::SessionOptions::Ms{static_cast<std::int64_t>(section.get<double>(key) * 1'000)};
  };
  session::SessionOptions out;
  out.section = path;
  out.client_id = static_cast<std::int32_t>(section.get<std::int64_t>("client_id"));
  out.client_ids = static_cast<std::int32_t>(section.get<std::int64_t>("client_ids"));
  out.pace.per_second = static_cast<std::size_t>(section.get<std::int64_t>("messages_per_second"));
  out.probe_after = ms("probe_s");
  out.silence_max = ms("silence_s_max");
  out.retry_max = ms("retry_s_max");
  return out;
}

}  // namespace tradebus::ibkr
