#include "actors/providers/_template/_template.hpp"

#include <spdlog/spdlog.h>
#include <algorithm>
#include <atomic>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/providers/_template/parse.hpp"

namespace tradebus::_template::provider {

// The one class in which the client's thread meets the actors. Ticks go straight to the hub, through the outlet; the
// rest goes to our actor.
class Feed final : public Listener {
 public:
  static constexpr std::size_t held_batches_max = 16;  // as many again as the credit: then the oldest are dropped

  Feed(std::uint64_t run, AdapterActor owner, const ProviderName& provider, MarketSink sink)
      : run_{run},
        owner_{std::move(owner)},
        outlet_{provider, Outlet::WhenFull::drop_oldest, held_batches_max,
                [to = std::move(sink)](MarketBatch batch) { caf::anon_send(to, std::move(batch)); }} {}

  void on_link(bool up, const std::string& why) override { caf::anon_send(owner_, LinkReport{run_, up, why}); }
  void on_quote(std::uint32_t id, const QuoteMessage& quote) override {
    auto event = to_event(quote);
    if (!event) {
      ++bad_;
      return;
    }
    event->ref = id;
    event->rx = Clock::wall_now();
    outlet_.push(*event);
  }
  void on_idle() override { outlet_.flush(); }

  void add_credit(std::uint32_t batches) { outlet_.add_credit(batches); }
  std::uint64_t bad() const { return bad_; }
  std::uint64_t dropped() const { return outlet_.dropped_events(); }

