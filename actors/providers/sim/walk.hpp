// One symbol's live market: a mean-reverting walk around a base price, three quotes and then a trade at one of their
// sides. The sequence depends on the symbol's seed alone: every call steps by exactly one event, whoever listens.
// 64 bytes, because a hundred thousand symbols may be open; stepping allocates nothing.
#pragma once

#include <cstdint>

#include "actors/providers/market_batch.hpp"
#include "actors/providers/sim/hash.hpp"
#include "actors/providers/sim/universe.hpp"

namespace tradebus::sim {

class Walk {
 public:
  static constexpr std::uint32_t cycle = 4;  // every 4th event is a trade
  static constexpr std::uint8_t quotes = 1;
  static constexpr std::uint8_t trades = 2;

  Walk(const Profile& profile, const Symbol* key)
      : rng_{profile.seed},
        name{key},
        base_{profile.base_ticks},
        bid_{profile.base_ticks},
        tick_{profile.tick_raw},
        lot_{profile.lot_milli} {}

  // Steps to the next event of an open kind. At least one kind must be open.
  MarketEvent next(std::int64_t now_ns) {
    for (;;) {
      const std::uint64_t r = mix(rng_ += golden);
      phase_ = static_cast<std::uint8_t>((phase_ + 1) % cycle);
      if (phase_ != 0) {
        move(r);
        if ((open & quotes) != 0) return quote(r, now_ns);
      } else if ((open & trades) != 0) {
        return trade(r, now_ns);
      }
    }
  }

  std::int64_t mid_ticks() const { return base_ + (offset_ >> fine_bits); }
  Price mid() const { return Price::from_raw(mid_ticks() * tick_); }

 private:
  static constexpr int fine_bits = 16;    // the offset from the base counts 1/65536 ticks
  static constexpr int return_bits = 12;  // each quote moves 1/4096 of the way back to the base
  static constexpr int step_bits = 3;  // a step of up to base * 2^3 / 65536 ticks: spreads to about 0.3 % of the base

  void move(std::uint64_t r) {
    const std::uint64_t amplitude = static_cast<std::uint64_t>(base_) << step_bits;
    const auto step = static_cast<std::int64_t>(((r >> 32) * amplitude) >> 31) - static_cast<std::int64_t>(amplitude);
    offset_ += step - (offset_ >> return_bits);
    spread_ = static_cast<std::uint16_t>(1 + ((r & 0xff) * (2 + base_ / 8'192) >> 8));
    bid_ = static_cast<std::uint32_t>(mid_ticks()) - spread_ / 2;
  }
  MarketEvent quote(std::uint64_t r, std::int64_t now_ns) {
    const Timestamp ts = stamp(now_ns);
    MarketEvent e = MarketEvent::quote(quote_ref, ts, ts, price(bid_), size(1 + ((r >> 8) & 15)), price(bid_ + spread_),
                                       size(1 + ((r >> 12) & 15)));
    e.quality = Quality::simulated;
    return e;
  }
  MarketEvent trade(std::uint64_t r, std::int64_t now_ns) {
    const Timestamp ts = stamp(now_ns);
    MarketEvent e =
        MarketEvent::trade(trade_ref, ts, ts, price((r & 1) != 0 ? bid_ : bid_ + spread_), size(1 + ((r >> 8) & 7)));
    e.quality = Quality::simulated;
    return e;
  }
  // A symbol's times rise strictly, even when many of its events fall into one instant.
  Timestamp stamp(std::int64_t now_ns) {
    last_ns_ = now_ns > last_ns_ ? now_ns : last_ns_ + 1;
    return from_unix_ns(last_ns_);
  }
  Price price(std::uint32_t ticks) const { return Price::from_raw(std::int64_t{ticks} * tick_); }
  Quantity size(std::uint64_t lots) const {
    return Quantity::from_raw(static_cast<std::int64_t>(lots) * lot_ * 1'000'000);
  }

  std::uint64_t rng_;
  std::int64_t offset_ = 0;
  std::int64_t last_ns_ = 0;

 public:
  const Symbol* name;            // the key in LiveMarket's map; nodes there never move
  std::uint32_t list_index = 0;  // LiveMarket: where in the open, or in the parked list
  TopicRef quote_ref = 0;
  TopicRef trade_ref = 0;
  std::uint8_t open = 0;  // quotes | trades

 private:
  std::uint8_t phase_ = 0;
  std::uint16_t spread_ = 0;
  std::uint32_t base_;
  std::uint32_t bid_;
  std::uint32_t tick_;
  std::uint32_t lot_;
};
static_assert(sizeof(Walk) == 64);

}  // namespace tradebus::sim
