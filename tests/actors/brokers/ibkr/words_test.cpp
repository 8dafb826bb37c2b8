// Between our orders and contracts and the venue's.
#include "actors/brokers/ibkr/words.hpp"

#include <boost/test/unit_test.hpp>

#include "actors/brokers/ibkr/contracts.hpp"
#include "actors/brokers/ibkr/holdings.hpp"

using namespace tradebus;
using namespace tradebus::ibkr;

namespace {

Price price(const char* text) { return *Price::parse(text); }
Quantity qty(const char* text) { return *Quantity::parse(text); }

TradeOrder order(OrderType type, TimeInForce tif = TimeInForce::day) {
  TradeOrder out;
  out.symbol = Symbol{"AAPL"};
  out.qty = qty("10");
  out.order_type = type;
  out.time_in_force = tif;
  out.limit_price = price("190.5");
  out.stop_price = price("180");
  out.trail_amount = price("2");
  out.limit_offset = price("0.25");
  return out;
}
wire::Order sent(const TradeOrder& from) { return *to_wire_order(from, OrderId{"o-1"}, AccountId{"DU1"}); }
wire::Contract contract(const char* symbol) { return *to_contract(*Instrument::parse(symbol)); }

}  // namespace

BOOST_AUTO_TEST_SUITE(ibkr_words)

BOOST_AUTO_TEST_CASE(types_and_times_in_force) {
  const auto limit = sent(order(OrderType::limit, TimeInForce::gtc));
  BOOST_CHECK_EQUAL(limit.order_type, "LMT");
  BOOST_CHECK_EQUAL(limit.time_in_force, "GTC");
  BOOST_CHECK(limit.limit_price == price("190.5") && !limit.aux_price);
  BOOST_CHECK_EQUAL(limit.order_ref, "o-1");
  BOOST_CHECK_EQUAL(limit.account, "DU1");
  const auto stop = sent(order(OrderType::stop_limit));
  BOOST_CHECK_EQUAL(stop.order_type, "STP LMT");
  BOOST_CHECK(stop.aux_price == price("180") && stop.limit_price == price("190.5"));
  const auto trail = sent(order(OrderType::trailing_stop));
  BOOST_CHECK_EQUAL(trail.order_type, "TRAIL");
  BOOST_CHECK(trail.aux_price == price("2"));
  const auto touch = sent(order(OrderType::market_if_touched));
  BOOST_CHECK_EQUAL(touch.order_type, "MIT");
  BOOST_CHECK(touch.aux_price == price("180") && !touch.limit_price);
  const auto limited = sent(order(OrderType::limit_if_touched));
  BOOST_CHECK_EQUAL(limited.order_type, "LIT");
  BOOST_CHECK(limited.aux_price == price("180") && limited.limit_price == price("190.5"));
  const auto rest = sent(order(OrderType::market_to_limit));
  BOOST_CHECK_EQUAL(rest.order_type, "MTL");
  BOOST_CHECK(!rest.aux_price && !rest.limit_price);
  const auto below = sent(order(OrderType::trailing_stop_limit));
  BOOST_CHECK_EQUAL(below.order_type, "TRAIL LIMIT");
  BOOST_CHECK(below.aux_price == price("2") && below.limit_price_offset == price("0.25") && !below.limit_price);
  BOOST_CHECK_EQUAL(sent(order(OrderType::market, TimeInForce::cls)).order_type, "MOC");
  BOOST_CHECK_EQUAL(sent(order(OrderType::limit, TimeInForce::cls)).order_type, "LOC");
  auto dated = order(OrderType::limit, TimeInForce::gtd);
  dated.expires_at = from_unix_ns(1'781'184'630'000'000'000);
  BOOST_CHECK_EQUAL(sent(dated).good_till_date, "20260611-13:30:30");
}

