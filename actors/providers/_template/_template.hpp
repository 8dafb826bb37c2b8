// A provider to copy: compiles, answers every message, and says of everything that it can't do it.
// Its four rooms: models (the venue's words), parse (from its words to ours), client (sockets and their thread), and
// this file: the actor, which knows CAF and our words, but no socket. How to make a venue of it: docs/architecture.md
// Settings: [providers._template], see section(). The inner namespace keeps it apart from a broker of the same name.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <variant>

#include "actors/providers/_template/client.hpp"
#include "actors/providers/outlet.hpp"
#include "actors/registry.hpp"

namespace tradebus::_template::provider {

// From the client's thread to the actor.
struct LinkReport {
  std::uint64_t run = 0;  // which connection it belongs to: reports of one that was closed are old news
  bool up = false;
  std::string why;
};

}  // namespace tradebus::_template::provider

// Never leaves the process: from our thread to our actor.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tradebus::_template::provider::LinkReport)

namespace tradebus::_template::provider {

using AdapterActor = ProviderActor::extend<caf::reacts_to<LinkReport>>;

class Feed;

struct AdapterState {
  static inline const char* name = "_template";
  explicit AdapterState(AdapterActor::pointer self);
  ~AdapterState();
  AdapterActor::behavior_type make_behavior(AdapterContext context);

  // -- link ------------------------------------------------------------------
  ProviderStatus connect(const ConnectProvider& request);
  ProviderStatus disconnect();
  void take(const LinkReport& report);
  ProviderStatus status() const;

  // -- topics ----------------------------------------------------------------
  caf::result<Done> subscribe(const Subscribe& request);
  void unsubscribe(TopicRef ref);

  // -- questions -------------------------------------------------------------
  static ProviderCapabilities capabilities();
  Counters counters() const;

  AdapterActor::pointer self;
  AdapterContext context;
  MarketSink sink;  // null while disconnected
  LinkState state = LinkState::down;
  std::string message;
  std::uint64_t run = 0;  // counts connections
  std::map<TopicRef, Symbol> topics;
  std::unique_ptr<Feed> feed;
  std::unique_ptr<Client> client;  // last: its thread ends first
};

SectionSpec section();

}  // namespace tradebus::_template::provider

namespace tradebus::_template {

void register_in(ProviderRegistry& registry);

}  // namespace tradebus::_template
