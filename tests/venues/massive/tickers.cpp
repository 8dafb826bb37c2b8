#include <algorithm>
#include <cctype>
#include <cmath>

#include "tests/venues/massive/endpoints.hpp"
#include "tests/venues/massive/page.hpp"

namespace tradebus::massive_sim {
namespace {

std::string lower(std::string_view text) {
  std::string out{text};
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

bool found_in(const Listing& listing, std::string_view search) {
  const std::string wanted = lower(search);
  return lower(listing.ticker).find(wanted) != std::string::npos ||
         lower(listing.name).find(wanted) != std::string::npos;
}

bool active(const Call& call, const Listing& listing) {
  return listing.delisted == 0 || call.today() < listing.delisted;
}

std::string_view market_of(const Listing& listing) { return listing.otc ? "otc" : "stocks"; }

void write_common(Json& json, const Call& call, const Listing& x) {
  json.field("ticker", x.ticker).field("name", x.name).field("market", market_of(x)).field("locale", "us");
  if (!x.otc) json.field("primary_exchange", x.exchange);
  json.field("type", x.type).field("active", active(call, x)).field("currency_name", "usd");
  if (!x.cik.empty()) json.field("cik", x.cik);
  if (!x.figi.empty()) json.field("composite_figi", x.figi).field("share_class_figi", x.share_class_figi);
  if (!active(call, x)) json.field("delisted_utc", text_of(x.delisted) + "T00:00:00Z");
}

bool wanted(const Call& call, const Listing& x) {
  const Query& q = call.query;
  return wanted_text(q, "ticker", x.ticker) && wanted_text(q, "type", x.type) &&
         wanted_text(q, "market", market_of(x)) && wanted_text(q, "exchange", x.exchange) &&
         wanted_text(q, "cik", x.cik) && !q.find("cusip") && (q.get("active", "true") != "false") == active(call, x) &&
         found_in(x, q.get("search"));
}

}  // namespace

// /v3/reference/tickers
Answer tickers(const Call& call) {
  const auto limit = limit_of(call.query, 100, 1000);
  if (!limit) return bad_request(call, "Could not parse the limit.");
  std::vector<Listing> rows;
  std::copy_if(call.market.listings().begin(), call.market.listings().end(), std::back_inserter(rows),
               [&](const Listing& x) { return wanted(call, x); });
  const std::string_view sort = call.query.get("sort", "ticker");
  std::stable_sort(rows.begin(), rows.end(), [&](const Listing& a, const Listing& b) {
    if (sort == "name") return a.name < b.name;
    if (sort == "type") return std::tie(a.type, a.ticker) < std::tie(b.type, b.ticker);
    if (sort == "primary_exchange") return std::tie(a.exchange, a.ticker) < std::tie(b.exchange, b.ticker);
    return a.ticker < b.ticker;
  });
  const auto page = page_of(call, rows, *limit);
  Json json;
  json.begin_array();
  for (const Listing* row : page.rows) {
    json.begin_object();
    write_common(json, call, *row);
    json.field("last_updated_utc", text_of(call.today()) + "T00:00:00Z").end_object();
  }
  json.end_array();
  return envelope(call, json.text(), static_cast<std::ptrdiff_t>(page.rows.size()), page.next_url, true);
}

// /v3/reference/tickers/{ticker}: funds and preferreds lack most company fields.
Answer ticker_details(const Call& call) {
  const Listing* x = call.market.listing(call.parts[0]);
  if (x == nullptr) return not_found(call);
  Json json;
  json.begin_object();
  write_common(json, call, *x);
  if (x->type == "CS") {
    const auto trade = call.market.last_trade(x->ticker, call.now);
    if (trade) json.field("market_cap", std::round(trade->price * x->shares));
    json.field("phone_number", "(555) 010-0100").key("address").begin_object().field("address1", "1 EXAMPLE WAY");
    json.field("city", x->city).field("state", x->state).field("postal_code", "62701").end_object();
    json.field("description", x->description)
        .field("sic_code", x->sic_code)
        .field("sic_description", x->sic_description);
    json.field("homepage_url", x->homepage).field("total_employees", x->employees);
    json.key("branding").begin_object().field("logo_url", call.base_url + "/v1/reference/company-branding/logo.svg");
    json.field("icon_url", call.base_url + "/v1/reference/company-branding/icon.png").end_object();
    json.field("weighted_shares_outstanding", x->shares);
  }
  const std::size_t dot = x->ticker.find('.');
  json.field("ticker_root", x->ticker.substr(0, dot));
  if (dot != std::string::npos) json.field("ticker_suffix", x->ticker.substr(dot + 1));
  json.field("list_date", text_of(x->listed))
      .field("share_class_shares_outstanding", x->shares)
      .field("round_lot", 100);
  json.end_object();
  return envelope(call, json.text(), -1, {}, false);
}

// /v3/reference/tickers/types
Answer ticker_types(const Call& call) {
  constexpr const char* types[][2] = {{"CS", "Common Stock"},
                                      {"PFD", "Preferred Stock"},
                                      {"WARRANT", "Warrant"},
                                      {"RIGHT", "Rights"},
                                      {"ADRC", "American Depository Receipt Common"},
                                      {"ETF", "Exchange Traded Fund"},
                                      {"ETN", "Exchange Traded Note"},
                                      {"FUND", "Fund"},
                                      {"SP", "Structured Product"},
                                      {"UNIT", "Unit"},
                                      {"INDEX", "Index"}};
  Json json;
  json.begin_array();
  for (const auto& [code, description] : types) {
    json.begin_object()
        .field("code", code)
        .field("description", description)
        .field("asset_class", "stocks")
        .field("locale", "us");
    json.end_object();
  }
  json.end_array();
  return envelope(call, json.text(), static_cast<std::ptrdiff_t>(std::size(types)), {}, true);
}

// /vX/reference/tickers/{ticker}/events
Answer ticker_events(const Call& call) {
  const Listing* x = call.market.listing(call.parts[0]);
  if (x == nullptr) return not_found(call);
  Json json;
  json.begin_object()
      .field("name", x->name)
      .field("composite_figi", x->figi)
      .field("cik", x->cik)
      .key("events")
      .begin_array();
  json.begin_object()
      .key("ticker_change")
      .begin_object()
      .field("ticker", x->ticker)
      .end_object()
      .field("type", "ticker_change");
  json.field("date", text_of(x->listed)).end_object().end_array().end_object();
  return envelope(call, json.text(), -1, {}, false);
}

// /v1/related-companies/{ticker}
Answer related_companies(const Call& call) {
  const Listing* x = call.market.listing(call.parts[0]);
  if (x == nullptr) return not_found(call);
  Json json;
  std::ptrdiff_t count = 0;
  json.begin_array();
  for (const Listing& other : call.market.listings()) {
    if (other.exchange != x->exchange || other.ticker == x->ticker || other.type != "CS" || count == 5) continue;
    json.begin_object().field("ticker", other.ticker).end_object();
    ++count;
  }
  json.end_array();
  return envelope(call, json.text(), count, {}, false);
}

}  // namespace tradebus::massive_sim