BOOST_AUTO_TEST_CASE(what_there_is_no_word_for) {
  auto by_cash = order(OrderType::market);
  by_cash.qty.reset();
  BOOST_CHECK(to_wire_order(by_cash, OrderId{"o"}, {}).error().code == Errc::broker_unsupported);
  for (const auto type : {OrderType::stop, OrderType::market_if_touched, OrderType::market_to_limit})
    BOOST_CHECK(to_wire_order(order(type, TimeInForce::cls), OrderId{"o"}, {}).error().code ==
                Errc::broker_unsupported);
  auto bare = order(OrderType::limit);
  bare.limit_price.reset();
  BOOST_CHECK(to_wire_order(bare, OrderId{"o"}, {}).error().code == Errc::broker_rejected);
  BOOST_CHECK(to_contract(*Instrument::parse("BTC-USD")).error().code == Errc::broker_unsupported);
}

BOOST_AUTO_TEST_CASE(an_order_comes_back_as_it_was_sent) {
  auto times = *wire::TimeReader::make("UTC");
  for (const auto type : {OrderType::market, OrderType::limit, OrderType::stop, OrderType::stop_limit,
                          OrderType::trailing_stop, OrderType::market_if_touched, OrderType::limit_if_touched,
                          OrderType::market_to_limit, OrderType::trailing_stop_limit})
    for (const auto tif : {TimeInForce::day, TimeInForce::gtc, TimeInForce::ioc, TimeInForce::opg}) {
      const auto back = to_trade_order(contract("AAPL"), sent(order(type, tif)), times);
      BOOST_CHECK(back.order_type == type && back.time_in_force == tif);
      BOOST_CHECK(back.limit_price.has_value() ==
                  (type == OrderType::limit || type == OrderType::stop_limit || type == OrderType::limit_if_touched));
      BOOST_CHECK(back.limit_offset.has_value() == (type == OrderType::trailing_stop_limit));
      BOOST_CHECK(back.trail_amount.has_value() == is_trailing(type));
      BOOST_CHECK(!back.target_strategy && !back.strategy_parameters);
      BOOST_CHECK(back.symbol == Symbol{"AAPL"} && back.qty == qty("10"));
    }
  // What a gateway echoes of a market order: prices that mean nothing.
  auto echo = sent(order(OrderType::market));
  echo.limit_price = Price{};
  echo.aux_price = Price{};
  echo.trail_stop_price = price("191.5");
  BOOST_CHECK(!to_trade_order(contract("AAPL"), echo, times).limit_price);
  // A combo may cost nothing.
  auto even = sent(order(OrderType::limit));
  even.limit_price = Price{};
  const auto back = to_trade_order(contract("AAPL"), even, times);
  BOOST_CHECK(back.order_type == OrderType::limit && back.limit_price == Price{});
}

BOOST_AUTO_TEST_CASE(algos_go_out_and_come_back) {
  auto times = *wire::TimeReader::make("UTC");
  auto asked = order(OrderType::limit);
  asked.target_strategy = "Adaptive";
  asked.strategy_parameters = StrategyParameters{{"adaptivePriority", "Urgent"}};
  const auto out = sent(asked);
  BOOST_CHECK_EQUAL(out.order_type, "LMT");
  BOOST_CHECK_EQUAL(out.algo_strategy, "Adaptive");
  BOOST_REQUIRE_EQUAL(out.algo_params.size(), 1);
  BOOST_CHECK_EQUAL(out.algo_params[0].tag + "=" + out.algo_params[0].value, "adaptivePriority=Urgent");
  auto back = to_trade_order(contract("AAPL"), out, times);
  BOOST_CHECK(back.order_type == OrderType::limit && back.limit_price == price("190.5"));
  BOOST_CHECK(back.target_strategy == asked.target_strategy);
  BOOST_CHECK(back.strategy_parameters == asked.strategy_parameters);
  // Any name goes: what there is only the venue knows.
  asked.target_strategy = "NewOne";
  asked.strategy_parameters.reset();
  BOOST_CHECK_EQUAL(sent(asked).algo_strategy, "NewOne");
  BOOST_CHECK(!to_trade_order(contract("AAPL"), sent(asked), times).strategy_parameters);
  // A change takes it along.
  const auto more = *changed(out, {OrderId{"o-1"}, qty("20"), price("191"), {}, {}});
  BOOST_CHECK(more.algo_strategy == "Adaptive" && more.algo_params == out.algo_params);
}

