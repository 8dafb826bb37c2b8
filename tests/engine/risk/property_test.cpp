// Whatever happens: what the engine keeps up to date by single changes is what a sum over everything gives.
#include <array>
#include <map>
#include <random>

#include "engine/risk/amounts.hpp"
#include "tests/engine/risk/support.hpp"

using namespace tradebus;
using namespace tradebus::test;

namespace {

constexpr Int128 unit = Quantity::scale;

struct Work {
  Int128 units = 0;
  Int128 priced = 0;
  Int128 unpriced = 0;
};
struct Sums {
  Int128 qty = 0;
  Work buys;
  Work sells;
  bool working = false;
};
// Account, client ("" for all of the account), symbol.
using Key = std::tuple<std::string, std::string, std::string>;

struct Known {
  Order order;
  std::optional<Price> market;
  std::optional<Order> replacing;
  bool works = false;
};

bool buys(Side side) { return side == Side::buy || side == Side::buy_to_cover; }

struct Model {
  std::map<std::string, Known> orders;
  std::map<Key, Int128> held;
  std::map<Key, Int128> marks;

  static std::vector<OrderLeg> legs(const Order& o) {
    return o.legs ? *o.legs : std::vector<OrderLeg>{{o.symbol, o.side, 1}};
  }
  static std::vector<Key> keys(const Order& o, const Symbol& symbol) {
    return {{o.account.str(), "", symbol.str()}, {o.account.str(), o.client.str(), symbol.str()}};
  }
  static Int128 multiplier(const std::string& symbol) { return symbol.size() > 15 ? 100 : 1; }

  static Work work(const Known& known, const Order& terms, const OrderLeg& leg) {
    Work out;
    auto price = terms.limit_price;
    if (!price || !buys(leg.side)) price = std::max(price, known.market);
    const Int128 open = std::max<Int128>(0, terms.qty.raw() - known.order.filled_qty.raw());
    out.units = open * leg.ratio;
    if (price)
      out.priced = detail::divide_half_even(out.units * price->raw(), unit) * multiplier(leg.symbol.str());
    else
      out.unpriced = out.units;
    return out;
  }
  static void larger(Work& a, const Work& b) {
    a = {std::max(a.units, b.units), std::max(a.priced, b.priced), std::max(a.unpriced, b.unpriced)};
  }

  std::map<Key, Sums> sums() const {
    std::map<Key, Sums> out;
    for (const auto& [key, qty] : held)
      if (qty != 0) out[key].qty = qty;
    std::map<std::tuple<std::string, Key, bool>, Work> groups;
    for (const auto& [id, known] : orders) {
      if (!known.works) continue;
      for (const auto& leg : legs(known.order)) {
        auto mine = work(known, known.order, leg);
        if (known.replacing) larger(mine, work(known, *known.replacing, leg));
        for (const auto& key : keys(known.order, leg.symbol)) {
          out[key].working = true;
          const auto group = known.order.oco ? *known.order.oco + known.order.client.str() : id;
          if (known.order.oco)
            larger(groups[{group, key, buys(leg.side)}], mine);
          else
            add(groups[{group, key, buys(leg.side)}], mine);
        }
      }
    }
    for (const auto& [where, each] : groups)
      add(std::get<2>(where) ? out[std::get<1>(where)].buys : out[std::get<1>(where)].sells, each);
    return out;
  }
  static void add(Work& a, const Work& b) {
    a.units += b.units;
    a.priced += b.priced;
    a.unpriced += b.unpriced;
  }
  Int128 money(const Key& key, Int128 units) const {
    const auto mark = marks.find(key);
    if (mark == marks.end()) return 0;
    return detail::divide_half_even(units * mark->second, unit) * multiplier(std::get<2>(key));
  }
  // Value at worst, and of working orders what opens.
  std::pair<Int128, Int128> follows(const Key& key, const Sums& s) const {
    const Int128 value = money(key, s.qty);
    const Int128 up = s.buys.priced + money(key, s.buys.unpriced);
    const Int128 down = s.sells.priced + money(key, s.sells.unpriced);
    const auto opening = [](Int128 all, Int128 units, Int128 closes) -> Int128 {
      if (closes <= 0 || units == 0) return all;
      if (closes >= units) return 0;
      return (all * (units - closes) + units - 1) / units;
    };
    return {std::max(risk::magnitude(value + up), risk::magnitude(value - down)),
            opening(up, s.buys.units, -s.qty) + opening(down, s.sells.units, s.qty)};
  }
  // What is flat and idle loses its mark.
  void forget() {
    const auto now = sums();
    std::erase_if(marks, [&](const auto& each) {
      const auto it = now.find(each.first);
      return it == now.end() || (it->second.qty == 0 && !it->second.working);
    });
  }
  bool exists(const Key& key) const {
    const auto now = sums();
    return now.contains(key);
  }
};

struct World : RiskDesk {
  explicit World(unsigned seed) : random{seed} {}

