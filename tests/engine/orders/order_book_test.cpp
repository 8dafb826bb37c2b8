#include <boost/test/unit_test.hpp>

#include "tests/engine/orders/book_world.hpp"

using namespace tradebus;
using namespace tradebus::test;

namespace {
template <class T>
std::string code(const Result<T>& result) {
  return result ? "ok"
                : std::string{to_string(result.error().code)} +
                      (result.error().key.empty() ? "" : " " + result.error().key);
}
}  // namespace

// ---- place ---------------------------------------------------------------------------------------------------------

BOOST_FIXTURE_TEST_SUITE(place, BookWorld)

BOOST_AUTO_TEST_CASE(is_recorded_before_it_is_sent) {
  const auto order = place(limit_order("1"));
  BOOST_REQUIRE(order);
  BOOST_CHECK_EQUAL(order->order_id.str(), "o-1");
  BOOST_CHECK(order->status == OrderStatus::pending_new);
  BOOST_CHECK_EQUAL(order->leaves_qty.to_string(), "100");
  BOOST_CHECK(order->account == AccountId{"A"});
  BOOST_CHECK(!order->duplicate);
  BOOST_REQUIRE_EQUAL(out.size(), 2);
  BOOST_CHECK(std::get<Changed>(out[0]).record->event.order == *order);
  const auto& sent = std::get<SendStockOrder>(out[1]).order;
  BOOST_CHECK(sent.order_id == order->order_id && sent.account == order->account && sent.order == limit_order("1"));
}

BOOST_AUTO_TEST_CASE(a_repeat_is_the_same_order) {
  const auto first = place(limit_order("1"));
  out.clear();
  const auto again = place(limit_order("1"));
  BOOST_REQUIRE(again);
  BOOST_CHECK(again->order_id == first->order_id);
  BOOST_CHECK(again->duplicate == true);
  BOOST_CHECK_EQUAL(said(), "");
  BOOST_CHECK_EQUAL(code(place(limit_order("1", "101"))), "order.duplicate_id");
  auto tagged = limit_order("1");
  tagged.tag = "t";
  BOOST_CHECK_EQUAL(code(place(tagged)), "order.duplicate_id");
  route = fail(Errc::broker_unavailable, "down");
  BOOST_CHECK_EQUAL(code(place(limit_order("1"))), "ok");  // whatever the broker does now
  route = BrokerRoute{BrokerName{"b"}, AccountId{"A"}, &can};
  client = ClientName{"another"};
  BOOST_CHECK(place(limit_order("1"))->order_id != first->order_id);
}

BOOST_AUTO_TEST_CASE(a_repeat_stays_one_after_a_replace) {
  const auto id = working("1");
  ReplaceOrder r{client, id, {}, qty("50"), {}, {}, {}};
  BOOST_REQUIRE(book.replace(id, r, route, {}, now(), out));
  tell(id, BrokerReport::replaced);
  BOOST_CHECK_EQUAL(order(id).qty.to_string(), "50");
  BOOST_CHECK_EQUAL(code(place(limit_order("1"))), "ok");
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_named) {
  const auto with = [&](auto change) {
    auto o = limit_order("x");
    change(o);
    return code(place(o));
  };
  using O = TradeOrder&;
  BOOST_CHECK_EQUAL(with([](O o) { o.client_order_id = ClientOrderId{""}; }), "request.invalid client_order_id");
  BOOST_CHECK_EQUAL(with([](O o) { o.client_order_id = ClientOrderId{std::string(65, 'a')}; }),
                    "request.invalid client_order_id");
  BOOST_CHECK_EQUAL(with([](O o) { o.client_order_id = ClientOrderId{"a\nb"}; }), "request.invalid client_order_id");
  BOOST_CHECK_EQUAL(with([](O o) { o.symbol = Symbol{"A PL"}; }), "instrument.unknown");
  BOOST_CHECK_EQUAL(with([](O o) { o.qty.reset(); }), "request.invalid qty");
  BOOST_CHECK_EQUAL(with([](O o) { o.notional = Money::from_int(5); }), "request.invalid qty");
  BOOST_CHECK_EQUAL(with([](O o) { o.qty.reset(), o.notional = Money::from_int(5); }), "broker.unsupported");
  BOOST_CHECK_EQUAL(with([](O o) { o.qty = Quantity{}; }), "request.invalid qty");
  BOOST_CHECK_EQUAL(with([](O o) { o.qty = qty("-1"); }), "request.invalid qty");
  BOOST_CHECK_EQUAL(with([](O o) { o.limit_price.reset(); }), "request.invalid limit_price");
  BOOST_CHECK_EQUAL(with([](O o) { o.limit_price = Price{}; }), "request.invalid limit_price");
  BOOST_CHECK_EQUAL(with([](O o) { o.order_type = OrderType::market; }), "request.invalid limit_price");
  BOOST_CHECK_EQUAL(with([](O o) { o.stop_price = price("9"); }), "request.invalid stop_price");
  BOOST_CHECK_EQUAL(with([](O o) { o.order_type = OrderType::stop, o.limit_price.reset(); }),
                    "request.invalid stop_price");
  BOOST_CHECK_EQUAL(with([](O o) { o.order_type = OrderType::stop_limit, o.stop_price = price("9"); }),
                    "broker.unsupported");
  BOOST_CHECK_EQUAL(with([](O o) { o.time_in_force = TimeInForce::fok; }), "broker.unsupported");
  BOOST_CHECK_EQUAL(with([](O o) { o.time_in_force = TimeInForce::gtd; }), "request.invalid expires_at");
  BOOST_CHECK_EQUAL(with([&](O o) { o.time_in_force = TimeInForce::gtd, o.expires_at = now(); }),
                    "request.invalid expires_at");
  BOOST_CHECK_EQUAL(with([](O o) { o.extended_hours = true; }), "broker.unsupported");
  BOOST_CHECK_EQUAL(with([](O o) { o.tag = std::string(300, 't'); }), "request.invalid tag");
  BOOST_CHECK_EQUAL(code(place(limit_order("x"), {{Symbol{"AAPL"}, Side::buy, 1}})), "request.invalid legs");
  BOOST_CHECK_EQUAL(code(place(limit_order("x"), {{Symbol{"A"}, Side::buy, 1}, {Symbol{"B"}, Side::buy, 1}})),
                    "broker.unsupported");
  BOOST_CHECK_EQUAL(said(), "");  // nothing was recorded or sent
  BOOST_CHECK_EQUAL(with([](O) {}), "ok");
  BOOST_CHECK_EQUAL(with([](O o) { o.client_order_id = ClientOrderId{"y"}, o.side = Side::sell_short; }), "ok");
}