BOOST_AUTO_TEST_CASE(types_of_the_venues_own_are_strategies) {
  auto times = *wire::TimeReader::make("UTC");
  struct Case {
    const char* name;
    OrderType over;
    std::optional<StrategyParameters> parameters;
  };
  const std::vector<Case> cases{
      {"MIDPRICE", OrderType::limit, {}},
      {"MIDPRICE", OrderType::market, {}},
      {"REL", OrderType::limit, StrategyParameters{{"offset", "0.05"}}},
      {"REL", OrderType::market, StrategyParameters{{"offset", "0.05"}}},
      {"PEG MID", OrderType::limit, StrategyParameters{{"offset", "0.01"}, {"mid_offset_at_half", "0.005"}}}};
  for (const auto& each : cases) {
    auto asked = order(each.over);
    asked.target_strategy = each.name;
    asked.strategy_parameters = each.parameters;
    auto out = sent(asked);
    BOOST_CHECK_EQUAL(out.order_type, each.name);
    BOOST_CHECK(out.algo_strategy.empty());
    BOOST_CHECK(out.limit_price.has_value() == (each.over == OrderType::limit));
    BOOST_CHECK(out.aux_price.has_value() == each.parameters.has_value());
    if (!out.limit_price) out.limit_price = Price{};  // as a gateway echoes it
    if (!out.aux_price) out.aux_price = Price{};
    const auto back = to_trade_order(contract("AAPL"), out, times);
    BOOST_CHECK(back.order_type == each.over && back.target_strategy == each.name);
    BOOST_CHECK(back.strategy_parameters == each.parameters && !back.stop_price);
  }
  const auto refused = [&](OrderType over, const char* name, StrategyParameters parameters) {
    auto asked = order(over);
    asked.target_strategy = name;
    asked.strategy_parameters = std::move(parameters);
    const auto out = to_wire_order(asked, OrderId{"o"}, {});
    return out ? std::string{"taken"} : std::string{to_string(out.error().code)} + ": " + out.error().message;
  };
  BOOST_CHECK_EQUAL(refused(OrderType::limit, "MIDPRICE", {{"offset", "1"}}),
                    "broker.rejected: nothing was sent: strategy MIDPRICE has no parameter \"offset\"; it has none");
  BOOST_CHECK(refused(OrderType::limit, "PEG MID", {{"offest", "1"}})
                  .ends_with("it has offset, mid_offset_at_whole, mid_offset_at_half"));
  BOOST_CHECK(refused(OrderType::limit, "REL", {{"", "1"}}).starts_with("broker.rejected"));
  BOOST_CHECK(refused(OrderType::limit, "REL", {{"offset", "much"}}).starts_with("broker.rejected"));
  BOOST_CHECK(refused(OrderType::stop, "REL", {}).starts_with("broker.unsupported"));
  auto close = order(OrderType::limit, TimeInForce::cls);
  close.target_strategy = "MIDPRICE";
  BOOST_CHECK(to_wire_order(close, OrderId{"o"}, {}).error().code == Errc::broker_unsupported);
  // Its offset is no stop, and no trail.
  auto relative = order(OrderType::market);
  relative.target_strategy = "REL";
  relative.strategy_parameters = StrategyParameters{{"offset", "0.05"}};
  BOOST_CHECK(!has_stop(sent(relative)) && !has_trail(sent(relative)));
  BOOST_CHECK(!changed(sent(relative), {OrderId{"o-1"}, {}, {}, price("1"), {}}));
}

