// Random commands and broker reports, in any order, late, doubled and wrong: what must hold after each of them.
#include <boost/test/unit_test.hpp>
#include <random>

#include "tests/engine/orders/book_world.hpp"

using namespace tradebus;
using namespace tradebus::test;

namespace {

// What the test itself knows of an order.
struct Known {
  Int128 filled = 0;
  Int128 turnover = 0;
  std::unordered_set<std::string> exec_ids;
  bool was_closed = false;
  std::size_t acceptances = 0;
  Order last_announced;
};

struct Walk : BookWorld {
  explicit Walk(std::uint64_t seed) : random{seed} {
    RiskTable limits;
    limits.global.max_qty = qty("900");
    book = OrderBook{"o-", {1'000, 60}, std::make_shared<RiskEngine>(limits)};
  }

  std::mt19937_64 random;
  std::unordered_map<OrderId, Known> known;
  std::vector<OrderId> ids;
  std::uint64_t next_client_order = 0;

  std::uint64_t pick(std::uint64_t n) { return random() % n; }
  OrderId any_id() {
    if (ids.empty()) return OrderId{"o-0"};
    const std::size_t last = std::min<std::size_t>(ids.size(), 40);
    return ids[ids.size() - 1 - pick(last)];
  }

  void place_something() {
    const auto key = "k" + std::to_string(pick(4) == 0 && next_client_order > 0
                                              ? next_client_order - pick(std::min<std::uint64_t>(next_client_order, 20))
                                              : ++next_client_order);
    const auto before = book.find(client, {}, ClientOrderId{key});
    const auto count = book.kept_count();
    auto o = limit_order(key, std::to_string(1 + std::hash<std::string>{}(key) % 1'000), "10");
    const bool other = pick(10) == 0;
    if (other) o.tag = "other";
    const auto result = place(o);
    if (before) {  // seen: the same order, or refused; nothing new either way
      BOOST_REQUIRE(book.kept_count() == count);
      if (result)
        BOOST_REQUIRE(result->duplicate == true && result->order_id == (*before)->order_id);
      else
        BOOST_REQUIRE(result.error().code == Errc::order_duplicate_id);
      BOOST_REQUIRE(out.empty());
    } else {
      BOOST_REQUIRE(!result || !result->duplicate);
    }
  }

  void report_something(const OrderId& id) {
    auto e = report(id, static_cast<BrokerReport>(pick(EnumTexts<BrokerReport>::texts.size())));
    if (pick(3) == 0) e.report = BrokerReport::fill;
    if (pick(2) == 0) e.broker_order_id = BrokerOrderId{"v-" + id.str()};
    if (e.report == BrokerReport::fill) {
      Fill f;
      f.exec_id = ExecId{"e" + std::to_string(pick(30))};
      f.qty = Quantity::from_raw(static_cast<Int128>(pick(60'000'000'000)) - 1'000'000'000);
      f.price = Price::from_raw(static_cast<std::int64_t>(pick(20'000'000'000)));
      e.fill = f;
    }
    if (e.report == BrokerReport::replaced && pick(2) == 0) e.qty = Quantity::from_int(static_cast<int>(pick(1'000)));
    book.on_report(e, now(), out);
  }

  // What a broker says of an order when it is asked, also nonsense.
  void look_at_broker(const OrderId& id) {
    const Order* here = book.find(id);
    BrokerOrder told;
    told.order_id = id;
    if (here != nullptr) {
      told.order.qty = here->qty;
      told.order.limit_price = here->limit_price;
    }
    if (pick(2) == 0) told.broker_order_id = BrokerOrderId{"v-" + id.str()};
    told.status = static_cast<OrderStatus>(pick(EnumTexts<OrderStatus>::texts.size()));
    told.filled_qty = here != nullptr && pick(4) != 0 ? here->filled_qty : Quantity::from_int(1);
    if (pick(4) == 0) told.order.qty = Quantity::from_int(1 + static_cast<int>(pick(900)));
    if (here != nullptr) book.on_broker_order(BrokerName{"b"}, told, now(), out);
  }

  void one_step() {
    const OrderId id = any_id();
    const Error error{pick(2) == 0 ? Errc::broker_rejected : Errc::request_timeout, "why"};
    switch (pick(13)) {
      case 0:
      case 1:
      case 2:
        place_something();
        break;
      case 3:
        book.on_accepted(id, OrderAccepted{BrokerOrderId{"v-" + id.str()}}, now(), out);
        break;
      case 4:
        book.on_place_failed(id, error, now(), out);
        break;
      case 5:
        book.on_cancel_failed(id, error, now(), out);
        break;
      case 6:
        book.on_replace_failed(id, error, now(), out);
        break;
      case 7:
        (void)book.cancel(id, route, now(), out);
        break;
      case 8: {
        const ReplaceOrder r{client, id, {}, Quantity::from_int(1 + static_cast<int>(pick(900))), price("11"), {}, {}};
        (void)book.replace(id, r, route, {}, now(), out);
        break;
      }
      case 9:
        if (pick(20) == 0) book.on_broker_down(BrokerName{"b"}, "down", now(), out);
        break;
      case 10:
        look_at_broker(id);
        break;
      default:
        report_something(id);
        break;
    }
    check_effects();
    check(id);
  }

  void check_effects() {
    for (auto& effect : out) {
      const auto* change = std::get_if<Changed>(&effect);
      if (change == nullptr) continue;
      const OrderEvent* event = &change->record->event;
      const Order& o = event->order;
      auto [it, fresh] = known.try_emplace(o.order_id);
      Known& k = it->second;
      if (fresh) ids.push_back(o.order_id);
      BOOST_REQUIRE(!o.duplicate);
      // Each change once: the state moved, or the event carries news of its own.
      const bool carries_news = event->event == OrderEventType::fill || event->event == OrderEventType::replaced ||
                                event->event == OrderEventType::new_ || event->event == OrderEventType::reconciled;
      BOOST_REQUIRE(fresh || carries_news || k.last_announced.status != o.status);
      if (event->event == OrderEventType::fill) {
        BOOST_REQUIRE(event->fill);
        BOOST_REQUIRE(k.exec_ids.insert(event->fill->exec_id.str()).second);  // counted once
        k.filled += event->fill->qty.raw();
        k.turnover += event->fill->qty.raw() * event->fill->price.raw();
      }
      BOOST_REQUIRE(o.filled_qty.raw() == k.filled);
      if (k.filled > 0)
        BOOST_REQUIRE(o.avg_price->raw() == detail::divide_half_even(k.turnover, k.filled));
      else
        BOOST_REQUIRE(!o.avg_price);
      if (k.was_closed) BOOST_REQUIRE(is_closed(o.status));
      k.was_closed = is_closed(o.status);
      k.last_announced = o;
    }
    out.clear();
  }

  void check(const OrderId& id) {
    const Order* o = book.find(id);
    if (o == nullptr) return;
    const Known& k = known.at(id);
    BOOST_REQUIRE(*o == k.last_announced);  // nothing changes in silence
    BOOST_REQUIRE(o->filled_qty.raw() == k.filled);
    if (is_closed(o->status))
      BOOST_REQUIRE(o->leaves_qty.is_zero());
    else
      BOOST_REQUIRE(o->filled_qty.raw() + o->leaves_qty.raw() == o->qty.raw());
    if (!is_closed(o->status)) BOOST_REQUIRE(o->leaves_qty.is_positive());
  }

  void check_all() {
    std::size_t open = 0;
    std::size_t doubt = 0;
    GetOrders everything;
    everything.status = OrderFilter::all;
    for (const auto& o : book.list(everything)) {
      check(o.order_id);
      open += is_closed(o.status) ? 0U : 1U;
      doubt += o.status == OrderStatus::in_doubt ? 1U : 0U;
    }
    BOOST_REQUIRE_EQUAL(book.open_count(), open);
    BOOST_REQUIRE_EQUAL(book.in_doubt_count(), doubt);
    BOOST_REQUIRE_LE(book.kept_count() - open, 60U);
  }
};

}  // namespace

BOOST_AUTO_TEST_CASE(random_lives) {
  constexpr int seeds = 60;
  constexpr int steps = 5'000;
  for (int seed = 1; seed <= seeds; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      Walk walk{static_cast<std::uint64_t>(seed)};
      for (int i = 0; i < steps; ++i) {
        walk.one_step();
        if (i % 500 == 0) walk.check_all();
      }
      walk.check_all();
    }
  }
  BOOST_TEST_MESSAGE("seeds 1.." << seeds << ", " << steps << " steps each");
}
