#include "tests/venues/ibgw/market.hpp"

#include <algorithm>
#include <cmath>

namespace tradebus::ibgw_sim {
namespace {

constexpr double seconds_a_year = 365.25 * 86400;

double normal(double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }

double years_left(const Contract& option, Seconds now) {
  const Seconds end = parse_time(option.expiry).value_or(now) + 16 * 3600;
  return std::max<double>(static_cast<double>(end - now), 60.0) / seconds_a_year;
}

// A smile, so that strikes differ.
double volatility(double under, double strike) {
  const double away = std::log(strike / under);
  return 0.24 + 0.35 * away * away - 0.05 * away;
}

}  // namespace

std::optional<Num> Quote::mid() const {
  if (!bid || !ask) return std::nullopt;
  return (*bid + *ask) / Num{2};
}

Num Quote::mark() const {
  if (last) return *last;
  return mid().value_or(close);
}

Greeks option_model(double under, double strike, double years, bool call, double vol) {
  const double root = vol * std::sqrt(years);
  const double d1 = std::log(under / strike) / root + root / 2, d2 = d1 - root;
  const double density = std::exp(-d1 * d1 / 2) / std::sqrt(2 * M_PI);
  Greeks out;
  out.vol = vol;
  out.under = under;
  out.price = call ? under * normal(d1) - strike * normal(d2) : strike * normal(-d2) - under * normal(-d1);
  out.delta = call ? normal(d1) : normal(d1) - 1;
  out.gamma = density / (under * root);
  out.vega = under * density * std::sqrt(years) / 100;
  out.theta = -under * density * vol / (2 * std::sqrt(years)) / 365;
  return out;
}

Market::Market(const Contracts& contracts, Seconds now) : contracts_(contracts) {
  for (const auto& [id, contract] : contracts.all()) {
    if (contract.option()) continue;
    Quote quote;
    quote.close = contract.price;
    if (contract.sec_type != "IND") {
      quote.bid = contract.price - contract.min_tick;
      quote.ask = contract.price + contract.min_tick;
      quote.bid_size = 300;
      quote.ask_size = 200;
    }
    if (contract.sec_type != "CASH") {
      quote.last = quote.open = quote.high = quote.low = contract.price;
      quote.last_size = quote.volume = 100;
      quote.last_time = now;
    }
    books_.emplace(id, Book{quote, {}, {}});
  }
}

void Market::changed(ConId id) {
  if (std::find(changed_.begin(), changed_.end(), id) == changed_.end()) changed_.push_back(id);
  taken_.clear();
}

void Market::set_quote(ConId id, std::optional<Num> bid, Num bid_size, std::optional<Num> ask, Num ask_size) {
  Book& book = books_[id];
  book.quote.bid = bid;
  book.quote.bid_size = bid_size;
  book.quote.ask = ask;
  book.quote.ask_size = ask_size;
  book.bid_taken = book.ask_taken = {};
  changed(id);
}

void Market::set_trade(ConId id, Num price, Num size, Seconds now) {
  Quote& quote = books_[id].quote;
  quote.last = price;
  quote.last_size = size;
  quote.last_time = now;
  if (!quote.open) quote.open = price;
  quote.high = max(quote.high.value_or(price), price);
  quote.low = min(quote.low.value_or(price), price);
  quote.volume += size;
  ++quote.trades;
  changed(id);
}

Quote Market::quote(const Contract& contract, Seconds now) const {
  const auto it = books_.find(contract.con_id);
  if (it != books_.end()) return it->second.quote;
  return contract.option() ? modelled(contract, now) : Quote{};
}

std::optional<Greeks> Market::greeks(const Contract& option, Seconds now) const {
  const Contract* under = contracts_.find(option.under);
  if (!option.option() || under == nullptr) return std::nullopt;
  const double price = quote(*under, now).mark().to_double(), strike = option.strike.to_double();
  if (price <= 0) return std::nullopt;
  return option_model(price, strike, years_left(option, now), option.right == "C", volatility(price, strike));
}

Quote Market::modelled(const Contract& option, Seconds now) const {
  Quote out;
  const auto value = greeks(option, now);
  if (!value) return out;
  const Num tick = option.min_tick;
  const Num fair = max(tick, Num::from_double(value->price, tick));
  const Num half = max(tick, Num::from_double(value->price * 0.01, tick));
  if (fair > half) out.bid = fair - half;
  out.ask = fair + half;
  out.bid_size = out.bid ? Num{50} : Num{};
  out.ask_size = 50;
  out.last = fair;
  out.last_size = 1;
  out.last_time = now;
  out.close = fair;
  out.open = out.high = out.low = fair;
  out.volume = 1000;
  return out;
}

Quote Market::combo(const std::vector<Leg>& legs, Seconds now) const {
  Quote out;
  Num bid, ask, last, close;
  bool bids = true, asks = true;
  out.bid_size = out.ask_size = 1'000'000;
  for (const Leg& leg : legs) {
    const Contract* contract = contracts_.find(leg.con_id);
    if (contract == nullptr || leg.ratio <= 0 || leg.ratio > 1000) return {};
    const Quote one = quote(*contract, now);
    const Num ratio = Num::from_raw(Int128{leg.ratio} * Num::scale), sign = leg.buys ? ratio : -ratio;
    // Who buys the combo sells the legs that are sold, at their bid.
    const auto& buy_side = leg.buys ? one.ask : one.bid;
    const auto& sell_side = leg.buys ? one.bid : one.ask;
    asks = asks && buy_side;
    bids = bids && sell_side;
    if (buy_side) ask += sign * *buy_side;
    if (sell_side) bid += sign * *sell_side;
    const Num buy_left = left(one, leg.con_id, leg.buys) / ratio, sell_left = left(one, leg.con_id, !leg.buys) / ratio;
    const auto whole = [](Num n) { return Num::from_raw(n.raw() / Num::scale * Num::scale); };
    out.ask_size = min(out.ask_size, whole(buy_left));
    out.bid_size = min(out.bid_size, whole(sell_left));
    last += sign * one.mark();
    close += sign * one.close;
  }
  if (bids) out.bid = bid;
  if (asks) out.ask = ask;
  out.last = last;
  out.last_size = 1;
  out.last_time = now;
  out.close = close;
  return out;
}

Num Market::left(const Quote& quote, ConId id, bool buys) const {
  const Num size = buys ? quote.ask_size : quote.bid_size;
  if (const auto it = books_.find(id); it != books_.end())
    return max(Num{}, size - (buys ? it->second.ask_taken : it->second.bid_taken));
  const auto it = taken_.find(id);
  return it == taken_.end() ? size : max(Num{}, size - (buys ? it->second.second : it->second.first));
}

void Market::take(ConId id, bool buys, Num size) {
  if (const auto it = books_.find(id); it != books_.end()) {
    (buys ? it->second.ask_taken : it->second.bid_taken) += size;
  } else {
    auto& taken = taken_[id];
    (buys ? taken.second : taken.first) += size;
  }
}

}  // namespace tradebus::ibgw_sim
