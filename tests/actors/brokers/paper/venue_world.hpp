// A venue without an actor: the test says what time it is and what the market does.
#pragma once

#include <string>

#include "actors/brokers/paper/paper_venue.hpp"
#include "tests/support/fake_market.hpp"

namespace tradebus::test {

struct VenueWorld {
  paper::PaperConfig config;
  std::optional<paper::PaperVenue> made;
  std::vector<paper::Record> records;  // all that happened
  paper::Reports reports;
  Timestamp now = day("13:30:00");
  std::uint64_t next = 0;

  // Of 2024-06-18, a Tuesday, in UTC: New York's regular session is 13:30 to 20:00, the extended ones 08:00 to 24:00.
  static Timestamp day(const std::string& time, int days = 0) {
    const auto number = [&](std::size_t i) { return std::stoi(time.substr(i, 2)); };
    return Timestamp{std::chrono::sys_days{std::chrono::year{2024} / 6 / 18}} + std::chrono::days{days} +
           std::chrono::hours{number(0)} + std::chrono::minutes{number(3)} + std::chrono::seconds{number(6)};
  }
  void gather() {
    for (auto& record : made->take_news()) records.push_back(std::move(record));
  }
  paper::PaperVenue& venue() {
    if (!made) {
      made.emplace(BrokerName{"paper"}, config);
      made->record(now);
    }
    return *made;
  }
  // The same venue, from what it wrote down. The market has to be shown to it again.
  void restart() {
    gather();
    made.emplace(BrokerName{"paper"}, config);
    for (const auto& record : records) {
      const auto read = paper::decode(paper::encode(record));
      BOOST_REQUIRE(read);
      const auto ok = made->replay(*read);
      BOOST_REQUIRE_MESSAGE(ok, ok.error().message);
    }
    made->record(now);
    BOOST_REQUIRE(made->take_news().empty());
  }

  static TradeOrder order(const std::string& symbol, Side side, const std::string& quantity,
                          OrderType type = OrderType::market, TimeInForce tif = TimeInForce::day) {
    TradeOrder o;
    o.symbol = Symbol{symbol};
    o.side = side;
    if (!quantity.empty()) o.qty = qty(quantity);
    o.order_type = type;
    o.time_in_force = tif;
    return o;
  }
  // Its id, or why not.
  std::string place(TradeOrder order, std::vector<OrderLeg> legs = {}) {
    paper::Placement p;
    p.order_id = OrderId{"o-" + std::to_string(++next)};
    p.order = std::move(order);
    p.legs = std::move(legs);
    if (const auto ok = venue().check(p); !ok) return code(ok.error()) + ": " + ok.error().message;
    const auto accepted = venue().accept(p, now);
    if (!accepted) return code(accepted.error()) + ": " + accepted.error().message;
    venue().match(p.order_id, now, reports);
    gather();
    return p.order_id.str();
  }
  void at(const std::string& time, int days = 0) { now = day(time, days); }
  void pass() {
    venue().advance(now, reports);
    gather();
  }
  void quote(const std::string& symbol, const std::string& bid, const std::string& ask,
             const std::string& size = "1000") {
    venue().on_event(Symbol{symbol}, quote_event(bid, bid.empty() ? "" : size, ask, ask.empty() ? "" : size, now), now,
                     reports);
    gather();
  }
  void trade(const std::string& symbol, const std::string& at_price, const std::string& size = "1000") {
    venue().on_event(Symbol{symbol}, MarketEvent::trade(0, now, now, price(at_price), qty(size)), now, reports);
    gather();
  }
  std::string story(const std::string& id) const {
    std::string out;
    for (const auto& each : reports) {
      const auto* e = std::get_if<BrokerEvent>(&each);
      if (e == nullptr || e->order_id.str() != id) continue;
      if (!out.empty()) out += ", ";
      out += std::string{to_string(e->report)};
      if (e->fill) out += " " + e->fill->qty.to_string() + " @ " + e->fill->price.to_string();
      if (!e->reason.empty()) out += ": " + e->reason;
    }
    return out;
  }
  std::string held(const std::string& symbol) {
    for (const auto& p : venue().positions().positions)
      if (p.symbol.str() == symbol) return p.qty.to_string() + " @ " + p.avg_price.to_string();
    return "";
  }
  std::string cash() { return venue().summary().cash.to_string(); }
  std::string power() { return venue().summary().buying_power.to_string(); }
  std::string stop_of(const std::string& id) {
    const auto o = venue().order(OrderId{id});
    return o && o->order.stop_price ? o->order.stop_price->to_string() : "";
  }
};

inline TradeOrder limit(TradeOrder o, const std::string& at) {
  o.order_type = o.order_type == OrderType::market ? OrderType::limit : o.order_type;
  o.limit_price = price(at);
  return o;
}
inline TradeOrder stop(TradeOrder o, const std::string& at) {
  o.order_type = o.order_type == OrderType::market ? OrderType::stop : o.order_type;
  o.stop_price = price(at);
  return o;
}

}  // namespace tradebus::test