BOOST_AUTO_TEST_CASE(each_type_has_its_own_prices) {
  can.order_types = {OrderType::market,
                     OrderType::limit,
                     OrderType::trailing_stop,
                     OrderType::market_if_touched,
                     OrderType::limit_if_touched,
                     OrderType::market_to_limit,
                     OrderType::trailing_stop_limit};
  int n = 0;
  const auto with = [&](OrderType type, auto change) {
    auto o = market_order(std::to_string(++n));
    o.order_type = type;
    change(o);
    return code(place(o));
  };
  using enum OrderType;
  using O = TradeOrder&;
  const auto at_stop = [](O o) { o.stop_price = price("9"); };
  const auto at_limit = [](O o) { o.limit_price = price("9"); };
  const auto both = [](O o) { o.limit_price = price("9"), o.stop_price = price("9.5"); };
  const auto trail = [](O o) { o.trail_amount = price("2"); };
  const auto offset = [](O o) { o.trail_percent = 1.5, o.limit_offset = Price{}; };
  const auto none = [](O) {};
  BOOST_CHECK_EQUAL(with(market_if_touched, at_stop), "ok");
  BOOST_CHECK_EQUAL(with(market_if_touched, none), "request.invalid stop_price");
  BOOST_CHECK_EQUAL(with(market_if_touched, both), "request.invalid limit_price");
  BOOST_CHECK_EQUAL(with(limit_if_touched, both), "ok");
  BOOST_CHECK_EQUAL(with(limit_if_touched, at_stop), "request.invalid limit_price");
  BOOST_CHECK_EQUAL(with(limit_if_touched, at_limit), "request.invalid stop_price");
  BOOST_CHECK_EQUAL(with(market_to_limit, none), "ok");
  BOOST_CHECK_EQUAL(with(market_to_limit, at_limit), "request.invalid limit_price");
  BOOST_CHECK_EQUAL(with(trailing_stop_limit, offset), "ok");
  BOOST_CHECK_EQUAL(with(trailing_stop_limit, trail), "request.invalid limit_offset");
  BOOST_CHECK_EQUAL(with(trailing_stop_limit, [](O o) { o.limit_offset = price("1"); }),
                    "request.invalid trail_amount");
  BOOST_CHECK_EQUAL(with(trailing_stop_limit, [&](O o) { offset(o), o.limit_offset = price("-1"); }),
                    "request.invalid limit_offset");
  BOOST_CHECK_EQUAL(with(trailing_stop_limit, [&](O o) { offset(o), at_limit(o); }), "request.invalid limit_price");
  BOOST_CHECK_EQUAL(with(trailing_stop, [&](O o) { trail(o), o.limit_offset = price("1"); }),
                    "request.invalid limit_offset");
  BOOST_CHECK_EQUAL(with(market, trail), "request.invalid trail_amount");
  can.order_types = {OrderType::market};
  BOOST_CHECK_EQUAL(with(market_to_limit, none), "broker.unsupported");
}

