// INTERNAL: how the actor's files send a request. In a header, for it is a template over all of them.
#pragma once

#include "actors/brokers/ibkr/ibkr.hpp"

namespace tradebus::ibkr {

template <class Request>
Result<void> IbkrState::send(session::Urgency urgency, const Request& request, std::uint64_t ticket) {
  if (!session_->is_begun())
    return fail(Errc::broker_unavailable, "the link to the gateway is not up; nothing was sent");
  return session_->send(request, urgency, ticket);
}

}  // namespace tradebus::ibkr
