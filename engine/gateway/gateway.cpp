#include "engine/gateway/gateway.hpp"

#include <spdlog/logger.h>
#include <caf/actor_system.hpp>

namespace tradebus {

GatewayState::GatewayState(GatewayActor::pointer self_ptr) : self{self_ptr} {}

GatewayActor::behavior_type gateway(GatewayActor::stateful_pointer<GatewayState> self, GatewayContext context) {
  return self->state.make_behavior(std::move(context));
}

GatewayActor::behavior_type GatewayState::make_behavior(GatewayContext given) {
  context = std::move(given);
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
      {"get_status", &GatewayState::get_status},
      {"connect", &GatewayState::connect},
      {"disconnect", &GatewayState::disconnect},
      {"replay_advance", &GatewayState::replay_advance},
  };
  self->set_exception_handler([this](std::exception_ptr& e) {
    auto reason = error_from_exception(e);
    context.log->critical("gateway-died reason=\"{}\"", self->home_system().render(reason));
    return reason;
  });
  return {
      [this](const ClientRequests& batch) {
        for (const auto& request : batch.requests) dispatch(request);
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