BOOST_AUTO_TEST_CASE(a_strategy_stays_with_its_order) {
  auto o = limit_order("1");
  o.target_strategy = "Adaptive";
  o.strategy_parameters = StrategyParameters{{"adaptivePriority", "Urgent"}};
  const auto refused = place(o);
  BOOST_CHECK_EQUAL(code(refused), "broker.unsupported");  // nothing was recorded or sent
  BOOST_CHECK(refused.error().message.ends_with("does not take target_strategy"));
  BOOST_CHECK_EQUAL(said(), "");
  can.strategies = true;
  const auto placed = place(o);
  BOOST_REQUIRE(placed);
  BOOST_CHECK(placed->target_strategy == "Adaptive" && placed->strategy_parameters == o.strategy_parameters);
  const auto& sent = std::get<SendStockOrder>(out[1]).order.order;
  BOOST_CHECK(sent.target_strategy == "Adaptive" && sent.strategy_parameters == o.strategy_parameters);
  // It is what makes the order.
  BOOST_CHECK(place(o)->duplicate == true);
  auto other = o;
  other.strategy_parameters = StrategyParameters{{"adaptivePriority", "Patient"}};
  BOOST_CHECK_EQUAL(code(place(other)), "order.duplicate_id");
  other.strategy_parameters.reset();
  BOOST_CHECK_EQUAL(code(place(other)), "order.duplicate_id");
  BOOST_CHECK_EQUAL(code(place(limit_order("1"))), "order.duplicate_id");
  // A replace keeps it, and what the venue makes of it changes nothing here.
  const auto id = placed->order_id;
  book.on_accepted(id, OrderAccepted{BrokerOrderId{"v"}}, now(), out);
  BOOST_REQUIRE(book.replace(id, {client, id, {}, qty("50"), {}, {}, {}}, route, {}, now(), out));
  tell(id, BrokerReport::replaced);
  BOOST_CHECK(order(id).qty == qty("50") && order(id).target_strategy == "Adaptive");
  BrokerOrder told;
  told.order_id = id;
  told.broker_order_id = BrokerOrderId{"v"};
  told.order = o;
  told.order.strategy_parameters =
      StrategyParameters{{"adaptivePriority", "Urgent"}, {"startTime", "20260611 09:30:00 US/Eastern"}};
  out.clear();
  book.on_broker_order(BrokerName{"b"}, told, now(), out);
  BOOST_CHECK(order(id).strategy_parameters == o.strategy_parameters);
}

BOOST_AUTO_TEST_CASE(a_strategy_is_bounded) {
  can.strategies = true;
  int n = 0;
  const auto with = [&](const std::optional<std::string>& name, const std::optional<StrategyParameters>& parameters) {
    auto o = limit_order(std::to_string(++n));
    o.target_strategy = name;
    o.strategy_parameters = parameters;
    return code(place(o));
  };
  BOOST_CHECK_EQUAL(with("Vwap", std::nullopt), "ok");
  BOOST_CHECK_EQUAL(with("Vwap", StrategyParameters{}), "ok");
  BOOST_CHECK_EQUAL(with("Vwap", StrategyParameters{{"note", "\xc3\xa4 b"}, {"empty", ""}}), "ok");
  BOOST_CHECK_EQUAL(with(std::nullopt, StrategyParameters{}), "request.invalid strategy_parameters");
  BOOST_CHECK_EQUAL(with("", std::nullopt), "request.invalid target_strategy");
  BOOST_CHECK_EQUAL(with(std::string(65, 'a'), std::nullopt), "request.invalid target_strategy");
  BOOST_CHECK_EQUAL(with(std::string("a\0b", 3), std::nullopt), "request.invalid target_strategy");
  BOOST_CHECK_EQUAL(with("Vwap", StrategyParameters{{"", "1"}}), "request.invalid strategy_parameters");
  BOOST_CHECK_EQUAL(with("Vwap", StrategyParameters{{"a\n", "1"}}), "request.invalid strategy_parameters");
  BOOST_CHECK_EQUAL(with("Vwap", StrategyParameters{{"a", "\x7f"}}), "request.invalid strategy_parameters.a");
  BOOST_CHECK_EQUAL(with("Vwap", StrategyParameters{{"a", std::string(257, 'x')}}),
                    "request.invalid strategy_parameters.a");
  StrategyParameters many;
  for (int i = 0; i < 32; ++i) many.emplace(std::to_string(i) + std::string(60, 'n'), std::string(256, 'x'));
  BOOST_CHECK_EQUAL(with("Vwap", many), "ok");
  many.emplace("one more", "");
  BOOST_CHECK_EQUAL(with("Vwap", many), "request.invalid strategy_parameters");
}

