// The venue's half that is its records: what happened is what they say, now and after a restart.
#include "actors/brokers/paper/paper_venue.hpp"

#include <algorithm>
#include <utility>

#include "actors/brokers/paper/paper_sessions.hpp"

namespace tradebus::paper {

void PaperVenue::record(Timestamp now) {
  recording_ = true;
  if (!begun_) commit(AccountOpened{at(now), config_.cash});
}

void PaperVenue::commit(Record record) {
  changed_.clear();
  std::visit([this](const auto& each) { apply(each); }, record);
  if (recording_) news_.push_back(std::move(record));
}

bool PaperVenue::knows(const Record& record) const {
  return std::visit(
      [this]<class R>(const R& r) {
        if constexpr (std::is_same_v<R, AccountOpened>) {
          return !begun_;
        } else if constexpr (std::is_same_v<R, OptionSettled>) {
          return !account_.held(r.option).is_zero();
        } else if constexpr (std::is_same_v<R, CorporateBooked>) {
          return !is_booked(r.action);
        } else {
          const auto it = orders_.find(r.order_id);
          if constexpr (std::is_same_v<R, OrderTaken>)
            return begun_ && it == orders_.end();
          else
            return it != orders_.end() && it->second.open;
        }
      },
      record);
}

Result<void> PaperVenue::replay(const Record& record) {
  if (!knows(record))
    return fail(Errc::internal, "record of kind " + std::to_string(record.index()) +
                                    " does not follow from those before it: the journal is not this broker's");
  commit(record);
  return {};
}

void PaperVenue::apply(const AccountOpened& r) {
  begun_ = true;
  at(r.ts);
  account_ = PaperAccount{broker_, config_.account, r.cash, config_.margin};
}

void PaperVenue::apply(const OrderTaken& r) {
  at(r.ts);
  Working& order = orders_[r.order_id];
  order.order_id = r.order_id;
  order.order = r.order;
  order.legs = r.legs;
  order.terms = r.terms;
  order.taken = r.ts;
  order.number = last_order_ = r.number;
  order.queue = ++last_queue_;
  enqueue(order);
  if (is_immediate(order.order.time_in_force) && order.legs.empty()) market(order.symbol()).undecided.push_back(&order);
  add_leaves(order, order.leaves().raw());
  set_reserved(order, wanted(order, order.terms));
  set_deadline(order, true);
  ++open_;
  count_options(order.legs.empty() ? order.symbol() : order.legs.front().symbol);
}

void PaperVenue::apply(const OrderPriced& r) {
  Working& order = orders_.at(r.order_id);
  order.terms = r.terms;
  set_reserved(order, wanted(order, order.terms));
}

void PaperVenue::apply(const StopMoved& r) {
  Working& order = orders_.at(r.order_id);
  dequeue(order);
  order.order.stop_price = r.stop;
  order.reached = r.reached;
  if (r.reached) order.queue = ++last_queue_;
  enqueue(order);
}

void PaperVenue::apply(const OrderReplaced& r) {
  at(r.ts);
  Working& order = orders_.at(r.order_id);
  dequeue(order);  // by the price and place that it had
  set_deadline(order, false);
  add_leaves(order, -order.leaves().raw());
  order.order.qty = r.qty;
  order.order.limit_price = r.limit_price;
  order.order.stop_price = r.stop_price;
  order.order.time_in_force = r.time_in_force;
  if (r.trail_amount) order.order.trail_amount = r.trail_amount;
  order.terms = r.terms;
  if (r.to_the_end) order.queue = ++last_queue_;
  add_leaves(order, order.leaves().raw());
  set_reserved(order, wanted(order, order.terms));
  set_deadline(order, true);
  enqueue(order);
  count_options(order.legs.empty() ? order.symbol() : order.legs.front().symbol);
}

void PaperVenue::apply(const OrderFilled& r) {
  at(r.fill.ts);
  Working& order = orders_.at(r.order_id);
  const Fill& f = r.fill;
  ++last_exec_;
  order.filled = Quantity::from_raw(order.filled.raw() + f.qty.raw());
  order.paid = plus(order.paid, notional(f.price, f.qty).value_or(Money{}));
  order.commission = plus(order.commission, f.commission);
  add_leaves(order, -f.qty.raw());
  set_reserved(order, wanted(order, order.terms));
  auto event = report(order, BrokerReport::fill, {}, f.ts);
  event.fill = f;
  if (executions_.size() >= config_.executions_max) executions_.pop_front();
  executions_.push_back(std::move(event));
  const auto book = [&](const Symbol& symbol, Side side, Quantity qty, Price price, Money commission, std::size_t i) {
    account_.apply(symbol, signed_qty(side, qty), price, commission, f.ts);
    if (i < r.marks.size() && r.marks[i]) account_.mark(symbol, *r.marks[i], f.ts);
    traded(symbol, f.ts);
  };
  if (order.legs.empty()) {
    book(order.symbol(), order.order.side, f.qty, f.price, f.commission, 0);
  } else if (f.legs) {
    for (std::size_t i = 0; i < f.legs->size(); ++i) {
      const LegFill& leg = (*f.legs)[i];
      book(leg.symbol, leg.side, leg.qty, leg.price, i == 0 ? f.commission : Money{}, i);
    }
  }
  const Symbol symbol = order.legs.empty() ? order.symbol() : order.legs.front().symbol;
  if (order.leaves().is_zero()) finish(order, OrderStatus::filled, {});
  count_options(symbol);
}

void PaperVenue::traded(const Symbol& symbol, Timestamp) {
  changed_.push_back(account_.position(symbol));
  account_.drop_if_flat(symbol);
  const Market& m = market(symbol);
  if (!m.instrument.is_option()) return;
  const std::pair expiry{expiry_time(*m.calendar, *m.instrument.expiry), symbol};
  if (account_.held(symbol).is_zero())
    expiries_.erase(expiry);
  else
    expiries_.insert(expiry);
}

void PaperVenue::apply(const OrderClosed& r) {
  at(r.ts);
  finish(orders_.at(r.order_id), r.status, r.reason);
}

void PaperVenue::apply(const OptionSettled& r) {
  at(r.ts);
  const Instrument option = market(r.option).instrument;
  const Quantity held = account_.held(r.option);
  account_.apply(r.option, Quantity::from_raw(-held.raw()), Price{}, {}, r.ts);
  traded(r.option, r.ts);
  if (r.exercised) {
    const bool receives = (option.right == OptionRight::call) == held.is_positive();
    const Int128 shares = (held.is_negative() ? -held.raw() : held.raw()) * option.multiplier;
    account_.apply(*option.underlying, Quantity::from_raw(receives ? shares : -shares), *option.strike, {}, r.ts);
    account_.mark(*option.underlying, r.underlying, r.ts);
    traded(*option.underlying, r.ts);
  }
  count_options(r.option);
}

// May end an older closed order when they are beyond their number, but never this one.
void PaperVenue::finish(Working& order, OrderStatus status, std::string reason) {
  dequeue(order);
  set_deadline(order, false);
  add_leaves(order, -order.leaves().raw());
  set_reserved(order, {});
  order.open = false;
  order.status = status;
  order.reason = std::move(reason);
  --open_;
  if (order.legs.empty()) std::erase(market(order.symbol()).undecided, &order);
  if (status != OrderStatus::filled) count_options(order.legs.empty() ? order.symbol() : order.legs.front().symbol);
  closed_.push_back(order.order_id);
  while (closed_.size() > std::max<std::size_t>(config_.closed_max, 1)) {
    orders_.erase(closed_.front());
    closed_.pop_front();
  }
}

// Most orders come last: the newest of the worst price.
void PaperVenue::enqueue(Working& order) {
  if (!order.legs.empty()) {
    combos_.insert(&order);
    for (const auto& leg : order.legs) market(leg.symbol).combos.insert(&order);
    return;
  }
  Market& m = market(order.symbol());
  if (is_auction(order.order.time_in_force)) {
    m.auctions.insert(&order);
  } else if (order.waits_for_stop()) {
    if (order.order.order_type == OrderType::trailing_stop)
      m.trails.insert(&order);
    else
      m.stops(order).insert(&order);
  } else {
    Queue& queue = m.queue(order);
    queue.insert(queue.end(), &order);
  }
}

void PaperVenue::dequeue(Working& order) {
  if (!order.legs.empty()) {
    combos_.erase(&order);
    for (const auto& leg : order.legs) market(leg.symbol).combos.erase(&order);
    return;
  }
  Market& m = market(order.symbol());
  if (is_auction(order.order.time_in_force)) {
    m.auctions.erase(&order);
  } else if (order.waits_for_stop()) {
    if (order.order.order_type == OrderType::trailing_stop)
      m.trails.erase(&order);
    else
      m.stops(order).erase(&order);
  } else {
    m.queue(order).erase(&order);
  }
}

void PaperVenue::set_deadline(Working& order, bool on) {
  if (!order.terms.deadline) return;
  const std::tuple entry{*order.terms.deadline, order.number, &order};
  if (on)
    deadlines_.insert(entry);
  else
    deadlines_.erase(entry);
}

}  // namespace tradebus::paper