 private:
  const std::uint64_t run_;
  const AdapterActor owner_;
  Outlet outlet_;
  std::atomic<std::uint64_t> bad_{0};
};

namespace {

caf::error unsupported(const char* what) {
  return to_caf(Error{Errc::provider_unsupported, std::string{"provider _template has no "} + what});
}

}  // namespace

AdapterState::AdapterState(AdapterActor::pointer s) : self{s} {}
AdapterState::~AdapterState() = default;

AdapterActor::behavior_type AdapterState::make_behavior(AdapterContext with) {
  context = std::move(with);
  self->set_exception_handler([](std::exception_ptr& e) { return error_from_exception(e); });
  // The feed holds our handle, so that nobody ends this actor by forgetting it: an end must be told.
  self->set_exit_handler([this](const caf::exit_msg& exit) {
    disconnect();
    self->quit(exit.reason);
  });
  return {
      [this](const ConnectProvider& m) { return connect(m); },
      [this](const DisconnectProvider&) { return disconnect(); },
      [this](const Subscribe& m) { return subscribe(m); },
      [this](const Unsubscribe& m) { unsubscribe(m.ref); },
      [this](const BatchCredit& m) {
        if (feed) feed->add_credit(m.batches);
      },
      // VENUE: a question goes to the client with an id; its promise waits in a map until the answer comes back as a
      // report.
      [](const GetHistoricalData&) -> caf::result<HistoricalBars> { return unsupported("history"); },
      [](const GetTickerDetails&) -> caf::result<TickerDetails> { return unsupported("ticker details"); },
      [](const GetDailySnapshot&) -> caf::result<DailySnapshot> { return unsupported("daily snapshots"); },
      [](const GetNews&) -> caf::result<NewsItems> { return unsupported("news"); },
      [](const GetMarketNews&) -> caf::result<NewsItems> { return unsupported("news"); },
      [](const GetOptionChain&) -> caf::result<OptionChain> { return unsupported("option chains"); },
      [](const SearchSymbols&) -> caf::result<SymbolMatches> { return unsupported("search"); },
      [](const GetProviderCapabilities&) { return capabilities(); },
      [this](const GetProviderCounters&) { return counters(); },
      [](const ProviderWake&) {},  // this adapter sets no timers
      [this](const LinkReport& m) { take(m); },
  };
}

// -- link --------------------------------------------------------------------

ProviderStatus AdapterState::connect(const ConnectProvider& request) {
  if (sink == request.sink) return status();  // asked once more
  disconnect();
  sink = request.sink;
  state = LinkState::connecting;
  feed = std::make_unique<Feed>(++run, AdapterActor{self}, ProviderName{context.name}, sink);
  client = std::make_unique<Client>(ClientOptions{context.settings.get<std::string>("url")}, *feed);
  context.log->info("_template-connecting provider={}", context.name);
  return status();
}

ProviderStatus AdapterState::disconnect() {
  client.reset();
  feed.reset();
  topics.clear();
  sink = nullptr;
  state = LinkState::down;
  message.clear();
  auto out = status();
  out.reason = "requested";
  return out;
}

// The hub announces a gap on every open topic when a link goes down, and opens them again when connect is answered
// anew; a client that reconnects by itself asks the venue again for what was open, and says up.
void AdapterState::take(const LinkReport& report) {
  if (report.run != run || !sink) return;
  state = report.up ? LinkState::up : LinkState::down;
  message = report.why;
  self->send(sink, status());
}

ProviderStatus AdapterState::status() const {
  ProviderStatus out;
  out.provider = ProviderName{context.name};
  out.state = state;
  if (state == LinkState::down) out.reason = "transport";
  out.message = message;
  return out;
}

// -- topics ------------------------------------------------------------------

caf::result<Done> AdapterState::subscribe(const Subscribe& request) {
  if (!client) return to_caf(Error{Errc::provider_unavailable, "provider " + context.name + " is not connected"});
  const auto can = capabilities().streams;
  if (std::ranges::find(can, request.kind) == can.end())
    return unsupported(("stream of kind " + std::string{to_string(request.kind)}).c_str());
  // VENUE: what the venue does not list is instrument.unknown, here or later with a TopicStatus rejected.
  if (auto instrument = Instrument::parse(request.symbol.str()); !instrument) return to_caf(instrument.error());
  if (!client->subscribe(request.ref, request.symbol.str()))
    return to_caf(Error{Errc::overloaded, "too many subscriptions under way; try again", {}, 1'000});
  topics[request.ref] = request.symbol;
  return Done{};
}

void AdapterState::unsubscribe(TopicRef ref) {
  if (topics.erase(ref) > 0 && client) client->unsubscribe(ref);
}

// -- questions ---------------------------------------------------------------

// VENUE: name here what works; the hub and the cache ask before they call, and the conformance suite checks each
// promise.
ProviderCapabilities AdapterState::capabilities() { return {}; }

Counters AdapterState::counters() const {
  const auto count = [](std::uint64_t n) { return static_cast<std::int64_t>(n); };
  return {{{"subscriptions", count(topics.size())},
           {"bad_messages", count(feed ? feed->bad() : 0)},
           {"dropped", count(feed ? feed->dropped() : 0)}}};
}

// -- registration ------------------------------------------------------------

SectionSpec section() {
  SectionSpec spec;
  spec.path = "providers._template";
  spec.about = "A provider to copy.";
  KeySpec key{"api_key", std::string{}, "the venue's API key; better: api_key_file"};
  key.secret = true;  // gives api_key_file too, and a mask in --print-config
  spec.keys = {{"url", std::string{"wss://example.invalid/stream"}, "where the venue streams"}, std::move(key)};
  return spec;
}

}  // namespace tradebus::_template::provider

namespace tradebus::_template {

void register_in(ProviderRegistry& registry) {
  registry.add(
      "_template", provider::section(), [](caf::actor_system& system, AdapterContext context) -> Result<ProviderActor> {
        // What is wrong with the settings is said here, before anything runs, with the key's name.
        if (context.settings.get<std::string>("url").empty())
          return fail(Errc::config_invalid, "providers._template.url must not be empty");
        return ProviderActor{system.spawn(
            [with = std::move(context)](provider::AdapterActor::stateful_pointer<provider::AdapterState> self) {
              return self->state.make_behavior(with);
            })};
      });
}

}  // namespace tradebus::_template
