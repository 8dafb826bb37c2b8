// Orders that work: triggers, conditions, what the quotes fill, and what follows from a fill.
#include <algorithm>
#include <cstdio>

#include "tests/venues/ibgw/book.hpp"

namespace tradebus::ibgw_sim {
namespace {

const Num cent = Num::from_raw(Num::scale / 100);

bool is_trail(const Order& o) { return o.type.starts_with("TRAIL"); }
bool is_touch(const Order& o) { return o.type == "MIT" || o.type == "LIT"; }
bool waits_for_price(const Order& o) { return o.type.starts_with("STP") || is_trail(o) || is_touch(o); }
bool at_close(const Order& o) { return o.type == "MOC" || o.type == "LOC"; }

// The price that a trigger looks at.
Maybe watched(const Working& w, const Quote& quote) {
  const int method = w.order.trigger_method;
  const bool touch = method == 1 || method == 4 || (method == 0 && w.contract.sec_type != "STK");
  if (method == 8) return quote.mid();
  if (touch || !quote.last) return w.order.buys() ? quote.ask : quote.bid;
  return quote.last;
}

bool over(const std::string& is_more, Num value, Num mark) { return is_more == "1" ? value >= mark : value <= mark; }

}  // namespace

Quote Book::quote_of(const Working& w, Seconds now) const {
  return w.contract.bag() ? market_.combo(w.order.combo(), now) : market_.quote(w.contract, now);
}

bool Book::fulfilled(const Condition& c, const Working& w, Seconds now) const {
  const auto number = [&](std::size_t i) { return Num::parse(c.values[i]).value_or(Num{}); };
  const auto quote = [&](std::size_t i) {
    const Contract* contract = contracts_.find(static_cast<ConId>(number(i).raw() / Num::scale));
    return contract == nullptr ? Quote{} : market_.quote(*contract, now);
  };
  switch (c.type) {
    case 1:
      return over(c.values[0], quote(2).mark(), number(1));
    case 3:
      return (c.values[0] == "1") == (now >= parse_time(c.values[1]).value_or(now + 1));
    case 4: {
      const auto worth = accounts_.worth(*accounts_.find(w.order.account), now);
      return worth.net.positive() && over(c.values[0], worth.available() * Num{100} / worth.net, number(1));
    }
    case 5:
      return std::any_of(executions_.begin(), executions_.end(), [&](const Execution& e) {
        return e.time >= w.placed && e.contract.sec_type == c.values[0] && e.contract.symbol == c.values[2];
      });
    case 6:
      return over(c.values[0], quote(2).volume, number(1));
    case 7: {
      const Quote q = quote(2);
      return q.close.positive() && over(c.values[0], (q.mark() - q.close) * Num{100} / q.close, number(1));
    }
    default:
      return false;
  }
}

// `a` joins a condition with the next one, `o` begins a new alternative.
bool Book::fulfilled(const Working& w, Seconds now) const {
  bool all = true;
  for (const Condition& condition : w.order.conditions) {
    all = all && fulfilled(condition, w, now);
    if (!condition.is_and) {
      if (all) return true;
      all = true;
      if (&condition == &w.order.conditions.back()) return false;
    }
  }
  return all;
}

bool Book::triggered(Working& w, const Quote& quote) {
  if (w.triggered || !waits_for_price(w.order)) return true;
  const Maybe price = watched(w, quote);
  if (!price) return false;
  const bool buys = w.order.buys();
  if (is_trail(w.order)) {
    const Num distance = w.order.trailing_percent && !w.order.trailing_percent->zero()
                             ? *price * *w.order.trailing_percent / Num{100}
                             : w.order.aux.value_or(Num{});
    const Num stop = buys ? *price + distance : *price - distance;
    if (!w.stop || (buys ? stop < *w.stop : stop > *w.stop)) w.stop = stop;
  } else {
    w.stop = w.order.aux;
  }
  const bool rises = is_touch(w.order) ? !buys : buys;  // the direction that triggers
  if (rises ? *price < *w.stop : *price > *w.stop) return false;
  w.triggered = true;
  return true;
}

Maybe Book::limit_of(const Working& w, const Quote& quote) const {
  const Order& o = w.order;
  if (o.type == "TRAIL LIMIT") {
    if (o.limit_offset && w.stop) return o.buys() ? *w.stop + *o.limit_offset : *w.stop - *o.limit_offset;
    return o.limit;
  }
  if (o.type == "MIDPRICE" || o.type == "REL" || o.type == "PEG MID") {
    // A relative order is more aggressive by its offset, one pegged to the middle less.
    const Num asked = o.type == "MIDPRICE" ? Num{} : o.aux.value_or(Num{});
    const Num offset = o.type == "REL" ? asked : -asked;
    Maybe pegged = o.type != "REL" ? quote.mid() : o.buys() ? quote.bid : quote.ask;
    if (!pegged) return o.limit.value_or(Num{});
    const Num price = o.buys() ? *pegged + offset : *pegged - offset;
    if (!o.limit || o.limit->zero()) return price;
    return o.buys() ? min(price, *o.limit) : max(price, *o.limit);
  }
  const bool limited = o.type == "LMT" || o.type == "STP LMT" || o.type == "LIT" || o.type == "LOC";
  if (limited || (o.type == "MTL" && w.fills > 0)) return o.type == "MTL" ? Maybe{w.last_price} : o.limit;
  return std::nullopt;
}

// Whether it may trade now; tells when it begins to work.
bool Book::ready(Working& w, Seconds now) {
  if (w.final() || !w.transmitted || !w.released || w.status == "PendingCancel") return false;
  const Order& o = w.order;
  if (!open_ && !o.outside_rth && w.contract.sec_type != "CASH") return false;
  if (!o.good_after.empty() && parse_time(o.good_after).value_or(0) > now) return false;
  if (!o.conditions.empty() && w.status == "PreSubmitted" && !fulfilled(w, now)) return false;
  const Maybe stop = w.stop;
  const bool reached = triggered(w, quote_of(w, now));
  if (w.stop != stop || w.triggered) listener_.on_changed(w);
  if (!reached) return false;
  w.why_held.clear();
  return !at_close(o);
}

void Book::work(Working& w, Seconds now, bool modified) {
  if (!ready(w, now)) return;
  const Quote quote = quote_of(w, now);
  const bool buys = w.order.buys();
  const Maybe price = buys ? quote.ask : quote.bid;
  const Maybe limit = limit_of(w, quote);
  const bool crosses = price && (!limit || (buys ? *price <= *limit : *price >= *limit));
  const Num there =
      w.contract.bag() ? (buys ? quote.ask_size : quote.bid_size) : market_.left(quote, w.contract.con_id, buys);
  Num size = crosses ? min(there, w.left()) : Num{};
  const bool all = w.order.tif == "FOK" || w.order.all_or_none;
  if ((all && size < w.left()) || (w.order.min_quantity && w.fills == 0 && size < *w.order.min_quantity)) size = {};
  const bool rested = w.status == "Submitted" && !modified;
  if (size.positive()) fill(w, size, *price, rested && w.order.type == "LMT", now, modified);
  if (w.final()) return;
  const bool seen = price || quote.bid || quote.ask;
  if ((w.order.tif == "IOC" || w.order.tif == "FOK") && seen) {
    if (w.order.tif == "FOK") {
      finish(w, "Inactive", "", now);
    } else {
      listener_.on_order(w, Told::status, "PendingCancel");
      finish(w, "Cancelled", "", now);
    }
    return;
  }
  if (w.status != "Submitted") {
    w.status = "Submitted";
    listener_.on_changed(w);
    tell(w);
  }
}

void Book::on_market(Seconds now) {
  // By price, then by time: market orders first.
  struct Next {
    std::int64_t perm_id;
    ConId contract;
    bool buys;
    Maybe limit;
  };
  std::vector<Next> queue;
  for (const std::int64_t perm_id : live_) {
    const Working& w = orders_.at(perm_id);
    queue.push_back({perm_id, w.contract.con_id, w.order.buys(), limit_of(w, quote_of(w, now))});
  }
  std::sort(queue.begin(), queue.end(), [](const Next& a, const Next& b) {
    if (a.contract != b.contract) return a.contract < b.contract;
    if (a.buys != b.buys) return a.buys;
    if (a.limit != b.limit) {
      if (!a.limit || !b.limit) return !a.limit;
      return a.buys ? *a.limit > *b.limit : *a.limit < *b.limit;
    }
    return a.perm_id < b.perm_id;
  });
  for (const Next& next : queue) {
    const auto it = orders_.find(next.perm_id);
    if (it != orders_.end()) work(it->second, now);
  }
}

Num Book::commission(const Working& w, Num quantity, Num price) const {
  Num units = quantity;
  Num rate = Num::from_raw(Num::scale / 200);
  if (w.contract.bag()) {
    units = {};
    for (const auto& [id, change] : changes(w, quantity)) units += change.abs();
    rate = Num::from_raw(Num::scale / 100 * 65);
  } else if (w.contract.option()) {
    rate = Num::from_raw(Num::scale / 100 * 65);
  }
  const Num least = w.fills <= 1 ? Num{1} : Num{};
  // A fee on sales.
  const Num fee =
      w.order.buys() ? Num{} : Num::from_raw((quantity * price * Num::from_raw(8000)).raw() / 100000 * 100000);
  return max(least, units * rate) + fee;
}

Execution Book::execution(const Working& w, const Contract& contract, Num quantity, Num price, bool bought, Seconds now,
                          const std::string& id) {
  Execution e;
  e.id = id;
  e.account = w.order.account;
  const std::size_t places = contract.exchanges.size();
  e.exchange = contract.exchange == "SMART" && places > 1 ? contract.exchanges[1 + last_exec_ % (places - 1)]
                                                          : contract.exchange;
  e.ref = w.order.ref;
  e.contract = contract;
  e.order_id = w.order.id;
  e.perm_id = w.perm_id;
  e.client = w.client;
  e.bought = bought;
  e.quantity = quantity;
  e.price = price;
  e.total = quantity;
  e.average = price;
  e.time = now;
  return e;
}

void Book::fill(Working& w, Num quantity, Num price, bool adds, Seconds now, bool modified) {
  const bool full = quantity == w.left();
  if (!full && w.status != "Submitted") {
    w.status = "Submitted";
    tell(w);
  }
  char id[40];
  std::snprintf(id, sizeof id, "0000e0d5.%08llx", static_cast<unsigned long long>(0x67fe0000ULL + ++last_exec_));
  w.filled += quantity;
  w.paid += quantity * price;
  w.last_price = price;
  ++w.fills;
  const Num fees = commission(w, quantity, price.abs());
  std::vector<Execution> made;
  made.push_back(execution(w, w.contract, quantity, price, w.order.buys(), now, std::string(id) + ".01.01"));
  made.back().total = w.filled;
  made.back().average = w.average();
  made.back().liquidity = adds ? 1 : 2;
  std::vector<std::size_t> charged = {0};
  if (w.contract.bag()) {
    charged.clear();
    int number = 1;
    const auto legs = changes(w, quantity);
    for (const auto& [con_id, change] : legs) {
      const Contract& contract = *contracts_.find(con_id);
      const Quote quote = market_.quote(contract, now);
      const bool bought = change.positive();
      const Num leg_price = (bought ? quote.ask : quote.bid).value_or(quote.mark());
      char tail[16];
      std::snprintf(tail, sizeof tail, ".%02d.01", ++number);
      charged.push_back(made.size());
      made.push_back(execution(w, contract, change.abs(), leg_price, bought, now, id + std::string(tail)));
      market_.take(con_id, bought, change.abs());
    }
  } else {
    market_.take(w.contract.con_id, w.order.buys(), quantity);
  }
  for (const std::size_t i : charged) {
    Execution& e = made[i];
    e.commission = Num::from_raw(fees.raw() / static_cast<int>(charged.size()));
    e.realized =
        accounts_.trade(w.order.account, e.contract.con_id, e.bought ? e.quantity : -e.quantity, e.price, e.commission);
  }
  for (const Execution& e : made) executions_.push_back(e);
  while (executions_.size() > options_.orders_max) executions_.pop_front();
  w.last_exec = made.back().id;
  if (full) {
    w.status = "Filled";
    w.done = now;
    live_.erase(w.perm_id);
  }
  listener_.on_changed(w);
  if (modified && full) tell(w, Told::status);
  for (const Execution& e : made) listener_.on_execution(w, e);
  tell(w);
  w.commission += fees;
  tell(w);
  for (const std::size_t i : charged) listener_.on_commission(w, made[i]);
  listener_.on_trade(w.order.account);
  after_fill(w, quantity, now);
}

// Groups and children.
void Book::after_fill(const Working& w, Num filled, Seconds now) {
  const std::string group = w.order.oca_group;
  const std::int64_t parent = w.order.parent_id;
  const bool full = w.status == "Filled";
  const std::vector<std::int64_t> live(live_.begin(), live_.end());
  std::vector<std::int64_t> released;
  for (const std::int64_t perm_id : live) {
    if (perm_id == w.perm_id || !live_.contains(perm_id)) continue;
    Working& other = orders_.at(perm_id);
    if (other.client == w.client && full && other.order.parent_id == w.order.id && other.order.parent_id != 0) {
      other.released = true;
      released.push_back(perm_id);
      continue;
    }
    const bool twins = parent != 0 && other.client == w.client && other.order.parent_id == parent &&
                       other.order.buys() == w.order.buys();
    const bool grouped = !group.empty() && other.order.oca_group == group && other.order.account == w.order.account;
    if (!twins && !grouped) continue;
    if (full || (grouped && w.order.oca_type == 1) || other.left() <= filled) {
      finish(other, "Cancelled", "OCA group", now);
    } else {
      other.order.quantity -= filled;
      listener_.on_changed(other);
      tell(other);
    }
  }
  for (const std::int64_t perm_id : released) {
    if (!live_.contains(perm_id)) continue;
    Working& child = orders_.at(perm_id);
    if (waits_for_price(child.order)) {
      child.why_held = "trigger";
      tell(child);
    }
    listener_.on_changed(child);
    work(child, now);
  }
}

}  // namespace tradebus::ibgw_sim
