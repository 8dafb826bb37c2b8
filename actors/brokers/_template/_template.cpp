#include "actors/brokers/_template/_template.hpp"

#include <spdlog/spdlog.h>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/brokers/_template/parse.hpp"

namespace tradebus::_template::broker {

namespace {

// The one class in which the client's thread meets the actor.
class ToActor final : public Listener {
 public:
  ToActor(std::uint64_t run, AdapterActor owner) : run_{run}, owner_{std::move(owner)} {}
  void on_link(bool up, const std::string& why) override { tell(LinkReport{up, why}); }
  void on_answer(std::uint64_t id, Outcome outcome, const std::string& text) override {
    tell(AnswerReport{id, outcome, text});
  }
  void on_update(const OrderUpdate& update) override { tell(update); }

 private:
  template <class What>
  void tell(What what) {
    caf::anon_send(owner_, Report{run_, std::move(what)});
  }
  const std::uint64_t run_;
  const AdapterActor owner_;
};

caf::error unsupported(const char* what) {
  return to_caf(Error{Errc::broker_unsupported, std::string{"broker _template has no "} + what});
}

}  // namespace

AdapterState::AdapterState(AdapterActor::pointer s) : self{s} {}

AdapterActor::behavior_type AdapterState::make_behavior(AdapterContext with) {
  context = std::move(with);
  self->set_exception_handler([](std::exception_ptr& e) { return error_from_exception(e); });
  // The listener holds our handle, so that nobody ends this actor by forgetting it: an end must be told.
  self->set_exit_handler([this](const caf::exit_msg& exit) {
    disconnect();
    self->quit(exit.reason);
  });
  return {
      [this](const ConnectBroker& m) { return connect(m); },
      [this](const DisconnectBroker&) { return disconnect(); },
      [this](const PlaceStockOrder& m) { return place(m); },
      [](const PlaceOptionOrder&) -> caf::result<OrderAccepted> { return unsupported("option orders"); },
      [](const ReplaceBrokerOrder&) -> caf::result<Done> { return unsupported("replace"); },
      [this](const CancelBrokerOrder& m) { return cancel(m); },
      // VENUE: these five are what reconciliation stands on: everything open, every execution since a time, positions,
      // cash.
      [](const GetBrokerPositions&) -> caf::result<Positions> { return unsupported("positions"); },
      [](const GetBrokerAccount&) -> caf::result<AccountSummary> { return unsupported("account"); },
      [](const GetOptionChain&) -> caf::result<OptionChain> { return unsupported("option chains"); },
      [](const PreviewBrokerOrder&) -> caf::result<OrderPreview> { return unsupported("preview of orders"); },
      [](const GetOpenBrokerOrders&) -> caf::result<OpenBrokerOrders> { return unsupported("list of open orders"); },
      [](const GetBrokerOrder&) -> caf::result<BrokerOrder> { return unsupported("look-up of an order"); },
      [](const GetExecutions&) -> caf::result<Executions> { return unsupported("list of executions"); },
      [](const GetBrokerCapabilities&) { return capabilities(); },
      [this](const GetProviderCounters&) {
        return Counters{{{"requests_open", static_cast<std::int64_t>(pending.size())}}};
      },
      [](const WatchedEvents&) {},  // only a simulated venue watches the market
      [](const BrokerWake&) {},     // this adapter sets no timers
      [this](const Report& m) {
        if (m.run == run && client) std::visit([this](const auto& what) { on(what); }, m.what);
      },
  };
}

// -- link --------------------------------------------------------------------

BrokerStatus AdapterState::connect(const ConnectBroker& request) {
  sink = request.sink;
  if (client) return status();  // asked once more
  state = LinkState::connecting;
  reason.clear();
  listener = std::make_unique<ToActor>(++run, AdapterActor{self});
  client = std::make_unique<Client>(ClientOptions{context.settings.get<std::string>("url")}, *listener);
  context.log->info("_template-connecting broker={}", context.name);
  return status();
}

BrokerStatus AdapterState::disconnect() {
  client.reset();
  listener.reset();
  doubt_all("disconnected");
  state = LinkState::down;
  reason = "requested";
  message.clear();
  sink = nullptr;
  return status();
}

BrokerStatus AdapterState::status() const {
  return {BrokerName{context.name}, state, reason, message, {}};  // VENUE: the accounts, once the venue has named them
}

// -- orders ------------------------------------------------------------------

// Answers when the venue has the order. broker.rejected and broker.unsupported say that it certainly has not; any other
// error makes the order in_doubt.
caf::result<OrderAccepted> AdapterState::place(const PlaceStockOrder& order) {
  auto payload = to_payload(order);
  if (!payload) return to_caf(payload.error());
  if (state != LinkState::up)
    return to_caf(Error{Errc::broker_unavailable, "the link to the venue is down: " + message});
  if (!client->submit(++last_id, std::move(*payload)))
    return to_caf(Error{Errc::broker_rejected, "too many orders on their way: nothing was sent"});
  auto promise = self->make_response_promise<OrderAccepted>();
  pending.emplace(last_id, promise);
  return promise;
}

// Answers when the venue has the request; what becomes of it arrives as a BrokerEvent.
caf::result<Done> AdapterState::cancel(const CancelBrokerOrder& request) {
  if (state != LinkState::up)
    return to_caf(Error{Errc::broker_unavailable, "the link to the venue is down: " + message});
  if (!client->cancel(++last_id, request.order_id.str()))
    return to_caf(Error{Errc::broker_rejected, "too many requests on their way: nothing was sent"});
  auto promise = self->make_response_promise<Done>();
  pending.emplace(last_id, promise);
  return promise;
}

// -- what the thread reports -------------------------------------------------

void AdapterState::on(const LinkReport& report) {
  state = report.up ? LinkState::up : LinkState::down;
  reason = report.up ? "" : "transport";
  message = report.why;
  if (!report.up) doubt_all(report.why);
  if (sink) self->send(sink, status());
}

void AdapterState::on(const AnswerReport& report) {
  const auto it = pending.find(report.id);
  if (it == pending.end()) return;
  auto promise = std::move(it->second);
  pending.erase(it);
  const auto refusal = report.outcome == Outcome::refused ? Errc::broker_rejected : Errc::broker_unavailable;
  if (auto* order = std::get_if<caf::typed_response_promise<OrderAccepted>>(&promise)) {
    if (report.outcome == Outcome::accepted)
      order->deliver(OrderAccepted{BrokerOrderId{report.text}});
    else
      order->deliver(to_caf(Error{refusal, report.text}));
  } else if (auto* done = std::get_if<caf::typed_response_promise<Done>>(&promise)) {
    if (report.outcome == Outcome::accepted)
      done->deliver(Done{});
    else
      done->deliver(to_caf(Error{refusal, report.text}));
  }
}

void AdapterState::on(const OrderUpdate& update) {
  auto event = to_event(update, BrokerName{context.name});
  if (!event)
    return context.log->warn("_template-bad-update key={} reason=\"{}\"", event.error().key, event.error().message);
  if (sink) self->send(sink, std::move(*event));
}

// Nobody can say what became of these: in doubt, and never sent again.
void AdapterState::doubt_all(const std::string& why) {
  for (auto& [id, promise] : std::exchange(pending, {}))
    std::visit(
        [&](auto& p) {
          p.deliver(to_caf(Error{Errc::broker_unavailable, "no answer from the venue: " + why}));
        },
        promise);
}

// VENUE: name here what works; the order manager refuses everything else before it comes here.
BrokerCapabilities AdapterState::capabilities() { return {}; }

// -- registration ------------------------------------------------------------

SectionSpec section() {
  SectionSpec spec;
  spec.path = "brokers._template";
  spec.about = "A broker to copy.";
  KeySpec key{"api_key", std::string{}, "the venue's API key; better: api_key_file"};
  key.secret = true;  // gives api_key_file too, and a mask in --print-config
  spec.keys = {{"url", std::string{"https://example.invalid"}, "where the venue takes orders"}, std::move(key)};
  return spec;
}

}  // namespace tradebus::_template::broker

namespace tradebus::_template {

void register_in(BrokerRegistry& registry) {
  registry.add("_template", broker::section(),
               [](caf::actor_system& system, AdapterContext context) -> Result<BrokerActor> {
                 // What is wrong with the settings is said here, before anything runs, with the key's name.
                 if (context.settings.get<std::string>("url").empty())
                   return fail(Errc::config_invalid, "brokers._template.url must not be empty");
                 return BrokerActor{system.spawn(
                     [with = std::move(context)](broker::AdapterActor::stateful_pointer<broker::AdapterState> self) {
                       return self->state.make_behavior(with);
                     })};
               });
}

}  // namespace tradebus::_template
