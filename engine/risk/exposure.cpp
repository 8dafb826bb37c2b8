#include "engine/risk/exposure.hpp"

#include <array>

namespace tradebus::risk {

namespace {

bool works(const Order& order) {
  switch (order.status) {
    case OrderStatus::filled:
    case OrderStatus::canceled:
    case OrderStatus::rejected:
    case OrderStatus::expired:
      return false;
    case OrderStatus::pending_new:
    case OrderStatus::new_:
    case OrderStatus::partially_filled:
    case OrderStatus::pending_cancel:
    case OrderStatus::pending_replace:
    case OrderStatus::in_doubt:
      return !order.held.value_or(false);  // what no broker has can't fill
  }
  return true;
}

// The venue may have either terms.
bool replace_is_open(OrderStatus status) {
  return status == OrderStatus::pending_replace || status == OrderStatus::pending_cancel ||
         status == OrderStatus::in_doubt;
}

std::optional<std::string> group_of(const Order& order) {
  if (order.parent_id) return "p" + order.parent_id->str();
  if (order.oco) return "o" + order.client.str() + "\n" + *order.oco;
  return std::nullopt;
}

// Of one leg, bounded.
Int128 times(Int128 units, Int128 ratio) {
  Int128 out = 0;
  if (__builtin_mul_overflow(units, ratio, &out)) return (units < 0) == (ratio < 0) ? part_max : -part_max;
  return bounded(out, part_max);
}

template <class F>
void for_each_leg(const Order& order, F&& f) {
  if (!order.legs || order.legs->empty()) return f(order.symbol, is_buy(order.side), Int128{1});
  for (const auto& leg : *order.legs) f(leg.symbol, is_buy(leg.side), static_cast<Int128>(leg.ratio));
}

void take_larger(Side& into, const Side& other) {
  into.units = std::max(into.units, other.units);
  into.priced = std::max(into.priced, other.priced);
  into.unpriced = std::max(into.unpriced, other.unpriced);
}

void add(Side& into, const Side& other, int sign) {
  into.units += sign * other.units;
  into.priced += sign * other.priced;
  into.unpriced += sign * other.unpriced;
}

// Takes the holding out of its book's sums; whoever changes it puts it back with what then follows.
class Change {
 public:
  Change(Book& book, Holding& holding) : book_{book}, holding_{holding} {
    book_.gross -= holding_.worst;
    book_.opening -= holding_.opening;
  }
  ~Change() {
    const Int128 held = holding_.value();
    const Int128 buys = holding_.value_of(holding_.buys);
    const Int128 sells = holding_.value_of(holding_.sells);
    holding_.worst = std::max(magnitude(held + buys), magnitude(held - sells));
    holding_.opening =
        opening(holding_.buys.units, buys, -holding_.qty) + opening(holding_.sells.units, sells, holding_.qty);
    book_.gross += holding_.worst;
    book_.opening += holding_.opening;
  }
  Change(const Change&) = delete;
  Change& operator=(const Change&) = delete;

 private:
  // The first `closes` units close something.
  static Int128 opening(Int128 units, Int128 value, Int128 closes) {
    if (closes <= 0 || units == 0) return value;
    return closes >= units ? 0 : share_of(value, units - closes, units);
  }