BOOST_AUTO_TEST_CASE(a_touch_is_replaced_as_a_stop_is_and_a_trail_keeps_its_stop) {
  can.order_types = {OrderType::market_if_touched, OrderType::trailing_stop_limit};
  auto o = market_order("1");
  o.order_type = OrderType::market_if_touched;
  o.stop_price = price("9");
  const auto id = place(o)->order_id;
  book.on_accepted(id, OrderAccepted{BrokerOrderId{"v"}}, now(), out);
  BOOST_REQUIRE(book.replace(id, {client, id, {}, {}, {}, price("8"), {}}, route, {}, now(), out));
  tell(id, BrokerReport::replaced);
  BOOST_CHECK(order(id).stop_price == price("8"));
  BOOST_CHECK_EQUAL(code(book.replace(id, {client, id, {}, {}, price("8"), {}, {}}, route, {}, now(), out)),
                    "request.invalid limit_price");
  auto t = market_order("2");
  t.order_type = OrderType::trailing_stop_limit;
  t.trail_amount = price("2");
  t.limit_offset = price("0.5");
  const auto trail = place(t)->order_id;
  book.on_accepted(trail, OrderAccepted{BrokerOrderId{"w"}}, now(), out);
  BrokerOrder told;
  told.order_id = trail;
  told.broker_order_id = BrokerOrderId{"w"};
  told.order = t;
  told.order.stop_price = price("98");  // where it stands
  told.order.limit_price = price("97.5");
  book.on_broker_order(BrokerName{"b"}, told, now(), out);
  BOOST_CHECK(!order(trail).stop_price && !order(trail).limit_price && order(trail).limit_offset == price("0.5"));
}

BOOST_AUTO_TEST_CASE(a_leg_that_is_no_option_is_refused_before_anything_is_recorded) {
  can.multi_leg = true;
  const OrderLeg call{Symbol{"AAPL240621C00190000"}, Side::sell, 1};
  const auto refused = place(limit_order("x"), {{Symbol{"AAPL"}, Side::buy, 100}, call});
  BOOST_CHECK_EQUAL(code(refused), "broker.unsupported");
  BOOST_CHECK(refused.error().message.ends_with("legs that are no options, as AAPL"));
  BOOST_CHECK_EQUAL(said(), "");
  BOOST_CHECK(place(limit_order("x"), {{Symbol{"AAPL240621C00200000"}, Side::buy, 1}, call}));
}

BOOST_AUTO_TEST_CASE(an_option_goes_out_as_one) {
  auto o = limit_order("1");
  o.symbol = Symbol{"AAPL240621C00190000"};
  BOOST_REQUIRE(place(o));
  const auto& sent = std::get<SendOptionOrder>(out[1]).order;
  BOOST_CHECK(sent.order.contract->strike == price("190"));
}

BOOST_AUTO_TEST_CASE(risk_refuses_and_records) {
  RiskTable limits;
  limits.global.max_qty = qty("50");
  limits.global.max_notional = *Money::parse("300");
  book = OrderBook{"o-", {}, std::make_shared<RiskEngine>(limits)};
  BOOST_CHECK_EQUAL(code(place(limit_order("1", "51"))), "risk.max_qty");
  BOOST_CHECK_EQUAL(said(), "rejected:rejected");
  const auto again = place(limit_order("1", "51"));
  BOOST_REQUIRE(again);
  BOOST_CHECK(again->status == OrderStatus::rejected);
  BOOST_CHECK(again->reason->starts_with("risk.max_qty: "));
  BOOST_CHECK_EQUAL(again->leaves_qty.to_string(), "0");
  BOOST_CHECK_EQUAL(code(place(limit_order("2", "30", "10"))), "ok");
  BOOST_CHECK_EQUAL(code(place(limit_order("3", "30", "10.000000001"))), "risk.max_notional");
  BOOST_CHECK_EQUAL(code(place(market_order("4", "1"))), "risk.max_notional");  // no price to judge it by
  RiskContext quoted;
  quoted.quote = RiskQuote{price("299"), price("300"), {}, {}, Quality::live};
  const auto priced = book.place({client, market_order("5", "1"), {}}, route, quoted, now(), out);
  BOOST_CHECK_EQUAL(code(priced), "ok");
  BOOST_CHECK_EQUAL(book.open_count(), 2);
  out.clear();
  tell(again->order_id, BrokerReport::accepted);  // it was never sent
  BOOST_CHECK_EQUAL(said(), "anomaly");
}

