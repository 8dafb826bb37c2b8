// replay_advance: a recording that waits for a strategy goes on, a step at a time.
//
// Before the step all that was asked so far has reached its broker; after it, all that follows from the step's market
// data is recorded and told. Then the step is told on the stream, behind everything that belongs to it.
#include <algorithm>

#include "bus/wire/pack.hpp"
#include "engine/gateway/gateway.hpp"

namespace tradebus {

namespace {

// What replay|NAME| carries, and the reply.
struct ReplayStepMessage {
  std::uint64_t seq = 0;
  Timestamp ts{};
  std::optional<Timestamp> next_ts;
  bool ended = false;

  static constexpr std::string_view type_name = "ReplayStepMessage";
  static constexpr auto fields() {
    return std::tuple{field("seq", &ReplayStepMessage::seq), field("ts", &ReplayStepMessage::ts),
                      field("next_ts", &ReplayStepMessage::next_ts), field("ended", &ReplayStepMessage::ended)};
  }
};

}  // namespace

void GatewayState::replay_advance(const Call& call) {
  AdvanceReplay request{ProviderName{"replay"}, {}};
  auto ok = wire::unpack_key(*call.args, "name", false, request.provider);
  if (ok) ok = wire::unpack_key(*call.args, "until", true, request.until);
  if (!ok) return fail_with(call.token, ok.error());
  if (std::ranges::find(context.providers, request.provider.str()) == context.providers.end())
    return fail_with(call.token,
                     Error{Errc::request_invalid, "no provider is called " + request.provider.str(), "name"});
  if (!peers.hub || !peers.orders)
    return fail_with(call.token, Error{Errc::provider_unavailable, "the daemon is starting or stopping; ask again"});
  const auto token = call.token;
  const auto failed = [this, token](const caf::error& e) { fail_with(token, from_caf(e, Errc::provider_unavailable)); };
  self->request(peers.orders, caf::infinite, SettleBrokers{})
      .then(
          [=, this](const Done&) {
            self->request(peers.hub, caf::infinite, request)
                .then(
                    [=, this](const ReplayStep& step) {
                      self->request(peers.orders, caf::infinite, SettleBrokers{})
                          .then([=, this](const Done&) { tell_step(token, request.provider, step); }, failed);
                    },
                    failed);
          },
          failed);
}

void GatewayState::tell_step(std::uint64_t token, const ProviderName& provider, const ReplayStep& step) {
  const ReplayStepMessage message{++steps[provider], step.ts, step.next_ts, step.ended};
  context.publisher->publish("replay|" + provider.str() + "|", message);
  answer(token, wire::packed(message));
}

}  // namespace tradebus
