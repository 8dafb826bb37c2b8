// Whose number is whose symbol.
#include <boost/test/unit_test.hpp>

#include "actors/providers/ibkr/contract_book.hpp"

using namespace tradebus;
using namespace tradebus::ibkr::data;
namespace wire = tradebus::ibkr::wire;

namespace {

wire::ContractData listed(std::int64_t con_id, const std::string& exchange) {
  wire::ContractData out;
  out.contract.con_id = con_id;
  out.contract.symbol = "CSCO";
  out.contract.sec_type = "STK";
  out.contract.exchange = "SMART";
  out.contract.primary_exchange = exchange;
  out.contract.currency = "USD";
  out.long_name = "CISCO SYSTEMS INC";
  out.industry = "Communications";
  out.category = "Telecommunications";
  out.subcategory = "Networking Products";
  out.stock_type = "COMMON";
  out.trading_hours = "20260406:0400-20260406:2000";
  return out;
}

KnownContractPtr named(const std::string& symbol) {
  auto out = std::make_shared<KnownContract>();
  out->symbol = Symbol{symbol};
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(contract_book)

BOOST_AUTO_TEST_CASE(one_contract_may_come_once_for_each_of_its_exchanges) {
  const auto csco = *Instrument::parse("CSCO");
  const auto found = choose(csco, {listed(268084, "NASDAQ"), listed(268084, "NASDAQ")});
  BOOST_REQUIRE(found);
  const auto& known = **found;
  BOOST_CHECK_EQUAL(known.contract().con_id, 268084);
  BOOST_CHECK_EQUAL(known.contract().exchange, "SMART");
  BOOST_CHECK(known.data.trading_hours.empty());  // not kept
  const auto details = to_details(known);
  BOOST_CHECK_EQUAL(details.name, "CISCO SYSTEMS INC");
  BOOST_CHECK_EQUAL(details.exchange.value(), "XNAS");
  BOOST_CHECK_EQUAL(details.sector.value(), "Communications");
  BOOST_CHECK_EQUAL(details.description.value(), "Telecommunications, Networking Products; COMMON");
}

BOOST_AUTO_TEST_CASE(none_and_several_are_refused_by_name) {
  const auto csco = *Instrument::parse("CSCO");
  const auto none = choose(csco, {});
  BOOST_REQUIRE(!none);
  BOOST_CHECK(none.error().code == Errc::instrument_unknown);
  const auto several = choose(csco, {listed(1, "NASDAQ"), listed(2, "MEXI")});
  BOOST_REQUIRE(!several);
  BOOST_CHECK(several.error().code == Errc::instrument_unknown);
  BOOST_CHECK(several.error().message.find("listed at MEXI, NASDAQ") != std::string::npos);
  BOOST_CHECK(several.error().message.find("providers.ibkr.primary_exchanges") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_was_not_used_for_longest_is_forgotten) {
  ContractBook book{3};
  for (const char* symbol : {"A", "B", "C"}) book.add(named(symbol));
  BOOST_CHECK(book.find(Symbol{"A"}));
  book.add(named("D"));
  BOOST_CHECK(!book.find(Symbol{"B"}));
  BOOST_CHECK(book.find(Symbol{"A"}) && book.find(Symbol{"C"}) && book.find(Symbol{"D"}));
  book.add(named("D"));
  BOOST_CHECK_EQUAL(book.size(), 3);
}

BOOST_AUTO_TEST_CASE(listings_are_named_by_symbol) {
  const auto parsed = parse_primary_exchanges({"CSCO=NASDAQ", "BRK.B=NYSE"});
  BOOST_REQUIRE(parsed);
  BOOST_CHECK_EQUAL(parsed->at(Symbol{"BRK.B"}), "NYSE");
  for (const char* bad : {"CSCO", "CSCO=", "=NASDAQ", "CSCO=nasdaq", "C SCO=NASDAQ", "CSCO=NAS|DAQ"}) {
    const auto refused = parse_primary_exchanges({bad});
    BOOST_REQUIRE_MESSAGE(!refused, bad);
    BOOST_CHECK(refused.error().code == Errc::config_invalid);
  }
}

BOOST_AUTO_TEST_SUITE_END()