  int pick(int low, int high) { return std::uniform_int_distribution<int>{low, high}(random); }
  template <class T>
  const T& one_of(const std::vector<T>& all) {
    return all[static_cast<std::size_t>(pick(0, static_cast<int>(all.size()) - 1))];
  }
  Quantity some_qty() { return Quantity::from_raw(pick(1, 200'000) * Int128{1'000'003}); }
  Price some_price() { return Price::from_raw(pick(50'000, 150'000) * std::int64_t{1'000'001}); }

  Known* some_order(bool open) {
    std::vector<Known*> found;
    for (auto& [id, known] : model.orders)
      if (known.works == open) found.push_back(&known);
    return found.empty() ? nullptr : one_of(found);
  }

  void place() {
    auto order = this->order(one_of(sides), "1", one_of(symbols));
    order.account = one_of(accounts);
    order.client = one_of(clients);
    order.qty = some_qty();
    order.leaves_qty = order.qty;
    if (pick(0, 3) != 0) order.limit_price = some_price();
    if (pick(0, 5) == 0) order.oco = one_of(std::vector<std::string>{"x", "y"});
    if (pick(0, 9) == 0) {
      order.oco.reset();
      order.limit_price = some_price();
      order.legs = std::vector<OrderLeg>{{call, one_of(sides), pick(1, 3)}, {put_option, one_of(sides), 1}};
    }
    if (order.oco) {  // more than a group's bound count otherwise
      int members = 0;
      for (const auto& [id, known] : model.orders)
        if (known.works && known.order.oco == order.oco && known.order.client == order.client) ++members;
      if (members >= 16) order.oco.reset();
    }
    Known known{order, {}, {}, false};
    if (pick(0, 5) == 0) {  // an external one
      known.order.external = true;
      known.order.oco.reset();
      known.order.status = OrderStatus::new_;
      risk.on_order_changed(nullptr, known.order);
      known.works = true;
    } else {
      known.works = checked(known, order, nullptr);
    }
    if (known.works) model.orders[order.order_id.str()] = known;
  }

  // The quote marks what is there before anything else.
  bool checked(Known& known, const Order& order, const Order* changed) {
    auto c = context();
    const bool quoted = pick(0, 2) != 0;
    const auto bid = some_price();
    const auto ask = Price::from_raw(bid.raw() + pick(0, 1'000'000'000));
    if (quoted) c.quote = RiskQuote{bid, ask, std::nullopt, now, Quality::live};
    const auto market = quoted ? std::optional{buys(order.side) ? ask : bid} : std::nullopt;
    if (quoted && !order.legs)
      for (const auto& key : Model::keys(order, order.symbol))
        if (model.exists(key)) model.marks[key] = bid.raw() + (ask.raw() - bid.raw()) / 2;
    const auto ok = changed != nullptr ? risk.check_replace(order, *changed, c) : risk.check(order, c);
    if (ok) {
      ++passed;
      if (market) known.market = market;
    } else {
      BOOST_REQUIRE(ok.error().code == Errc::risk_position_limit);
      ++refused;
    }
    return ok.has_value();
  }

  void replace() {
    auto* known = some_order(true);
    if (known == nullptr || known->order.status == OrderStatus::pending_replace) return;
    auto changed = known->order;
    changed.qty = *checked_add(some_qty(), known->order.filled_qty);
    if (changed.limit_price) changed.limit_price = some_price();
    if (!checked(*known, known->order, &changed)) return;
    known->replacing = changed;
    change(known->order, [](Order& o) { o.status = OrderStatus::pending_replace; });
  }

  void settle_replace() {
    auto* known = some_order(true);
    if (known == nullptr || !known->replacing) return;
    const bool taken = pick(0, 1) == 0;
    change(known->order, [&](Order& o) {
      o.status = OrderStatus::new_;
      if (taken) {
        o.qty = std::max(known->replacing->qty, o.filled_qty);
        o.limit_price = known->replacing->limit_price;
      }
      o.leaves_qty = Quantity::from_raw(o.qty.raw() - o.filled_qty.raw());
    });
    known->replacing.reset();
  }

  void execute() {
    auto* known = some_order(true);
    if (known == nullptr) return;
    const Int128 open = known->order.qty.raw() - known->order.filled_qty.raw();
    Int128 part = pick(0, 2) == 0 ? open : std::max<Int128>(open / pick(2, 5), 1);
    if (pick(0, 30) == 0) part += 5;  // more than was asked for
    if (pick(0, 30) == 0) part = -known->order.filled_qty.raw();
    if (part == 0) return;
    change(known->order, [&](Order& o) {
      o.filled_qty = Quantity::from_raw(o.filled_qty.raw() + part);
      o.avg_price = some_price();
      const bool all = o.filled_qty >= o.qty;
      if (all) o.status = OrderStatus::filled;
      o.leaves_qty = all ? Quantity{} : Quantity::from_raw(o.qty.raw() - o.filled_qty.raw());
    });
    book_fill(*known, part);
    if (known->order.status == OrderStatus::filled) known->works = false;
    if (!known->works) known->replacing.reset();
  }
  void book_fill(const Known& known, Int128 part) {
    for (const auto& leg : Model::legs(known.order))
      for (const auto& key : Model::keys(known.order, leg.symbol)) {
        model.held[key] += part * leg.ratio * (buys(leg.side) ? 1 : -1);
        if (!model.marks.contains(key) && !known.order.legs) model.marks[key] = known.order.avg_price->raw();
      }
  }
  void late_fill() {
    auto* known = some_order(false);
    if (known == nullptr) return;
    const Int128 part = some_qty().raw();
    change(known->order, [&](Order& o) {
      o.filled_qty = Quantity::from_raw(o.filled_qty.raw() + part);
      o.avg_price = some_price();
    });
    book_fill(*known, part);
  }
  void end() {
    auto* known = some_order(true);
    if (known == nullptr) return;
    close(known->order, one_of(std::vector<OrderStatus>{OrderStatus::canceled, OrderStatus::expired}));
    known->works = false;
    known->replacing.reset();
  }
  void doubt() {
    auto* known = some_order(true);
    if (known == nullptr) return;
    change(known->order, [](Order& o) { o.status = OrderStatus::in_doubt; });
  }

  void report_position() {
    Position position;
    position.broker = paper;
    position.account = one_of(accounts);
    position.symbol = one_of(symbols);
    position.qty = pick(0, 3) == 0 ? Quantity{} : Quantity::from_raw((pick(0, 1) * 2 - 1) * some_qty().raw());
    position.market_price = some_price();
    risk.on_position(position);
    const Key key{position.account.str(), "", position.symbol.str()};
    if (position.qty.is_zero() && !model.exists(key)) return;
    model.held[key] = position.qty.raw();
    model.marks[key] = position.market_price->raw();
  }
  void reset() {
    risk.reset_positions(paper, {});
    for (auto& [key, qty] : model.held)
      if (std::get<1>(key).empty()) qty = 0;
  }

  void compare() {
    const auto now_sums = model.sums();
    for (const auto& at : accounts)
      for (const auto& who : whose) {
        RiskTotals totals;
        const auto client = who.empty() ? std::nullopt : std::optional{ClientName{who}};
        for (const auto& symbol : symbols) {
          const Key key{at.str(), who, symbol.str()};
          const auto it = now_sums.find(key);
          const auto expected = it == now_sums.end() ? Sums{} : it->second;
          const auto [worst, opening] = model.follows(key, expected);
          const auto seen = risk.exposure(paper, at, client, symbol);
          BOOST_REQUIRE(seen.qty.raw() == expected.qty);
          BOOST_REQUIRE(seen.working_buys.raw() == expected.buys.units);
          BOOST_REQUIRE(seen.working_sells.raw() == expected.sells.units);
          BOOST_REQUIRE(seen.worst.raw() == worst);
          totals.gross = Money::from_raw(totals.gross.raw() + worst);
          totals.working_opening = Money::from_raw(totals.working_opening.raw() + opening);
        }
        const auto seen = risk.totals(paper, at, client);
        BOOST_REQUIRE(seen.gross == totals.gross);
        BOOST_REQUIRE(seen.working_opening == totals.working_opening);
      }
  }

  void step() {
    const int what = pick(0, 99);
    if (what < 30)
      place();
    else if (what < 55)
      execute();
    else if (what < 70)
      end();
    else if (what < 80)
      replace();
    else if (what < 90)
      settle_replace();
    else if (what < 93)
      late_fill();
    else if (what < 95)
      doubt();
    else if (what < 99)
      report_position();
    else if (pick(0, 9) == 0)
      reset();
    // Closed orders are only kept for late fills.
    while (model.orders.size() > 60) {
      auto* closed = some_order(false);
      if (closed == nullptr) {
        end();
        continue;
      }
      model.orders.erase(closed->order.order_id.str());
    }
    model.forget();
  }

  std::mt19937 random;
  Model model;
  int passed = 0;
  int refused = 0;
  const std::vector<Side> sides{Side::buy, Side::sell, Side::sell_short, Side::buy_to_cover};
  const std::vector<Symbol> symbols{aapl, Symbol{"MSFT"}, call, put_option};
  const std::vector<AccountId> accounts{AccountId{"A1"}, AccountId{"A2"}};
  const std::vector<ClientName> clients{ClientName{"momentum"}, ClientName{"value"}};
  const std::vector<std::string> whose{"", "momentum", "value"};
};

}  // namespace

BOOST_AUTO_TEST_SUITE(property)

BOOST_AUTO_TEST_CASE(kept_sums_are_the_sums) {
  constexpr int seeds = 20;
  constexpr int steps = 5'000;
  int passed = 0;
  int refused = 0;
  for (unsigned seed = 1; seed <= seeds; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      World world{seed};
      world.limits([](RiskTable& t) {
        t.global.max_position_qty = qty("600");
        t.clients["value"].max_position_notional = money("40000");
        t.accounts["A2"].max_gross_notional = money("3000000");
      });
      for (int i = 0; i < steps; ++i) {
        world.step();
        if (i % 5 != 0) continue;
        BOOST_TEST_CONTEXT("step " << i) { world.compare(); }
      }
      passed += world.passed;
      refused += world.refused;
    }
  }
  // Both ways were gone often.
  BOOST_CHECK_GT(passed, 5'000);
  BOOST_CHECK_GT(refused, 5'000);
}

BOOST_AUTO_TEST_SUITE_END()
