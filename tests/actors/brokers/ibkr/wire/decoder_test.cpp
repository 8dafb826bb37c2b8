// Messages made here in the server's layouts, field by field.
#include <boost/test/unit_test.hpp>

#include "actors/brokers/ibkr/wire/text.hpp"
#include "tests/actors/brokers/ibkr/wire/messages.hpp"

using namespace tradebus;
using namespace tradebus::ibkr::wire;
using namespace tradebus::ibkr::wire::test;

namespace {

template <class Message>
Message read_line(const char* line, std::int32_t version = 178) {
  static std::vector<std::string> kept;  // views in messages end with their payloads
  kept.reserve(1'000);
  kept.push_back(payload_of(std::string_view{line}));
  BOOST_REQUIRE(kept.size() < 1'000);
  return decoded<Message>(kept.back(), version);
}

DecodeFault fault(std::string_view line, std::int32_t version = 178) {
  return fault_of(payload_of(line), version).fault;
}

Fields error_fields(std::int32_t version) {
  Fields out{"4"};
  if (version < 194) out.push_back("2");
  for (const auto* text : {"7", "201", "no"}) out.emplace_back(text);
  if (version >= 166) out.push_back("{}");
  if (version >= 194) out.push_back("1775425766350");
  return out;
}

Fields exec_fields(std::int32_t version) {
  Fields out{"11", "-1", "5", "1", "X", "OPT", "20260618", "10", "P", "100", "CBOE", "USD", "X  26", "X"};
  for (const auto* text : {"0001.01", "20260611-13:30:30", "U1", "CBOE", "SLD", "2.5", "1.25", "900000000001", "3", "1",
                           "4.5", "1.5", "ref", "rule", "2.5", "model", "1"})
    out.emplace_back(text);
  if (version >= 178) out.push_back("1");
  if (version >= 198) out.push_back("login");
  return out;
}

Fields contract_fields(std::int32_t version, const std::string& type = "FUT") {
  Fields out{"10"};
  auto add = [&](std::initializer_list<const char*> texts) { out.insert(out.end(), texts.begin(), texts.end()); };
  if (version < 164) add({"8"});
  add({"7", "ES", type.c_str(), "20250620 08:30 US/Central"});
  if (version >= 182) add({"20250620"});
  add({"0", "", "CME", "USD", "ESM5", "ES", "ES", "495512563", "0.25"});
  if (version < 164) add({"1"});
  add({"50",          "LMT,MKT", "CME,QBALGO", "1",    "11004968",   "E-mini S\\u0026P 500", "",
       "202506",      "Indices", "Broad",      "*",    "US/Central", ";20250402:CLOSED",     "",
       "aggMonetary", "0.5",     "1",          "ISIN", "US0000",     "2147483647",           "ES",
       "IND",         "67,67",   "20250620",   ""});
  if (version == 163) add({"1"});
  if (version >= 164) add({"1", "0.5", "2"});
  if (version >= 179 && type == "FUND")
    for (int i = 0; i < 17; ++i) out.push_back("fund" + std::to_string(i));
  if (version >= 186) add({"1", "id", "why"});
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(decoder)

BOOST_AUTO_TEST_CASE(market_data) {
  auto price_tick = read_line<TickPrice>("1|6|11|1|150.24|300|5|");
  BOOST_TEST(price_tick.req_id == 11);
  BOOST_TEST(price_tick.type == 1);
  BOOST_TEST((price_tick.price == price("150.24")));
  BOOST_TEST(price_tick.can_auto_execute);
  BOOST_TEST(!price_tick.is_past_limit);
  BOOST_TEST(price_tick.is_pre_open);
  BOOST_TEST(price_tick.has_data());
  BOOST_TEST(!read_line<TickPrice>("1|6|11|2|-1.0|0|2|").has_data());
  BOOST_TEST(!read_line<TickPrice>("1|6|11|9|0|0|0|").has_data());
  BOOST_TEST(read_line<TickPrice>("1|6|11|9|12.5|0|0|").has_data());
  BOOST_TEST(read_line<TickPrice>("1|6|11|2|-1|5|2|").has_data());
  BOOST_TEST((read_line<TickPrice>("1|6|11|4|1.4974999999999999|0.5|0|").price == price("1.4975")));
  BOOST_TEST((read_line<TickSize>("2|6|11|8|1234567.25|").size == quantity("1234567.25")));
  BOOST_TEST(read_line<TickSize>("2|6|11|8|9223372036854775807|").size.is_zero());

  const auto none = read_line<TickOption>("21|6|13|1|-1|-2|-1|-1|-2|-2|-2|-1|");
  for (const auto& each : {none.implied_volatility, none.delta, none.price, none.dividends, none.gamma, none.vega,
                           none.theta, none.underlying_price})
    BOOST_TEST(!each);
  const auto some = read_line<TickOption>("21|6|13|1|0.25|-1.0|2|0|0.01|0.1|-0.5|100|");
  BOOST_TEST((some.delta == -1.0));
  BOOST_TEST((some.theta == -0.5));
  BOOST_TEST(!read_line<TickOption>("21|6|13|1|1.7976931348623157E308|NaN||0|0|0|0|0|").implied_volatility);

  BOOST_TEST(read_line<TickGeneric>("45|6|1|49|-1.0|").value == -1.0);
  BOOST_TEST(read_line<TickString>("46|6|1|48|150.25;100;1781163646000;1;150;true|").text ==
             "150.25;100;1781163646000;1;150;true");
  BOOST_TEST(read_line<TickSnapshotEnd>("57|1|7|").req_id == 7);
  BOOST_TEST(read_line<MarketDataType>("58|1|7|4|").type == 4);
  BOOST_TEST((read_line<TickReqParams>("81|7|0.01|a6|3|").min_tick == price("0.01")));
  BOOST_TEST(read_line<RerouteMarketData>("91|7|265598|NASDAQ|").con_id == 265598);
  BOOST_TEST(read_line<RerouteMarketDepth>("92|7|265598|NASDAQ|").exchange == "NASDAQ");

  const auto all = read_line<TickByTickLast>("99|14|2|1781163646|291.50|100|3|FINRA|   I|");
  BOOST_TEST(all.is_all);
  BOOST_TEST(all.is_past_limit);
  BOOST_TEST(all.is_unreported);
  BOOST_TEST(all.conditions == "   I");
  const auto quote = read_line<TickByTickBidAsk>("99|14|3|1781163646|291.49|291.51|200|300|2|");
  BOOST_TEST((quote.ask == price("291.51")));
  BOOST_TEST((quote.ask_size == quantity("300")));
  BOOST_TEST(!quote.is_bid_past_low);
  BOOST_TEST(quote.is_ask_past_high);
  const auto mid = read_line<TickByTickMidpoint>("99|14|4|1781163646|291.50|");
  BOOST_TEST(to_iso8601(mid.at) == "2026-06-11T07:40:46.000000000Z");
  BOOST_TEST((fault("99|14|5|1781163646|291.50|") == DecodeFault::out_of_range));
  const auto bar = read_line<RealTimeBar>("50|3|9|1678323335|1|4|0.5|2|10|1.5|-1|");
  BOOST_TEST((bar.high == price("4")));
  BOOST_TEST(bar.count == -1);
}

BOOST_AUTO_TEST_CASE(errors_by_version) {
  for (std::int32_t version = 157; version <= 200; ++version) {
    const auto m = decoded<ErrorMessage>(payload_of(error_fields(version)), version);
    BOOST_TEST(m.req_id == 7);
    BOOST_TEST(m.code == 201);
    BOOST_TEST(m.text == "no");
    BOOST_TEST((m.reject_json == "{}") == (version >= 166));
    BOOST_TEST(m.at.has_value() == (version >= 194));
  }
  // Latin-1, and line feeds.
  BOOST_TEST(read_line<ErrorMessage>("4|2|-1|2104|M\xe4rkte\\nsind offen||").text == "M\xc3\xa4rkte\nsind offen");
}

BOOST_AUTO_TEST_CASE(executions_by_version) {
  for (std::int32_t version = 157; version <= 200; ++version) {
    const auto m = decoded<ExecDetails>(payload_of(exec_fields(version)), version);
    BOOST_TEST((m.contract.right == OptionRight::put));
    BOOST_TEST((m.contract.strike == price("10")));
    BOOST_TEST((m.shares == quantity("2.5")));
    BOOST_TEST(m.perm_id == 900000000001);
    BOOST_TEST(m.liquidation == 1);
    BOOST_TEST((m.average_price == price("1.5")));
    BOOST_TEST((m.ev_multiplier == ratio("2.5")));
    BOOST_TEST(m.model_code == "model");
    BOOST_TEST(m.pending_price_revision == (version >= 178));
  }
  BOOST_TEST(read_line<ExecDetailsEnd>("55|1|7|").req_id == 7);
  const auto cost = read_line<CommissionReport>("59|1|0001.01|1.8E-4|USD||0.5|20300101|");
  BOOST_TEST((cost.commission == money("0.00018")));
  BOOST_TEST(!cost.realized_pnl);
  BOOST_TEST((cost.yield == ratio("0.5")));
  BOOST_TEST((cost.yield_redemption_date == 20300101));
}

BOOST_AUTO_TEST_CASE(contracts_by_version) {
  for (std::int32_t version = 157; version <= 200; ++version) {
    for (const auto* type : {"FUT", "FUND"}) {
      const auto m = decoded<ContractData>(payload_of(contract_fields(version, type)), version);
      BOOST_TEST(m.req_id == 7);
      BOOST_TEST(m.contract.last_trade_date == "20250620");
      BOOST_TEST(m.last_trade_time == "08:30");
      BOOST_TEST(m.last_trade_zone == "US/Central");
      BOOST_TEST(m.contract.multiplier == "50");
      BOOST_TEST((m.min_tick == price("0.25")));
      BOOST_TEST(m.long_name == "E-mini S&P 500");
      BOOST_TEST((m.ev_multiplier == ratio("0.5")));
      BOOST_TEST(m.sec_ids.size() == 1u);
      BOOST_TEST(!m.agg_group);
      BOOST_TEST(m.real_expiration_date == "20250620");
      BOOST_TEST((m.min_size == quantity("1")) == (version >= 163));
      BOOST_TEST((m.size_increment == quantity("0.5")) == (version >= 164));
      BOOST_TEST(m.fund.size() == (version >= 179 && std::string_view{type} == "FUND" ? 17u : 0u));
      BOOST_TEST(m.ineligibility_reasons.size() == (version >= 186 ? 1u : 0u));
    }
  }
  auto fields = contract_fields(178);
  fields[4] = "20250620-08:30:00-US/Central";
  auto m = decoded<ContractData>(payload_of(fields), 178);
  BOOST_TEST(m.contract.last_trade_date == "20250620");
  BOOST_TEST(m.last_trade_time == "08:30:00");
  BOOST_TEST(m.last_trade_zone == "US/Central");
  fields[4] = "202506";
  BOOST_TEST(decoded<ContractData>(payload_of(fields), 178).contract.last_trade_date == "202506");

  const auto bond = read_line<BondContractData>("18|7|IBCID|BOND||");
  BOOST_TEST(bond.req_id == 7);
  BOOST_TEST(bond.fields.size() == 3u);
  BOOST_TEST(read_line<ContractDataEnd>("52|1|7|").req_id == 7);
}

BOOST_AUTO_TEST_CASE(look_ups) {
  const auto chain = read_line<OptionParameters>("75|27|SMART|265598|AAPL|100|2|20260618|20260918|3|90.0|95.5|100|");
  BOOST_TEST((chain.expirations == std::vector<std::string>{"20260618", "20260918"}));
  BOOST_TEST((chain.strikes == std::vector<Price>{price("90"), price("95.5"), price("100")}));
  BOOST_TEST(read_line<OptionParameters>("75|27|SMART|265598|AAPL|100|0|0|").strikes.empty());
  BOOST_TEST(read_line<OptionParametersEnd>("76|27|").req_id == 27);
  for (std::int32_t version = 157; version <= 200; ++version) {
    Fields fields{"79", "7", "2", "1", "X", "STK", "NYSE", "USD", "1", "OPT"};
    if (version >= 176) fields.insert(fields.end(), {"X INC", ""});
    fields.insert(fields.end(), {"-1", "", "BOND", "", "", "0"});
    if (version >= 176) fields.insert(fields.end(), {"ISSUER", "e1"});
    const auto m = decoded<SymbolSamples>(payload_of(fields), version);
    BOOST_REQUIRE_EQUAL(m.rows.size(), 2u);
    BOOST_TEST(m.rows[0].derivative_sec_types.size() == 1u);
    BOOST_TEST(m.rows[1].con_id == -1);
    BOOST_TEST(m.rows[1].issuer_id == (version >= 176 ? "e1" : ""));
  }
  const auto rule = read_line<MarketRule>("93|239|2|0.0|0.01|3.0|0.05|");
  BOOST_REQUIRE_EQUAL(rule.rows.size(), 2u);
  BOOST_TEST((rule.rows[1].low_edge == price("3")));
}

BOOST_AUTO_TEST_CASE(accounts) {
  const auto value = read_line<AccountValue>("6|2|NetLiquidation|100.5|BASE|U1|");
  BOOST_TEST(value.key == "NetLiquidation");
  BOOST_TEST(value.currency == "BASE");
  BOOST_TEST(value.account == "U1");
  BOOST_TEST(read_line<AccountUpdateTime>("8|1|14:34|").time == "14:34");
  BOOST_TEST(read_line<AccountDownloadEnd>("54|1|U1|").account == "U1");
  const auto row = read_line<PositionMulti>("71|1|7|U1|1|ES|FUT|20260619|0|?|50||USD|ESM6|ES|-2|315114.75|m|");
  BOOST_TEST(row.contract.exchange == "");
  BOOST_TEST((row.position == quantity("-2")));
  BOOST_TEST((row.average_cost == money("315114.75")));
  BOOST_TEST(row.model_code == "m");
  BOOST_TEST(read_line<PositionMultiEnd>("72|1|7|").req_id == 7);
  BOOST_TEST(read_line<AccountUpdateMultiEnd>("74|1|7|").req_id == 7);
  read_line<PositionEnd>("62|1|");
  const auto pnl = read_line<ProfitAndLoss>("94|34|250.5||1.7976931348623157E308|");
  BOOST_TEST((pnl.daily == money("250.5")));
  BOOST_TEST(!pnl.unrealized);
  BOOST_TEST(!pnl.realized);
  const auto single = read_line<ProfitAndLossSingle>("95|35|0.5|1|2|3|4|");
  BOOST_TEST((single.position == quantity("0.5")));
  BOOST_TEST((single.value == money("4")));
  BOOST_TEST((read_line<ManagedAccounts>("15|1|U1,,U2,|").accounts == std::vector<std::string>{"U1", "U2"}));
  BOOST_TEST(read_line<ManagedAccounts>("15|1||").accounts.empty());
}

BOOST_AUTO_TEST_CASE(history) {
  for (const std::int32_t version : {157, 178, 195, 196, 200}) {
    Fields fields{"17", "7"};
    if (version < 196) fields.insert(fields.end(), {"a", "b"});
    fields.insert(fields.end(), {"1", "20260723 09:30:00 US/Eastern", "1", "4", "0.5", "2", "10.5", "1.5", "-1"});
    const auto m = decoded<HistoricalData>(payload_of(fields), version);
    BOOST_TEST(m.end == (version < 196 ? "b" : ""));
    BOOST_REQUIRE_EQUAL(m.bars.size(), 1u);
    BOOST_TEST((m.bars[0].low == price("0.5")));
    BOOST_TEST(m.bars[0].count == -1);
  }
  BOOST_TEST(read_line<HistoricalDataEnd>("108|7|a|b|", 200).end == "b");
  const auto update = read_line<HistoricalDataUpdate>("90|29|12|20260723|1.0850|1.0852|1.0853|1.0849|1.08510|7|");
  BOOST_TEST((update.bar.open == price("1.085")));
  BOOST_TEST((update.bar.close == price("1.0852")));
  BOOST_TEST((update.bar.high == price("1.0853")));
  BOOST_TEST((update.bar.low == price("1.0849")));
  BOOST_TEST((update.bar.volume == quantity("7")));
  BOOST_TEST(update.bar.count == 12);
  const auto last = read_line<HistoricalTicksLast>("98|7|2|1|0|1.5|2|N|c|2|3|2.5|3|Q||0|");
  BOOST_REQUIRE_EQUAL(last.rows.size(), 2u);
  BOOST_TEST(last.rows[0].conditions == "c");
  BOOST_TEST(last.rows[1].is_unreported);
  BOOST_TEST(!last.is_done);
  BOOST_TEST(read_line<HeadTimestamp>("88|7|345479400|").time == "345479400");
}

BOOST_AUTO_TEST_CASE(news_and_the_rest) {
  const auto tick = read_line<TickNews>("84|7|1781163646123|BRFG|BRFG$1|f\xfcr|extra|");
  BOOST_TEST(to_iso8601(tick.at) == "2026-06-11T07:40:46.123000000Z");
  BOOST_TEST(tick.headline == "f\xc3\xbcr");
  BOOST_TEST(!read_line<HistoricalNewsEnd>("87|7|0|").has_more);
  const auto bound = read_line<OrderBound>("100|900000000001|0|-5|");
  BOOST_TEST(bound.perm_id == 900000000001);
  BOOST_TEST(bound.order_id == -5);
  read_line<OpenOrderEnd>("53|1|");
  read_line<CompletedOrdersEnd>("102|");
  BOOST_TEST(read_line<UserInfo>("107|1|brand|").white_branding_id == "brand");
  BOOST_TEST(read_line<SoftDollarTiers>("77|1|1|a|b|c|").rows[0].display_name == "c");
  BOOST_TEST(read_line<FamilyCodes>("78|2|U1|F1|U2||").rows[1].account == "U2");
}

BOOST_AUTO_TEST_CASE(status_words) {
  for (const auto* word : {"ApiPending", "PendingSubmit", "PreSubmitted", "Submitted", "PendingCancel", "ApiCancelled",
                           "Cancelled", "Filled", "Inactive"})
    BOOST_TEST(to_string(venue_status(word)) == word);
  BOOST_TEST((venue_status("Else") == VenueStatus::unknown));
  BOOST_TEST(is_final(VenueStatus::filled));
  BOOST_TEST(!is_final(VenueStatus::inactive));
  const auto m = read_line<OrderStatusMessage>("3|5|Submitted|40|60|292.2|900000000001|4|292.2|9|child,trigger|1.5|");
  BOOST_TEST((m.status == VenueStatus::submitted));
  BOOST_TEST((m.remaining == quantity("60")));
  BOOST_TEST(m.parent_id == 4);
  BOOST_TEST(m.client_id == 9);
  BOOST_TEST(m.why_held == "child,trigger");
  BOOST_TEST((m.market_cap_price == price("1.5")));
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_named) {
  Recorder sink;
  BOOST_TEST((decode("", 178, sink).fault == DecodeFault::empty_message));
  BOOST_TEST((decode("9", 178, sink).fault == DecodeFault::not_terminated));
  BOOST_TEST((fault("|") == DecodeFault::bad_id));
  BOOST_TEST((fault("x|1|") == DecodeFault::bad_id));
  BOOST_TEST((fault("99999999999|") == DecodeFault::bad_id));
  BOOST_TEST((fault("4711|1|") == DecodeFault::unknown_id));
  BOOST_TEST((fault("-1|1|") == DecodeFault::unknown_id));
  BOOST_TEST((fault("9|1|") == DecodeFault::missing_field));
  BOOST_TEST((fault("9|1|x|") == DecodeFault::bad_integer));
  BOOST_TEST((fault("9|1|99999999999|") == DecodeFault::out_of_range));
  BOOST_TEST((fault("1|6|11|1|x|300|1|") == DecodeFault::bad_number));
  BOOST_TEST((fault("1|6|11|1|1e30|300|1|") == DecodeFault::out_of_range));
  BOOST_TEST((fault("87|1|maybe|") == DecodeFault::bad_bool));
  BOOST_TEST((fault("85|-1|") == DecodeFault::bad_count));
  BOOST_TEST((fault("85|x|") == DecodeFault::bad_count));
  BOOST_TEST((fault("85|1000000|a|b|") == DecodeFault::bad_count));
  BOOST_TEST((fault("49|1|-5|") == DecodeFault::out_of_range));
  const auto many = "85|200001|" + std::string(2 * 200'001, '|');
  BOOST_TEST((fault(many) == DecodeFault::too_many));

  const auto payload = payload_of(std::string_view{"1|6|11|1|no\x01|300|1|"});
  const auto error = fault_of(payload, 178);
  BOOST_TEST(error.message_id == 1);
  BOOST_TEST(error.field == 4);
  BOOST_TEST(to_error(error).message == "message 1, field 4: not a number: \"no?\"");
  // More than is known is no fault.
  BOOST_TEST(read_line<NextValidId>("9|1|5|new|fields|").order_id == 5);
  BOOST_TEST(message_name(5) == "OpenOrder");
  BOOST_TEST(message_name(4711) == "");
}

BOOST_AUTO_TEST_SUITE_END()
