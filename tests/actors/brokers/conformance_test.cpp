// The acceptance list of every broker: the contract of actors/brokers/broker.hpp. A new adapter adds a row; a case that
// it can't pass is skipped with a reason.
#include <algorithm>

#include "tests/actors/brokers/conformance_bench.hpp"
#include "tests/actors/brokers/ibkr/gateway.hpp"

using namespace tradebus;
using namespace tradebus::test;

namespace {

const std::vector<BrokerRow>& rows() {
  static const std::vector<BrokerRow> all = {
      {"paper"},
      {"ibkr", {}, [] { return std::make_unique<ibkr::test::Gateway>(); }},
  };
  return all;
}

void each_broker(const std::string& name, const std::function<void(Bench&)>& check) {
  for (const auto& row : rows()) {
    if (const auto skip = row.skips.find(name); skip != row.skips.end()) {
      BOOST_TEST_MESSAGE("skipped: " << row.name << ", " << name << ": " << skip->second);
      continue;
    }
    BOOST_TEST_CONTEXT("broker " << row.name) {
      Bench bench{row};
      check(bench);
    }
  }
}

}  // namespace

#define FOR_EACH_BROKER(name)                                      \
  void check_##name(Bench& b);                                     \
  BOOST_AUTO_TEST_CASE(name) { each_broker(#name, check_##name); } \
  void check_##name([[maybe_unused]] Bench& b)

BOOST_AUTO_TEST_CASE(every_registered_broker_has_a_row) {
  BrokerRegistry registry;
  register_brokers(registry);
  for (const auto& name : registry.names())
    BOOST_CHECK_MESSAGE(std::ranges::any_of(rows(), [&](const auto& row) { return row.name == name; }),
                        name + " has no row");
}

FOR_EACH_BROKER(connecting_says_up_and_names_the_accounts) {
  BOOST_REQUIRE(!b.said->statuses.empty());
  BOOST_CHECK(b.said->statuses.back().state == LinkState::up);
  BOOST_CHECK(!b.said->statuses.back().accounts.empty());
  BOOST_CHECK(!b.said->accounts.empty());
}

FOR_EACH_BROKER(an_order_is_accepted_exactly_once_with_an_id) {
  const auto o = b.resting();
  const auto again = b.place(o);  // the answer is the same however often it is asked for
  BOOST_REQUIRE(again);
  BOOST_CHECK(!again->broker_order_id.empty());
  BOOST_CHECK_LE(b.said->count(o.order_id, BrokerReport::accepted), 1);
  const auto open = b.ask<OpenBrokerOrders>(b.broker, GetOpenBrokerOrders{});
  BOOST_REQUIRE_EQUAL(open->orders.size(), 1);
  BOOST_CHECK(open->orders[0].broker_order_id == again->broker_order_id);
  const auto other = b.place(b.order("AAPL", Side::buy, "1", "9"));
  BOOST_CHECK(other->broker_order_id != again->broker_order_id);
}

FOR_EACH_BROKER(fills_sum_to_the_quantity) {
  b.quote("AAPL", "9.9", "500", "10.1", "60");
  const auto o = b.order("AAPL", Side::buy, "100");
  BOOST_REQUIRE(b.place(o));
  b.quote("AAPL", "9.9", "500", "10.1", "60");
  b.quote("AAPL", "9.9", "500", "10.1", "60");
  const auto fills = b.said->fills(o.order_id);
  BOOST_CHECK_EQUAL(b.filled(o.order_id).to_string(), "100");
  std::set<ExecId> ids;
  for (const auto& fill : fills) {
    BOOST_CHECK(ids.insert(fill.exec_id).second);
    BOOST_CHECK(fill.qty.is_positive() && fill.price.is_positive() && fill.ts != Timestamp{});
  }
  for (const auto& e : b.said->events) BOOST_CHECK(e.broker == b.said->statuses.back().broker);
}

FOR_EACH_BROKER(the_same_order_id_twice_is_executed_once) {
  b.quote("AAPL", "9.9", "500", "10.1", "500");
  const auto o = b.order("AAPL", Side::buy, "100");
  const auto first = b.place(o);
  const auto second = b.place(o);
  BOOST_REQUIRE(first && second);
  BOOST_CHECK(first->broker_order_id == second->broker_order_id);
  // Both at once, before either is answered.
  const auto p = b.order("AAPL", Side::buy, "100");
  auto one = (*b.self)->request(b.broker, caf::infinite, p);
  auto two = (*b.self)->request(b.broker, caf::infinite, p);
  b.run();
  int answers = 0;
  one.receive([&](const OrderAccepted&) { ++answers; }, [](const caf::error&) {});
  two.receive([&](const OrderAccepted&) { ++answers; }, [](const caf::error&) {});
  BOOST_CHECK_EQUAL(answers, 2);
  b.quote("AAPL", "9.9", "500", "10.1", "500");
  BOOST_CHECK_EQUAL(b.filled(o.order_id).to_string(), "100");
  BOOST_CHECK_EQUAL(b.filled(p.order_id).to_string(), "100");
}

FOR_EACH_BROKER(a_cancel_is_answered_and_reported_once) {
  const auto o = b.resting();
  BOOST_CHECK(b.ask<Done>(b.broker, CancelBrokerOrder{o.order_id}));
  BOOST_CHECK_EQUAL(b.said->count(o.order_id, BrokerReport::canceled), 1);
  BOOST_CHECK_EQUAL(code(b.ask<Done>(b.broker, CancelBrokerOrder{o.order_id})), "order.not_open");
  b.quote("AAPL", "8", "500", "8.5", "500");
  BOOST_CHECK_EQUAL(b.said->story(o.order_id), "canceled");
}

FOR_EACH_BROKER(a_replace_is_answered_and_holds) {
  if (!b.can.replace) return;
  const auto o = b.resting();
  BOOST_CHECK(b.ask<Done>(b.broker, ReplaceBrokerOrder{o.order_id, qty("150"), price("9.5"), {}, {}}));
  BOOST_REQUIRE_EQUAL(b.said->count(o.order_id, BrokerReport::replaced), 1);
  for (const auto& e : b.said->events)
    if (e.report == BrokerReport::replaced) BOOST_CHECK(e.qty == qty("150") && e.limit_price == price("9.5"));
  b.quote("AAPL", "9", "500", "9.4", "500");
  BOOST_CHECK_EQUAL(b.filled(o.order_id).to_string(), "150");
}

FOR_EACH_BROKER(what_it_can_not_do_it_says) {
  b.quote("AAPL", "9.9", "500", "10.1", "500");
  if (!b.can.option_orders) {
    PlaceOptionOrder option;
    option.order_id = OrderId{"option"};
    option.order.order.symbol = Symbol{"AAPL240621C00190000"};
    option.order.order.qty = qty("1");
    BOOST_CHECK_EQUAL(code(b.ask<OrderAccepted>(b.broker, option)), "broker.unsupported");
    BOOST_CHECK_EQUAL(code(b.place(b.order("AAPL240621C00190000", Side::buy, "1"))), "broker.unsupported");
  }
  for (const auto type :
       {OrderType::stop, OrderType::stop_limit, OrderType::trailing_stop, OrderType::market_if_touched,
        OrderType::limit_if_touched, OrderType::market_to_limit, OrderType::trailing_stop_limit}) {
    if (std::ranges::find(b.can.order_types, type) != b.can.order_types.end()) continue;
    auto o = b.order("AAPL", Side::buy, "1");
    o.order.order_type = type;
    o.order.stop_price = price("11");
    BOOST_CHECK_EQUAL(code(b.place(o)), "broker.unsupported");
  }
  for (const auto tif : {TimeInForce::opg, TimeInForce::cls, TimeInForce::gtd}) {
    if (std::ranges::find(b.can.times_in_force, tif) != b.can.times_in_force.end()) continue;
    BOOST_CHECK_EQUAL(code(b.place(b.order("AAPL", Side::buy, "1", "9", tif))), "broker.unsupported");
  }
  if (!b.can.strategies) {
    auto o = b.order("AAPL", Side::buy, "1", "9");
    o.order.target_strategy = "Adaptive";
    BOOST_CHECK_EQUAL(code(b.place(o)), "broker.unsupported");
  }
  if (!b.can.option_chain)
    BOOST_CHECK_EQUAL(code(b.ask<OptionChain>(b.broker, GetOptionChain{Symbol{"AAPL"}, {}, {}, {}, {}, 10})),
                      "broker.unsupported");
  BOOST_CHECK(b.said->events.empty());
}

FOR_EACH_BROKER(an_unknown_order_is_not_found) {
  BOOST_CHECK_EQUAL(code(b.ask<Done>(b.broker, CancelBrokerOrder{OrderId{"nobody"}})), "order.not_found");
  BOOST_CHECK_EQUAL(code(b.ask<Done>(b.broker, ReplaceBrokerOrder{OrderId{"nobody"}, qty("1"), {}, {}, {}})),
                    "order.not_found");
}

FOR_EACH_BROKER(an_unknown_symbol_is_rejected) {
  b.market_record->unknown.insert(Symbol{"NOPE"});
  const auto refused = b.place(b.order("NOPE", Side::buy, "1"));
  BOOST_CHECK_EQUAL(code(refused), "broker.rejected");
}

FOR_EACH_BROKER(open_orders_executions_and_positions_agree_with_the_events) {
  b.quote("AAPL", "9.9", "500", "10.1", "40");
  const auto partial = b.order("AAPL", Side::buy, "100", "10.1");
  const auto resting = b.order("AAPL", Side::buy, "50", "9");
  const auto before = b.clock.now();
  BOOST_REQUIRE(b.place(partial) && b.place(resting));
  BOOST_CHECK_EQUAL(b.filled(partial.order_id).to_string(), "40");

  const auto open = b.ask<OpenBrokerOrders>(b.broker, GetOpenBrokerOrders{});
  BOOST_REQUIRE_EQUAL(open->orders.size(), 2);
  BOOST_CHECK(open->orders[0].order_id == partial.order_id);
  BOOST_CHECK(open->orders[0].status == OrderStatus::partially_filled);
  BOOST_CHECK_EQUAL(open->orders[0].filled_qty.to_string(), "40");
  BOOST_CHECK(open->orders[1].status == OrderStatus::new_);

  const auto executions = b.ask<Executions>(b.broker, GetExecutions{before});
  std::vector<BrokerEvent> fills;
  for (const auto& e : b.said->events)
    if (e.report == BrokerReport::fill) fills.push_back(e);
  BOOST_CHECK(executions->fills == fills);
  BOOST_CHECK(b.ask<Executions>(b.broker, GetExecutions{before + std::chrono::hours{1}})->fills.empty());

  const auto positions = b.ask<Positions>(b.broker, GetBrokerPositions{});
  BOOST_REQUIRE_EQUAL(positions->positions.size(), 1);
  BOOST_CHECK_EQUAL(positions->positions[0].qty.to_string(), "40");
  BOOST_REQUIRE(!b.said->positions.empty());
  BOOST_CHECK(b.said->positions.back() == positions->positions[0]);
  const auto account = b.ask<AccountSummary>(b.broker, GetBrokerAccount{});
  BOOST_CHECK(b.said->accounts.back().cash == account->cash && b.said->accounts.back().equity == account->equity);

  BOOST_REQUIRE(b.place(b.order("AAPL", Side::sell, "40")));
  BOOST_CHECK(b.said->positions.back().qty.is_zero());  // told once, then gone
  BOOST_CHECK(b.ask<Positions>(b.broker, GetBrokerPositions{})->positions.empty());
}

FOR_EACH_BROKER(what_happened_while_nobody_was_connected_is_found_by_asking) {
  const auto o = b.resting();
  const auto other = b.order("AAPL", Side::buy, "10", "8");
  BOOST_REQUIRE(b.place(other));
  const auto since = b.clock.now();
  BOOST_REQUIRE(b.ask<BrokerStatus>(b.broker, DisconnectBroker{}));
  b.run();
  const auto told = b.said->events.size();
  b.quote("AAPL", "8", "500", "8.5", "60");
  b.quote("AAPL", "8", "500", "8.5", "60");
  BOOST_CHECK_EQUAL(b.said->events.size(), told);
  BOOST_REQUIRE(b.connect());
  b.run();
  const auto executions = b.ask<Executions>(b.broker, GetExecutions{since});
  BOOST_REQUIRE(executions);
  Int128 sum = 0;
  std::set<ExecId> ids;
  for (const auto& e : executions->fills) {
    BOOST_REQUIRE(e.fill && e.order_id == o.order_id && e.report == BrokerReport::fill);
    BOOST_CHECK(ids.insert(e.fill->exec_id).second);
    sum += e.fill->qty.raw();
  }
  BOOST_CHECK_EQUAL(Quantity::from_raw(sum).to_string(), "100");
  const auto open = b.ask<OpenBrokerOrders>(b.broker, GetOpenBrokerOrders{});
  BOOST_REQUIRE_EQUAL(open->orders.size(), 1);
  BOOST_CHECK(open->orders[0].order_id == other.order_id);
  const auto filled = b.ask<BrokerOrder>(b.broker, GetBrokerOrder{o.order_id});  // closed, and remembered
  BOOST_REQUIRE(filled);
  BOOST_CHECK(filled->status == OrderStatus::filled);
  BOOST_CHECK_EQUAL(filled->filled_qty.to_string(), "100");
  BOOST_REQUIRE(filled->avg_price);
  BOOST_CHECK_EQUAL(filled->avg_price->to_string(), "8.5");
}

FOR_EACH_BROKER(an_order_is_found_by_our_id_as_it_was_sent) {
  auto o = b.order("AAPL", Side::buy, "10", "9");
  o.order.client_order_id = ClientOrderId{"mine"};
  o.order.tag = "a tag";
  BOOST_CHECK_EQUAL(code(b.ask<BrokerOrder>(b.broker, GetBrokerOrder{o.order_id})), "order.not_found");
  const auto accepted = b.place(o);
  BOOST_REQUIRE(accepted);
  const auto found = b.ask<BrokerOrder>(b.broker, GetBrokerOrder{o.order_id});
  BOOST_REQUIRE(found);
  BOOST_CHECK(found->broker_order_id == accepted->broker_order_id);
  BOOST_CHECK(found->order.symbol == o.order.symbol && found->order.side == o.order.side);
  BOOST_CHECK(found->order.qty == o.order.qty && found->order.limit_price == o.order.limit_price);
  BOOST_CHECK(found->status == OrderStatus::new_);
  BOOST_REQUIRE(b.ask<Done>(b.broker, CancelBrokerOrder{o.order_id}));
  const auto closed = b.ask<BrokerOrder>(b.broker, GetBrokerOrder{o.order_id});
  BOOST_REQUIRE(closed);
  BOOST_CHECK(closed->status == OrderStatus::canceled);
}

// Each type that it says it takes rests, is found as it was sent, changed where that goes, and canceled.
FOR_EACH_BROKER(types_that_wait_are_found_as_they_were_sent) {
  b.quote("AAPL", "9.9", "500", "10.1", "500");
  const auto rests = [&](PlaceStockOrder o, std::optional<Price> stop) {
    if (std::ranges::find(b.can.order_types, o.order.order_type) == b.can.order_types.end()) return;
    BOOST_TEST_CONTEXT(to_string(o.order.order_type)) {
      BOOST_REQUIRE(b.place(o));
      const auto same = [&](const char* when) {
        BOOST_TEST_CONTEXT(when) {
          const auto found = b.ask<BrokerOrder>(b.broker, GetBrokerOrder{o.order_id});
          BOOST_REQUIRE(found);
          BOOST_CHECK(found->order.order_type == o.order.order_type);
          BOOST_CHECK(found->order.limit_price == o.order.limit_price && found->order.qty == o.order.qty);
          if (!is_trailing(o.order.order_type)) BOOST_CHECK(found->order.stop_price == o.order.stop_price);
          BOOST_CHECK(found->order.trail_amount == o.order.trail_amount);
          BOOST_CHECK(found->order.limit_offset == o.order.limit_offset);
          BOOST_CHECK(found->order.target_strategy == o.order.target_strategy);
          BOOST_CHECK(found->order.strategy_parameters == o.order.strategy_parameters);
          BOOST_CHECK(found->status == OrderStatus::new_);
        }
      };
      same("placed");
      if (b.can.replace) {
        BOOST_CHECK(b.ask<Done>(b.broker, ReplaceBrokerOrder{o.order_id, qty("2"), {}, stop, {}}));
        o.order.qty = qty("2");
        if (stop) o.order.stop_price = stop;
        same("replaced");
      }
      BOOST_CHECK(b.ask<Done>(b.broker, CancelBrokerOrder{o.order_id}));
      BOOST_CHECK_EQUAL(b.said->story(o.order_id), b.can.replace ? "replaced, canceled" : "canceled");
    }
  };
  const auto of = [&](OrderType type, const char* limit, const char* stop) {
    auto o = b.order("AAPL", Side::buy, "1", limit, TimeInForce::gtc);
    o.order.order_type = type;
    if (*stop != '\0') o.order.stop_price = price(stop);
    return o;
  };
  rests(of(OrderType::stop, "", "250"), price("251"));  // a venue may have a last price of its own
  rests(of(OrderType::stop_limit, "260", "250"), price("251"));
  rests(of(OrderType::market_if_touched, "", "9"), price("8.5"));
  rests(of(OrderType::limit_if_touched, "8", "9"), price("8.5"));
  auto trail = of(OrderType::trailing_stop, "", "");
  trail.order.trail_amount = price("2");
  rests(trail, std::nullopt);
  trail = of(OrderType::trailing_stop_limit, "", "");
  trail.order.trail_amount = price("2");
  trail.order.limit_offset = price("0.5");
  rests(trail, std::nullopt);
  if (!b.can.strategies) return;
  auto algo = of(OrderType::limit, "9", "");
  algo.order.target_strategy = "Adaptive";
  algo.order.strategy_parameters = StrategyParameters{{"adaptivePriority", "Patient"}};
  rests(algo, std::nullopt);
}

FOR_EACH_BROKER(a_broker_that_is_made_anew_has_the_same_orders_executions_and_positions) {
  b.live();
  b.quote("AAPL", "9.9", "500", "10.1", "40");
  const auto partial = b.order("AAPL", Side::buy, "100", "10.1", TimeInForce::gtc);
  const auto resting = b.order("AAPL", Side::buy, "50", "9", TimeInForce::gtc);
  const auto canceled = b.order("AAPL", Side::buy, "7", "8", TimeInForce::gtc);
  BOOST_REQUIRE(b.place(partial) && b.place(resting) && b.place(canceled));
  BOOST_REQUIRE(b.ask<Done>(b.broker, CancelBrokerOrder{canceled.order_id}));
  const auto open = *b.ask<OpenBrokerOrders>(b.broker, GetOpenBrokerOrders{});
  const auto executions = *b.ask<Executions>(b.broker, GetExecutions{});
  const auto positions = *b.ask<Positions>(b.broker, GetBrokerPositions{});
  BOOST_REQUIRE_EQUAL(open.orders.size(), 2);
  BOOST_REQUIRE_EQUAL(executions.fills.size(), 1);
  BOOST_REQUIRE_EQUAL(positions.positions.size(), 1);
  b.restart();
  BOOST_CHECK(b.ask<OpenBrokerOrders>(b.broker, GetOpenBrokerOrders{})->orders == open.orders);
  BOOST_CHECK(b.ask<Executions>(b.broker, GetExecutions{})->fills == executions.fills);
  const auto now = *b.ask<Positions>(b.broker, GetBrokerPositions{});
  BOOST_REQUIRE_EQUAL(now.positions.size(), 1);
  BOOST_CHECK(now.positions[0].qty == positions.positions[0].qty);
  BOOST_CHECK(now.positions[0].avg_price == positions.positions[0].avg_price);
  BOOST_CHECK(b.ask<BrokerOrder>(b.broker, GetBrokerOrder{canceled.order_id})->status == OrderStatus::canceled);
  // Sent once more, for its answer was lost: still one order, and no number is given twice.
  const auto again = b.place(partial);
  BOOST_REQUIRE(again);
  BOOST_CHECK(again->broker_order_id == open.orders[0].broker_order_id);
  const auto fresh = b.place(b.order("AAPL", Side::buy, "1", "5", TimeInForce::gtc));
  BOOST_REQUIRE(fresh);
  for (const auto& o : open.orders) BOOST_CHECK(fresh->broker_order_id != o.broker_order_id);
  // And it works on.
  b.quote("AAPL", "9.9", "500", "10.1", "60");
  BOOST_CHECK_EQUAL(b.filled(partial.order_id).to_string(), "100");
  const auto all = *b.ask<Executions>(b.broker, GetExecutions{});
  BOOST_REQUIRE_EQUAL(all.fills.size(), 2);
  BOOST_CHECK(all.fills[0].fill->exec_id != all.fills[1].fill->exec_id);
}

FOR_EACH_BROKER(a_link_that_is_closed_and_opened_keeps_the_working_orders) {
  const auto o = b.resting();
  const auto down = b.ask<BrokerStatus>(b.broker, DisconnectBroker{});
  BOOST_REQUIRE(down);
  BOOST_CHECK(down->state == LinkState::down);
  const auto refused = b.place(b.order("AAPL", Side::buy, "1", "9"));
  BOOST_REQUIRE(!refused);
  BOOST_CHECK(refused.error().code != Errc::broker_rejected);  // nobody asked the venue
  BOOST_REQUIRE(b.connect());
  b.run();
  BOOST_CHECK_EQUAL(b.ask<OpenBrokerOrders>(b.broker, GetOpenBrokerOrders{})->orders.size(), 1);
  BOOST_CHECK(b.ask<Done>(b.broker, CancelBrokerOrder{o.order_id}));
  BOOST_CHECK_EQUAL(b.said->count(o.order_id, BrokerReport::canceled), 1);
}

FOR_EACH_BROKER(every_question_is_answered) {
  BOOST_CHECK(b.ask<Positions>(b.broker, GetBrokerPositions{}));
  BOOST_CHECK(b.ask<AccountSummary>(b.broker, GetBrokerAccount{}));
  BOOST_CHECK(b.ask<OpenBrokerOrders>(b.broker, GetOpenBrokerOrders{}));
  BOOST_CHECK(b.ask<Executions>(b.broker, GetExecutions{}));
  BOOST_CHECK(b.ask<Counters>(b.broker, GetProviderCounters{}));
  BOOST_CHECK(!b.can.order_types.empty() && !b.can.times_in_force.empty());
}
