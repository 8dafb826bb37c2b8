// What orders may cost: buying power, reservations, commissions.
#include <algorithm>

#include "actors/brokers/paper/paper_venue.hpp"

namespace tradebus::paper {

namespace {

// Short calls that nothing covers any more (their other leg expired): no buying power is left.
constexpr Money boundless = Money::from_raw(Int128{1'000'000'000'000} * Money::scale);

Int128 positive(Int128 v) { return std::max<Int128>(v, 0); }

}  // namespace

Money PaperVenue::commission_due(const Working& order, Quantity filled) const {
  if (filled.is_zero()) return {};
  Int128 units = order.legs.empty() ? 1 : 0;
  for (const auto& leg : order.legs) units += leg.ratio;
  const Money due = notional(config_.commission_per_share, Quantity::from_raw(filled.raw() * units)).value_or(Money{});
  return std::max(due, config_.commission_min);
}

// By the price that it was judged by; less as it is filled.
Money PaperVenue::wanted(const Working& order, const Terms& terms) {
  if (!terms.priced || terms.opening.is_zero()) return {};
  const Instrument& instrument = market(order.legs.empty() ? order.symbol() : order.legs.front().symbol).instrument;
  Money amount =
      times(notional(terms.price, std::min(terms.opening, order.leaves())).value_or(Money{}), instrument.multiplier);
  if (!order.legs.empty() && !order.buys()) amount = Money::from_raw(-amount.raw());
  if (instrument.is_option()) {
    // A credit reserves nothing: what it may come to cost is counted with all other options.
    if (order.legs.empty() && !order.buys()) amount = {};
    amount = std::max(amount, Money{});
    if (config_.margin == Margin::reg_t) amount = times(amount, 2);  // options are paid in full
  }
  return plus(amount, minus(commission_due(order, order.qty()), order.commission));
}

void PaperVenue::set_reserved(Working& order, Money reserved) {
  reserved_ = Money::from_raw(reserved_.raw() + reserved.raw() - order.reserved.raw());
  order.reserved = reserved;
}

void PaperVenue::add_leaves(Working& order, Int128 change) {
  if (!order.legs.empty()) return;  // counted one by one
  Market& m = market(order.symbol());
  Quantity& total = order.buys() ? m.open_buys : m.open_sells;
  total = Quantity::from_raw(total.raw() + change);
}

std::optional<Price> PaperVenue::price_to_judge(const Working& order) {
  if (!order.legs.empty()) {
    if (order.limit()) return order.limit();
    const auto one = unit(order);
    if (!one) return std::nullopt;
    return order.buys() ? one->net : Price::from_raw(-one->net.raw());
  }
  if (order.limit()) return order.limit();
  if (order.waits_for_stop() && order.order.stop_price) return order.order.stop_price;
  return market(order.symbol()).model.price_for(order.order.side, std::nullopt);
}

Result<Quantity> PaperVenue::judge_units(const Working& order) {
  constexpr Int128 limit = static_cast<Int128>(units_max) * Quantity::scale;
  const auto too_many = [] {
    return fail(Errc::broker_rejected,
                "the paper broker holds at most " + std::to_string(units_max) + " units of a symbol");
  };
  const Int128 leaves = order.leaves().raw();
  if (!order.legs.empty()) {
    for (const auto& leg : order.legs) {
      const Int128 held = account_.held(leg.symbol).raw();
      if (std::max(held, -held) + leaves * leg.ratio > limit) return too_many();
    }
    return order.leaves();
  }
  const Market& m = market(order.symbol());
  const Int128 held = account_.held(order.symbol()).raw();
  if (std::max(held, -held) + m.open_buys.raw() + m.open_sells.raw() + leaves > limit) return too_many();
  // What other orders of this side do not yet use of the position, this one closes.
  const Int128 closable = order.buys() ? positive(-held - m.open_buys.raw()) : positive(held - m.open_sells.raw());
  return Quantity::from_raw(positive(leaves - closable));
}

Result<Terms> PaperVenue::judge(const Working& order, Price price, Money released) {
  const auto opening = judge_units(order);
  if (!opening) return tl::unexpected{opening.error()};
  Terms terms = order.terms;
  terms.priced = true;
  terms.price = price;
  terms.opening = *opening;
  const auto rejected = [](std::string why) { return fail(Errc::broker_rejected, std::move(why)); };

  // What options on the same thing may come to cost, without this order and with it.
  const Instrument& first = market(order.legs.empty() ? order.symbol() : order.legs.front().symbol).instrument;
  const Symbol underlying = first.underlying.value_or(order.symbol());
  Money cost = options_cost_;
  Money more;
  if (first.is_option() || contracts_.contains(underlying)) {
    const auto before = options_loss(underlying);
    const auto after = first.is_option() ? options_loss(underlying, &order)
                       : order.buys()    ? before
                                         : options_loss(underlying, nullptr, order.leaves());
    const bool only_buys = order.legs.empty() && order.buys();
    if (!after && !only_buys && (before || first.is_option()))
      return rejected(first.is_option() ? "short calls on " + underlying.str() +
                                              " need shares or calls that cover them: there is no bound to what they "
                                              "may cost"
                                        : "the shares of " + underlying.str() +
                                              " cover short calls: buy those back "
                                              "first");
    if (const auto it = options_costs_.find(underlying); it != options_costs_.end()) cost = minus(cost, it->second);
    cost = plus(cost, before.value_or(boundless));
    if (before && after) more = std::max(Money{}, minus(*after, *before));
  }
  if (config_.margin == Margin::reg_t) more = times(more, 2);

  const bool shorts = !order.buys() && !first.is_option() && !opening->is_zero();
  if (shorts && config_.margin == Margin::cash)
    return rejected("a cash account sells only what it holds: " + opening->to_string() + " " + order.symbol().str() +
                    " would be short (brokers.paper.margin = \"reg_t\" takes short sales)");
  const Money needed = plus(wanted(order, terms), more);
  if (!needed.is_positive()) return terms;
  const Money room = account_.buying_power(minus(reserved_, released), cost);
  if (needed <= room) return terms;
  std::string why = "buying power " + room.to_string() + " does not cover " + needed.to_string() +
                    (shorts ? " sold short" : "") + " (" + opening->to_string() + " " + order.symbol().str() + " at " +
                    price.to_string() + ")";
  if (const Money call = account_.margin_call(cost); call.is_positive())
    why += "; margin call: " + call.to_string() + " are missing for what is held";
  return rejected(std::move(why));
}

// ---- options -------------------------------------------------------------------------------------------------------

// Positions as they would be if all that open orders sell were sold, and nothing that they buy bought.
std::optional<Money> PaperVenue::options_loss(const Symbol& underlying, const Working* also, Quantity fewer_shares) {
  std::map<Symbol, Int128> all;
  const auto it = contracts_.find(underlying);
  if (it == contracts_.end()) return Money{};
  for (const auto& symbol : it->second) {
    const auto found = markets_.find(symbol);
    const Int128 sells = found == markets_.end() ? 0 : found->second.open_sells.raw();
    all[symbol] = account_.held(symbol).raw() - sells;
  }
  const auto add = [&](const Working& order) {
    for (const auto& leg : order.legs) {
      const auto of = market(leg.symbol).instrument.underlying;
      if (of != underlying) continue;
      const bool buys = is_buy(leg.side);
      all[leg.symbol] += (buys ? 1 : -1) * order.leaves().raw() * leg.ratio;
    }
  };
  for (const Working* combo : combos_)
    if (also == nullptr || combo->order_id != also->order_id) add(*combo);
  if (also != nullptr) {
    add(*also);
    if (also->legs.empty() && !also->buys()) all[also->symbol()] -= also->leaves().raw();
  }
  std::vector<HeldOption> options;
  for (const auto& [symbol, qty] : all) {
    if (qty == 0) continue;
    const Instrument& i = market(symbol).instrument;
    if (!i.is_option()) continue;
    options.push_back({*i.expiry, *i.right, *i.strike, i.multiplier, Quantity::from_raw(qty)});
  }
  const auto shares = markets_.find(underlying);
  const Int128 sold = shares == markets_.end() ? 0 : shares->second.open_sells.raw();
  return worst_loss(std::move(options),
                    Quantity::from_raw(positive(account_.held(underlying).raw() - sold - fewer_shares.raw())));
}

void PaperVenue::count_options(const Symbol& symbol) {
  Symbol underlying = symbol;
  if (!contracts_.contains(symbol)) {
    const auto it = markets_.find(symbol);
    if (it == markets_.end() || !it->second.instrument.is_option()) return;
    underlying = *it->second.instrument.underlying;
  }
  const Money now = options_loss(underlying).value_or(boundless);
  Money& kept = options_costs_[underlying];
  options_cost_ = Money::from_raw(options_cost_.raw() + now.raw() - kept.raw());
  kept = now;
  if (now.is_zero()) options_costs_.erase(underlying);
}

}  // namespace tradebus::paper
