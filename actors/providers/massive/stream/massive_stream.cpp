#include "actors/providers/massive/stream/massive_stream.hpp"

#include <utility>

#include "actors/providers/massive/stream/cluster.hpp"
#include "engine/net/url.hpp"

namespace tradebus::massive {

using stream::Cluster;
using stream::ClusterCounters;

namespace {

void add(ClusterCounters& sum, const ClusterCounters& more) {
  const auto& d = more.decoder;
  sum.decoder.frames += d.frames;
  sum.decoder.bytes += d.bytes;
  sum.decoder.quotes += d.quotes;
  sum.decoder.trades += d.trades;
  sum.decoder.bars += d.bars;
  sum.decoder.bars_revised += d.bars_revised;
  sum.decoder.trades_not_last += d.trades_not_last;
  sum.decoder.statuses += d.statuses;
  sum.decoder.unwanted += d.unwanted;
  sum.decoder.no_trades += d.no_trades;
  sum.decoder.ignored += d.ignored;
  sum.decoder.unknown += d.unknown;
  sum.decoder.bad_events += d.bad_events;
  sum.decoder.bad_frames += d.bad_frames;
  const auto& s = more.session;
  sum.session.logins += s.logins;
  sum.session.evictions += s.evictions;
  sum.session.mutes += s.mutes;
  sum.session.confirmed += s.confirmed;
  sum.session.refused += s.refused;
  sum.session.unconfirmed += s.unconfirmed;
  sum.session.probes += s.probes;
  sum.session.gaps += s.gaps;
  sum.session.odd_answers += s.odd_answers;
}

}  // namespace

class MassiveStream::Impl {
 public:
  Impl(NetThread& thread, StreamOptions options, StreamListener& listener)
      : thread_{thread}, shared_{std::make_shared<stream::Shared>()} {
    shared_->options = std::move(options);
    shared_->listener = &listener;
    shared_->told = StreamStatus{};
  }

  ~Impl() {
    const std::lock_guard lock{shared_->mutex};
    shared_->listener = nullptr;
    for (const auto& [market, cluster] : shared_->clusters) cluster->retire();
    shared_->clusters.clear();
  }

  Result<void> subscribe(TopicRef ref, StreamKind kind, const Symbol& symbol) {
    const auto channel = stream::channel_of(kind);
    if (!channel)
      return fail(Errc::provider_unsupported,
                  "the venue streams quotes, trades, second and minute bars; no " + std::string{to_string(kind)});
    auto venue = to_venue(symbol);
    if (!venue) return tl::unexpected{venue.error()};
    if (venue->market != Market::stocks && venue->market != Market::options)
      return fail(Errc::provider_unsupported, symbol.str() + ": of " + std::string{to_string(venue->market)} +
                                                  " nothing is streamed, only stocks and options");
    const std::lock_guard lock{shared_->mutex};
    forget_elsewhere(ref, venue->market);
    const auto now = std::chrono::steady_clock::now();
    const auto found = shared_->clusters.find(venue->market);
    if (found != shared_->clusters.end()) return found->second->session().subscribe(now, ref, *channel, venue->rest);

    auto cluster = std::make_shared<Cluster>(shared_, venue->market);
    if (auto asked = cluster->session().subscribe(now, ref, *channel, venue->rest); !asked) return asked;
    shared_->clusters.emplace(venue->market, cluster);
    if (auto started = cluster->start(thread_); !started) {
      shared_->clusters.erase(venue->market);
      return started;
    }
    shared_->tell_status();
    return {};
  }

  void unsubscribe(TopicRef ref) {
    const std::lock_guard lock{shared_->mutex};
    for (const auto& [market, cluster] : shared_->clusters) cluster->session().unsubscribe(ref);
  }

