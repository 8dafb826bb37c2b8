#include "actors/brokers/ibkr/wire/handshake.hpp"

#include <charconv>
#include <limits>

#include "actors/brokers/ibkr/wire/framing.hpp"
#include "actors/brokers/ibkr/wire/text.hpp"

namespace tradebus::ibkr::wire {

namespace {

template <class T>
std::optional<T> whole(std::string_view text) {
  T out{};
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (text.empty() || ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return out;
}

Result<ServerHello> no_hello(std::string_view why, std::string_view payload) {
  return fail(Errc::broker_unavailable, "the gateway's first message is no version (" + std::string{why} + "): \"" +
                                            printable(payload.substr(0, 64)) +
                                            "\"; is it the API port of TWS or IB Gateway?");
}

Result<ServerHello> redirect_to(std::string_view where, std::string_view payload) {
  ServerHello out;
  out.version = -1;
  auto& to = out.redirect.emplace();
  const auto colon = where.rfind(':');
  to.host = where.substr(0, colon);
  if (colon != std::string_view::npos) {
    to.port = whole<std::uint16_t>(where.substr(colon + 1));
    if (!to.port || *to.port == 0) return no_hello("a redirect to a bad port", payload);
  }
  if (to.host.empty() || !is_printable(to.host)) return no_hello("a redirect to nowhere", payload);
  return out;
}

}  // namespace

std::string client_hello(VersionRange range, std::string_view options) {
  std::string versions = "v" + std::to_string(range.min) + ".." + std::to_string(range.max);
  if (!options.empty()) versions.append(" ").append(options);
  std::string out{"API\0", 4};
  append_frame(out, versions);
  return out;
}

Result<ServerHello> parse_server_hello(std::string_view payload, VersionRange range) {
  const auto first = payload.find('\0');
  if (first == std::string_view::npos) return no_hello("unterminated", payload);
  const auto second = payload.find('\0', first + 1);
  if (second == std::string_view::npos) return no_hello("one field", payload);
  const auto version = whole<std::int32_t>(payload.substr(0, first));
  const auto text = payload.substr(first + 1, second - first - 1);
  if (!version) return no_hello("not a number", payload);
  if (*version == -1) return redirect_to(text, payload);
  if (*version < range.min || *version > range.max)
    return fail(Errc::broker_unavailable, "the gateway chose version " + std::to_string(*version) + ", offered were " +
                                              std::to_string(range.min) + " to " + std::to_string(range.max) +
                                              "; update TWS or IB Gateway");
  return ServerHello{*version, std::string{text}};
}

}  // namespace tradebus::ibkr::wire
