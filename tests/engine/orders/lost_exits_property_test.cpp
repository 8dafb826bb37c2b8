// Random lives of brackets at a venue that keeps groups itself, over a link that ends at any time, with a process that
// dies at any time. Orders that were on their way are lost, arrive, or arrive much later.
#include <boost/test/unit_test.hpp>
#include <deque>
#include <map>
#include <random>

#include "tests/engine/orders/grouped_world.hpp"

using namespace tradebus;
using namespace tradebus::test;

namespace {

struct VenueOrder {
  OrderId id;
  std::string group;
  Int128 left = 0;
  Int128 filled = 0;
  bool is_open = true;
  // Its group had fills before it came, and the venue does not know how much is left for it. Until the book has said so
  // nothing is executed in the group: what happens meanwhile no client can prevent.
  bool is_late = false;
};

struct Life : Grouped {
  explicit Life(std::uint64_t seed) : random{seed} { can.oco = true; }

  std::mt19937_64 random;
  std::map<OrderId, VenueOrder> venue;
  std::map<std::string, Int128> group_got;
  std::vector<BrokerEvent> executions;
  std::deque<PlaceStockOrder> on_its_way;
  std::deque<PlaceStockOrder> in_limbo;
  std::deque<BrokerEvent> wire;  // to the book
  std::set<OrderId> sent;        // ever
  std::set<OrderId> entries;
  std::set<OrderId> let_go;  // of brackets: an exit was ended by its client, or given up with a line that says so
  bool is_up = true;
  bool is_unsettled = false;
  std::uint64_t numbers = 0;
  std::uint64_t again = 0;

  std::uint64_t pick(std::uint64_t n) { return random() % n; }
  OrderId bracket_of(const OrderId& id) { return order(id).parent_id.value_or(id); }

  // -- the book's effects ----------------------------------------------------------------------------------------
  void carry_out() {
    auto effects = out;
    keep();
    for (auto& effect : effects) {
      if (auto* send = std::get_if<SendStockOrder>(&effect)) {
        BOOST_REQUIRE(sent.insert(send->order.order_id).second);  // nothing is sent twice
        const Order& o = order(send->order.order_id);
        if (o.status == OrderStatus::in_doubt || is_closed(o.status)) continue;
        if (is_up)
          on_its_way.push_back(send->order);
        else
          book.on_place_failed(o.order_id, {Errc::broker_unavailable, "down"}, now(), out);
      } else if (auto* cancel = std::get_if<SendCancel>(&effect)) {
        if (is_up) cancel_there(cancel->cancel.order_id);
      } else if (auto* replace = std::get_if<SendReplace>(&effect)) {
        if (is_up) replace_there(replace->replace);
      } else if (std::holds_alternative<ExitPlacedAgain>(effect)) {
        ++again;
      } else if (auto* anomaly = std::get_if<Anomaly>(&effect)) {
        if (anomaly->what.find("protect the position by hand") != std::string::npos)
          let_go.insert(bracket_of(anomaly->order_id));
        else
          BOOST_REQUIRE_MESSAGE(anomaly->what.find("after all") != std::string::npos, anomaly->what);
      }
    }
    if (!out.empty()) carry_out();
  }

