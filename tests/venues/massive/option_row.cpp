#include "tests/venues/massive/option_row.hpp"

#include "tests/venues/massive/endpoints.hpp"

namespace tradebus::massive_sim {

const char* market_state(const Call& call) {
  const Day today = call.today();
  if (!trades_on(today)) return "closed";
  const Session session = session_of(today);
  const Ms now = call.now / ns_per_ms;
  if (now < session.pre || now >= session.post) return "closed";
  return now < session.open ? "early_trading" : now < session.close ? "open" : "late_trading";
}

void write_option(Json& json, const Call& call, const Contract& contract, bool universal) {
  const Day day = last_trading_day(call.today());
  const auto trade = call.market.last_trade(contract.ticker, call.now);
  const auto quote = call.market.last_quote(contract.ticker, call.now);
  const auto greeks = call.market.greeks(contract, call.now);
  const auto spot = call.market.last_trade(contract.underlying, call.now);

  json.field("break_even_price",
             to_4_decimals(contract.strike + (contract.call ? 1 : -1) * (quote ? (quote->bid + quote->ask) / 2 : 0)));
  // Empty when it hasn't traded.
  json.key(universal ? "session" : "day").begin_object();
  if (const auto bar = call.market.day_bar(contract.ticker, day, call.now)) {
    const auto before = call.market.day_bar(contract.ticker, previous_trading_day(day), call.now);
    const double previous = before ? before->close : bar->open;
    const double change = to_4_decimals(bar->close - previous);
    json.field("change", change).field("change_percent", previous > 0 ? to_4_decimals(change / previous * 100) : 0.0);
    json.field("close", bar->close).field("high", bar->high);
    if (!universal) json.field("last_updated", bar->time * ns_per_ms);
    json.field("low", bar->low)
        .field("open", bar->open)
        .field("previous_close", previous)
        .key("volume")
        .volume(bar->volume);
    if (!universal) json.field("vwap", bar->vwap);
  }
  json.end_object();
  json.key("details")
      .begin_object()
      .field("contract_type", contract.call ? "call" : "put")
      .field("exercise_style", "american");
  json.field("expiration_date", text_of(contract.expiry))
      .field("shares_per_contract", 100)
      .field("strike_price", contract.strike);
  if (universal) {
    json.field("underlying_ticker", contract.underlying);
  } else {
    json.field("ticker", contract.ticker);
  }
  json.end_object();
  if (greeks) {
    json.key("greeks")
        .begin_object()
        .field("delta", greeks->delta)
        .field("gamma", greeks->gamma)
        .field("theta", greeks->theta);
    json.field("vega", greeks->vega).end_object().field("implied_volatility", greeks->iv);
  } else if (contract.call) {
    json.key("greeks").begin_object().end_object();  // as often as not there is an empty one
  }
  if (quote && call.access.has("Q")) {
    json.key("last_quote").begin_object().field("ask", quote->ask).field("ask_size", quote->ask_size);
    json.field("ask_exchange", quote->ask_exchange).field("bid", quote->bid).field("bid_size", quote->bid_size);
    json.field("bid_exchange", quote->bid_exchange).field("last_updated", quote->time);
    json.field("midpoint", to_4_decimals((quote->bid + quote->ask) / 2))
        .field("timeframe", call.timeframe())
        .end_object();
  }
  if (trade && call.access.has("T")) {
    json.key("last_trade").begin_object().field("sip_timestamp", trade->time);
    json.key("conditions").begin_array().value(trade->condition < 0 ? 209 : trade->condition).end_array();
    json.field("price", trade->price).field("size", trade->size).field("exchange", trade->exchange);
    json.field("timeframe", call.timeframe()).end_object();
  }
  if (const auto interest = call.market.open_interest(contract, day)) json.field("open_interest", *interest);
  json.key("underlying_asset").begin_object();
  if (spot) {
    const double even = contract.strike + (contract.call ? 1 : -1) * (quote ? (quote->bid + quote->ask) / 2 : 0);
    json.field("change_to_break_even", to_4_decimals(even - spot->price))
        .field("last_updated", spot->time)
        .field("price", spot->price);
  }
  json.field("ticker", contract.underlying).field("timeframe", call.timeframe()).end_object();
}

}  // namespace tradebus::massive_sim