  void tick(const OpenMarkets& open) {
    const std::lock_guard lock{shared_->mutex};
    const auto now = std::chrono::steady_clock::now();
    for (auto it = shared_->clusters.begin(); it != shared_->clusters.end();) {
      const auto cluster = it->second;
      cluster->tick(now, it->first == Market::options ? open.options : open.stocks);
      if (!cluster->is_idle(now)) {
        ++it;
        continue;
      }
      add(past_, cluster->counters());
      cluster->retire();
      it = shared_->clusters.erase(it);
    }
    shared_->tell_status();
  }

  std::vector<std::pair<std::string, std::int64_t>> counters() const {
    const std::lock_guard lock{shared_->mutex};
    auto sum = past_;
    std::size_t topics = 0;
    for (const auto& [market, cluster] : shared_->clusters) {
      add(sum, cluster->counters());
      topics += cluster->topics().wanted();
    }
    const auto& d = sum.decoder;
    const auto& s = sum.session;
    std::vector<std::pair<std::string, std::int64_t>> out;
    const auto tell = [&out](const char* name, std::uint64_t value) {
      out.emplace_back(name, static_cast<std::int64_t>(value));
    };
    tell("connections", shared_->clusters.size());
    tell("topics", topics);
    tell("frames", d.frames);
    tell("bytes", d.bytes);
    tell("quotes", d.quotes);
    tell("trades", d.trades);
    tell("trades_not_last", d.trades_not_last);
    tell("no_trades", d.no_trades);
    tell("bars", d.bars);
    tell("bars_revised", d.bars_revised);
    tell("statuses", d.statuses);
    tell("unwanted", d.unwanted);
    tell("ignored", d.ignored);
    tell("unknown", d.unknown);
    tell("bad_events", d.bad_events);
    tell("bad_frames", d.bad_frames);
    tell("logins", s.logins);
    tell("evictions", s.evictions);
    tell("mutes", s.mutes);
    tell("topics_confirmed", s.confirmed);
    tell("topics_refused", s.refused);
    tell("topics_unconfirmed", s.unconfirmed);
    tell("topics_probed", s.probes);
    tell("topic_gaps", s.gaps);
    tell("odd_answers", s.odd_answers);
    return out;
  }

 private:
  // A ref that named a topic of another market before.
  void forget_elsewhere(TopicRef ref, Market market) {
    for (const auto& [other, cluster] : shared_->clusters)
      if (other != market) cluster->session().unsubscribe(ref);
  }

  NetThread& thread_;
  const std::shared_ptr<stream::Shared> shared_;
  ClusterCounters past_;  // of connections that were closed
};

Result<std::unique_ptr<MassiveStream>> MassiveStream::make(NetThread& thread, StreamOptions options,
                                                           StreamListener& listener) {
  const auto url = parse_url(options.url);
  if (!url) return fail(Errc::config_invalid, "the stream's URL: " + url.error().message);
  if (url->scheme != "wss" && url->scheme != "ws")
    return fail(Errc::config_invalid, "the stream's URL must be wss://, not " + url->scheme + "://");
  if (!url->is_tls() && !url->is_loopback())
    return fail(Errc::config_invalid, "the stream's URL: ws:// to " + url->authority() +
                                          " would show the key to everyone on the way; use wss://");
  if (options.api_key.empty()) return fail(Errc::config_invalid, "the stream needs an api_key");
  return std::make_unique<MassiveStream>(std::make_unique<Impl>(thread, std::move(options), listener));
}

MassiveStream::MassiveStream(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
MassiveStream::~MassiveStream() = default;

bool MassiveStream::has(StreamKind kind) { return stream::channel_of(kind).has_value(); }

Result<void> MassiveStream::subscribe(TopicRef ref, StreamKind kind, const Symbol& symbol) {
  return impl_->subscribe(ref, kind, symbol);
}
void MassiveStream::unsubscribe(TopicRef ref) { impl_->unsubscribe(ref); }
void MassiveStream::tick(const OpenMarkets& open) { impl_->tick(open); }
std::vector<std::pair<std::string, std::int64_t>> MassiveStream::counters() const { return impl_->counters(); }

}  // namespace tradebus::massive
