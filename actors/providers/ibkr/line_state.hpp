// What one market data line has said so far: prices, sizes, greeks, each in a message of its own, and what of it is
// news. Pure; values are exact, but for greeks.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "actors/brokers/ibkr/wire/market_messages.hpp"
#include "actors/providers/market_batch.hpp"

namespace tradebus::ibkr::data {

class LineState {
 public:
  // A trade, as far as a line that is sampled shows it.
  struct Sale {
    std::optional<Timestamp> ts;  // empty: the venue did not say
    Price price;
    Quantity size;
    friend bool operator==(const Sale&, const Sale&) = default;
  };

  // Trades before `opened`'s second are history. `right`: of an option, whose open interest comes under its right.
  explicit LineState(Timestamp opened, std::optional<OptionRight> right = {}) : opened_{opened}, right_{right} {}

  void take(const wire::TickPrice& m);
  void take(const wire::TickSize& m);
  void take(const wire::TickString& m);
  void take(const wire::TickOption& m);
  void take(const wire::MarketDataType& m);

  // -- what is known -------------------------------------------------------------
  bool has_quote() const { return bid_ || ask_; }
  Quality quality() const { return quality_; }
  MarketEvent quote(TopicRef ref, Timestamp ts, Timestamp rx) const;
  // Prices, sizes, greeks; what the contract says is the caller's.
  void fill(OptionQuote& out) const;

  // -- what is news since it was asked for last ----------------------------------
  bool take_quote_news();
  bool take_option_news();
  std::vector<Sale> take_sales();

 private:
  void set_price(std::optional<Price>& side, std::optional<Quantity>& size, const wire::TickPrice& m, bool& news);
  void take_rt_volume(std::string_view text);
  void note(std::int32_t type);

  static constexpr std::size_t sales_max = 1'000;
  const Timestamp opened_;
  const std::optional<OptionRight> right_;
  Quality quality_ = Quality::live;
  std::optional<Price> bid_;
  std::optional<Price> ask_;
  std::optional<Quantity> bid_size_;
  std::optional<Quantity> ask_size_;
  std::optional<Price> last_;
  std::optional<Quantity> last_size_;
  std::optional<Timestamp> last_time_;
  std::optional<Quantity> volume_;
  std::optional<Quantity> open_interest_;
  std::optional<wire::TickOption> model_;
  std::optional<Quantity> rt_total_;
  bool has_baseline_ = false;  // what was the last trade when the line began is known
  bool is_last_news_ = false;
  bool is_quote_news_ = false;
  bool is_option_news_ = false;
  std::vector<Sale> sales_;
};

}  // namespace tradebus::ibkr::data