  Book& book_;
  Holding& holding_;
};

}  // namespace

Int128 Holding::value_of(const Side& side) const {
  return bounded(bounded(side.priced, value_max) + risk::value(side.unpriced, mark, multiplier, value_max), value_max);
}

bool is_buy(::tradebus::Side side) { return side == ::tradebus::Side::buy || side == ::tradebus::Side::buy_to_cover; }

std::optional<Price> price_of_order(bool buy, const std::optional<Price>& limit_price,
                                    const std::optional<Price>& stop_price, const std::optional<Price>& market) {
  if (buy && limit_price) return limit_price;
  auto out = market;
  for (const auto* own : {&limit_price, &stop_price})
    if (*own && (!out || **own > *out)) out = *own;
  return out;
}

std::int32_t multiplier_of(const Order& order) {
  std::int32_t out = 1;
  for_each_leg(order, [&](const Symbol& symbol, bool, Int128) { out = std::max(out, risk::multiplier_of(symbol)); });
  return out;
}

// ---- look-ups ------------------------------------------------------------------------------------------------------

Exposure::Account& Exposure::account(const BrokerName& broker, const AccountId& id) {
  const auto it = accounts_.find(AccountRef{broker, id});
  return it != accounts_.end() ? it->second : accounts_[{broker, id}];
}

std::pair<const Symbol, Holding>& Exposure::entry(Book& book, const Symbol& symbol) {
  const auto [it, fresh] = book.holdings.try_emplace(symbol);
  if (fresh) {
    ++holdings_;
    it->second.multiplier = risk::multiplier_of(symbol);
  }
  return *it;
}

const Book* Exposure::book(const BrokerName& broker, const AccountId& account) const {
  const auto it = accounts_.find(AccountRef{broker, account});
  return it == accounts_.end() ? nullptr : &it->second.all;
}

const Book* Exposure::book(const BrokerName& broker, const AccountId& account, const ClientName& client) const {
  const auto it = accounts_.find(AccountRef{broker, account});
  if (it == accounts_.end()) return nullptr;
  const auto at = it->second.clients.find(client);
  return at == it->second.clients.end() ? nullptr : &at->second;
}

Books Exposure::books(const BrokerName& broker, const AccountId& account, const ClientName& client) {
  const auto it = accounts_.find(AccountRef{broker, account});
  if (it == accounts_.end()) return {};
  const auto at = it->second.clients.find(client);
  return {&it->second.all, at == it->second.clients.end() ? nullptr : &at->second};
}

const Holding* Exposure::holding(const Book* book, const Symbol& symbol) {
  if (book == nullptr) return nullptr;
  const auto it = book->holdings.find(symbol);
  return it == book->holdings.end() ? nullptr : &it->second;
}

const Exposure::Working* Exposure::find(const OrderId& id) const {
  const auto it = working_.find(id);
  return it == working_.end() ? nullptr : &it->second;
}

// ---- working orders ------------------------------------------------------------------------------------------------

Line Exposure::line(Working& working, const Symbol& symbol, bool buy) {
  Line out;
  auto& of_account = entry(*working.account, symbol);
  out.symbol = &of_account.first;
  out.account = &of_account.second;
  out.client = &entry(*working.client, symbol).second;
  out.buy = buy;
  ++out.account->lines;
  ++out.client->lines;
  return out;
}

// What the order's legs, under the terms it has and those it may get, add.
void Exposure::add_lines(const Order& order, Working& working) {
  const auto side_of = [&](bool buy, Int128 ratio, std::int32_t multiplier, const Terms& terms) {
    Side out;
    const auto price = price_of_order(buy, terms.limit_price, terms.stop_price, working.market);
    if (order.notional && terms.qty.is_zero()) {
      out.priced = bounded(magnitude(order.notional->raw()), part_max);
      if (price && price->is_positive()) out.units = times(units_for(out.priced, price->raw(), multiplier), ratio);
      return out;
    }
    const Int128 open = std::max<Int128>(0, terms.qty.raw() - std::max<Int128>(0, order.filled_qty.raw()));
    out.units = times(open, ratio);
    if (price)
      out.priced = magnitude(value(out.units, price->raw(), multiplier, part_max));
    else
      out.unpriced = out.units;
    return out;
  };
  for_each_leg(order, [&](const Symbol& symbol, bool buy, Int128 ratio) {
    auto added = line(working, symbol, buy);
    added.own = side_of(buy, ratio, added.account->multiplier, working.terms);
    if (working.replacing) take_larger(added.own, side_of(buy, ratio, added.account->multiplier, *working.replacing));
    added.counted = added.own;
    working.lines.push_back(added);
  });
}

void Exposure::count(Working& working, int sign) {
  for (auto& each : working.lines) {
    if (each.counted == Side{}) continue;
    const Change of_account{*working.account, *each.account};
    const Change of_client{*working.client, *each.client};
    add(each.account->side(each.buy), each.counted, sign);
    add(each.client->side(each.buy), each.counted, sign);
  }
}

// Of each symbol and side, the first member counts the largest of all, the others nothing.
void Exposure::regroup(const std::vector<Working*>& members) {
  for (auto* member : members) count(*member, -1);
  const auto same = [](const Line& a, const Line& b) {
    return a.account == b.account && a.client == b.client && a.buy == b.buy;
  };
  for (std::size_t i = 0; i < members.size(); ++i)
    for (auto& mine : members[i]->lines) {
      mine.counted = mine.own;
      // One order's own lines add up: only other orders' are set against it.
      for (std::size_t j = 0; j < members.size(); ++j) {
        if (j == i) continue;
        const auto& others = members[j]->lines;
        const auto other = std::ranges::find_if(others, [&](const Line& line) { return same(line, mine); });
        if (other == others.end()) continue;
        if (j < i) {
          mine.counted = Side{};
          break;
        }
        take_larger(mine.counted, other->own);
      }
    }
  for (auto* member : members) count(*member, 1);
}

void Exposure::join(Working& working) {
  if (!working.group) return count(working, 1);
  auto& members = groups_[*working.group];
  if (members.size() >= group_max) {
    working.group.reset();
    return count(working, 1);
  }
  for (auto& each : working.lines) each.counted = Side{};
  members.push_back(&working);
  regroup(members);
}

void Exposure::leave(Working& working) {
  count(working, -1);
  if (!working.group) return;
  const auto it = groups_.find(*working.group);
  std::erase(it->second, &working);
  if (it->second.empty())
    groups_.erase(it);
  else
    regroup(it->second);
}

const Exposure::Working& Exposure::put(const Order& order, std::optional<Price> market,
                                       const std::optional<Terms>& replacing, const Books& books) {
  auto [it, fresh] = working_.try_emplace(order.order_id);
  Working& working = it->second;
  if (fresh) {
    working.account = books.account;
    working.client = books.client;
    if (books.account == nullptr || books.client == nullptr) {
      auto& at = account(order.broker, order.account);
      working.account = &at.all;
      working.client = &at.clients[order.client];
    }
    working.group = group_of(order);
  } else {
    leave(working);
  }
  // The old lines hold their holdings until the new ones do.
  const auto old = std::exchange(working.lines, {});
  working.market = market;
  working.terms = {order.qty, order.limit_price, order.stop_price};
  working.filled = order.filled_qty;
  working.replacing = replacing;
  add_lines(order, working);
  for (const auto& each : old) {
    --each.account->lines;
    --each.client->lines;
  }
  join(working);
  return working;
}

void Exposure::remove(const Order& order) {
  const auto it = working_.find(order.order_id);
  if (it == working_.end()) return;
  leave(it->second);
  for (const auto& each : it->second.lines) {
    --each.account->lines;
    --each.client->lines;
  }
  working_.erase(it);
  forget_empty(order);
}

// ---- facts ---------------------------------------------------------------------------------------------------------

void Exposure::on_order_changed(Quantity filled_before, const Order& after) {
  Int128 filled = 0;
  if (__builtin_sub_overflow(after.filled_qty.raw(), filled_before.raw(), &filled))
    filled = 0;  // no fill is that large
  if (filled != 0) fill(after, filled);
  if (works(after)) {
    const auto* kept = find(after.order_id);
    const auto replacing = kept != nullptr && replace_is_open(after.status) ? kept->replacing : std::nullopt;
    // Most changes are of its state alone.
    if (kept != nullptr && filled == 0 && kept->filled == after.filled_qty && kept->replacing == replacing &&
        kept->terms == Terms{after.qty, after.limit_price, after.stop_price})
      return;
    put(after, kept != nullptr ? kept->market : std::nullopt, replacing);
  } else {
    remove(after);
    if (filled != 0) forget_empty(after);
  }
}

void Exposure::fill(const Order& order, Int128 units) {
  auto& at = account(order.broker, order.account);
  for_each_leg(order, [&](const Symbol& symbol, bool buy, Int128 ratio) {
    const Int128 moved = times(units, buy ? ratio : -ratio);
    for (Book* book : {&at.all, &at.clients[order.client]}) {
      auto& held = entry(*book, symbol).second;
      const Change change{*book, held};
      held.qty = bounded(held.qty + moved, units_max);
      if (held.mark == 0 && order.avg_price && !order.legs) held.mark = order.avg_price->raw();
    }
  });
}

void Exposure::set_position(const Position& position) {
  auto& at = account(position.broker, position.account);
  if (position.qty.is_zero() && !at.all.holdings.contains(position.symbol)) return;
  auto& held = entry(at.all, position.symbol).second;
  {
    const Change change{at.all, held};
    held.qty = bounded(position.qty.raw(), units_max);
    if (position.market_price)
      held.mark = position.market_price->raw();
    else if (held.mark == 0)
      held.mark = position.avg_price.raw();
  }
  forget_empty(at.all, position.symbol);
}

void Exposure::reset_positions(const BrokerName& broker, const std::vector<Position>& positions) {
  for (auto& [key, at] : accounts_) {
    if (key.first != broker) continue;
    for (auto it = at.all.holdings.begin(); it != at.all.holdings.end();) {
      {
        const Change change{at.all, it->second};
        it->second.qty = 0;
      }
      if (it->second.empty()) {
        it = at.all.holdings.erase(it);
        --holdings_;
      } else {
        ++it;
      }
    }
  }
  for (const auto& position : positions) set_position(position);
}

void Exposure::mark(const Books& books, const Order& order, Price price) {
  if (order.legs && !order.legs->empty()) return;  // the price of a unit of all legs is none's
  for (auto* book : std::array{books.account, books.client}) {
    if (book == nullptr) continue;
    const auto held = book->holdings.find(order.symbol);
    if (held == book->holdings.end() || held->second.mark == price.raw()) continue;
    const Change change{*book, held->second};
    held->second.mark = price.raw();
  }
}

// ---- forgetting ----------------------------------------------------------------------------------------------------

void Exposure::forget_empty(Book& book, const Symbol& symbol) {
  const auto it = book.holdings.find(symbol);
  if (it == book.holdings.end() || !it->second.empty()) return;
  book.holdings.erase(it);  // nothing held and nothing working: its part of the sums is 0
  --holdings_;
}

void Exposure::forget_empty(Account& at, const ClientName& client, const Symbol& symbol) {
  forget_empty(at.all, symbol);
  const auto it = at.clients.find(client);
  if (it == at.clients.end()) return;
  forget_empty(it->second, symbol);
  if (it->second.holdings.empty()) at.clients.erase(it);
}

void Exposure::forget_empty(const Order& order) {
  const auto it = accounts_.find(AccountRef{order.broker, order.account});
  if (it == accounts_.end()) return;
  for_each_leg(order, [&](const Symbol& symbol, bool, Int128) { forget_empty(it->second, order.client, symbol); });
}

}  // namespace tradebus::risk