BOOST_AUTO_TEST_CASE(a_type_without_a_word_is_told_by_its_name) {
  auto times = *wire::TimeReader::make("UTC");
  wire::Order echo = sent(order(OrderType::limit));
  echo.order_type = "PEG BENCH";
  auto back = to_trade_order(contract("AAPL"), echo, times);
  BOOST_CHECK(back.order_type == OrderType::limit && back.target_strategy == "PEG BENCH");
  echo.order_type = "VOL";
  echo.limit_price = Price{};
  back = to_trade_order(contract("AAPL"), echo, times);
  BOOST_CHECK(back.order_type == OrderType::market && back.target_strategy == "VOL");
  echo.order_type.clear();  // an execution of an order that nobody has told
  BOOST_CHECK(!to_trade_order(contract("AAPL"), echo, times).target_strategy);
  // A trailing limit as gateways echo it: with the limit that its stop makes now.
  echo = sent(order(OrderType::trailing_stop_limit));
  echo.limit_price = price("177.75");
  echo.trail_stop_price = price("178");
  back = to_trade_order(contract("AAPL"), echo, times);
  BOOST_CHECK(back.order_type == OrderType::trailing_stop_limit && !back.limit_price && !back.stop_price);
  BOOST_CHECK(back.trail_amount == price("2") && back.limit_offset == price("0.25"));
}

BOOST_AUTO_TEST_CASE(what_is_in_force_there_is_taken) {
  auto ours = sent(order(OrderType::limit));
  auto echo = ours;
  echo.total_quantity = qty("7");
  echo.limit_price = price("102");
  echo.aux_price = price("1");  // means nothing
  echo.time_in_force = "GTC";
  take_terms(ours, echo);
  BOOST_CHECK(ours.total_quantity == qty("7") && ours.limit_price == price("102") && !ours.aux_price);
  BOOST_CHECK_EQUAL(ours.time_in_force, "GTC");
  take_terms(ours, wire::Order{});  // an echo that says nothing
  BOOST_CHECK(ours.total_quantity == qty("7") && ours.limit_price == price("102") && ours.time_in_force == "GTC");
}

BOOST_AUTO_TEST_CASE(changes) {
  const auto limit = sent(order(OrderType::limit));
  const auto more = *changed(limit, {OrderId{"o-1"}, qty("20"), price("191"), {}, TimeInForce::gtc});
  BOOST_CHECK(more.total_quantity == qty("20") && more.limit_price == price("191"));
  BOOST_CHECK_EQUAL(more.time_in_force, "GTC");
  BOOST_CHECK(!changed(limit, {OrderId{"o-1"}, {}, {}, price("180"), {}}));
  const auto touch = sent(order(OrderType::limit_if_touched));
  const auto moved = *changed(touch, {OrderId{"o-1"}, {}, price("181"), price("182"), {}});
  BOOST_CHECK(moved.order_type == "LIT" && moved.limit_price == price("181") && moved.aux_price == price("182"));
  BOOST_CHECK(!changed(sent(order(OrderType::market)), {OrderId{"o-1"}, {}, price("1"), {}, {}}));
}

BOOST_AUTO_TEST_CASE(contracts_and_symbols) {
  const auto stock = contract("BRK.B");
  BOOST_CHECK_EQUAL(stock.symbol, "BRK B");
  BOOST_CHECK(to_symbol(stock) == Symbol{"BRK.B"});
  const auto option = contract("SPXW260618C05450000");
  BOOST_CHECK_EQUAL(option.symbol, "SPX");
  BOOST_CHECK_EQUAL(option.trading_class, "SPXW");
  BOOST_CHECK_EQUAL(option.last_trade_date, "20260618");
  BOOST_CHECK_EQUAL(option.multiplier, "100");
  BOOST_CHECK(to_symbol(option) == Symbol{"SPXW260618C05450000"});
  const auto pair = contract("EUR-USD");
  BOOST_CHECK_EQUAL(pair.sec_type, "CASH");
  BOOST_CHECK(to_symbol(pair) == Symbol{"EUR-USD"});
  wire::Contract odd;
  odd.sec_type = "OPT";
  odd.symbol = "AAPL";
  BOOST_CHECK(!to_symbol(odd));
  BOOST_CHECK(!from_venue_date("202606"));
  // The same name in another currency is another share.
  auto foreign = contract("SAP");
  BOOST_CHECK(to_symbol(foreign) == Symbol{"SAP"});
  foreign.currency = "EUR";
  BOOST_CHECK(to_symbol(foreign) == Symbol{"SAP.EUR"});
  auto foreign_option = option;
  foreign_option.currency = "EUR";
  BOOST_CHECK(!to_symbol(foreign_option));
}