BOOST_AUTO_TEST_CASE(each_start_gives_ids_of_its_own_and_finds_those_of_all) {
  book = OrderBook{"o-first-", {}};
  const auto id = working("a");
  const auto lost = working("b");  // the journal's end is lost, and it with it
  RecoveredOrder kept;
  kept.last.number = 1;
  kept.last.sent = kept.last.acknowledged = true;
  kept.last.event.order = order(id);
  book = OrderBook{"o-second-", {}};
  book.restore({kept}, {}, 1, now(), out);
  const auto next = place(limit_order("c"))->order_id;
  BOOST_CHECK_EQUAL(next.str(), "o-second-2");
  BOOST_CHECK_EQUAL(order(id).client_order_id.str(), "a");
  // The same number, and another order.
  BOOST_CHECK(book.find(lost) == nullptr);
  BOOST_CHECK(!book.has_left_memory(lost));
  GetOrders page;
  page.after_order = lost;
  BOOST_CHECK_EQUAL(book.list(page).size(), 2);  // no place to go on from: all
  page.after_order = id;
  BOOST_CHECK_EQUAL(book.list(page).size(), 1);
  out.clear();
  tell(lost, BrokerReport::canceled);
  book.on_accepted(lost, OrderAccepted{BrokerOrderId{"v-b"}}, now(), out);
  BOOST_CHECK_EQUAL(said(), "anomaly anomaly");
  BOOST_CHECK(order(next).status == OrderStatus::pending_new);
  BOOST_CHECK_EQUAL(code(book.cancel(lost, route, now(), out)), "order.not_found");
  // The broker still has it: it is none of ours any more.
  BrokerOrder told;
  told.order_id = lost;
  told.broker_order_id = BrokerOrderId{"v-b"};
  told.order = limit_order("b");
  book.on_broker_order(BrokerName{"b"}, told, now(), out);
  BOOST_CHECK_EQUAL(said(), "new:new");
  book.on_broker_order(BrokerName{"b"}, told, now(), out);
  BOOST_CHECK_EQUAL(said(), "");
  BOOST_CHECK_EQUAL(book.open_count(), 3);
}

BOOST_AUTO_TEST_CASE(the_book_is_bounded) {
  book = OrderBook{"o-", {2, 1}};
  const auto a = working("a");
  const auto b = working("b");
  BOOST_CHECK_EQUAL(code(place(limit_order("c"))), "overloaded");
  tell(a, BrokerReport::canceled);
  tell(b, BrokerReport::canceled);
  BOOST_CHECK(book.find(a) == nullptr);
  BOOST_CHECK(book.find(b) != nullptr);
  BOOST_CHECK_EQUAL(book.kept_count(), 1);
}

BOOST_AUTO_TEST_SUITE_END()

// ---- what brokers say ----------------------------------------------------------------------------------------------

BOOST_FIXTURE_TEST_SUITE(reports, BookWorld)

BOOST_AUTO_TEST_CASE(accepted_filled) {
  const auto id = place(limit_order("1"))->order_id;
  BOOST_CHECK_EQUAL(said(), "pending_new:pending_new send");
  book.on_accepted(id, OrderAccepted{BrokerOrderId{"v1"}}, now(), out);
  tell(id, BrokerReport::accepted);  // the same again
  BOOST_CHECK_EQUAL(said(), "new:new");
  fill(id, "e1", "30", "10");
  fill(id, "e2", "70", "9.99");
  BOOST_CHECK_EQUAL(said(), "fill:partially_filled fill:filled");
  BOOST_CHECK_EQUAL(order(id).avg_price->to_string(), "9.993");
  BOOST_CHECK_EQUAL(order(id).leaves_qty.to_string(), "0");
  BOOST_CHECK_EQUAL(book.open_count(), 0);
}

BOOST_AUTO_TEST_CASE(the_mean_is_exact) {
  const auto id = working("1", "3");
  fill(id, "e1", "1", "0.000000001");
  fill(id, "e2", "1", "0.000000001");
  fill(id, "e3", "1", "0.000000003");
  BOOST_CHECK_EQUAL(order(id).avg_price->raw(), 2);  // 5/3
}

BOOST_AUTO_TEST_CASE(fill_before_acceptance) {
  const auto id = place(limit_order("1"))->order_id;
  out.clear();
  fill(id, "e1", "30");
  book.on_accepted(id, OrderAccepted{BrokerOrderId{"v1"}}, now(), out);
  book.on_accepted(id, OrderAccepted{BrokerOrderId{"v1"}}, now(), out);
  BOOST_CHECK_EQUAL(said(), "fill:partially_filled new:partially_filled");
  BOOST_CHECK(order(id).broker_order_id == BrokerOrderId{"v1"});
}

BOOST_AUTO_TEST_CASE(an_exec_id_counts_once) {
  const auto id = working("1");
  fill(id, "e1", "30");
  fill(id, "e1", "30");
  BOOST_CHECK_EQUAL(said(), "fill:partially_filled");
  BOOST_CHECK_EQUAL(order(id).filled_qty.to_string(), "30");
}

