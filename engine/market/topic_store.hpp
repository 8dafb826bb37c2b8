// The hub's topics: numbered densely, found by name, bounded. A plain class.
// A topic that is closed keeps its number and its seq, so that seq goes on rising when somebody comes back.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "actors/market_watch.hpp"
#include "actors/providers/market_batch.hpp"
#include "bus/model/enums.hpp"
#include "bus/model/error.hpp"
#include "bus/wire/topic.hpp"
#include "engine/market/bar_builder.hpp"
#include "engine/market/last_prices.hpp"

namespace tradebus {

// Where a topic stands at its provider.
enum class Upstream : std::uint8_t {
  closed,    // nobody wants it
  waiting,   // wanted, but the provider is not there, or can't give it now
  opening,   // asked for, not answered yet
  open,      // flowing
  derived,   // built here from another topic (bars from trades)
  rejected,  // the provider said no
};
TRADEBUS_ENUM(Upstream, "closed", "waiting", "opening", "open", "derived", "rejected");

// What only topics with data or with somebody inside the daemon need.
struct TopicExtra {
  std::optional<MarketEvent> last;
  std::string last_option_or_news;  // packed, without seq (kinds option and news)
  struct Watcher {
    WatchSink sink;
    std::uint32_t ref = 0;
  };
  std::vector<Watcher> watchers;
  std::vector<TopicRef> aliases;            // topics that name the default provider: the same data under their own name
  std::vector<TopicRef> derived;            // bar topics built from this trade topic
  std::unique_ptr<BarBuilder> builder;      // a derived bar topic's own
  Timestamp bar_published{};                // when its bar in progress was last sent
  std::shared_ptr<LastPrices::Slot> price;  // of the default provider's quotes and trades, where somebody reads them
};

struct Topic {
  Symbol symbol;
  StreamKind kind = StreamKind::quote;
  Upstream upstream = Upstream::closed;
  TopicState state = TopicState::live;
  bool named_provider = false;    // the topic's key names its provider: AAPL@sim
  bool lingering = false;         // closes soon unless somebody comes
  bool asked_again = false;       // by the hub itself: the same refusal once more is no news
  bool other_gave_room = false;   // a topic of another sort was given up for it, in vain so far
  std::uint16_t provider = 0;     // index
  std::uint32_t subscribers = 0;  // on the bus
  std::uint32_t users = 0;        // inside the daemon: watchers, bars, questions that wait
  std::uint32_t status_seq = 0;   // of status|KIND|SYM|
  std::optional<Errc> refusal;    // why it was rejected
  std::uint64_t place = 0;        // among those that wait for room at their provider; 0: it asked for none
  std::uint32_t unavailable = 0;  // answers in a row that the provider can't give it now
  std::chrono::steady_clock::time_point again_at{};  // then it is asked for again; zero: nothing is planned
  std::uint64_t seq = 0;
  Timestamp arrived{};  // of the last event, by the daemon's clock
  std::unique_ptr<TopicExtra> extra;

  // AAPL@sim while sim is the default: there is one topic upstream for both.
  bool is_alias() const { return named_provider && provider == 0; }
  bool used() const { return subscribers + users > 0; }
  TopicExtra& more() {
    if (extra == nullptr) extra = std::make_unique<TopicExtra>();
    return *extra;
  }
};

class TopicStore {
 public:
  explicit TopicStore(std::size_t topics_max) : topics_max_{topics_max} {}

  Topic& operator[](TopicRef ref) { return topics_[ref]; }
  const Topic& operator[](TopicRef ref) const { return topics_[ref]; }
  bool contains(TopicRef ref) const { return ref < topics_.size() && !topics_[ref].symbol.empty(); }
  std::size_t size() const { return by_name_.size(); }
  TopicRef end() const { return static_cast<TopicRef>(topics_.size()); }

  std::optional<TopicRef> find(StreamKind kind, const Symbol& symbol, std::uint16_t provider, bool named) const;
  struct Made {
    TopicRef ref = 0;
    bool forgotten = false;  // another topic was forgotten for it: its number was taken over
  };
  // Empty when every topic is in use.
  std::optional<Made> make(StreamKind kind, const Symbol& symbol, std::uint16_t provider, bool named);

 private:
  struct Key {
    StreamKind kind;
    std::string_view symbol;
    std::uint16_t provider;
    bool named;
  };
  Key key_of(TopicRef ref) const {
    const auto& t = topics_[ref];
    return {t.kind, t.symbol.str(), t.provider, t.named_provider};
  }
  struct Hash {
    using is_transparent = void;
    const TopicStore* store;
    std::size_t operator()(const Key& k) const {
      return std::hash<std::string_view>{}(k.symbol) * 31 + static_cast<std::size_t>(k.kind) * 7 + k.provider * 3U +
             (k.named ? 1U : 0U);
    }
    std::size_t operator()(TopicRef ref) const { return (*this)(store->key_of(ref)); }
  };
  struct Equal {
    using is_transparent = void;
    const TopicStore* store;
    static bool same(const Key& a, const Key& b) {
      return a.kind == b.kind && a.provider == b.provider && a.named == b.named && a.symbol == b.symbol;
    }
    bool operator()(TopicRef a, TopicRef b) const { return a == b; }
    bool operator()(const Key& a, TopicRef b) const { return same(a, store->key_of(b)); }
    bool operator()(TopicRef a, const Key& b) const { return same(store->key_of(a), b); }
  };

  std::size_t topics_max_;
  std::vector<Topic> topics_;
  std::unordered_set<TopicRef, Hash, Equal> by_name_{0, Hash{this}, Equal{this}};
  TopicRef next_victim_ = 0;
};

}  // namespace tradebus
