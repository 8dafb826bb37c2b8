#include "actors/providers/replay/settings.hpp"

namespace tradebus::replay {

SectionSpec section() {
  return {
      "providers.replay",
      "Recorded market data, played as if it were live",
      {{"files", std::vector<std::string>{},
        "recordings to play together, plain or gzip, wildcards allowed: CSV with a header line "
        "ts_ns,symbol,bid,bid_size,"
        "ask,ask_size or ts_ns,symbol,price,size or ts_ns,symbol,timeframe,open,high,low,close,volume"},
       {"speed", 1.0, "recorded seconds a second; 0 = as fast as the bus takes it, without loss", 0.0, 1e6},
       {"loop", false, "begin again after the last row"},
       {"lockstep", false,
        "play only as far as a strategy asks for (the bus op replay_advance), so that what it answers to ticks meets "
        "the "
        "same recording in every run; needs speed = 0, without loop; start does not matter"},
       {"start",
        std::string{"subscribe"},
        "when the recording starts to run: subscribe = with the first subscriptions, connect = when asked to connect "
        "once more (the bus op connect), now = at once",
        {},
        {},
        {"subscribe", "connect", "now"}},
       {"settle_ms", std::int64_t{250},
        "start = subscribe: runs when no further subscription came for so long, so that all begin at the first row", 0,
        60'000}}};
}

Result<Settings> read_settings(const Section& section) {
  Settings out;
  out.speed = section.get<double>("speed");
  if (!(out.speed >= 0.0))
    return fail(Errc::config_invalid, "providers.replay.speed must be 0 (as fast as it goes) or more");
  out.loop = section.get<bool>("loop");
  out.lockstep = section.get<bool>("lockstep");
  if (out.lockstep && (out.speed != 0.0 || out.loop))
    return fail(Errc::config_invalid,
                "providers.replay.lockstep needs speed = 0, and no loop: a strategy that is waited for sets the pace");
  const auto& start = section.get<std::string>("start");
  if (start == "subscribe")
    out.start = StartRule::subscribe;
  else if (start == "connect")
    out.start = StartRule::connect;
  else if (start == "now")
    out.start = StartRule::now;
  else
    return fail(Errc::config_invalid, "providers.replay.start is \"" + start + "\": use subscribe, connect or now");
  if (out.lockstep) out.start = StartRule::now;
  out.settle = std::chrono::milliseconds{section.get<std::int64_t>("settle_ms")};
  auto paths = expand(section.get<std::vector<std::string>>("files"));
  if (!paths) return tl::unexpected{paths.error()};
  auto files = open_recording(*paths);
  if (!files) return tl::unexpected{files.error()};
  out.files = std::move(*files);
  return out;
}

}  // namespace tradebus::replay
