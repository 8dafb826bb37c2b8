// Requests as fields. Where there are captures of another client, ours must mean the same.
#include <boost/test/unit_test.hpp>

#include <map>

#include "actors/brokers/ibkr/wire/requests.hpp"
#include "tests/actors/brokers/ibkr/wire/messages.hpp"

using namespace tradebus;
using namespace tradebus::ibkr::wire;
using namespace tradebus::ibkr::wire::test;

namespace {

template <class Request>
std::string payload(const Request& request, std::int32_t version = 178) {
  std::string frame;
  const auto result = encode(request, version, frame);
  BOOST_REQUIRE_MESSAGE(result, (result ? std::string{} : result.error().message));
  return unframed(frame);
}

// As in the captures: "71|2|1||".
template <class Request>
std::string line(const Request& request, std::int32_t version = 178) {
  std::string out;
  for (const auto& field : fields_of(payload(request, version))) out.append(field).push_back('|');
  return out;
}

template <class Request>
Error refused(const Request& request, std::int32_t version = 178) {
  std::string out = "before";
  const auto result = encode(request, version, out);
  BOOST_REQUIRE(!result);
  BOOST_TEST(out == "before");
  BOOST_TEST((result.error().code == Errc::request_invalid));
  return result.error();
}

Contract stock() {
  Contract c;
  c.con_id = 265598;
  c.symbol = "AAPL";
  c.sec_type = "STK";
  c.exchange = "SMART";
  c.primary_exchange = "NASDAQ";
  c.currency = "USD";
  return c;
}

Order order(const char* action, const char* qty, const char* type) {
  Order o;
  o.action = action;
  o.total_quantity = quantity(qty);
  o.order_type = type;
  o.open_close = "O";
  o.use_price_mgmt_algo = 0;
  return o;
}

ComboLeg leg(std::int64_t con_id, std::int32_t ratio, const char* action, const char* exchange) {
  ComboLeg out;
  out.con_id = con_id;
  out.ratio = ratio;
  out.action = action;
  out.exchange = exchange;
  return out;
}

// "0.0" and "0" mean the same.
bool means_the_same(const std::string& a, const std::string& b) {
  if (a == b) return true;
  const auto x = Money::parse(a);
  const auto y = Money::parse(b);
  return x && y && *x == *y;
}

// Captures of another client by their comments.
class Captures {
 public:
  explicit Captures(const std::string& name) {
    for (auto& each : recorded(name)) by_comment_[each.comment.substr(1)].push_back(std::move(each.payload));
  }
  explicit operator bool() const { return !by_comment_.empty(); }
  template <class Request>
  void check(const std::string& comment, const Request& request, std::int32_t version = 178) const {
    const auto found = by_comment_.find(comment);
    BOOST_REQUIRE_MESSAGE(found != by_comment_.end(), comment);
    const auto theirs = fields_of(found->second[0]);
    const auto ours = fields_of(payload(request, version));
    BOOST_REQUIRE_MESSAGE(theirs.size() == ours.size(),
                          comment << ": " << ours.size() << " fields, not " << theirs.size());
    for (std::size_t i = 0; i < ours.size(); ++i)
      BOOST_CHECK_MESSAGE(means_the_same(ours[i], theirs[i]),
                          comment << ", field " << i << ": " << ours[i] << ", not " << theirs[i]);
  }

