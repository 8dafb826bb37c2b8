// INTERNAL: how the actor's files send a request. In a header, for it is a template over all of them.
#pragma once

#include "actors/brokers/ibkr/ibkr.hpp"

namespace tradebus::ibkr {

template <class Request>
Result<void> IbkrState::send(session::Urgency urgency, const Request& request, std::uint64_t ticket) {
  if (phase_ < Phase::starting || !pacer_)
    return fail(Errc::broker_unavailable, "the link to the gateway is not up; nothing was sent");
  std::string frame;
  if (auto ok = wire::encode(request, version_, frame); !ok) return ok;
  return pacer_->add(urgency, std::move(frame), ticket);
}

}  // namespace tradebus::ibkr
