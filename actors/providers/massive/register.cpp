// [providers.massive]: its keys, and the actor made from them.
#include <caf/typed_event_based_actor.hpp>

#include "actors/providers/massive/massive.hpp"
#include "engine/net/url.hpp"

namespace tradebus::massive {

namespace {

constexpr const char* stream_live = "wss://socket.massive.com";
constexpr const char* stream_delayed = "wss://delayed.massive.com";

MassiveActor::behavior_type massive_actor(MassiveActor::stateful_pointer<MassiveState> self,
                                          const AdapterContext& context, const MassiveConfig& config) {
  return self->state.make_behavior(context, config);
}

Result<ProviderActor> make(caf::actor_system& system, AdapterContext context, const std::string& path) {
  auto config = read_config(context.settings, path);
  if (!config) return tl::unexpected{config.error()};
  // What can't be used at all (a CA file that isn't one) is said before anything runs.
  {
    NetThread thread;
    if (auto tried = RestClient::make(thread, config->rest); !tried) return tl::unexpected{tried.error()};
  }
  // A thread of its own: it reads pages of megabytes, and joins its network thread at its end. The hot worker may wait
  // for neither (docs/decisions/0002-one-hot-worker.md).
  return ProviderActor{system.spawn<caf::detached>(massive_actor, std::move(context), std::move(*config))};
}

}  // namespace

SectionSpec section_spec(const std::string& path) {
  KeySpec key{"api_key", std::string{}, "the key of your account; free ones have 5 calls a minute and no stream"};
  key.secret = true;
  key.environment = {"MASSIVE_API_KEY", "POLYGON_API_KEY"};
  SectionSpec out{
      path,
      "US stocks and options from Massive (formerly Polygon.io); indices, forex and crypto by question.",
      {
          std::move(key),
          {.key = "rest_url",
           .fallback = std::string{"https://api.massive.com"},
           .about = "where questions go; http:// for this machine alone"},
          {.key = "stream",
           .fallback = true,
           .about = "live quotes, trades and bars by WebSocket; false for plans without it"},
          {.key = "stream_url",
           .fallback = std::string{},
           .about = "where the stream comes from, without the market's name; empty: wss://socket.massive.com, or "
                    "wss://delayed.massive.com where delayed = true"},
          {.key = "delayed",
           .fallback = false,
           .about = "the plan's data are 15 minutes late: they are marked so, and the youngest bars left out"},
          {.key = "ca_file",
           .fallback = std::string{},
           .about = "certificate authorities (PEM) instead of the system's, for a proxy that ends TLS or a simulator"},
          {.key = "pages_max",
           .fallback = std::int64_t{50},
           .about = "pages that one question may cost, a call each; 50 hold two and a half million base bars",
           .min = 1.0,
           .max = 1'000.0},
          {.key = "questions_max",
           .fallback = std::int64_t{256},
           .about = "questions under way at once; more are refused as overloaded",
           .min = 1.0,
           .max = 10'000.0},
          {.key = "timeout_s",
           .fallback = 30.0,
           .about = "seconds for the answer to one call",
           .min = 0.1,
           .max = 600.0},
          {.key = "wait_s_max",
           .fallback = 120.0,
           .about =
               "seconds that a question's calls may wait for their turn in all, where calls are limited; the cache "
               "waits for no answer longer, clients not for so long: what comes later is there for the next one",
           .min = 1.0,
           .max = 3'600.0},
          {.key = "quiet_s_max",
           .fallback = 60.0,
           .about = "seconds without a message, while its market is open and quotes or trades are subscribed to, after "
                    "which a stream is connected anew; doubled each time that brings nothing, up to an hour; 0: never",
           .min = 0.0,
           .max = 3'600.0},
          {.key = "corporate_actions",
           .fallback = true,
           .about = "ask once a day for splits and dividends (two calls), so that adjusted bars are not kept too long"},
      }};
  PacingRules pacing;
  pacing.calls_per_second = 90;  // paid plans: the vendor asks for fewer than 100
  pacing.calls_at_once = 8;      // as many connections as the client opens
  for (auto& each : pacing_keys(pacing)) out.keys.push_back(std::move(each));
  return out;
}

Result<MassiveConfig> read_config(const Section& section, const std::string& path) {
  const auto wrong = [&](const std::string& what) { return fail(Errc::config_invalid, path + "." + what); };
  MassiveConfig out;
  out.rest.api_key = section.get<std::string>("api_key");
  if (out.rest.api_key.empty())
    return wrong("api_key is not set: name a file that holds it in api_key_file, or set MASSIVE_API_KEY");
  if (out.rest.api_key.find_first_of(" \t\r\n") != std::string::npos || out.rest.api_key.size() > 256)
    return wrong("api_key can't be a key: it has blanks or line breaks, or more than 256 characters");
  out.rest.url = section.get<std::string>("rest_url");
  out.rest.tls.ca_file = section.get<std::string>("ca_file");
  out.rest.timeout = std::chrono::milliseconds{static_cast<std::int64_t>(section.get<double>("timeout_s") * 1'000)};
  auto proxy = proxy_from_environment();
  if (!proxy) return tl::unexpected{proxy.error()};
  out.rest.proxy = *proxy;
  const auto rest = parse_url(out.rest.url);
  if (!rest) return wrong("rest_url: " + rest.error().message);
  if (rest->scheme != "https" && !(rest->scheme == "http" && rest->is_loopback()))
    return wrong(
        "rest_url must begin with https:// (http:// is for this machine alone: the key would travel in the open)");

  out.delayed = section.get<bool>("delayed");
  if (section.get<bool>("stream")) {
    StreamOptions stream;
    stream.url = section.get<std::string>("stream_url");
    if (stream.url.empty()) stream.url = out.delayed ? stream_delayed : stream_live;
    const auto url = parse_url(stream.url);
    if (!url) return wrong("stream_url: " + url.error().message);
    if (url->scheme != "wss" && !(url->scheme == "ws" && url->is_loopback()))
      return wrong(
          "stream_url must begin with wss:// (ws:// is for this machine alone: the key would travel in the open)");
    stream.api_key = out.rest.api_key;
    stream.delayed = out.delayed;
    stream.session.mute_first =
        std::chrono::milliseconds{static_cast<std::int64_t>(section.get<double>("quiet_s_max") * 1'000)};
    stream.tls = out.rest.tls;
    stream.proxy = out.rest.proxy;
    out.stream = std::move(stream);
  }

  out.calls.section = path;
  out.calls.pacing = pacing_rules(section);
  out.calls.questions_max = static_cast<std::size_t>(section.get<std::int64_t>("questions_max"));
  out.calls.wait_max = std::chrono::milliseconds{static_cast<std::int64_t>(section.get<double>("wait_s_max") * 1'000)};
  out.pages_max = static_cast<std::size_t>(section.get<std::int64_t>("pages_max"));
  out.corporate_actions = section.get<bool>("corporate_actions");
  return out;
}

void register_in(ProviderRegistry& registry) {
  for (const std::string name : {"massive", "polygon"}) {  // the venue's name, and its former one
    const std::string path = "providers." + name;
    registry.add(name, section_spec(path), [path](caf::actor_system& system, AdapterContext context) {
      return make(system, std::move(context), path);
    });
  }
}

}  // namespace tradebus::massive