  // -- the venue -------------------------------------------------------------------------------------------------
  void say(const BrokerEvent& event) {
    if (is_up) wire.push_back(event);
  }
  std::map<std::string, std::string> stories;
  void note(const OrderId& id, const std::string& group, const std::string& what) {
    stories[group.empty() ? id.str() : group] += "\n  " + id.str() + " " + what;
  }
  std::string dump(const OrderId& id) {
    std::string s;
    for (const auto& o : all_orders())
      if (o.order_id == id || o.parent_id == id)
        s += "\n   - " + o.order_id.str() + " " + o.client_order_id.str() + " " + std::string{to_string(o.status)} +
             " qty " + o.qty.to_string() + " filled " + o.filled_qty.to_string() + " " + o.reason.value_or("") +
             " venue " +
             (venue.contains(o.order_id) ? Quantity::from_raw(venue[o.order_id].left).to_string() +
                                               (venue[o.order_id].is_open ? " open" : " closed")
                                         : "none");
    return s;
  }
  std::string story(const OrderId& id) { return stories[id.str()]; }
  void arrive(const PlaceStockOrder& o) {
    note(o.order_id, o.oco_group.value_or(""), "arrives " + o.order.qty->to_string() + (is_up ? "" : " down"));
    VenueOrder& there = venue[o.order_id];
    there.id = o.order_id;
    there.group = o.oco_group.value_or("");
    there.left = o.order.qty->raw();
    there.is_late = !there.group.empty() && group_got[there.group] > 0;
    auto accepted = report(o.order_id, BrokerReport::accepted);
    accepted.broker_order_id = BrokerOrderId{"v" + o.order_id.str()};
    say(accepted);
  }
  void execute(VenueOrder& there, Int128 quantity) {
    note(there.id, there.group,
         "fills " + Quantity::from_raw(quantity).to_string() + " of " + Quantity::from_raw(there.left).to_string() +
             (is_up ? "" : " down"));
    there.left -= quantity;
    there.filled += quantity;
    there.is_open = there.left > 0;
    auto event = report(there.id, BrokerReport::fill);
    event.fill = Fill{ExecId{"x" + std::to_string(++numbers)}, Quantity::from_raw(quantity), price("10"), {}, now()};
    executions.push_back(event);
    say(event);
    if (there.group.empty()) return;
    group_got[there.group] += quantity;
    for (auto& [id, other] : venue) {
      if (!other.is_open || other.group != there.group || id == there.id) continue;
      other.left -= std::min(quantity, other.left);
      other.is_open = other.left > 0;
      auto taken = report(id, other.is_open ? BrokerReport::replaced : BrokerReport::canceled);
      if (other.is_open) taken.qty = Quantity::from_raw(other.left + other.filled);
      say(taken);
    }
  }
  void cancel_there(const OrderId& id) {
    const auto there = venue.find(id);
    if (there == venue.end() || !there->second.is_open) return;  // its end is on the wire
    there->second.is_open = false;
    say(report(id, BrokerReport::canceled));
  }
  void replace_there(const ReplaceBrokerOrder& r) {
    const auto there = venue.find(r.order_id);
    if (there == venue.end() || !there->second.is_open) return;
    auto& o = there->second;
    note(o.id, o.group, "replaced " + r.qty->to_string() + " left " + Quantity::from_raw(o.left).to_string());
    o.left = r.qty->raw() - o.filled;
    o.is_open = o.left > 0;
    o.is_late = false;
    auto replaced = report(r.order_id, BrokerReport::replaced);
    replaced.qty = r.qty;
    say(replaced);
  }

