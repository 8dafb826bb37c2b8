// The next order id of this client. They only rise: the gateway's own next one may come again and go back, and an id
// that is lower than one used before is refused (103).
#pragma once

#include <cstdint>

#include "bus/model/error.hpp"

namespace tradebus::ibkr::session {

// Requests have ids from here on, so that an error's id says what it is about.
inline constexpr std::int32_t first_request_id = 1'000'000'000;

class OrderIds {
 public:
  // What the gateway named.
  void next_valid(std::int32_t id);
  // An order of this client was heard of.
  void seen(std::int32_t id);
  bool is_known() const { return next_ > 0; }
  // broker.unavailable: the gateway has named none yet; broker.unsupported: there are no more.
  Result<std::int32_t> take();

 private:
  std::int32_t next_ = 0;
};

}  // namespace tradebus::ibkr::session
