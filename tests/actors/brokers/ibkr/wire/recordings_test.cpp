// What real gateways sent. The values were read off the recordings by hand.
#include <boost/test/unit_test.hpp>

#include <algorithm>

#include "actors/brokers/ibkr/wire/error_codes.hpp"
#include "actors/brokers/ibkr/wire/handshake.hpp"
#include "actors/brokers/ibkr/wire/text.hpp"
#include "actors/brokers/ibkr/wire/venue_time.hpp"
#include "tests/actors/brokers/ibkr/wire/messages.hpp"

using namespace tradebus;
using namespace tradebus::ibkr::wire;
using namespace tradebus::ibkr::wire::test;

namespace {

// The messages of one file, all decoded, by type in their order.
class Recording {
 public:
  Recording(const std::string& name, std::int32_t version) : lines_{recorded(name)} {
    for (const auto& line : lines_) {
      if (line.comment.starts_with(" handshake")) continue;
      Recorder sink;
      const auto error = decode(line.payload, version, sink);
      BOOST_CHECK_MESSAGE(!error, name << line.comment << ": " << to_error(error).message);
      if (!error) messages_.push_back(std::move(sink.last));
      is_exact(line, version);
    }
  }
  explicit operator bool() const { return !lines_.empty(); }
  const std::vector<Line>& lines() const { return lines_; }

  template <class Message>
  std::vector<const Message*> all() const {
    std::vector<const Message*> out;
    for (const auto& m : messages_)
      if (const auto* found = std::get_if<Message>(&m)) out.push_back(found);
    return out;
  }
  template <class Message>
  const Message& one() const {
    const auto found = all<Message>();
    BOOST_REQUIRE_EQUAL(found.size(), 1u);
    return *found[0];
  }

 private:
  // The table takes all fields there are: with one less it fails. (Ends have fields that nobody reads.)
  static void is_exact(const Line& line, std::int32_t version) {
    auto fields = fields_of(line.payload);
    const auto id = std::stoi(fields[0]);
    if (id == 53 || id == 62 || id == 102) return;
    fields.pop_back();
    Recorder sink;
    const auto error = decode(payload_of(fields), version, sink);
    BOOST_CHECK_MESSAGE(error.fault == DecodeFault::missing_field, line.comment << ": a field is not read");
  }