  // -- the link, and the process ---------------------------------------------------------------------------------
  void drop_link() {
    wire.clear();
    is_up = false;
    for (auto& each : on_its_way) {
      const auto what = pick(3);
      if (what == 0) arrive(each);
      if (what == 1) in_limbo.push_back(each);
    }
    on_its_way.clear();
  }
  void cut() {
    if (!is_up) return;
    drop_link();
    book.on_broker_down(BrokerName{"b"}, "cut", now(), out);
    carry_out();
  }
  // Some of the last records may be lost: nothing that followed from them has happened.
  void die() {
    drop_link();
    const auto count = pick(out.size() + 1);
    out.resize(count);
    restart();
    book.knows_groups(BrokerName{"b"}, true);
    carry_out();
  }
  BrokerOrder as_told(const VenueOrder& there) {
    BrokerOrder told;
    told.order_id = there.id;
    told.broker_order_id = BrokerOrderId{"v" + there.id.str()};
    told.order.qty = Quantity::from_raw(there.left + there.filled);
    told.filled_qty = Quantity::from_raw(there.filled);
    told.status = there.is_open ? (there.filled > 0 ? OrderStatus::partially_filled : OrderStatus::new_)
                  : there.filled > 0 && there.left == 0 ? OrderStatus::filled
                                                        : OrderStatus::canceled;
    return told;
  }
  void come_up() {
    if (is_up) return;
    is_up = true;
    reconcile();
  }
  void reconcile() {
    is_unsettled = false;
    for (const auto& each : executions) book.on_report(each, now(), out, true);
    carry_out();
    std::unordered_set<OrderId> listed;
    for (const auto& [id, there] : venue) {
      if (!there.is_open) continue;
      listed.insert(id);
      book.on_broker_order(BrokerName{"b"}, as_told(there), now(), out);
    }
    carry_out();
    settle(book.missing(BrokerName{"b"}, listed, {}, now(), out), true);
  }
  void settle_again() {
    if (is_unsettled)
      reconcile();
    else
      settle(book.in_doubt(BrokerName{"b"}), false);
  }
  void settle(const std::vector<OrderId>& asked, bool after_break) {
    carry_out();
    for (const auto& id : asked) {
      if (pick(8) == 0) {  // it may end at any time
        carry_out();
        return pick(2) == 0 ? cut() : die();
      }
      if (pick(6) == 0) {  // no answer: asked again later
        is_unsettled |= after_break;
        continue;
      }
      if (const auto there = venue.find(id); there != venue.end())
        book.on_broker_order(BrokerName{"b"}, as_told(there->second), now(), out);
      else
        book.on_not_found(id, now(), out);
      if (pick(20) == 0) return die();  // with what is not recorded yet
      carry_out();
    }
    book.resume(BrokerName{"b"}, can, now(), out, after_break);
    if (pick(20) == 0) return die();
    carry_out();
  }

  void one_step() {
    switch (pick(14)) {
      case 0: {
        auto o = bracket("b" + std::to_string(++numbers), std::to_string(1 + pick(9)));
        if (pick(4) == 0) o.bracket->take_profit.reset();
        if (is_up) entries.insert(place(o)->order_id);
        break;
      }
      case 1:
      case 2:
      case 3:
        if (on_its_way.empty()) break;
        arrive(on_its_way.front());
        on_its_way.pop_front();
        break;
      case 4:
        if (in_limbo.empty() || pick(4) != 0) break;
        arrive(in_limbo.front());
        in_limbo.pop_front();
        break;
      case 5:
      case 6: {
        std::vector<VenueOrder*> open;
        std::set<std::string> waiting;
        for (const auto& [id, there] : venue)
          if (there.is_open && there.is_late) waiting.insert(there.group);
        for (auto& [id, there] : venue)
          if (there.is_open && !waiting.contains(there.group)) open.push_back(&there);
        if (open.empty()) break;
        auto& there = *open[pick(open.size())];
        constexpr Int128 one = Quantity::from_int(1).raw();
        const auto whole = static_cast<std::uint64_t>(there.left / one);
        execute(there, pick(2) == 0 ? there.left : static_cast<Int128>(1 + pick(whole)) * one);
        break;
      }
      case 7:
        if (pick(6) == 0) cut();
        break;
      case 8:
        if (pick(12) == 0) die();
        break;
      case 9:
        come_up();
        break;
      case 10:
        if (is_up && (is_unsettled || book.in_doubt_count() > 0 || book.has_lost_exits(BrokerName{"b"})))
          settle_again();
        break;
      case 11:
        if (pick(30) == 0) cancel_some_exit();
        break;
      default:
        if (wire.empty()) break;
        hear();
        break;
    }
    carry_out();
    check();
  }
  void hear() {
    const auto event = wire.front();
    wire.pop_front();
    book.on_report(event, now(), out);
  }
  void cancel_some_exit() {
    const auto all = book.matching(CancelAll{});
    if (all.empty() || !is_up) return;
    const auto id = all[pick(all.size())];
    let_go.insert(bracket_of(id));
    (void)book.cancel(id, route, now(), out);
  }

