#include "engine/gateway/gateway.hpp"

#include <spdlog/logger.h>
#include <caf/actor_system.hpp>

#include "bus/wire/pack.hpp"
#include "bus/wire/text.hpp"

namespace tradebus {

namespace {

// What status|broker|NAME| carries.
struct BrokerStateMessage {
  LinkState state = LinkState::down;
  std::string reason;
  std::string message;
  Timestamp since{};
  std::vector<AccountId> accounts;

  static constexpr std::string_view type_name = "BrokerStateMessage";
  static constexpr auto fields() {
    return std::tuple{field("state", &BrokerStateMessage::state), field("reason", &BrokerStateMessage::reason),
                      field("message", &BrokerStateMessage::message), field("since", &BrokerStateMessage::since),
                      field("accounts", &BrokerStateMessage::accounts)};
  }
};

}  // namespace

GatewayState::GatewayState(GatewayActor::pointer self_ptr) : self{self_ptr} {}

GatewayActor::behavior_type gateway(GatewayActor::stateful_pointer<GatewayState> self, GatewayContext context) {
  return self->state.make_behavior(std::move(context));
}

GatewayActor::behavior_type GatewayState::make_behavior(GatewayContext given) {
  context = std::move(given);
  started = Clock::wall_now();
  ops = {
      {"get_quote", &GatewayState::get_quote},
      {"get_snapshot", &GatewayState::get_snapshot},
      {"get_historical_data", &GatewayState::get_historical_data},
      {"get_ticker_details", &GatewayState::get_ticker_details},
      {"get_daily_snapshot", &GatewayState::get_daily_snapshot},
      {"get_news", &GatewayState::get_news},
      {"get_market_news", &GatewayState::get_market_news},
      {"get_option_chain", &GatewayState::get_option_chain},
      {"search_symbols", &GatewayState::search_symbols},
      {"cache_stats", &GatewayState::cache_stats},
      {"cache_clear", &GatewayState::cache_clear},
      {"get_calendar", &GatewayState::get_calendar},
      {"place_order", &GatewayState::place_order},
      {"replace_order", &GatewayState::replace_order},
      {"cancel_order", &GatewayState::cancel_order},
      {"cancel_all", &GatewayState::cancel_all},
      {"get_order", &GatewayState::get_order},
      {"get_orders", &GatewayState::get_orders},
      {"get_positions", &GatewayState::get_positions},
      {"get_account_summary", &GatewayState::get_account_summary},
      {"get_events", &GatewayState::get_events},
      {"get_status", &GatewayState::get_status},
      {"connect", &GatewayState::connect},
      {"disconnect", &GatewayState::disconnect},
  };
  self->set_exception_handler([this](std::exception_ptr& e) {
    auto reason = error_from_exception(e);
    context.log->critical("gateway-died reason=\"{}\"", self->home_system().render(reason));
    return reason;
  });
  return {
      [this](const ClientRequest& request) { dispatch(request); },
      [this](const OrderEvent& event) {
        // The journal keeps them for get_events; encoding them for nobody would cost an order's reply its time.
        if (context.stats->orders_wanted.load(std::memory_order_relaxed))
          context.publisher->publish("order|" + event.order.account.str() + "|", event);
      },
      [this](const Position& position) {
        context.publisher->publish("position|" + position.account.str() + "|", position);
      },
      [this](const AccountSummary& account) {
        context.publisher->publish("account|" + account.account.str() + "|", account);
      },
      [this](const BrokerStatus& status) {
        context.publisher->publish(
            "status|broker|" + status.broker.str() + "|",
            BrokerStateMessage{status.state, status.reason, status.message, Clock::wall_now(), status.accounts});
      },
      [this](const GatewayPeers& them) { peers = them; },
  };
}

void GatewayState::dispatch(const ClientRequest& request) {
  const auto op = ops.find(request.op);
  if (op == ops.end())
    return fail_with(request.token, Error{Errc::request_unknown_op, "this version has no op \"" + request.op + "\""});
  static constexpr std::string_view no_args{"\x80", 1};
  auto document = wire::Document::parse(request.args.empty() ? no_args : std::string_view{request.args});
  if (!document) return fail_with(request.token, document.error());
  (this->*op->second)(Call{request.token, ClientName{request.client}, &document->root(), request.timeout_ms});
}

void GatewayState::answer(std::uint64_t token, std::string packed) {
  context.queue->reply({token, std::move(packed), std::nullopt});
}

void GatewayState::fail_with(std::uint64_t token, Error error) { context.queue->reply({token, {}, std::move(error)}); }

}  // namespace tradebus
