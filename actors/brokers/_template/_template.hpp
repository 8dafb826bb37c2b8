// A broker to copy: compiles, answers every message, and says of everything that it can't do it.
// Its four rooms: models (the venue's words), parse (between its words and ours), client (sockets and their thread),
// and this file: the actor, which knows CAF and our words, but no socket. How to make a venue of it:
// docs/architecture.md Settings: [brokers._template], see section(). The inner namespace keeps it apart from a provider
// of the same name.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <variant>

#include "actors/brokers/_template/client.hpp"
#include "actors/brokers/broker.hpp"
#include "actors/registry.hpp"

namespace tradebus::_template::broker {

// From the client's thread to the actor.
struct LinkReport {
  bool up = false;
  std::string why;
};
struct AnswerReport {
  std::uint64_t id = 0;
  Outcome outcome = Outcome::unknown;
  std::string text;
};
struct Report {
  std::uint64_t run = 0;  // which connection it belongs to: reports of one that was closed are old news
  std::variant<LinkReport, AnswerReport, OrderUpdate> what;
};

}  // namespace tradebus::_template::broker

// Never leaves the process: from our thread to our actor.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tradebus::_template::broker::Report)

namespace tradebus::_template::broker {

using AdapterActor = BrokerActor::extend<caf::reacts_to<Report>>;

struct AdapterState {
  static inline const char* name = "_template";
  explicit AdapterState(AdapterActor::pointer self);
  AdapterActor::behavior_type make_behavior(AdapterContext context);

  // -- link ------------------------------------------------------------------
  BrokerStatus connect(const ConnectBroker& request);
  BrokerStatus disconnect();
  BrokerStatus status() const;

  // -- orders ----------------------------------------------------------------
  caf::result<OrderAccepted> place(const PlaceStockOrder& order);
  caf::result<Done> cancel(const CancelBrokerOrder& request);

  // -- what the thread reports -----------------------------------------------
  void on(const LinkReport& report);
  void on(const AnswerReport& report);
  void on(const OrderUpdate& update);
  void doubt_all(const std::string& why);

  static BrokerCapabilities capabilities();

  using Promise = std::variant<caf::typed_response_promise<OrderAccepted>, caf::typed_response_promise<Done>>;

  AdapterActor::pointer self;
  AdapterContext context;
  BrokerSink sink;  // null while disconnected
  LinkState state = LinkState::down;
  std::string reason;
  std::string message;
  std::uint64_t run = 0;  // counts connections
  std::uint64_t last_id = 0;
  std::map<std::uint64_t, Promise> pending;  // asked the venue, not answered yet: at most one an open order
  std::unique_ptr<Listener> listener;
  std::unique_ptr<Client> client;  // last: its thread ends first
};

SectionSpec section();

}  // namespace tradebus::_template::broker

namespace tradebus::_template {

void register_in(BrokerRegistry& registry);

}  // namespace tradebus::_template