BOOST_AUTO_TEST_CASE(an_orders_events_never_go_back_in_time) {
  const auto id = place(limit_order("1"))->order_id;
  const auto stamped = [&](std::int64_t ns, BrokerReport kind) {
    auto e = report(id, kind);
    e.ts = from_unix_ns(ns);
    if (kind == BrokerReport::fill) e.fill = fill_of("e" + std::to_string(ns), "10", "10");
    book.on_report(e, now(), out);
  };
  book.on_accepted(id, OrderAccepted{BrokerOrderId{"v"}}, from_unix_ns(5'000), out);
  stamped(4'000, BrokerReport::fill);  // by a clock that is behind
  stamped(6'000, BrokerReport::fill);
  stamped(10, BrokerReport::canceled);
  std::vector<std::int64_t> times;
  for (const auto& effect : out)
    if (const auto* changed = std::get_if<Changed>(&effect)) {
      times.push_back(unix_ns(changed->record->event.ts));
      BOOST_CHECK(changed->record->event.order.updated == changed->record->event.ts);
    }
  BOOST_CHECK((times == std::vector<std::int64_t>{1'001, 5'000, 5'000, 6'000, 6'000}));
}

BOOST_AUTO_TEST_CASE(fills_while_a_cancel_is_under_way) {
  const auto id = working("1");
  BOOST_REQUIRE(book.cancel(id, route, now(), out));
  fill(id, "e1", "30");
  tell(id, BrokerReport::canceled);
  BOOST_CHECK_EQUAL(said(), "pending_cancel:pending_cancel cancel fill:pending_cancel canceled:canceled");
  BOOST_CHECK_EQUAL(order(id).leaves_qty.to_string(), "0");
  fill(id, "e2", "30");  // late: corrects, stays closed
  fill(id, "e3", "40");  // completes
  tell(id, BrokerReport::canceled);
  BOOST_CHECK_EQUAL(said(), "fill:canceled fill:filled anomaly");
  BOOST_CHECK_EQUAL(order(id).filled_qty.to_string(), "100");
}

BOOST_AUTO_TEST_CASE(a_fill_beyond_the_quantity_is_counted_and_complained_of) {
  const auto id = working("1");
  fill(id, "e1", "130");
  BOOST_CHECK_EQUAL(said(), "anomaly fill:filled");
  BOOST_CHECK_EQUAL(order(id).filled_qty.to_string(), "130");
  fill(id, "e2", "1");
  BOOST_CHECK_EQUAL(order(id).filled_qty.to_string(), "131");
}

BOOST_AUTO_TEST_CASE(a_cancel_that_is_refused) {
  const auto id = working("1");
  BOOST_REQUIRE(book.cancel(id, route, now(), out));
  BOOST_REQUIRE(book.cancel(id, route, now(), out));  // asked again: nothing is sent again
  book.on_cancel_failed(id, {Errc::broker_rejected, "too late"}, now(), out);
  BOOST_CHECK_EQUAL(said(), "pending_cancel:pending_cancel cancel new:new");
  BOOST_CHECK_EQUAL(*order(id).reason, "cancel refused: broker.rejected: too late");
}

// The broker may not have it yet, or have never got it: that it can't cancel it is no word of its working there.
BOOST_AUTO_TEST_CASE(a_cancel_that_is_refused_before_the_broker_confirmed_the_order) {
  const auto id = place(limit_order("1"))->order_id;
  BOOST_REQUIRE(book.cancel(id, route, now(), out));
  out.clear();
  book.on_cancel_failed(id, {Errc::order_not_found, "none"}, now(), out);
  BOOST_CHECK(order(id).status == OrderStatus::in_doubt);
  book.on_not_found(id, now(), out);
  BOOST_CHECK(order(id).status == OrderStatus::rejected);
  // As a report.
  const auto late = place(limit_order("2"))->order_id;
  BOOST_REQUIRE(book.cancel(late, route, now(), out));
  BrokerEvent refused;
  refused.broker = BrokerName{"b"};
  refused.order_id = late;
  refused.report = BrokerReport::cancel_rejected;
  book.on_report(refused, now(), out);
  BOOST_CHECK(order(late).status == OrderStatus::in_doubt);
  out.clear();
  book.on_accepted(late, {BrokerOrderId{"v-2"}}, now(), out);
  BOOST_CHECK_EQUAL(said(), "new:new pending_cancel:pending_cancel cancel");
}

BOOST_AUTO_TEST_CASE(replace) {
  const auto id = working("1");
  fill(id, "e1", "30");
  const ReplaceOrder r{client, id, {}, qty("200"), price("11"), {}, {}};
  BOOST_REQUIRE(book.replace(id, r, route, {}, now(), out));
  BOOST_CHECK_EQUAL(order(id).qty.to_string(), "100");  // not before the broker says so
  BOOST_CHECK_EQUAL(code(book.replace(id, r, route, {}, now(), out)), "order.not_open");
  tell(id, BrokerReport::replaced);
  BOOST_CHECK_EQUAL(said(), "fill:partially_filled pending_replace:pending_replace replace replaced:partially_filled");
  BOOST_CHECK_EQUAL(order(id).leaves_qty.to_string(), "170");
  BOOST_CHECK_EQUAL(order(id).limit_price->to_string(), "11");

  const auto invalid = [&](ReplaceOrder bad) { return code(book.replace(id, bad, route, {}, now(), out)); };
  BOOST_CHECK_EQUAL(invalid({client, id, {}, {}, {}, {}, {}}), "request.invalid qty");
  BOOST_CHECK_EQUAL(invalid({client, id, {}, qty("30"), {}, {}, {}}), "request.invalid qty");
  BOOST_CHECK_EQUAL(invalid({client, id, {}, {}, price("0"), {}, {}}), "request.invalid limit_price");
  BOOST_CHECK_EQUAL(invalid({client, id, {}, {}, {}, price("1"), {}}), "request.invalid stop_price");
  BOOST_CHECK_EQUAL(invalid({client, id, {}, {}, {}, {}, TimeInForce::opg}), "broker.unsupported");
  BOOST_CHECK_EQUAL(said(), "");
}

BOOST_AUTO_TEST_CASE(a_replace_that_fails) {
  const auto id = working("1");
  const ReplaceOrder r{client, id, {}, qty("200"), {}, {}, {}};
  BOOST_REQUIRE(book.replace(id, r, route, {}, now(), out));
  book.on_replace_failed(id, {Errc::broker_rejected, "no"}, now(), out);
  BOOST_CHECK_EQUAL(said(), "pending_replace:pending_replace replace new:new");
  BOOST_CHECK_EQUAL(order(id).qty.to_string(), "100");
  BOOST_REQUIRE(book.replace(id, r, route, {}, now(), out));
  book.on_replace_failed(id, {Errc::request_timeout, "?"}, now(), out);
  BOOST_CHECK(order(id).status == OrderStatus::in_doubt);
}

// The broker took the larger quantity, and its word of it was overtaken by an execution, or lost with the link.
BOOST_AUTO_TEST_CASE(more_than_the_old_quantity_shows_that_the_larger_one_is_in_force) {
  const auto id = working("1");
  BOOST_REQUIRE(book.replace(id, {client, id, {}, qty("300"), {}, {}, {}}, route, {}, now(), out));
  out.clear();
  fill(id, "x1", "150");
  BOOST_CHECK_EQUAL(said(), "fill:pending_replace");  // not filled: it works on
  BOOST_CHECK(order(id).qty == qty("300"));
  tell(id, BrokerReport::replaced);
  fill(id, "x2", "150");
  BOOST_CHECK_EQUAL(said(), "replaced:partially_filled fill:filled");
}

BOOST_AUTO_TEST_CASE(with_just_the_old_quantity_it_is_open_whether_a_larger_one_is_in_force) {
  const auto replaced_and_filled = [&](const std::string& key) {
    const auto id = working(key);
    BOOST_REQUIRE(book.replace(id, {client, id, {}, qty("300"), {}, {}, {}}, route, {}, now(), out));
    out.clear();
    fill(id, "x" + key, "100");
    BOOST_CHECK_EQUAL(said(), "fill:pending_replace");
    return id;
  };
  const auto works = replaced_and_filled("1");
  tell(works, BrokerReport::replaced);
  BOOST_CHECK_EQUAL(said(), "replaced:partially_filled");
  const auto refused = replaced_and_filled("2");
  book.on_replace_failed(refused, {Errc::order_not_open, "filled"}, now(), out);
  BOOST_CHECK_EQUAL(said(), "reconciled:filled");
  const auto told = replaced_and_filled("3");
  tell(told, BrokerReport::replace_rejected);
  BOOST_CHECK_EQUAL(said(), "reconciled:filled");
  const auto canceled = replaced_and_filled("4");
  BOOST_REQUIRE(book.cancel(canceled, route, now(), out));
  out.clear();
  book.on_cancel_failed(canceled, {Errc::order_not_open, "filled"}, now(), out);
  BOOST_CHECK_EQUAL(said(), "in_doubt:in_doubt");
  const auto lost = working("5");
  BOOST_REQUIRE(book.replace(lost, {client, lost, {}, qty("300"), {}, {}, {}}, route, {}, now(), out));
  book.on_replace_failed(lost, {Errc::request_timeout, "?"}, now(), out);
  out.clear();
  fill(lost, "x5", "100");
  BOOST_CHECK_EQUAL(said(), "fill:in_doubt");  // somebody has to ask
}

BOOST_AUTO_TEST_CASE(a_replace_below_what_is_filled_meanwhile_closes_the_order) {
  const auto id = working("1");
  BOOST_REQUIRE(book.replace(id, {client, id, {}, qty("40"), {}, {}, {}}, route, {}, now(), out));
  fill(id, "e1", "50");
  tell(id, BrokerReport::replaced);
  BOOST_CHECK(order(id).status == OrderStatus::filled);
  BOOST_CHECK_EQUAL(order(id).qty.to_string(), "50");
}

BOOST_AUTO_TEST_CASE(a_closed_order_stays_closed) {
  const auto id = working("1");
  tell(id, BrokerReport::expired);
  BOOST_CHECK_EQUAL(said(), "expired:expired");
  tell(id, BrokerReport::accepted);
  tell(id, BrokerReport::replaced);
  tell(id, BrokerReport::cancel_rejected);
  BOOST_CHECK_EQUAL(said(), "");
  BOOST_CHECK_EQUAL(code(book.cancel(id, route, now(), out)), "order.not_open");
  BOOST_CHECK_EQUAL(code(book.replace(id, {client, id, {}, qty("1"), {}, {}, {}}, route, {}, now(), out)),
                    "order.not_open");
}

BOOST_AUTO_TEST_CASE(only_a_broker_can_reject) {
  for (const auto errc : {Errc::broker_rejected, Errc::broker_unsupported, Errc::broker_unavailable,
                          Errc::request_timeout, Errc::internal}) {
    const auto id = place(limit_order(std::string{to_string(errc)}))->order_id;
    book.on_place_failed(id, {errc, "why"}, now(), out);
    const bool refused = errc == Errc::broker_rejected || errc == Errc::broker_unsupported;
    BOOST_CHECK(order(id).status == (refused ? OrderStatus::rejected : OrderStatus::in_doubt));
  }
  BOOST_CHECK_EQUAL(book.in_doubt_count(), 3);
}

BOOST_AUTO_TEST_CASE(a_broker_that_goes_down_leaves_unanswered_orders_in_doubt) {
  const auto sent = place(limit_order("sent"))->order_id;
  const auto resting = working("resting");
  const auto leaving = working("leaving");
  BOOST_REQUIRE(book.cancel(leaving, route, now(), out));
  out.clear();
  book.on_broker_down(BrokerName{"other"}, "x", now(), out);
  BOOST_CHECK_EQUAL(said(), "");
  book.on_broker_down(BrokerName{"b"}, "link lost", now(), out);
  BOOST_CHECK_EQUAL(said(), "in_doubt:in_doubt in_doubt:in_doubt");
  BOOST_CHECK(order(resting).status == OrderStatus::new_);
  BOOST_CHECK_EQUAL(code(book.replace(sent, {client, sent, {}, qty("1"), {}, {}, {}}, route, {}, now(), out)),
                    "broker.reconciling");
  BOOST_REQUIRE(book.cancel(sent, route, now(), out));
  BOOST_CHECK_EQUAL(said(), "cancel");  // sent, and the doubt stays
  book.on_accepted(sent, OrderAccepted{BrokerOrderId{"v"}}, now(), out);
  BOOST_CHECK_EQUAL(said(), "new:new pending_cancel:pending_cancel cancel");  // the first may have come too early
  BOOST_CHECK(!order(sent).reason);
  tell(leaving, BrokerReport::canceled);
  BOOST_CHECK_EQUAL(book.in_doubt_count(), 0);
}

BOOST_AUTO_TEST_CASE(reports_that_make_no_sense_change_nothing) {
  const auto id = working("1");
  tell(OrderId{"o-99"}, BrokerReport::canceled);
  auto foreign = report(id, BrokerReport::canceled);
  foreign.broker = BrokerName{"other"};
  book.on_report(foreign, now(), out);
  tell(id, BrokerReport::fill);  // without its fill
  fill(id, "e", "0");
  fill(id, "", "1");
  BOOST_CHECK_EQUAL(said(), "anomaly anomaly anomaly anomaly anomaly");
  BOOST_CHECK(order(id).status == OrderStatus::new_);
}

BOOST_AUTO_TEST_SUITE_END()

// ---- look-ups ------------------------------------------------------------------------------------------------------

BOOST_FIXTURE_TEST_CASE(lists_and_names, BookWorld) {
  const auto a = working("a");
  const auto b = working("b");
  client = ClientName{"d"};
  const auto c = working("c");
  tell(a, BrokerReport::canceled);
  GetOrders query;
  BOOST_CHECK_EQUAL(book.list(query).size(), 2);
  query.status = OrderFilter::all;
  BOOST_REQUIRE_EQUAL(book.list(query).size(), 3);
  BOOST_CHECK(book.list(query)[0].order_id == a);
  query.limit = 1;
  BOOST_CHECK(book.list(query)[0].order_id == c);  // the newest
  query.limit = 10;
  query.client = ClientName{"c"};
  BOOST_CHECK_EQUAL(book.list(query).size(), 2);
  query.since = order(a).updated;
  BOOST_CHECK_EQUAL(book.list(query).size(), 1);

  BOOST_CHECK((*book.find(ClientName{"c"}, {}, ClientOrderId{"b"}))->order_id == b);
  BOOST_CHECK(book.find(ClientName{"d"}, {}, ClientOrderId{"b"}).error().code == Errc::order_not_found);
  BOOST_CHECK(book.find(ClientName{"d"}, {}, {}).error().code == Errc::request_invalid);
  BOOST_CHECK(book.matching({ClientName{"c"}, {}, {}, {}}) == std::vector{b});
  BOOST_CHECK_EQUAL(book.matching({ClientName{}, {}, {}, Symbol{"AAPL"}}).size(), 2);
  BOOST_CHECK_EQUAL(book.matching({ClientName{}, {}, {}, Symbol{"MSFT"}}).size(), 0);
}