  // -- what must hold --------------------------------------------------------------------------------------------
  std::vector<Order> all_orders() {
    GetOrders query;
    query.status = OrderFilter::all;
    query.limit = orders_limit_max;
    return book.list(query);
  }
  struct Sums {
    Int128 entry = 0;
    Int128 exits = 0;
  };
  std::map<OrderId, Sums> sums_here() {
    std::map<OrderId, Sums> sums;
    for (const auto& o : all_orders()) {
      if (o.parent_id)
        sums[*o.parent_id].exits += o.filled_qty.raw();
      else
        sums[o.order_id].entry += o.filled_qty.raw();
    }
    return sums;
  }
  void check() {
    std::map<OrderId, Sums> there;
    for (const auto& [id, o] : venue) (o.group.empty() ? there[id].entry : there[OrderId{o.group}].exits) += o.filled;
    for (const auto& [id, sums] : there)
      BOOST_REQUIRE_MESSAGE(sums.exits <= sums.entry, "too much for " + id.str() + story(id));
  }
  // The end of all that goes wrong.
  void come_to_rest() {
    if (pick(2) == 0) in_limbo.clear();
    for (int i = 0; i < 200; ++i) {
      come_up();
      if (!in_limbo.empty()) {
        arrive(in_limbo.front());
        in_limbo.pop_front();
      }
      while (is_up && !(on_its_way.empty() && wire.empty())) {
        if (!on_its_way.empty()) {
          arrive(on_its_way.front());
          on_its_way.pop_front();
        }
        if (!wire.empty()) hear();
        carry_out();
      }
      if (is_up) settle_again();
      if (is_up && !is_unsettled && on_its_way.empty() && wire.empty() && in_limbo.empty() &&
          book.in_doubt_count() == 0)
        break;
    }
    check();
    const auto sums = sums_here();
    std::map<OrderId, Sums> truth;
    for (const auto& [id, o] : venue) (o.group.empty() ? truth[id].entry : truth[OrderId{o.group}].exits) += o.filled;
    for (const auto& [id, there] : truth) {
      BOOST_REQUIRE_MESSAGE(sums.at(id).entry == there.entry && sums.at(id).exits == there.exits,
                            "fills of " + id.str());
      if (book.find(id) == nullptr || !is_closed(order(id).status) || let_go.contains(id)) continue;
      const auto naked = there.entry - there.exits;
      std::map<OrderType, Int128> protects;
      std::set<OrderType> wanted;
      for (const auto& o : all_orders()) {
        if (o.parent_id != id) continue;
        wanted.insert(o.order_type);
        const auto at = venue.find(o.order_id);
        const bool works = at != venue.end() && at->second.is_open;
        BOOST_REQUIRE_MESSAGE(works == !is_closed(o.status), "state of " + o.order_id.str() + story(id) + dump(id));
        if (works) protects[o.order_type] += at->second.left;
      }
      for (const auto type : wanted)
        BOOST_REQUIRE_MESSAGE(protects[type] == naked,
                              id.str() + " is naked, or protected twice" + story(id) + dump(id));
    }
  }
};

}  // namespace

BOOST_AUTO_TEST_CASE(random_lives_of_brackets) {
  constexpr int seeds = 100;
  constexpr int steps = 1'000;
  std::uint64_t again = 0;
  for (int seed = 1; seed <= seeds; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      Life life{static_cast<std::uint64_t>(seed)};
      for (int i = 0; i < steps; ++i) life.one_step();
      life.come_to_rest();
      again += life.again;
    }
  }
  BOOST_CHECK_GT(again, 300);
  BOOST_TEST_MESSAGE("seeds 1.." << seeds << ", " << again << " exits placed again");
}
