// INTERNAL: how the actor's files ask the venue. In a header, for it is a template over all requests.
#pragma once

#include "actors/providers/ibkr/ibkr.hpp"

namespace tradebus::ibkr::data {

template <class Request>
std::int32_t IbkrDataState::ask_and_send(Question question, Request request, std::chrono::milliseconds patience) {
  auto then = question.then;
  const auto id = asked_->open(Asked{.question = std::move(question)}, now() + patience);
  if (!id) {
    Question none;
    then(none, &id.error());
    return 0;
  }
  request.req_id = *id;
  if (const auto ok = session_->send(request); !ok) {
    end(*id, &ok.error());
    return 0;
  }
  return *id;
}

}  // namespace tradebus::ibkr::data
