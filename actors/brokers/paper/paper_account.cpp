#include "actors/brokers/paper/paper_account.hpp"

#include <algorithm>

namespace tradebus::paper {

namespace {

Quantity magnitude(Quantity q) { return q.is_negative() ? Quantity::from_raw(-q.raw()) : q; }

// cost x part / whole without leaving 128 bits; 0 < part <= whole <= units_max.
Money share(Money cost, Quantity part, Quantity whole) {
  const Int128 units = cost.raw() / whole.raw();
  const Int128 rest = cost.raw() % whole.raw();
  return Money::from_raw(units * part.raw() + detail::divide_half_even(rest * part.raw(), whole.raw()));
}

}  // namespace

PaperAccount::PaperAccount(BrokerName broker, AccountId account, Money cash, Margin margin)
    : broker_{std::move(broker)}, account_{std::move(account)}, margin_{margin}, cash_{cash} {}

Money PaperAccount::Holding::value() const {
  if (!mark) return cost;
  const auto amount = notional(*mark, qty);
  return amount ? times(*amount, multiplier) : cost;
}

void PaperAccount::count(const Holding& holding, int sign) {
  const Money value = holding.value();
  market_value_ = Money::from_raw(market_value_.raw() + sign * value.raw());
  cost_ = Money::from_raw(cost_.raw() + sign * holding.cost.raw());
  if (holding.option) return;
  stock_value_ = Money::from_raw(stock_value_.raw() + sign * value.raw());
  if (holding.qty.is_negative()) short_value_ = Money::from_raw(short_value_.raw() - sign * value.raw());
}

void PaperAccount::apply(const Symbol& symbol, Quantity signed_qty, Price price, Money commission, Timestamp ts) {
  const auto [it, added] = holdings_.try_emplace(symbol);
  Holding& h = it->second;
  if (added) {
    if (const auto instrument = Instrument::parse(symbol.str())) {
      h.multiplier = instrument->multiplier;
      h.option = instrument->is_option();
    }
  }
  count(h, -1);
  const Money amount = times(notional(price, signed_qty).value_or(Money{}), h.multiplier);  // > 0: paid
  const bool reduces = h.qty.is_negative() ? signed_qty.is_positive() : h.qty.is_positive() && signed_qty.is_negative();
  Money opening = amount;
  if (reduces) {
    // The part that closes takes its share of the cost along; a rest opens the other way.
    const Quantity part = std::min(magnitude(h.qty), magnitude(signed_qty));
    const Money closing = part == magnitude(signed_qty) ? amount : share(amount, part, magnitude(signed_qty));
    const Money cost = share(h.cost, part, magnitude(h.qty));
    const Money gained = Money::from_raw(-closing.raw() - cost.raw());
    h.realized = plus(h.realized, gained);
    realized_ = plus(realized_, gained);
    h.cost = minus(h.cost, cost);
    opening = minus(amount, closing);
  }
  h.cost = plus(h.cost, opening);
  h.qty = Quantity::from_raw(h.qty.raw() + signed_qty.raw());
  if (!h.mark) h.mark = price;
  h.updated = ts;
  cash_ = minus(minus(cash_, amount), commission);
  commissions_ = plus(commissions_, commission);
  updated_ = std::max(updated_, ts);
  count(h, 1);
}

bool PaperAccount::mark(const Symbol& symbol, Price price, Timestamp ts) {
  const auto it = holdings_.find(symbol);
  if (it == holdings_.end() || it->second.mark == price) return false;
  count(it->second, -1);
  it->second.mark = price;
  it->second.updated = ts;
  updated_ = std::max(updated_, ts);
  count(it->second, 1);
  return true;
}

void PaperAccount::split(const Symbol& symbol, Quantity held, Quantity ratio, Money cash, Timestamp ts) {
  const auto it = holdings_.find(symbol);
  if (it == holdings_.end()) return;
  Holding& h = it->second;
  count(h, -1);
  h.qty = held;
  if (h.mark)
    h.mark = Price::from_raw(static_cast<std::int64_t>(
        detail::divide_half_even(static_cast<Int128>(h.mark->raw()) * Quantity::scale, ratio.raw())));
  h.updated = ts;
  count(h, 1);
  dividend(symbol, cash, ts);
}

void PaperAccount::dividend(const Symbol& symbol, Money cash, Timestamp ts) {
  const auto it = holdings_.find(symbol);
  if (it == holdings_.end()) return;
  it->second.realized = plus(it->second.realized, cash);
  it->second.updated = ts;
  realized_ = plus(realized_, cash);
  cash_ = plus(cash_, cash);
  updated_ = std::max(updated_, ts);
}

Quantity PaperAccount::held(const Symbol& symbol) const {
  const auto it = holdings_.find(symbol);
  return it == holdings_.end() ? Quantity{} : it->second.qty;
}

Money PaperAccount::buying_power(Money reserved, Money options) const {
  if (margin_ == Margin::cash) return minus(minus(minus(cash_, short_value_), options), reserved);
  const Money gross = plus(stock_value_, times(short_value_, 2));
  const Money owned = minus(plus(cash_, stock_value_), options);
  return minus(minus(times(owned, 2), gross), reserved);
}

Money PaperAccount::margin_call(Money options) const {
  if (margin_ == Margin::cash) return {};
  constexpr std::int64_t long_percent = 25;
  constexpr std::int64_t short_percent = 30;
  const Money longs = plus(stock_value_, short_value_);
  const Int128 required = (longs.raw() * long_percent + short_value_.raw() * short_percent) / 100;
  return Money::from_raw(required - (cash_.raw() + stock_value_.raw() - options.raw()));
}

Position PaperAccount::report(const Symbol& symbol, const Holding& h) const {
  Position p;
  p.broker = broker_;
  p.account = account_;
  p.symbol = symbol;
  p.qty = h.qty;
  p.avg_price = price_of(h.cost, Quantity::from_raw(h.qty.raw() * h.multiplier)).value_or(Price{});
  p.market_price = h.mark;
  p.market_value = h.value();
  p.unrealized_pnl = minus(h.value(), h.cost);
  p.realized_pnl = h.realized;
  p.updated = h.updated;
  return p;
}

Position PaperAccount::position(const Symbol& symbol) const {
  const auto it = holdings_.find(symbol);
  return report(symbol, it == holdings_.end() ? Holding{} : it->second);
}

void PaperAccount::drop_if_flat(const Symbol& symbol) {
  const auto it = holdings_.find(symbol);
  if (it != holdings_.end() && it->second.qty.is_zero()) holdings_.erase(it);
}

std::vector<Position> PaperAccount::positions() const {
  std::vector<Position> out;
  for (const auto& [symbol, holding] : holdings_)
    if (!holding.qty.is_zero()) out.push_back(report(symbol, holding));
  return out;
}

AccountSummary PaperAccount::summary(Money reserved, Money options) const {
  AccountSummary s;
  s.broker = broker_;
  s.account = account_;
  s.cash = cash_;
  s.equity = plus(cash_, market_value_);
  s.buying_power = std::max(Money{}, buying_power(reserved, options));
  s.realized_pnl = realized_;
  s.unrealized_pnl = minus(market_value_, cost_);
  s.commissions = commissions_;
  s.updated = updated_;
  return s;
}

}  // namespace tradebus::paper
