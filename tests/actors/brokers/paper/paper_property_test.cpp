// Random orders in a random market, for a hundred thousand steps: money and quantities add up exactly at every one, and
// a venue made anew from the records at any moment is the same venue, now and from then on.
#include <boost/test/unit_test.hpp>
#include <random>

#include "tests/actors/brokers/paper/venue_world.hpp"

using namespace tradebus;
using namespace tradebus::test;

namespace {

const std::vector<std::string> stocks{"AAPL", "MSFT"};
const std::vector<std::string> contracts{"AAPL240621C00095000", "AAPL240621C00105000", "AAPL240719P00100000",
                                         "AAPL240719P00090000"};

struct Storm {
  std::mt19937_64 random;
  paper::PaperConfig config;
  Timestamp now = VenueWorld::day("12:00:00");
  std::optional<paper::PaperVenue> venue;
  std::optional<paper::PaperVenue> twin;  // made from the records
  paper::Reports said;
  paper::Reports twin_said;
  std::vector<paper::Record> records;
  std::map<OrderId, Int128> filled;
  std::map<std::string, std::int64_t> mids;  // in cents
  std::uint64_t next = 0;

  explicit Storm(std::uint64_t seed) : random{seed} {
    config.cash = money("2000000");
    config.commission_per_share = price("0.003");
    config.commission_min = money("0.35");
    config.slippage_micro_bps = 700'000;
    config.sessions = seed % 2 == 0;
    config.closed_max = 300;
    config.executions_max = 300;
    venue.emplace(BrokerName{"paper"}, config);
    venue->record(now);
    for (const auto& s : stocks) mids[s] = 10'000;
    for (const auto& s : contracts) mids[s] = 500;
  }
  std::int64_t any(std::int64_t most) { return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(most)); }
  bool one_in(std::int64_t n) { return any(n) == 0; }
  template <class T>
  T pick(std::initializer_list<T> of) {
    return *(of.begin() + any(static_cast<std::int64_t>(of.size())));
  }
  std::string symbol() {
    return one_in(3) ? contracts[static_cast<std::size_t>(any(4))] : stocks[static_cast<std::size_t>(any(2))];
  }
  static Price cents(std::int64_t n) { return Price::from_raw(std::max<std::int64_t>(n, 1) * 10'000'000); }
  static Quantity units(std::int64_t n) { return Quantity::from_raw(Int128{n} * Quantity::scale); }

