// What an order would get from one symbol's live quote. Pure; one a symbol.
// The touch has the size that the quote showed: what is taken is gone until the next quote; a side without a size is
// unlimited. Market orders pay `slippage` on the touch, limit orders get the touch itself.
#pragma once

#include <cstdint>
#include <optional>

#include "actors/providers/market_batch.hpp"
#include "bus/model/decimal.hpp"
#include "bus/model/enums.hpp"

namespace tradebus::paper {

inline bool is_buy(Side side) { return side == Side::buy || side == Side::buy_to_cover; }
// What it does to a position.
inline Quantity signed_qty(Side side, Quantity qty) { return is_buy(side) ? qty : Quantity::from_raw(-qty.raw()); }

class FillModel {
 public:
  // Slippage in millionths of a basis point (1e-10 of the price).
  explicit FillModel(std::int64_t slippage_micro_bps = 0) : slippage_micro_bps_{slippage_micro_bps} {}

  void on_quote(const MarketEvent& quote);
  bool has_quote() const { return has_quote_; }
  // What a buy would pay, a sell get, without slippage; and how much is there (empty: any amount).
  std::optional<Price> touch(Side side) const { return opposite(side).price; }
  std::optional<Quantity> left(Side side) const { return opposite(side).left; }
  void use(Side side, Quantity qty);  // of what is left
  // The middle of a quote with two sides.
  std::optional<Price> mid() const;

  // The price an order would trade at now: the opposite side, if there is one within the limit.
  std::optional<Price> price_for(Side side, std::optional<Price> limit) const;
  struct Take {
    Quantity qty;
    Price price;
  };
  // Takes up to `wanted` from the touch. `all`: everything or nothing.
  std::optional<Take> take(Side side, std::optional<Price> limit, Quantity wanted, bool all);

 private:
  struct Level {
    std::optional<Price> price;
    std::optional<Quantity> left;  // absent: unlimited
  };
  const Level& opposite(Side side) const { return is_buy(side) ? ask_ : bid_; }

  std::int64_t slippage_micro_bps_;
  bool has_quote_ = false;
  Level bid_;
  Level ask_;
};

}  // namespace tradebus::paper
