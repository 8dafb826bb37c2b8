#include <algorithm>
#include <tuple>

#include "tests/venues/massive/endpoints.hpp"
#include "tests/venues/massive/option_row.hpp"
#include "tests/venues/massive/page.hpp"

namespace tradebus::massive_sim {
namespace {

bool wanted(const Query& query, const Contract& contract) {
  return wanted_text(query, "contract_type", contract.call ? "call" : "put") &&
         wanted_text(query, "expiration_date", text_of(contract.expiry)) &&
         wanted_number(query, "strike_price", contract.strike);
}

void sort_by(std::vector<Contract>& rows, std::string_view field) {
  std::stable_sort(rows.begin(), rows.end(), [&](const Contract& a, const Contract& b) {
    if (field == "expiration_date") return std::tie(a.expiry, a.ticker) < std::tie(b.expiry, b.ticker);
    if (field == "strike_price") return std::tie(a.strike, a.ticker) < std::tie(b.strike, b.ticker);
    return a.ticker < b.ticker;
  });
}

void write_reference(Json& json, const Contract& contract) {
  json.begin_object();
  json.field("cfi", contract.call ? "OCASPS" : "OPASPS").field("contract_type", contract.call ? "call" : "put");
  json.field("exercise_style", "american")
      .field("expiration_date", text_of(contract.expiry))
      .field("primary_exchange", "BATO");
  json.field("shares_per_contract", 100).field("strike_price", contract.strike).field("ticker", contract.ticker);
  json.field("underlying_ticker", contract.underlying).end_object();
}

}  // namespace

// /v3/reference/options/contracts
Answer option_contracts(const Call& call) {
  const auto limit = limit_of(call.query, 10, 1000);
  if (!limit) return bad_request(call, "Could not parse the limit.");
  Day day = call.today();
  if (const auto as_of = call.query.find("as_of"); as_of && !as_of->empty()) {
    const auto parsed = parse_day(*as_of);
    if (!parsed) return bad_request(call, "Could not parse the date in as_of.");
    day = *parsed;
  }
  const bool expired = call.query.get("expired") == "true";
  std::vector<Contract> rows;
  for (const Listing& listing : call.market.listings()) {
    if (!listing.optionable || !wanted_text(call.query, "underlying_ticker", listing.ticker)) continue;
    // Expired ones: those of three months ago that are gone by now.
    for (const Contract& contract : call.market.contracts(listing.ticker, expired ? day - 91 : day)) {
      if (expired == (contract.expiry < day) && wanted(call.query, contract)) rows.push_back(contract);
    }
  }
  sort_by(rows, call.query.get("sort", "ticker"));
  const auto page = page_of(call, rows, *limit);
  Json json;
  json.begin_array();
  for (const Contract* row : page.rows) write_reference(json, *row);
  json.end_array();
  return envelope(call, json.text(), static_cast<std::ptrdiff_t>(page.rows.size()), page.next_url, false);
}

// /v3/reference/options/contracts/{O:ticker}
Answer option_contract(const Call& call) {
  const auto contract = parse_contract(call.parts[0]);
  if (!contract || !call.market.known(contract->ticker)) return not_found(call, "Contract not found.");
  Json json;
  write_reference(json, *contract);
  return envelope(call, json.text(), -1, {}, false);
}

// /v3/snapshot/options/{underlying}
Answer option_chain(const Call& call) {
  if (call.access.plan == Plan::free) return not_entitled(call);
  const auto limit = limit_of(call.query, 10, 250);
  if (!limit) return bad_request(call, "Could not parse the limit.");
  auto rows = call.market.contracts(call.parts[0], call.today());
  std::erase_if(rows, [&](const Contract& row) { return !wanted(call.query, row); });
  sort_by(rows, call.query.get("sort", "ticker"));
  const auto page = page_of(call, rows, *limit);
  Json json;
  json.begin_array();
  for (const Contract* row : page.rows) {
    json.begin_object();
    write_option(json, call, *row, false);
    json.end_object();
  }
  json.end_array();
  return envelope(call, json.text(), static_cast<std::ptrdiff_t>(page.rows.size()), page.next_url, false);
}

// /v3/snapshot/options/{underlying}/{O:contract}
Answer option_snapshot(const Call& call) {
  if (call.access.plan == Plan::free) return not_entitled(call);
  const auto contract = parse_contract(call.parts[1]);
  if (!contract || contract->underlying != call.parts[0] || !call.market.known(contract->ticker)) {
    return not_found(call, "Options contract not found.");
  }
  Json json;
  json.begin_object();
  write_option(json, call, *contract, false);
  json.end_object();
  return envelope(call, json.text(), -1, {}, false);
}

}  // namespace tradebus::massive_sim