  std::vector<Line> lines_;
  std::vector<AnyMessage> messages_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(recordings)

BOOST_AUTO_TEST_CASE(version_164) {
  const Recording r{"server_sv164.txt", 164};
  if (!r) return;

  const auto& exec = r.one<ExecDetails>();
  BOOST_TEST(exec.req_id == -1);
  BOOST_TEST(exec.order_id == 13);
  BOOST_TEST(exec.contract.con_id == 76792991);
  BOOST_TEST(exec.contract.exchange == "ISLAND");
  BOOST_TEST(exec.exec_id == "00025b46.63f8f39c.01.01");
  BOOST_TEST(split_exec_id(exec.exec_id).base == "00025b46.63f8f39c.01");
  BOOST_TEST(exec.time == "20230224  12:04:56");
  BOOST_TEST(exec.side == "BOT");
  BOOST_TEST((exec.shares == quantity("100")));
  BOOST_TEST((exec.price == price("196.52")));
  BOOST_TEST(exec.perm_id == 1376327563);
  BOOST_TEST(exec.client_id == 100);
  BOOST_TEST((exec.cumulative == quantity("100")));
  BOOST_TEST(exec.last_liquidity == 2);
  BOOST_TEST(!exec.ev_multiplier);

  const auto& open = r.one<OpenOrder>();
  BOOST_TEST(open.order_id == 13);
  BOOST_TEST(open.contract.symbol == "TSLA");
  BOOST_TEST(!open.contract.right);
  BOOST_TEST(open.order.action == "BUY");
  BOOST_TEST((open.order.limit_price == price("0")));
  BOOST_TEST(open.order.account == "DU1234567");
  BOOST_TEST(open.order.client_id == 100);
  BOOST_TEST(open.order.perm_id == 1376327563);
  BOOST_TEST(open.order.exempt_code == -1);
  BOOST_TEST(open.order.oca_type == 3);
  BOOST_TEST(open.order.delta_neutral.order_type == "None");
  BOOST_TEST(!open.order.min_quantity);
  BOOST_TEST(!open.order.display_size);
  BOOST_TEST(!open.order.basis_points);
  BOOST_TEST(open.order.clearing_intent == "IB");
  BOOST_TEST((open.state.status == VenueStatus::filled));
  BOOST_TEST(!open.state.commission);
  BOOST_TEST(!amount(open.state.after[0]));
  BOOST_TEST(open.order.adjusted_order_type == "None");
  BOOST_TEST(open.order.dont_use_auto_price_for_hedge);
  BOOST_TEST(!open.order.auto_cancel_parent);

  const auto& status = r.one<OrderStatusMessage>();
  BOOST_TEST((status.status == VenueStatus::filled));
  BOOST_TEST((status.filled == quantity("100")));
  BOOST_TEST(status.remaining.is_zero());
  BOOST_TEST((status.average_price == price("196.52")));

  const auto& cost = r.one<CommissionReport>();
  BOOST_TEST((cost.commission == money("1")));
  BOOST_TEST(cost.currency == "USD");
  BOOST_TEST(!cost.realized_pnl);
  BOOST_TEST(!cost.yield);

  const auto& done = r.one<CompletedOrder>();
  BOOST_TEST(done.contract.symbol == "AAPL");
  BOOST_TEST(done.order.perm_id == 1824933227);
  BOOST_TEST((done.status == VenueStatus::filled));
  BOOST_TEST((done.filled_quantity == quantity("100")));
  BOOST_TEST(!done.ref_futures_con_id);
  BOOST_TEST(!done.parent_perm_id);
  BOOST_TEST(done.shareholder == "Not an insider or substantial shareholder");
  BOOST_TEST(done.completed_time == "20230306 12:28:30 America/Los_Angeles");
  BOOST_TEST(done.completed_status == "Filled Size: 100");

  const auto& data = r.one<ContractData>();
  BOOST_TEST(data.req_id == 9001);
  BOOST_TEST(data.contract.con_id == 76792991);
  BOOST_TEST(data.long_name == "TESLA INC");
  BOOST_TEST((data.min_tick == price("0.01")));
  BOOST_TEST(data.industry == "Consumer, Cyclical");
  BOOST_TEST(data.time_zone_id == "US/Eastern");
  BOOST_REQUIRE_EQUAL(data.sec_ids.size(), 1u);
  BOOST_TEST(data.sec_ids[0].value == "US88160R1014");
  BOOST_TEST((data.agg_group == 1));
  BOOST_TEST(std::ranges::count(data.market_rule_ids, ',') == std::ranges::count(data.valid_exchanges, ','));
  BOOST_TEST(data.stock_type == "COMMON");
  BOOST_TEST((data.suggested_size_increment == quantity("100")));

  const auto& history = r.one<HistoricalData>();
  BOOST_TEST(history.start == "20230413  16:31:22");
  BOOST_REQUIRE_EQUAL(history.bars.size(), 2u);
  BOOST_TEST(history.bars[0].date == "20230413");
  BOOST_TEST((history.bars[0].high == price("186.5")));
  BOOST_TEST((history.bars[0].volume == quantity("948837.22")));
  BOOST_TEST((history.bars[1].wap == price("183.9865")));
  BOOST_TEST(history.bars[1].count == 277547);

  const auto& quotes = r.one<HistoricalTicksBidAsk>();
  BOOST_REQUIRE_EQUAL(quotes.rows.size(), 4u);
  BOOST_TEST(to_iso8601(quotes.rows[0].at) == "2023-04-10T13:29:59.000000000Z");
  BOOST_TEST((quotes.rows[2].ask == price("11.72")));
  BOOST_TEST((quotes.rows[3].ask_size == quantity("200")));
  BOOST_TEST(quotes.is_done);
  const auto& mids = r.one<HistoricalTicks>();
  BOOST_REQUIRE_EQUAL(mids.rows.size(), 24u);
  BOOST_TEST((mids.rows[23].price == price("91.31")));

  const auto& last = r.one<TickByTickLast>();
  BOOST_TEST(!last.is_all);
  BOOST_TEST(to_iso8601(last.at) == "2023-03-13T20:53:49.000000000Z");
  BOOST_TEST((last.price == price("3895.25")));
  BOOST_TEST((last.size == quantity("7")));
  BOOST_TEST(!last.is_past_limit);
  BOOST_TEST(last.is_unreported);
  BOOST_TEST(last.exchange == "NASDAQ");
  BOOST_TEST(last.conditions == "Regular");

  const auto& bar = r.one<RealTimeBar>();
  BOOST_TEST((bar.close == price("4028.5")));
  BOOST_TEST((bar.wap == price("4026.75")));
  BOOST_TEST(bar.count == 1);

  const auto& cash = r.one<AccountUpdateMulti>();
  BOOST_TEST(cash.key == "CashBalance");
  BOOST_TEST((amount(cash.value) == money("94629.71")));
  const auto& position = r.one<PositionMessage>();
  BOOST_TEST((position.position == quantity("500")));
  BOOST_TEST((position.average_cost == money("196.77")));
}

BOOST_AUTO_TEST_CASE(version_173) {
  const Recording r{"server_sv173.txt", 173};
  if (!r) return;

  const auto hello = parse_server_hello(r.lines()[0].payload, {157, 178});
  BOOST_REQUIRE(hello);
  BOOST_TEST(hello->version == 173);
  BOOST_TEST(hello->connection_time == "20250415 19:38:30 British Summer Time");

  BOOST_TEST((r.one<ManagedAccounts>().accounts == std::vector<std::string>{"DU1234567"}));
  BOOST_TEST(r.one<NextValidId>().order_id == 5);
  const auto& open = r.one<OpenOrder>();
  BOOST_TEST((open.state.status == VenueStatus::pre_submitted));
  BOOST_TEST((open.order.min_compete_size == 100));
  BOOST_TEST((open.order.compete_offset == price("0.02")));
  BOOST_TEST(!open.order.min_trade_quantity);
  BOOST_TEST(!open.order.compete_up_to_mid);
  BOOST_TEST(!open.order.mid_offset_at_half);
  const auto statuses = r.all<OrderStatusMessage>();
  BOOST_REQUIRE_EQUAL(statuses.size(), 2u);
  BOOST_TEST((statuses[0]->remaining == quantity("100")));
  BOOST_TEST((statuses[1]->last_price == price("201.94")));
  const auto errors = r.all<ErrorMessage>();
  BOOST_REQUIRE_EQUAL(errors.size(), 2u);
  BOOST_TEST(errors[0]->req_id == -1);
  BOOST_TEST(errors[0]->code == 2104);
  BOOST_TEST(errors[1]->text == "Sec-def data farm connection is OK:secdefil");
  BOOST_TEST(!errors[1]->at);

  const auto& samples = r.one<SymbolSamples>();
  BOOST_REQUIRE_EQUAL(samples.rows.size(), 16u);
  BOOST_TEST(samples.rows[0].derivative_sec_types.size() == 5u);
  BOOST_TEST(samples.rows[0].derivative_sec_types[4] == "BAG");
  BOOST_TEST(samples.rows[1].primary_exchange == "IBIS");
  BOOST_TEST(samples.rows[15].con_id == -1);
  BOOST_TEST(samples.rows[15].sec_type == "BOND");

  const auto& schedule = r.one<HistoricalSchedule>();
  BOOST_TEST(schedule.time_zone == "US/Eastern");
  BOOST_REQUIRE_EQUAL(schedule.rows.size(), 1u);
  BOOST_TEST(schedule.rows[0].end == "20230414-16:00:00");
  BOOST_TEST(to_iso8601(r.one<CurrentTime>().at) == "2025-07-15T19:05:07.000000000Z");
  const auto& position = r.one<PositionMessage>();
  BOOST_TEST((position.position == quantity("-110")));
  BOOST_TEST((position.average_cost == money("201.8829709")));
  BOOST_TEST(r.all<PositionEnd>().size() == 1u);
  BOOST_TEST(r.all<AccountSummaryMessage>().size() == 2u);
  BOOST_TEST(r.all<AccountSummaryMessage>()[1]->tag == "TotalCashValue");
  BOOST_TEST(r.one<AccountSummaryEnd>().req_id == 9000);
}

BOOST_AUTO_TEST_CASE(version_200) {
  const Recording r{"server_sv200.txt", 200};
  if (!r) return;

  const auto contracts = r.all<ContractData>();
  BOOST_REQUIRE_EQUAL(contracts.size(), 2u);
  BOOST_TEST(contracts[0]->contract.con_id == 265598);
  BOOST_TEST(contracts[0]->listed_last_trade_date == "");
  BOOST_TEST((contracts[0]->min_size == quantity("0.0001")));
  BOOST_TEST(contracts[0]->ineligibility_reasons.empty());
  const auto& option = *contracts[1];
  BOOST_TEST(option.contract.last_trade_date == "20260618");
  BOOST_TEST(option.listed_last_trade_date == "20260618");
  BOOST_TEST((option.contract.strike == price("100")));
  BOOST_TEST((option.contract.right == OptionRight::call));
  BOOST_TEST(option.contract.multiplier == "100");
  BOOST_TEST(option.contract.local_symbol == "AAPL  260618C00100000");
  BOOST_TEST(option.under_con_id == 265598);
  BOOST_TEST(option.real_expiration_date == "20260618");
  BOOST_TEST(option.under_sec_type == "STK");

  const auto opens = r.all<OpenOrder>();
  BOOST_REQUIRE_EQUAL(opens.size(), 4u);
  BOOST_TEST(opens[0]->order_id == 0);
  BOOST_TEST((opens[0]->contract.right == OptionRight::put));
  BOOST_TEST((opens[0]->order.limit_price == price("1.2")));
  BOOST_TEST(opens[0]->order.time_in_force == "GTC");
  BOOST_TEST(!opens[0]->state.suggested_size);
  BOOST_REQUIRE_EQUAL(opens[1]->order.conditions.size(), 1u);
  const auto& condition = opens[1]->order.conditions[0];
  BOOST_TEST((condition.kind == ConditionKind::price));
  BOOST_TEST(condition.is_and);
  BOOST_TEST(condition.is_more);
  BOOST_TEST((condition.price == price("2918.1")));
  BOOST_TEST(condition.con_id == 265598);
  BOOST_TEST(condition.exchange == "SMART");
  BOOST_TEST(condition.trigger_method == 4);
  BOOST_TEST(opens[1]->order.conditions_ignore_rth);
  BOOST_TEST(!opens[1]->order.conditions_cancel_order);
  BOOST_TEST(opens[2]->order.order_ref == "ibkrgo-redacted-20260611T133024Z-001");
  BOOST_TEST(opens[2]->order.perm_id == 9000000371);
  BOOST_TEST(!opens[2]->state.commission);
  BOOST_TEST((opens[3]->state.commission == money("1.0003")));
  BOOST_TEST(opens[3]->state.commission_currency == "USD");
  BOOST_TEST(opens[3]->order.submitter == "papertrader01");

  const auto costs = r.all<CommissionReport>();
  BOOST_REQUIRE_EQUAL(costs.size(), 2u);
  BOOST_TEST((costs[0]->realized_pnl == money("-68.051912")));
  BOOST_TEST((costs[1]->commission == money("0.00018")));

  // One execution, unasked and asked for, with its time in two forms.
  const auto executions = r.all<ExecDetails>();
  BOOST_REQUIRE_EQUAL(executions.size(), 4u);
  BOOST_TEST(executions[0]->exec_id == executions[2]->exec_id);
  auto times = TimeReader::make("US/Eastern").value();
  BOOST_TEST((times.read(executions[0]->time).value() == times.read(executions[2]->time).value()));
  BOOST_TEST(executions[1]->side == "SLD");
  BOOST_TEST((executions[1]->cumulative == quantity("80")));

  const auto errors = r.all<ErrorMessage>();
  BOOST_REQUIRE_EQUAL(errors.size(), 2u);
  BOOST_REQUIRE(errors[0]->at.has_value());
  BOOST_TEST(to_iso8601(*errors[0]->at) == "2026-04-05T21:49:26.350000000Z");
  BOOST_TEST(errors[1]->req_id == 371);
  BOOST_TEST((judge(*errors[1], ErrorSubject::cancel).effect == ErrorEffect::cancel_refused));

  const auto& portfolio = r.one<PortfolioValue>();
  BOOST_TEST((portfolio.position == quantity("-100")));
  BOOST_TEST((portfolio.market_price == price("291.6234436")));
  BOOST_TEST((portfolio.average_cost == money("291.2660812")));
  BOOST_TEST((portfolio.realized_pnl == money("-71.44")));
  BOOST_TEST(portfolio.contract.primary_exchange == "NASDAQ");
  BOOST_TEST(r.one<AccountUpdateTime>().time == "14:34");
  BOOST_TEST(r.one<AccountValue>().key == "AccountCode");

  const auto& article = r.one<NewsArticle>();
  BOOST_TEST(unescape_html(article.text).starts_with("First line of the article $325\nSecond line: $320\n"));
  const auto& news = r.one<HistoricalNews>();
  BOOST_TEST(news.provider == "BRFUPDN");
  BOOST_TEST(bare_headline(news.headline).starts_with("BofA Securities"));
  BOOST_TEST(r.one<HistoricalNewsEnd>().has_more);
  BOOST_TEST(r.one<NewsProviders>().rows.size() == 3u);
  BOOST_TEST(r.one<HeadTimestamp>().time == "19801212-14:30:00");
  BOOST_TEST(to_iso8601(r.one<CurrentTimeMillis>().at) == "2026-07-10T00:03:00.497000000Z");

  const auto& greeks = r.one<TickOption>();
  BOOST_TEST(greeks.type == 53);
  BOOST_TEST((greeks.implied_volatility == 0.3));
  BOOST_TEST((greeks.delta == 0.5579497967180902));
  BOOST_TEST(!greeks.dividends);
  BOOST_TEST((greeks.underlying_price == 293.23));
  BOOST_TEST(r.one<TickReqParams>().bbo_exchange == "9c0001");
  BOOST_TEST(r.one<TickGeneric>().value == 3.0);
  BOOST_TEST(r.one<TickString>().text == "1775174157");
  BOOST_TEST(r.one<MarketDataType>().type == 3);
  BOOST_REQUIRE_EQUAL(r.one<MarketRule>().rows.size(), 1u);
  BOOST_TEST((r.one<MarketRule>().rows[0].increment == price("0.01")));
  BOOST_TEST(r.one<FamilyCodes>().rows.size() == 1u);
  BOOST_TEST(r.one<SoftDollarTiers>().rows.empty());
  BOOST_TEST(r.one<NextValidId>().order_id == 291);
}

BOOST_AUTO_TEST_CASE(version_178_derived) {
  const Recording r{"server_sv178_derived.txt", 178};
  if (!r) return;
  BOOST_TEST((r.one<OpenOrder>().order.limit_price == price("150.25")));
  const auto prices = r.all<TickPrice>();
  BOOST_REQUIRE_EQUAL(prices.size(), 2u);
  BOOST_TEST((prices[0]->price == price("150.24")));
  BOOST_TEST((prices[0]->size == quantity("300")));
  BOOST_TEST(prices[0]->can_auto_execute);
  BOOST_TEST((r.one<HistoricalDataUpdate>().bar.high == price("1.0853")));
  BOOST_TEST((r.one<HistoricalDataUpdate>().bar.close == price("1.0852")));
  BOOST_TEST(r.one<OptionParameters>().strikes.size() == 5u);
  BOOST_TEST(!r.one<ProfitAndLoss>().realized);
  BOOST_TEST(r.one<ErrorMessage>().reject_json == "{\"errorCode\":8229}");
  BOOST_TEST(!r.one<ExecDetails>().pending_price_revision);
}

BOOST_AUTO_TEST_SUITE_END()
