// The venue's words, as its documentation names them: one struct a message. Nothing of ours in here, no logic.
// Source: name the page of the venue's documentation, and its version.
#pragma once

#include <cstdint>
#include <string>

namespace tradebus::_template::provider {

// {"T":"q","S":"AAPL","bp":190.01,"bs":2,"ap":190.03,"as":1,"t":1718976600000000000}
// Numbers stay text until parse.cpp reads them: a double would lose decimals.
struct QuoteMessage {
  std::string S;       // symbol
  std::string bp;      // bid price; empty: nobody bids
  std::string bs;      // bid size
  std::string ap;      // ask price
  std::string as;      // ask size
  std::int64_t t = 0;  // UTC ns
};

}  // namespace tradebus::_template::provider