// Numbers that can't be read, or did not come yet, are no money.
BOOST_AUTO_TEST_CASE(an_account_is_known_with_all_its_figures) {
  VenueHoldings holdings{BrokerName{"ibkr"}};
  const AccountId account{"DU1"};
  const auto tell = [&](const std::string& tag, const std::string& value) {
    wire::AccountSummaryMessage m;
    m.account = account.str();
    m.tag = tag;
    m.value = value;
    m.currency = "USD";
    holdings.on(m);
  };
  tell("NetLiquidation", "nan");
  tell("TotalCashValue", "1.7976931348623157E308");
  tell("BuyingPower", "2000.5");
  BOOST_CHECK(!holdings.changed(account, from_unix_ns(1)) && holdings.account(account) == nullptr);
  tell("TotalCashValue", "900");
  BOOST_CHECK(!holdings.changed(account, from_unix_ns(2)));
  tell("NetLiquidation", "1000");
  const auto known = holdings.changed(account, from_unix_ns(3));
  BOOST_REQUIRE(known);
  BOOST_CHECK(known->cash == Money::from_int(900) && known->equity == Money::from_int(1000));
  BOOST_CHECK(known->buying_power == *Money::parse("2000.5"));
  tell("NetLiquidation", "");
  BOOST_CHECK(!holdings.changed(account, from_unix_ns(4)));
  BOOST_CHECK(holdings.account(account)->equity == Money::from_int(1000));
}

BOOST_AUTO_TEST_CASE(positions_are_told_when_they_change) {
  VenueHoldings holdings{BrokerName{"ibkr"}};
  wire::PositionMessage m;
  m.account = "DU1";
  m.contract = contract("AAPL260618C00190000");
  m.position = qty("2");
  m.average_cost = *Money::parse("512.5");
  const auto first = holdings.on(m, from_unix_ns(1));
  BOOST_REQUIRE(first);
  BOOST_CHECK(first->avg_price == price("5.125"));
  BOOST_CHECK(!holdings.on(m, from_unix_ns(2)));
  holdings.begin_snapshot();
  const auto gone = holdings.end_snapshot(from_unix_ns(3));
  BOOST_REQUIRE_EQUAL(gone.size(), 1);
  BOOST_CHECK(gone[0].qty.is_zero());
  BOOST_CHECK(holdings.positions({}).empty());
  m.position = Quantity{};
  BOOST_CHECK(!holdings.on(m, from_unix_ns(4)));
  m.contract = contract("SAP");
  m.position = qty("1");
  holdings.on(m, from_unix_ns(5));
  m.contract.currency = "EUR";
  m.position = qty("2");
  holdings.on(m, from_unix_ns(6));
  BOOST_CHECK_EQUAL(holdings.positions({}).size(), 2);
}

BOOST_AUTO_TEST_CASE(holdings_have_bounds) {
  VenueHoldings holdings{BrokerName{"ibkr"}, {.positions_max = 2, .accounts_max = 1}};
  wire::PositionMessage m;
  m.account = "DU1";
  m.position = qty("2");
  const auto hold = [&](const char* symbol) {
    m.contract = contract(symbol);
    return holdings.on(m, from_unix_ns(1)).has_value();
  };
  BOOST_CHECK(hold("A") && hold("B") && !holdings.lacks_positions());
  BOOST_CHECK(!hold("C") && holdings.lacks_positions());
  BOOST_CHECK_EQUAL(holdings.positions({}).size(), 2);
  m.position = qty("3");
  BOOST_CHECK(hold("A"));  // those that are kept go on
  // Once there is room the next question knows them all.
  m.position = Quantity{};
  BOOST_CHECK(hold("A"));
  holdings.begin_snapshot();
  m.position = qty("2");
  static_cast<void>(hold("B"));
  BOOST_CHECK(hold("C") && !holdings.lacks_positions());
  BOOST_CHECK(holdings.end_snapshot(from_unix_ns(2)).empty());
  for (const auto* account : {"DU1", "DU2"})
    for (const auto* tag : {"NetLiquidation", "TotalCashValue", "BuyingPower"}) {
      wire::AccountSummaryMessage figure;
      figure.account = account;
      figure.tag = tag;
      figure.value = "1";
      holdings.on(figure);
    }
  BOOST_CHECK(holdings.account(AccountId{"DU1"}) != nullptr && holdings.account(AccountId{"DU2"}) == nullptr);
}