  template <class F>
  void both(F&& act) {
    act(*venue, said);
    for (auto& r : venue->take_news()) records.push_back(std::move(r));
    if (!twin) return;
    act(*twin, twin_said);
    static_cast<void>(twin->take_news());
  }
  MarketEvent quote_of(const std::string& s) {
    const auto mid = mids[s];
    const auto half = 1 + any(3);
    auto quote = MarketEvent::quote(0, now, now, cents(mid - half), units(any(60)), cents(mid + half), units(any(60)));
    if (one_in(15)) quote.flags = MarketEvent::has_bid | MarketEvent::has_bid_size;  // nobody offers
    return quote;
  }
  void market() {
    const auto s = symbol();
    auto& mid = mids[s];
    mid = std::clamp<std::int64_t>(mid + any(21) - 10, 20, 100'000);
    if (one_in(500)) mid += any(1'000);
    const auto event =
        one_in(3) ? MarketEvent::trade(0, now, now, cents(mid + any(5) - 2), units(1 + any(80))) : quote_of(s);
    both([&](auto& v, auto& out) { v.on_event(Symbol{s}, event, now, out); });
  }
  void place() {
    paper::Placement p;
    p.order_id = OrderId{"o-" + std::to_string(++next)};
    TradeOrder& o = p.order;
    const auto s = symbol();
    o.symbol = Symbol{s};
    o.side = pick({Side::buy, Side::buy, Side::sell, Side::sell, Side::sell_short, Side::buy_to_cover});
    o.qty = units(1 + any(40));
    if (one_in(4) && s.size() < 6) o.qty = Quantity::from_raw(o.qty->raw() + any(1'000'000'000));
    o.order_type = pick({OrderType::market, OrderType::limit, OrderType::limit, OrderType::stop, OrderType::stop_limit,
                         OrderType::trailing_stop, OrderType::market_if_touched, OrderType::limit_if_touched});
    o.time_in_force = pick({TimeInForce::day, TimeInForce::gtc, TimeInForce::gtc, TimeInForce::ioc, TimeInForce::fok,
                            TimeInForce::opg, TimeInForce::cls, TimeInForce::gtd});
    const auto near = [&] { return cents(mids[s] + any(61) - 30); };
    if (o.order_type == OrderType::limit || o.order_type == OrderType::stop_limit ||
        o.order_type == OrderType::limit_if_touched)
      o.limit_price = near();
    if (paper::is_stop(o.order_type) && !is_trailing(o.order_type)) o.stop_price = near();
    if (o.order_type == OrderType::trailing_stop) {
      if (one_in(2))
        o.trail_amount = cents(1 + any(50));
      else
        o.trail_percent = 0.1 + static_cast<double>(any(20)) / 10;
    }
    if (o.time_in_force == TimeInForce::gtd) o.expires_at = now + std::chrono::seconds{1 + any(5'000)};
    if (o.order_type == OrderType::limit && one_in(3)) o.extended_hours = true;
    if (one_in(10) && o.order_type == OrderType::market) {
      o.notional = Money::from_raw(Int128{1 + any(2'000'000)} * 1'000'000);
      o.qty.reset();
      o.time_in_force = TimeInForce::day;
    }
    if (one_in(12)) {
      o = VenueWorld::order("AAPL", o.side == Side::buy ? Side::buy : Side::sell, std::to_string(1 + any(5)));
      o.time_in_force = pick({TimeInForce::day, TimeInForce::gtc, TimeInForce::ioc, TimeInForce::fok});
      if (one_in(2)) o = limit(o, std::to_string(any(9) - 3) + ".5");
      const bool calls = one_in(2);
      p.legs = {
          {Symbol{contracts[calls ? 0 : 2]}, pick({Side::buy, Side::sell}), 1},
          {Symbol{contracts[calls ? 1 : 3]}, pick({Side::buy, Side::sell}), static_cast<std::int32_t>(1 + any(2))}};
    }
    if (!venue->check(p)) return;
    std::string answer;
    both([&](auto& v, auto& out) {
      const auto accepted = v.accept(p, now);
      const auto text = accepted ? to_string(*accepted) : accepted.error().message;
      if (!answer.empty()) BOOST_REQUIRE_EQUAL(answer, text);
      answer = text;
      if (accepted) v.match(p.order_id, now, out);
    });
  }
  OrderId recent() { return OrderId{"o-" + std::to_string(next - static_cast<std::uint64_t>(any(60)))}; }
  void change() {
    const auto id = recent();
    if (one_in(2)) {
      both([&](auto& v, auto& out) { static_cast<void>(v.cancel(id, now, out)); });
      return;
    }
    ReplaceBrokerOrder r{id, {}, {}, {}, {}};
    if (one_in(2)) r.qty = units(1 + any(60));
    const auto order = venue->order(id);
    const auto mid = order ? mids[order->order.symbol.str()] : 1'000;
    if (one_in(2)) r.limit_price = cents(mid + any(61) - 30);
    if (one_in(4)) r.stop_price = cents(mid + any(61) - 30);
    if (one_in(4)) r.time_in_force = pick({TimeInForce::day, TimeInForce::gtc});
    both([&](auto& v, auto& out) { static_cast<void>(v.replace(r, now, out)); });
  }

  // -- what must hold --
  static std::string text(const paper::Reports& reports) {
    std::string out;
    for (const auto& each : reports) out += std::visit([](const auto& e) { return to_string(e); }, each) + "\n";
    return out;
  }
  // But for when a position's mark last moved: a venue that was made anew sees the same mark for the first time.
  static std::string fingerprint(const paper::PaperVenue& v) {
    auto positions = v.positions();
    for (auto& p : positions.positions) p.updated = {};
    return to_string(v.open_orders()) + to_string(v.executions({})) + to_string(positions) + to_string(v.summary()) +
           to_string(v.counters());
  }
  void check() {
    for (const auto& each : said) {
      if (const auto* e = std::get_if<BrokerEvent>(&each); e != nullptr && e->fill)
        filled[e->order_id] += e->fill->qty.raw();
    }
    for (const auto& each : said) {
      const auto* e = std::get_if<BrokerEvent>(&each);
      if (e == nullptr) continue;
      const auto order = venue->order(e->order_id);
      if (!order) continue;
      BOOST_REQUIRE(order->filled_qty.raw() == filled[e->order_id]);
      BOOST_REQUIRE(order->filled_qty <= *order->order.qty);
      BOOST_REQUIRE_EQUAL(order->status == OrderStatus::filled, order->filled_qty == *order->order.qty);
    }
    if (twin) BOOST_REQUIRE_EQUAL(text(said), text(twin_said));
    said.clear();
    twin_said.clear();
    const auto s = venue->summary();
    BOOST_REQUIRE(s.equity.raw() ==
                  config.cash.raw() + s.realized_pnl.raw() + s.unrealized_pnl.raw() - s.commissions.raw());
  }
  void check_positions() {
    Int128 value = 0;
    for (const auto& p : venue->positions().positions) value += p.market_value->raw();
    const auto s = venue->summary();
    BOOST_REQUIRE(value + s.cash.raw() == s.equity.raw());
  }
  void restart() {
    twin.emplace(BrokerName{"paper"}, config);
    for (const auto& record : records) {
      const auto read = paper::decode(paper::encode(record));
      BOOST_REQUIRE(read);
      const auto ok = twin->replay(*read);
      BOOST_REQUIRE_MESSAGE(ok, ok.error().message);
    }
    twin->record(now);
    // What only the market tells is told anew, to both.
    for (auto& [s, mid] : mids) {
      mid += 1;
      auto quote = MarketEvent::quote(0, now, now, cents(mid - 2), units(any(60)), cents(mid + 2), units(any(60)));
      const auto trade = MarketEvent::trade(0, now, now, cents(mid), units(1));
      for (auto* v : {&*venue, &*twin}) {
        v->see(Symbol{s}, trade, now);
        v->see(Symbol{s}, quote, now);
      }
    }
    BOOST_REQUIRE_EQUAL(fingerprint(*venue), fingerprint(*twin));
  }
  std::string tally() const {
    std::array<std::size_t, std::variant_size_v<paper::Record>> n{};
    for (const auto& r : records) ++n[r.index()];
    std::string out;
    for (const auto each : n) out += std::to_string(each) + " ";
    return out;
  }
};

}  // namespace

BOOST_AUTO_TEST_CASE(money_and_quantities_add_up_and_a_restart_changes_nothing) {
  for (const std::uint64_t seed : {1U, 2U}) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      Storm storm{seed};
      for (const auto& s : stocks) storm.mids[s] = 10'000;
      constexpr int steps = 50'000;
      for (int i = 0; i < steps; ++i) {
        BOOST_TEST_CONTEXT("step " << i) {
          storm.now += std::chrono::milliseconds{storm.any(storm.one_in(200) ? 3'600'000 : 8'000)};
          const auto what = storm.any(20);
          if (what < 12)
            storm.market();
          else if (what < 16)
            storm.place();
          else if (what < 19)
            storm.change();
          else
            storm.both([&](auto& v, auto& out) { v.advance(storm.now, out); });
          storm.check();
          if (i % 50 == 0) storm.check_positions();
          if (storm.one_in(3'000)) storm.restart();
        }
      }
      storm.restart();
      BOOST_TEST_MESSAGE("records by kind: " << storm.tally());
      for (const auto& r : {1, 2, 3, 4, 5, 6, 7})
        BOOST_CHECK(std::ranges::any_of(storm.records, [&](const auto& e) { return e.index() == std::size_t(r); }));
    }
  }
}
