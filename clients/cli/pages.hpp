// Orders and events, page after page: no more than a page is held.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "clients/cli/context.hpp"

namespace tradebus::cli {

// False: that is enough.
using TakeRow = std::function<bool(const client::Value&)>;

struct EventRange {
  std::uint64_t after = 0;  // a seq; moves on while it is read
  std::uint64_t until = 0;  // a seq; 0: no end
  std::uint64_t limit = 0;  // 0: all
  std::string account;      // empty: every account
};
struct JournalEnd {
  std::uint64_t last_seq = 0;
  bool holes = false;  // some events of the range are gone for good
};

client::Expected<JournalEnd> read_events(Context& ctx, EventRange& range, const TakeRow& take);

// The orders that match `args` of get_orders, in the order of placing; `after`: an order_id, empty: from the first one.
// Gives how many there were.
client::Expected<std::uint64_t> read_orders(Context& ctx, client::Value args, std::string after, const TakeRow& take);

}  // namespace tradebus::cli