BOOST_AUTO_TEST_CASE(a_position_has_its_profit) {
  VenueHoldings holdings{BrokerName{"ibkr"}};
  wire::PositionMessage m;
  m.account = "DU1";
  m.contract = contract("AAPL260618C00190000");
  m.contract.con_id = 77;
  m.position = qty("-2");
  m.average_cost = *Money::parse("500");
  const Symbol symbol{"AAPL260618C00190000"};
  BOOST_REQUIRE(holdings.on(m, from_unix_ns(1)));
  BOOST_CHECK_EQUAL(holdings.contract_of(AccountId{"DU1"}, symbol).value(), 77);
  wire::ProfitAndLossSingle told;
  told.position = qty("-2");
  told.unrealized = *Money::parse("-20");
  told.value = *Money::parse("-1020");
  const auto with = holdings.on_profit(AccountId{"DU1"}, symbol, told, from_unix_ns(2));
  BOOST_REQUIRE(with);
  BOOST_CHECK(with->market_price == price("5.1") && with->market_value == *Money::parse("-1020"));
  BOOST_CHECK(with->unrealized_pnl == *Money::parse("-20"));
  BOOST_CHECK(!holdings.on_profit(AccountId{"DU1"}, symbol, told, from_unix_ns(3)));
  // Of a quantity that is not the one that is known: only what was realized counts.
  told.position = qty("-1");
  told.value = *Money::parse("-510");
  told.realized = *Money::parse("7");
  const auto later = holdings.on_profit(AccountId{"DU1"}, symbol, told, from_unix_ns(4));
  BOOST_REQUIRE(later);
  BOOST_CHECK(later->market_value == *Money::parse("-1020") && later->realized_pnl == *Money::parse("7"));
  BOOST_CHECK(!holdings.on_profit(AccountId{"DU2"}, symbol, told, from_unix_ns(5)));
}

BOOST_AUTO_TEST_CASE(what_ends_by_time_and_what_is_canceled) {
  auto times = *wire::TimeReader::make("UTC");
  const auto calendars = Calendars::shipped();
  using namespace std::chrono_literals;
  const Timestamp thursday{std::chrono::sys_days{std::chrono::year{2026} / 6 / 11}};  // its session: 13:30 to 20:00
  const auto expired = [&](const wire::Order& order, const char* reason, std::chrono::nanoseconds when) {
    return has_expired(contract("AAPL"), order, reason, *calendars, times, thursday + when);
  };
  const auto day = sent(order(OrderType::limit));
  const char* const cancel = "202 Order Canceled - reason:";
  BOOST_CHECK(expired(day, cancel, 20h + 5s));
  BOOST_CHECK(expired(day, "", 20h + 5s));
  BOOST_CHECK(!expired(day, cancel, 15h));  // the market is open: somebody canceled it
  BOOST_CHECK(!expired(day, cancel, 12h));  // before it opens
  BOOST_CHECK(!expired(day, "201 Order rejected", 20h + 5s));
  BOOST_CHECK(!expired(day, "202 Order Canceled - reason:OCA group", 20h + 5s));
  BOOST_CHECK(!expired(sent(order(OrderType::limit, TimeInForce::gtc)), cancel, 20h + 5s));
  auto extended = day;
  extended.outside_rth = true;
  BOOST_CHECK(!expired(extended, cancel, 20h + 5s));
  BOOST_CHECK(expired(extended, cancel, 24h + 5s));
  auto dated = order(OrderType::limit, TimeInForce::gtd);
  dated.expires_at = thursday + 15h;
  BOOST_CHECK(expired(sent(dated), cancel, 15h + 1s));
  BOOST_CHECK(!expired(sent(dated), cancel, 14h));
}

BOOST_AUTO_TEST_SUITE_END()
