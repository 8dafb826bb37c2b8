// The venue's words, as its documentation names them: one struct a message. Nothing of ours in here, no logic.
// Source: name the page of the venue's documentation, and its version.
#pragma once

#include <cstdint>
#include <string>

namespace tradebus::_template::broker {

// What is sent. Numbers are exact decimal text.
struct OrderPayload {
  std::string client_order_id;  // our order_id: the venue keeps it, and knows a repeat by it
  std::string symbol;
  std::string side;  // "buy", "sell"
  std::string type;  // "market", "limit"
  std::string qty;
  std::string limit_price;  // "": none
  std::string time_in_force;
};

// What comes:
// {"event":"fill","client_order_id":"...","id":"...","execution_id":"...","qty":"10","price":"190.01","t":...}
struct OrderUpdate {
  std::string event;  // "new", "fill", "canceled", "rejected", "expired"
  std::string client_order_id;
  std::string id;  // the venue's own, account-wide and permanent
  std::string execution_id;
  std::string qty;
  std::string price;
  std::string reason;
  std::int64_t t = 0;  // UTC ns
};

}  // namespace tradebus::_template::broker
