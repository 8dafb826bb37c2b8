#include <algorithm>
#include <tuple>

#include "tests/venues/massive/endpoints.hpp"
#include "tests/venues/massive/option_row.hpp"
#include "tests/venues/massive/page.hpp"

namespace tradebus::massive_sim {
namespace {

struct Exchange {
  int id;
  const char *type, *name, *mic, *participant;
};
constexpr Exchange stock_exchanges[] = {
    {1, "exchange", "NYSE American, LLC", "XASE", "A"},
    {2, "exchange", "Nasdaq OMX BX, Inc.", "XBOS", "B"},
    {3, "exchange", "NYSE National, Inc.", "XCIS", "C"},
    {4, "TRF", "FINRA NYSE TRF", "FINY", "D"},
    {4, "TRF", "FINRA Nasdaq TRF Carteret", "FINN", "D"},
    {5, "SIP", "Unlisted Trading Privileges", "", "E"},
    {7, "exchange", "Cboe EDGA", "EDGA", "J"},
    {8, "exchange", "Cboe EDGX", "EDGX", "K"},
    {9, "exchange", "NYSE Chicago, Inc.", "XCHI", "M"},
    {10, "exchange", "New York Stock Exchange", "XNYS", "N"},
    {11, "exchange", "NYSE Arca, Inc.", "ARCX", "P"},
    {12, "exchange", "Nasdaq", "XNAS", "T"},
    {13, "SIP", "Consolidated Tape Association", "", "S"},
    {14, "exchange", "Long-Term Stock Exchange", "LTSE", "L"},
    {15, "exchange", "Investors Exchange", "IEXG", "V"},
    {17, "exchange", "Nasdaq Philadelphia Exchange LLC", "XPHL", "X"},
    {18, "exchange", "Cboe BYX", "BATY", "Y"},
    {19, "exchange", "Cboe BZX", "BATS", "Z"},
    {20, "exchange", "MIAX Pearl", "EPRL", "H"},
    {21, "exchange", "Members Exchange", "MEMX", "U"},
};
constexpr Exchange option_exchanges[] = {
    {300, "exchange", "NYSE American Options", "AMXO", "A"},
    {302, "exchange", "Cboe BZX Options", "BATO", "Z"},
    {303, "exchange", "Boston Options Exchange", "XBOX", "B"},
    {316, "exchange", "Cboe Options Exchange", "XCBO", "C"},
};

struct Condition {
  int id;
  const char* name;
  bool high_low, open_close, volume;
};
constexpr Condition stock_conditions[] = {
    {1, "Acquisition", true, true, true},
    {2, "Average Price Trade", false, false, true},
    {7, "Cash Sale", false, false, true},
    {8, "Closing Prints", true, true, true},
    {12, "Form T/Extended Hours", false, false, true},
    {14, "Intermarket Sweep", true, true, true},
    {15, "Market Center Official Close", false, false, false},
    {16, "Market Center Official Open", false, false, false},
    {25, "Opening Prints", true, true, true},
    {37, "Odd Lot Trade", false, false, true},
    {41, "Trade Thru Exempt", true, true, true},
};

void write_rules(Json& json, const char* name, const Condition& x) {
  json.key(name).begin_object().field("updates_high_low", x.high_low).field("updates_open_close", x.open_close);
  json.field("updates_volume", x.volume).end_object();
}

std::string id_of(std::string_view ticker, Day day) {
  return "E" + std::to_string(std::hash<std::string>{}(std::string(ticker) + std::to_string(day)));
}

Answer split_list(const Call& call, bool newer) {
  const auto limit = limit_of(call.query, 10, newer ? 5000 : 1000);
  if (!limit) return bad_request(call, "Could not parse the limit.");
  auto rows = call.market.splits();
  std::erase_if(rows, [&](const Split& x) {
    const bool reverse = x.from > x.to;
    return !wanted_text(call.query, "ticker", x.ticker) || !wanted_text(call.query, "execution_date", text_of(x.day)) ||
           (call.query.get("reverse_split").empty() ? false : (call.query.get("reverse_split") == "true") != reverse);
  });
  std::stable_sort(rows.begin(), rows.end(), [](const Split& a, const Split& b) {
    return std::tie(a.day, a.ticker) < std::tie(b.day, b.ticker);
  });
  const auto page = page_of(call, rows, *limit, "desc");
  Json json;
  json.begin_array();
  for (const Split* x : page.rows) {
    json.begin_object()
        .field("id", id_of(x->ticker, x->day))
        .field("execution_date", text_of(x->day))
        .field("split_from", x->from);
    json.field("split_to", x->to).field("ticker", x->ticker);
    if (newer) {
      json.field("adjustment_type", x->from > x->to ? "reverse_split" : "forward_split");
      json.field("historical_adjustment_factor", call.market.split_factor(x->ticker, x->day - 1, call.today()));
    }
    json.end_object();
  }
  json.end_array();
  return envelope(call, json.text(), static_cast<std::ptrdiff_t>(page.rows.size()), page.next_url, false);
}

Answer dividend_list(const Call& call, bool newer) {
  const auto limit = limit_of(call.query, 10, newer ? 5000 : 1000);
  if (!limit) return bad_request(call, "Could not parse the limit.");
  auto rows = call.market.dividends();
  std::erase_if(rows, [&](const Dividend& x) {
    return !wanted_text(call.query, "ticker", x.ticker) || !wanted_text(call.query, "ex_dividend_date", text_of(x.ex));
  });
  std::stable_sort(rows.begin(), rows.end(), [](const Dividend& a, const Dividend& b) {
    return std::tie(a.ex, a.ticker) < std::tie(b.ex, b.ticker);
  });
  const auto page = page_of(call, rows, *limit, "desc");
  Json json;
  json.begin_array();
  for (const Dividend* x : page.rows) {
    json.begin_object().field("id", id_of(x->ticker, x->ex)).field("cash_amount", x->amount).field("currency", "USD");
    json.field("declaration_date", text_of(x->ex - 9))
        .field(newer ? "distribution_type" : "dividend_type", newer ? "recurring" : "CD");
    json.field("ex_dividend_date", text_of(x->ex)).field("frequency", 4).field("pay_date", text_of(x->ex + 5));
    json.field("record_date", text_of(x->ex + 1)).field("ticker", x->ticker).end_object();
  }
  json.end_array();
  return envelope(call, json.text(), static_cast<std::ptrdiff_t>(page.rows.size()), page.next_url, false);
}

}  // namespace

// /v1/marketstatus/now
Answer market_status(const Call& call) {
  const std::string state = market_state(call);
  const char* shown = state == "open" ? "open" : state == "closed" ? "closed" : "extended-hours";
  Json json;
  json.begin_object()
      .field("afterHours", state == "late_trading")
      .key("currencies")
      .begin_object()
      .field("crypto", "open");
  json.field("fx", weekday_of(call.today()) == 6 ? "closed" : "open")
      .end_object()
      .field("earlyHours", state == "early_trading");
  json.key("exchanges").begin_object().field("nasdaq", shown).field("nyse", shown).field("otc", shown).end_object();
  json.field("market", shown).field("serverTime", new_york_text(call.now)).end_object();
  return {200, json.take(), {}, -1, "application/json"};
}

// /v1/marketstatus/upcoming: a bare array, one row an exchange.
Answer market_holidays(const Call& call) {
  Json json;
  json.begin_array();
  for (const Closure& closure : closures_from(call.today(), 10)) {
    for (const char* exchange : {"NYSE", "NASDAQ", "OTC"}) {
      if (closure.early && std::string_view{exchange} == "OTC") continue;
      json.begin_object().field("date", text_of(closure.day)).field("exchange", exchange).field("name", closure.name);
      json.field("status", closure.early ? "early-close" : "closed");
      if (closure.early) {
        const Session session = session_of(closure.day);
        json.field("open", utc_text(session.open * ns_per_ms)).field("close", utc_text(session.close * ns_per_ms));
      }
      json.end_object();
    }
  }
  json.end_array();
  return {200, json.take(), {}, -1, "application/json"};
}

Answer splits(const Call& call) { return split_list(call, false); }             // /v3/reference/splits
Answer stock_splits(const Call& call) { return split_list(call, true); }        // /stocks/v1/splits
Answer dividends(const Call& call) { return dividend_list(call, false); }       // /v3/reference/dividends
Answer stock_dividends(const Call& call) { return dividend_list(call, true); }  // /stocks/v1/dividends

// /v3/reference/exchanges
Answer exchanges(const Call& call) {
  Json json;
  std::ptrdiff_t count = 0;
  json.begin_array();
  const auto write = [&](const Exchange& x, const char* asset_class) {
    if (!wanted_text(call.query, "asset_class", asset_class)) return;
    json.begin_object().field("id", x.id).field("type", x.type).field("asset_class", asset_class).field("locale", "us");
    json.field("name", x.name);
    if (*x.mic != '\0') json.field("mic", x.mic).field("operating_mic", x.mic);
    json.field("participant_id", x.participant).field("url", "https://www.example.com").end_object();
    ++count;
  };
  for (const Exchange& x : stock_exchanges) write(x, "stocks");
  for (const Exchange& x : option_exchanges) write(x, "options");
  json.end_array();
  return envelope(call, json.text(), count, {}, true);
}

// /v3/reference/conditions
Answer conditions(const Call& call) {
  const auto limit = limit_of(call.query, 10, 1000);
  if (!limit) return bad_request(call, "Could not parse the limit.");
  std::vector<Condition> rows;
  if (wanted_text(call.query, "asset_class", "stocks") && wanted_text(call.query, "data_type", "trade")) {
    std::copy_if(std::begin(stock_conditions), std::end(stock_conditions), std::back_inserter(rows),
                 [&](const Condition& x) { return wanted_number(call.query, "id", x.id); });
  }
  const auto page = page_of(call, rows, *limit);
  Json json;
  json.begin_array();
  for (const Condition* x : page.rows) {
    json.begin_object()
        .field("id", x->id)
        .field("type", "sale_condition")
        .field("name", x->name)
        .field("asset_class", "stocks");
    json.key("sip_mapping")
        .begin_object()
        .field("CTA", "B")
        .field("UTP", "W")
        .end_object()
        .key("update_rules")
        .begin_object();
    write_rules(json, "consolidated", *x);
    write_rules(json, "market_center", *x);
    json.end_object().key("data_types").begin_array().value("trade").end_array().end_object();
  }
  json.end_array();
  return envelope(call, json.text(), static_cast<std::ptrdiff_t>(page.rows.size()), page.next_url, true);
}

// /stocks/v1/short-interest: the two settlement dates of each of the last months.
Answer short_interest(const Call& call) {
  const auto limit = limit_of(call.query, 10, 50'000);
  if (!limit) return bad_request(call, "Could not parse the limit.");
  struct Row {
    const Listing* listing;
    Day day;
  };
  std::vector<Row> rows;
  for (const Listing& listing : call.market.listings()) {
    if (!wanted_text(call.query, "ticker", listing.ticker)) continue;
    for (Day day = call.today() - 90; day < call.today() - 10; day += 15) {
      if (wanted_text(call.query, "settlement_date", text_of(last_trading_day(day))))
        rows.push_back({&listing, last_trading_day(day)});
    }
  }
  const auto page = page_of(call, rows, *limit);
  Json json;
  json.begin_array();
  for (const Row* x : page.rows) {
    json.begin_object()
        .field("ticker", x->listing->ticker)
        .field("settlement_date", text_of(x->day))
        .field("short_interest", 1'200'000);
    json.field("avg_daily_volume", 2'340'158).field("days_to_cover", 1.0).end_object();
  }
  json.end_array();
  return envelope(call, json.text(), static_cast<std::ptrdiff_t>(page.rows.size()), page.next_url, false);
}

// /stocks/v1/short-volume
Answer short_volume(const Call& call) {
  const auto limit = limit_of(call.query, 10, 50'000);
  if (!limit) return bad_request(call, "Could not parse the limit.");
  struct Row {
    std::string ticker;
    Bar bar;
  };
  std::vector<Row> rows;
  for (const Listing& listing : call.market.listings()) {
    if (!wanted_text(call.query, "ticker", listing.ticker)) continue;
    Day day = previous_trading_day(call.today());
    for (int i = 0; i < 20; ++i, day = previous_trading_day(day)) {
      const auto bar = call.market.day_bar(listing.ticker, day, call.now);
      if (bar && wanted_text(call.query, "date", text_of(day))) rows.push_back({listing.ticker, *bar});
    }
  }
  const auto page = page_of(call, rows, *limit);
  Json json;
  json.begin_array();
  for (const Row* x : page.rows) {
    const auto total = static_cast<std::int64_t>(x->bar.volume), part = total / 3;
    json.begin_object()
        .field("ticker", x->ticker)
        .field("date", text_of(day_of(x->bar.time)))
        .field("total_volume", total);
    json.field("short_volume", part).field("exempt_volume", part / 100).field("non_exempt_volume", part - part / 100);
    json.field("short_volume_ratio", 33.33).end_object();
  }
  json.end_array();
  return envelope(call, json.text(), static_cast<std::ptrdiff_t>(page.rows.size()), page.next_url, false);
}

}  // namespace tradebus::massive_sim
