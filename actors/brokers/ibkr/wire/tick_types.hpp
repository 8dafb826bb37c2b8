// The numbers that market data gives its values, and in which message each comes.
#pragma once

#include <cstdint>
#include <string_view>

namespace tradebus::ibkr::wire {

namespace tick {
inline constexpr std::int32_t bid_size = 0;
inline constexpr std::int32_t bid = 1;
inline constexpr std::int32_t ask = 2;
inline constexpr std::int32_t ask_size = 3;
inline constexpr std::int32_t last = 4;
inline constexpr std::int32_t last_size = 5;
inline constexpr std::int32_t high = 6;
inline constexpr std::int32_t low = 7;
inline constexpr std::int32_t volume = 8;
inline constexpr std::int32_t close = 9;
inline constexpr std::int32_t bid_option = 10;
inline constexpr std::int32_t ask_option = 11;
inline constexpr std::int32_t last_option = 12;
inline constexpr std::int32_t model_option = 13;
inline constexpr std::int32_t open = 14;
inline constexpr std::int32_t hist_volatility = 23;
inline constexpr std::int32_t implied_volatility = 24;
inline constexpr std::int32_t call_open_interest = 27;
inline constexpr std::int32_t put_open_interest = 28;
inline constexpr std::int32_t call_volume = 29;
inline constexpr std::int32_t put_volume = 30;
inline constexpr std::int32_t mark_price = 37;
inline constexpr std::int32_t last_timestamp = 45;  // text, seconds
inline constexpr std::int32_t shortable = 46;       // above 2.5 easy, above 1.5 to be located, else hard
inline constexpr std::int32_t rt_volume = 48;       // price;size;timeMs;totalVolume;vwap;singleTrade
inline constexpr std::int32_t halted = 49;          // 0 no, 1 halted, 2 by volatility
inline constexpr std::int32_t cust_option = 53;     // the answer to a calculation
inline constexpr std::int32_t last_rth_trade = 57;
inline constexpr std::int32_t dividends = 59;
inline constexpr std::int32_t delayed_bid = 66;
inline constexpr std::int32_t delayed_ask = 67;
inline constexpr std::int32_t delayed_last = 68;
inline constexpr std::int32_t delayed_bid_size = 69;
inline constexpr std::int32_t delayed_ask_size = 70;
inline constexpr std::int32_t delayed_last_size = 71;
inline constexpr std::int32_t delayed_high = 72;
inline constexpr std::int32_t delayed_low = 73;
inline constexpr std::int32_t delayed_volume = 74;
inline constexpr std::int32_t delayed_close = 75;
inline constexpr std::int32_t delayed_open = 76;
inline constexpr std::int32_t rt_trade_volume = 77;
inline constexpr std::int32_t delayed_bid_option = 80;
inline constexpr std::int32_t delayed_ask_option = 81;
inline constexpr std::int32_t delayed_last_option = 82;
inline constexpr std::int32_t delayed_model_option = 83;
inline constexpr std::int32_t last_exchange = 84;
inline constexpr std::int32_t futures_open_interest = 86;
inline constexpr std::int32_t delayed_last_timestamp = 88;
inline constexpr std::int32_t shortable_shares = 89;
inline constexpr std::int32_t delayed_halted = 90;
}  // namespace tick

// The live type that a delayed one stands for: 66 is 1. Others are themselves.
constexpr std::int32_t live_tick(std::int32_t type) {
  switch (type) {
    case tick::delayed_bid:
      return tick::bid;
    case tick::delayed_ask:
      return tick::ask;
    case tick::delayed_last:
      return tick::last;
    case tick::delayed_bid_size:
      return tick::bid_size;
    case tick::delayed_ask_size:
      return tick::ask_size;
    case tick::delayed_last_size:
      return tick::last_size;
    case tick::delayed_high:
      return tick::high;
    case tick::delayed_low:
      return tick::low;
    case tick::delayed_volume:
      return tick::volume;
    case tick::delayed_close:
      return tick::close;
    case tick::delayed_open:
      return tick::open;
    case tick::delayed_bid_option:
      return tick::bid_option;
    case tick::delayed_ask_option:
      return tick::ask_option;
    case tick::delayed_last_option:
      return tick::last_option;
    case tick::delayed_model_option:
      return tick::model_option;
    case tick::delayed_last_timestamp:
      return tick::last_timestamp;
    case tick::delayed_halted:
      return tick::halted;
    default:  // numbers of the venue
      return type;
  }
}
constexpr bool is_delayed(std::int32_t type) { return live_tick(type) != type; }

}  // namespace tradebus::ibkr::wire
