// The market-data hub (its messages: actors/market_hub.hpp).
#pragma once

#include <spdlog/fwd.h>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "actors/cache/cache.hpp"
#include "actors/market_hub.hpp"
#include "bus/bridge/bus_queue.hpp"
#include "bus/bridge/publisher.hpp"
#include "engine/calendar/calendars.hpp"
#include "engine/calendar/good_until.hpp"
#include "engine/market/kept_quotes.hpp"
#include "engine/market/topic_store.hpp"
#include "engine/services/clock.hpp"

namespace tradebus {

struct MarketHubConfig {
  std::vector<ProviderName> providers;  // the first one is the default
  std::chrono::milliseconds linger{30'000};
  std::chrono::milliseconds quote_stale{15'000};
  std::chrono::milliseconds trade_stale{60'000};
  std::chrono::milliseconds bar_update{250};  // between two messages of a bar in progress
  std::chrono::milliseconds bar_grace{250};   // live: late trades still find their bar
  std::chrono::milliseconds heartbeat{1'000};
  std::size_t topics_max = 200'000;
  std::size_t waiting_quotes_max = 10'000;
  SessionLife quote_life{std::chrono::seconds{1}, {}};  // of the last quote of a topic that was closed
  std::chrono::nanoseconds refusal_life{std::chrono::seconds{5}};
  std::size_t kept_quotes_max = 10'000;
  std::uint64_t epoch = 0;
};

// What the hub is spawned with; queue and publisher outlive the actor system.
struct MarketHubContext {
  MarketHubConfig config;
  Clock clock;
  BusQueue* queue = nullptr;
  Publisher* publisher = nullptr;
  std::shared_ptr<spdlog::logger> log;
  std::shared_ptr<LastPrices> prices;  // kept up to date; null: nobody reads them
  std::shared_ptr<const Calendars> calendars = Calendars::shipped();
  CacheActor cache;  // hears of splits and dividends; null: nobody does
};

// Topics that a venue limits together, as far as the hub can tell.
struct RoomSort {
  StreamKind kind = StreamKind::quote;
  AssetClass asset_class = AssetClass::equity;
  friend bool operator==(const RoomSort&, const RoomSort&) = default;
  friend auto operator<=>(const RoomSort&, const RoomSort&) = default;
};
RoomSort room_sort(const Topic& topic);

struct MarketHubState {
  static inline const char* name = "market-hub";
  explicit MarketHubState(MarketHubActor::pointer self);
  MarketHubActor::behavior_type make_behavior(MarketHubContext context);

  // -- topics (hub_topics.cpp)
  // -----------------------------------------------------------------------------------------
  void want(const TopicWant& want);
  // The topic's number; made, announced and opened if needed.
  Result<TopicRef> acquire(StreamKind kind, const SymbolAtProvider& symbol);
  void open(TopicRef ref);
  void open_alias(TopicRef ref);
  // `silently`: they know already.
  void tell_children(TopicRef ref, TopicState state, std::string_view reason, bool silently = false);
  void subscribe_upstream(TopicRef ref);
  void open_next(std::size_t provider, std::uint64_t link);
  void reject_name(const std::string& topic, const Error& error);
  void opened(TopicRef ref, std::uint64_t opening);
  void refused(TopicRef ref, std::uint64_t opening, const Error& error);
  void derive(TopicRef bars);
  void release(TopicRef ref);  // one user less
  void linger(TopicRef ref);
  void close(TopicRef ref);
  void give_up(TopicRef ref);  // closes it, and offers nobody its room
  void set_state(TopicRef ref, TopicState state, std::string_view reason);
  std::string_view reason_of(TopicRef ref) const;
  std::string topic_name(const Topic& topic) const;
  caf::result<Done> watch(const WatchSymbol& request);
  void unwatch(const Symbol& symbol, const caf::actor_addr& sink);
  void forget_sink(const caf::actor_addr& sink);
  void settle_watches(TopicRef ref, const Error* error);
  // What a question is about: the default provider is not named, its topics are those without a name.
  struct Questioned {
    SymbolAtProvider symbol;
    std::size_t provider = 0;
  };
  Result<Questioned> questioned(const std::string& text) const;
  std::optional<TopicRef> topic_of(const Questioned& about, StreamKind kind) const;
  caf::result<MarketSnapshot> get_snapshot(const GetSnapshot& request);

  // -- topics that were refused for now (hub_refusals.cpp) -----------------------------------------------------------
  void ask_again(TopicRef ref);
  void ask_denied_again(std::size_t provider);
  void await_room(TopicRef ref);
  void leave_queue(TopicRef ref);
  bool make_room_for(TopicRef ref);
  bool is_waited_for(TopicRef ref) const;
  void offer_room(std::size_t provider, RoomSort sort);
  void take_offers();
  void try_for_room(std::chrono::steady_clock::time_point steady);
  void ask_later(TopicRef ref, const Error& error);
  void forget_plan(TopicRef ref);
  void ask_unavailable_again(std::chrono::steady_clock::time_point steady);

  // -- quotes that somebody asked for (hub_quotes.cpp) ---------------------------------------------------------------
  caf::result<Quote> get_quote(const GetQuote& request);
  void answer_quotes(TopicRef ref, const Error* error);
  void give_up_late_quotes();
  void keep_quote(const Topic& topic);
  void keep_refusal(const Topic& topic, const Error& error);
  QuoteStats quote_stats() const;

  // -- events (hub_events.cpp)
  // -----------------------------------------------------------------------------------------
  void take(const MarketBatch& batch);
  void take_event(TopicRef ref, const MarketEvent& event, const MarketBatch& batch);
  void note_price(const Topic& topic, TopicExtra& extra, const MarketEvent& event) const;
  void emit(TopicRef ref, const MarketEvent& event);
  void emit_bar(TopicRef ref, const BarBuilder::Bar& bar, bool final);
  void emit_packed(TopicRef ref, std::string_view fields, std::uint32_t keys);
  void build_bars(const TopicExtra& extra, const MarketEvent& trade);
  void close_bars(Timestamp until);
  void finish_bars(TopicRef trades);
  void show_stale(TopicRef ref);
  void flush();
  void flush_soon();
  void ask_flush();
  void judge_silence();

  // -- providers (hub_providers.cpp)
  // -----------------------------------------------------------------------------------
  void take_status(const ProviderStatus& status);
  void take_topic_status(const TopicStatus& status);
  void take_action(const CorporateAction& action);
  caf::result<ReplayStep> advance(const AdvanceReplay& request);
  void set_handle(const ProviderHandle& handle);
  void connect(std::size_t provider, std::uint64_t resume_after, caf::typed_response_promise<ProviderStatus> promise);
  void resubscribe(std::size_t provider);
  void settle(std::size_t provider);
  caf::result<Done> await_provider(const AwaitProvider& request);
  caf::result<ProviderStatus> set_link(const SetProviderLink& request);
  void lose(std::size_t provider, std::string_view reason);
  caf::result<HubStatus> status();
  std::optional<std::size_t> find_provider(const ProviderName& provider) const;

  void on_timer();
  void tell_dropped(std::chrono::steady_clock::time_point steady);
  void announce(BusEntry::Type type, TopicRef ref, std::string_view bytes);

  struct ProviderSlot {
    ProviderName name;
    ProviderActor handle;
    ProviderCapabilities capabilities;
    bool connected = false;
    bool link_wanted = true;
    LinkState state = LinkState::connecting;
    std::string reason;
    std::string message;
    Timestamp since{};
    std::uint64_t cursor = 0;
    std::uint64_t incarnation = 0;  // counts handles: answers of an older one are ignored
    std::uint32_t owed = 0;         // credit kept back until the bus has room
    std::vector<caf::typed_response_promise<Done>> awaiting;
    std::uint64_t links = 0;       // counts connections, and with them what `openings` belongs to
    std::size_t openings = 0;      // topics asked for and not answered
    std::deque<TopicRef> to_open;  // topics that wait until they may be asked for
    // Topics that it has no room for, in the order of their asking: as many as topics at the most.
    std::map<std::uint64_t, TopicRef> no_room;
    std::uint64_t places = 0;
    std::map<RoomSort, std::size_t> offers;  // of room, not looked at yet
    std::int64_t open_topics = 0;
    std::int64_t events = 0;
    std::int64_t dropped = 0;
    std::int64_t dropped_told = 0;
  };
  struct WaitingQuote {
    caf::typed_response_promise<Quote> promise;
    Timestamp until{};
  };
  struct WaitingWatch {
    caf::typed_response_promise<Done> promise;
    caf::actor_addr sink;
  };

  MarketHubActor::pointer self;
  MarketHubConfig config;
  Clock clock;
  BusQueue* queue = nullptr;
  Publisher* publisher = nullptr;
  std::shared_ptr<spdlog::logger> log;
  std::shared_ptr<LastPrices> prices;
  std::shared_ptr<const Calendars> calendars;  // before what refers to them
  CacheActor cache;

  std::vector<ProviderSlot> providers;
  std::unique_ptr<TopicStore> topics;
  // Questions that are under way at one provider at the same time; a hundred thousand at once would only be memory.
  static constexpr std::size_t openings_max = 512;
  std::uint64_t openings = 0;
  std::uint64_t names_rejected = 0;
  std::unordered_map<TopicRef, std::uint64_t> opening;  // which question is under way for a topic
  std::deque<std::pair<std::chrono::steady_clock::time_point, TopicRef>> lingering;
  std::set<std::pair<std::chrono::steady_clock::time_point, TopicRef>> again;  // by Topic::again_at: one a topic
  std::unordered_map<TopicRef, std::vector<WaitingQuote>> waiting_quotes;
  std::unordered_map<TopicRef, std::vector<WaitingWatch>> waiting_watches;
  std::size_t waiting_quotes_count = 0;
  KeptQuotes kept_quotes{0};
  QuoteStats quote_counts;
  std::int64_t live_quotes = 0;                                                      // open topics that have one
  std::vector<TopicRef> bar_topics;                                                  // derived ones
  std::unordered_map<caf::actor_addr, std::pair<WatchSink, WatchedEvents>> watched;  // a sink's events of this batch
  BusBatch batch;
  bool flush_asked = false;  // a HubFlush is on its way
  std::uint64_t dropped_told = 0;
  std::chrono::steady_clock::time_point next_dropped_told{};
  Timestamp now{};  // by the daemon's clock, as of this batch
  Timestamp next_bar_end = Timestamp::max();
  Timestamp started{};
  std::chrono::steady_clock::time_point started_steady{};
  std::chrono::steady_clock::time_point next_heartbeat{};
  std::chrono::steady_clock::time_point next_judgement{};
  std::chrono::steady_clock::time_point next_room_try{};
};

// What a topic last said, as its readers see it: marked where it is stale.
Quote to_quote(const Topic& topic, const MarketEvent& event);

MarketHubActor::behavior_type market_hub(MarketHubActor::stateful_pointer<MarketHubState> self,
                                         MarketHubContext context);

}  // namespace tradebus

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tradebus::MarketHubContext)
