#include "actors/brokers/ibkr/session/order_ids.hpp"

#include <algorithm>

namespace tradebus::ibkr::session {

void OrderIds::next_valid(std::int32_t id) { next_ = std::max({next_, id, 1}); }

void OrderIds::seen(std::int32_t id) {
  // Before the gateway has named one, what was seen is not enough.
  if (is_known() && id < first_request_id) next_ = std::max(next_, id + 1);
}

Result<std::int32_t> OrderIds::take() {
  if (!is_known()) return fail(Errc::broker_unavailable, "the gateway has not named the next order id yet");
  if (next_ >= first_request_id)
    return fail(Errc::broker_unsupported,
                "this client has used a billion order ids; reset the API order id sequence in the gateway's settings");
  return next_++;
}

}  // namespace tradebus::ibkr::session