 private:
  std::map<std::string, std::vector<std::string>> by_comment_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(encoder)

BOOST_AUTO_TEST_CASE(short_requests) {
  BOOST_TEST(line(StartApi{7}) == "71|2|7||");
  BOOST_TEST(line(ReqIds{}) == "8|1|1|");
  BOOST_TEST(line(ReqCurrentTime{}) == "49|1|");
  BOOST_TEST(line(ReqManagedAccounts{}) == "17|1|");
  BOOST_TEST(line(SetServerLogLevel{5}) == "14|1|5|");
  BOOST_TEST(line(CancelMarketData{11}) == "2|2|11|");
  BOOST_TEST(line(ReqMarketDataType{3}) == "59|1|3|");
  BOOST_TEST(line(CancelTickByTick{14}) == "98|14|");
  BOOST_TEST(line(CancelRealTimeBars{37}) == "51|1|37|");
  BOOST_TEST(line(CancelMarketDepth{38, true}) == "11|1|38|1|");
  BOOST_TEST(line(CancelImpliedVolatility{1}) == "56|1|1|");
  BOOST_TEST(line(CancelOptionPrice{1}) == "57|1|1|");
  BOOST_TEST(line(ReqOpenOrders{}) == "5|1|");
  BOOST_TEST(line(ReqAllOpenOrders{}) == "16|1|");
  BOOST_TEST(line(ReqAutoOpenOrders{}) == "15|1|1|");
  BOOST_TEST(line(ReqCompletedOrders{}) == "99|0|");
  BOOST_TEST(line(ReqPositions{}) == "61|1|");
  BOOST_TEST(line(CancelPositions{}) == "64|1|");
  BOOST_TEST(line(ReqPositionsMulti{7, "U1", "m"}) == "74|1|7|U1|m|");
  BOOST_TEST(line(CancelPositionsMulti{7}) == "75|1|7|");
  BOOST_TEST(line(ReqAccountSummary{22, "All", "NetLiquidation,BuyingPower"}) ==
             "62|1|22|All|NetLiquidation,BuyingPower|");
  BOOST_TEST(line(CancelAccountSummary{22}) == "63|1|22|");
  BOOST_TEST(line(ReqAccountUpdates{false, "U1"}) == "6|2|0|U1|");
  BOOST_TEST(line(ReqAccountUpdatesMulti{23, "U1", "", true}) == "76|1|23|U1||1|");
  BOOST_TEST(line(CancelAccountUpdatesMulti{23}) == "77|1|23|");
  BOOST_TEST(line(ReqProfitAndLoss{34, "U1"}) == "92|34|U1||");
  BOOST_TEST(line(CancelProfitAndLoss{34}) == "93|34|");
  BOOST_TEST(line(ReqProfitAndLossSingle{35, "U1", "", 265598}) == "94|35|U1||265598|");
  BOOST_TEST(line(CancelProfitAndLossSingle{35}) == "95|35|");
  BOOST_TEST(line(ReqOptionParameters{27, "AAPL", "", "STK", 265598}) == "78|27|AAPL||STK|265598|");
  BOOST_TEST(line(ReqMatchingSymbols{36, "AAPL"}) == "81|36|AAPL|");
  BOOST_TEST(line(ReqMarketRule{26}) == "91|26|");
  BOOST_TEST(line(CancelHistoricalData{28}) == "25|1|28|");
  BOOST_TEST(line(CancelHeadTimestamp{30}) == "90|30|");
  BOOST_TEST(line(ReqNewsProviders{}) == "85|");
  BOOST_TEST(line(ReqHistoricalNews{31, 265598, "BRFG+DJNL"}) == "86|31|265598|BRFG+DJNL|||10||");
  BOOST_TEST(line(ReqNewsArticle{33, "BRFUPDN", "BRFUPDN$1e1f54ec"}) == "84|33|BRFUPDN|BRFUPDN$1e1f54ec||");
  BOOST_TEST(line(ReqNewsBulletins{}) == "12|1|1|");
  BOOST_TEST(line(CancelNewsBulletins{}) == "13|1|");
}

BOOST_AUTO_TEST_CASE(requests_that_name_a_contract) {
  const std::string c = "265598|AAPL|STK||0|||SMART|NASDAQ|USD|||";
  ReqMarketData data{11, stock()};
  data.generic_ticks = "233,236";
  BOOST_TEST(line(data) == "1|11|11|" + c + "0|233,236|0|0||");
  data.delta_contract = DeltaNeutralContract{5, ratio("0.5"), price("10")};
  data.snapshot = true;
  data.options = {{"a", "b"}, {"c", ""}};
  BOOST_TEST(line(data) == "1|11|11|" + c + "1|5|0.5|10|233,236|1|0|a=b;c=;|");
  ReqTickByTick ticks{14, stock()};
  for (const auto& [kind, word] : {std::pair{TickByTickKind::last, "Last"},
                                   {TickByTickKind::all_last, "AllLast"},
                                   {TickByTickKind::bid_ask, "BidAsk"},
                                   {TickByTickKind::midpoint, "MidPoint"}}) {
    ticks.kind = kind;
    BOOST_TEST(line(ticks) == "97|14|" + c + word + "|0|0|");
  }
  BOOST_TEST(line(ReqRealTimeBars{37, stock(), "TRADES", true}) == "50|3|37|" + c + "5|TRADES|1||");
  BOOST_TEST(line(ReqMarketDepth{38, stock(), 5, true}) == "10|5|38|" + c + "5|1||");
  BOOST_TEST(line(CalculateImpliedVolatility{1, stock(), price("2.5"), price("100")}) == "54|3|1|" + c + "2.5|100|0||");
  BOOST_TEST(line(CalculateOptionPrice{1, stock(), ratio("0.25"), price("100")}) == "55|3|1|" + c + "0.25|100|0||");
  BOOST_TEST(line(ReqContractData{24, stock()}) == "9|8|24|" + c + "0||||");
  BOOST_TEST(line(ReqContractData{24, stock()}, 175) == "9|8|24|" + c + "0|||");
  ReqHistoricalData history;
  history.req_id = 28;
  history.contract = stock();
  history.bar_size = "1 hour";
  history.duration = "1 D";
  BOOST_TEST(line(history) == "20|28|" + c + "0||1 hour|1 D|1|TRADES|1|0||");
  BOOST_TEST(line(ReqHeadTimestamp{30, stock()}) == "87|30|" + c + "0|1|TRADES|1|");
  ReqHistoricalTicks past{32, stock()};
  past.start = "20260611-13:30:30";
  BOOST_TEST(line(past) == "96|32|" + c + "0|20260611-13:30:30||1000|TRADES|1|0||");

  Contract combo;
  combo.symbol = "AAPL";
  combo.sec_type = "BAG";
  combo.exchange = "SMART";
  combo.currency = "USD";
  ReqMarketData spread{12, combo};
  spread.legs = {leg(1, 1, "BUY", "SMART"), leg(2, 3, "SELL", "CBOE")};
  BOOST_TEST(line(spread) == "1|11|12|0|AAPL|BAG||0|||SMART||USD|||2|1|1|BUY|SMART|2|3|SELL|CBOE|0||0|0||");
  Contract option = stock();
  option.sec_type = "OPT";
  option.last_trade_date = "20260618";
  option.strike = price("200.5");
  option.right = OptionRight::put;
  option.multiplier = "100";
  BOOST_TEST(line(ReqHeadTimestamp{30, option}) ==
             "87|30|265598|AAPL|OPT|20260618|200.5|P|100|SMART|NASDAQ|USD|||0|1|TRADES|1|");
}

BOOST_AUTO_TEST_CASE(requests_by_version) {
  CancelOrder cancel{101};
  BOOST_TEST(line(cancel, 168) == "4|1|101|");
  BOOST_TEST(line(cancel, 169) == "4|1|101||");
  BOOST_TEST(line(cancel, 178) == "4|1|101||");
  cancel.manual_order_indicator = 1;
  cancel.ext_operator = "op";
  BOOST_TEST(line(cancel, 178) == "4|1|101||");
  BOOST_TEST(line(cancel, 192) == "4|101||op|1|");
  BOOST_TEST(line(GlobalCancel{}, 178) == "58|1|");
  BOOST_TEST(line(GlobalCancel{}, 192) == "58|||");
  ReqExecutions executions{20};
  BOOST_TEST(line(executions) == "7|3|20|0|||||||");
  BOOST_TEST(line(executions, 200) == "7|3|20|0|||||||2147483647|0|");
  executions.last_days = 2;
  executions.dates = {20260611, 20260612};
  executions.account = "U1";
  BOOST_TEST(line(executions, 199) == "7|3|20|0|U1||||||");
  BOOST_TEST(line(executions, 200) == "7|3|20|0|U1||||||2|2|20260611|20260612|");
}

BOOST_AUTO_TEST_CASE(another_clients_orders_mean_the_same) {
  const Captures captures{"client_sv178_ib_async.txt"};
  if (!captures) return;
  PlaceOrder limit{101, stock(), "", "", order("BUY", "100", "LMT")};
  limit.order.limit_price = price("150.25");
  limit.order.time_in_force = "DAY";
  limit.order.account = "DU1234567";
  limit.order.order_ref = "ref-1";
  captures.check("placeOrder LMT DAY stock", limit);

  PlaceOrder stop{105, stock(), "", "", order("SELL", "100", "STP")};
  stop.order.aux_price = price("140");
  stop.order.time_in_force = "GTC";
  captures.check("placeOrder STP", stop);

  PlaceOrder entry{110, stock(), "", "", order("BUY", "10", "LMT")};
  entry.order.limit_price = price("150");
  entry.order.transmit = false;
  captures.check("placeOrder bracket leg 1 of 3", entry);
  PlaceOrder profit{111, stock(), "", "", order("SELL", "10", "LMT")};
  profit.order.limit_price = price("155");
  profit.order.parent_id = 110;
  profit.order.transmit = false;
  captures.check("placeOrder bracket leg 2 of 3", profit);
  PlaceOrder loss{112, stock(), "", "", order("SELL", "10", "STP")};
  loss.order.aux_price = price("145");
  loss.order.parent_id = 110;
  captures.check("placeOrder bracket leg 3 of 3", loss);

  Contract option;
  option.symbol = "AAPL";
  option.sec_type = "OPT";
  option.last_trade_date = "20260618";
  option.strike = price("200");
  option.right = OptionRight::call;
  option.multiplier = "100";
  option.exchange = "SMART";
  option.currency = "USD";
  PlaceOrder call{103, option, "", "", order("BUY", "2", "LMT")};
  call.order.limit_price = price("3.45");
  call.order.time_in_force = "GTC";
  call.order.account = "DU1234567";
  captures.check("placeOrder LMT option by fields", call);

  Contract combo;
  combo.symbol = "AAPL";
  combo.sec_type = "BAG";
  combo.exchange = "SMART";
  combo.currency = "USD";
  PlaceOrder spread{120, combo, "", "", order("BUY", "1", "LMT")};
  spread.order.limit_price = price("0.75");
  spread.order.legs = {leg(675811965, 1, "BUY", "SMART"), leg(675811970, 1, "SELL", "SMART")};
  spread.order.smart_routing_params = {{"NonGuaranteed", "1"}};
  captures.check("placeOrder BAG two legs, NonGuaranteed=1, per-order limit", spread);

  PlaceOrder adaptive{130, stock(), "", "", order("BUY", "100", "LMT")};
  adaptive.order.limit_price = price("150");
  adaptive.order.algo_strategy = "Adaptive";
  adaptive.order.algo_params = {{"adaptivePriority", "Normal"}};
  captures.check("placeOrder Adaptive algo", adaptive);

  PlaceOrder conditional{140, stock(), "", "", order("BUY", "100", "LMT")};
  conditional.order.limit_price = price("150");
  auto& condition = conditional.order.conditions.emplace_back();
  condition.price = price("200.5");
  condition.con_id = 265598;
  condition.exchange = "SMART";
  condition.trigger_method = 2;
  conditional.order.conditions_ignore_rth = true;
  captures.check("placeOrder price condition", conditional);

  PlaceOrder preview{150, stock(), "", "", order("BUY", "100", "MKT")};
  preview.order.what_if = true;
  captures.check("placeOrder what-if", preview);

  ReqMarketData data{11, stock()};
  data.generic_ticks = "233,236";
  captures.check("reqMktData stream, generic ticks 233,236", data);
  captures.check("reqTickByTickData Last", ReqTickByTick{14, stock()});
  captures.check("cancelOrder", CancelOrder{101});
  captures.check("reqGlobalCancel", GlobalCancel{});
  captures.check("reqExecutions no filter", ReqExecutions{20});
  captures.check("reqRealTimeBars", ReqRealTimeBars{37, stock(), "TRADES", true});
  captures.check("reqHeadTimeStamp", ReqHeadTimestamp{30, stock()});
  captures.check("reqHistoricalNews", ReqHistoricalNews{31, 265598, "BRFG+DJNL"});
}

BOOST_AUTO_TEST_CASE(what_a_live_gateway_took) {
  const Captures captures{"client_sv200.txt"};
  if (!captures) return;
  // Fields that are empty there are zero here, which is what empty means.
  Contract c = stock();
  c.primary_exchange.clear();
  PlaceOrder market{371, c, "", "", order("BUY", "100", "MKT")};
  BOOST_TEST(fields_of(payload(market, 200)).size() == 119u);
  ReqExecutions executions{1, 0, "DU9000001", "", "AAPL"};
  captures.check("reqExecutions (sv200 form)", executions, 200);
  captures.check("reqGlobalCancel (sv200 form)", GlobalCancel{}, 200);
}

BOOST_AUTO_TEST_CASE(a_plain_order_has_114_fields) {
  BOOST_TEST(fields_of(payload(PlaceOrder{1, stock(), "", "", order("BUY", "1", "MKT")})).size() == 114u);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_sent_is_refused) {
  PlaceOrder bad{1, stock(), "", "", order("BUY", "1", "MKT")};
  bad.order.order_ref = std::string{"a\0b", 3};
  BOOST_TEST(refused(bad).message == "field 26: only printable ASCII can be sent: \"a?b\"");
  for (const auto* text : {"line\nfeed", "\xc3\xbc", "tab\t", "\x7f"}) {
    bad.order.order_ref = text;
    refused(bad);
  }
  ReqMatchingSymbols many{1, std::string(std::size_t{1} << 24, 'a')};
  refused(many);
  bad.order.order_ref.clear();
  bad.order.misc_options = {{"a;b", "c"}};
  refused(bad);
  bad.order.misc_options = {{"a", "b;c"}};
  refused(bad);
  bad.order.misc_options.clear();
  bad.order.legs.resize(1);
  refused(bad);
  bad.contract.sec_type = "BAG";
  bad.order.leg_prices.resize(2);
  refused(bad);
}

BOOST_AUTO_TEST_CASE(frames_are_appended) {
  std::string out;
  BOOST_REQUIRE(encode(ReqCurrentTime{}, 178, out));
  BOOST_REQUIRE(encode(ReqIds{}, 178, out));
  FrameReader reader;
  reader.feed(out);
  std::string_view first;
  BOOST_TEST((reader.next(first) == FrameReader::Next::payload));
  BOOST_TEST((first == std::string_view{"49\0"
                                        "1\0",
                                        5}));
  BOOST_TEST((reader.next(first) == FrameReader::Next::payload));
}

BOOST_AUTO_TEST_SUITE_END()
