// Streams: quotes by sampling, each tick, five-second bars.
#include <algorithm>
#include <cmath>

#include "tests/venues/ibgw/gateway.hpp"

namespace tradebus::ibgw_sim {
namespace {

constexpr std::size_t ticks_max = 3, bars_max = 60;

int delayed_type(int type) {
  switch (type) {
    case 0:
      return 69;
    case 1:
      return 66;
    case 2:
      return 67;
    case 3:
      return 70;
    case 4:
      return 68;
    case 5:
      return 71;
    case 6:
      return 72;
    case 7:
      return 73;
    case 8:
      return 74;
    case 9:
      return 75;
    case 10:
      return 80;
    case 11:
      return 81;
    case 12:
      return 82;
    case 13:
      return 83;
    case 14:
      return 76;
    case 45:
      return 88;
    case 49:
      return 90;
    default:
      return type;
  }
}

// Writes a line's ticks: those that differ from what was sent.
class Ticks {
 public:
  Ticks(Peer& peer, std::int64_t req_id, DataLine& line) : peer_(peer), req_id_(req_id), line_(line) {}

  // With its size; the size alone when only that changed.
  void price(int type, const std::optional<Num>& price, Num size, int size_type) {
    const Num shown = shares(size);
    const std::string price_text = price ? price->text() : "-1", size_text = price ? shown.text() : "0";
    const bool new_price = changed(type, price_text), new_size = size_type < 0 || changed(size_type, size_text);
    if (new_price) {
      const bool touch = type == 1 || type == 2;
      peer_.send((Msg{1} << 6 << req_id_ << shown_type(type) << price_text << size_text << (touch && price ? 1 : 0))
                     .payload());
    } else if (new_size && size_type >= 0) {
      peer_.send((Msg{2} << 6 << req_id_ << shown_type(size_type) << size_text).payload());
    }
  }
  void size(int type, Num size) {
    if (const std::string text = shares(size).text(); changed(type, text))
      peer_.send((Msg{2} << 6 << req_id_ << shown_type(type) << text).payload());
  }
  void generic(int type, const std::string& value) {
    if (changed(type, value)) peer_.send((Msg{45} << 6 << req_id_ << shown_type(type) << value).payload());
  }
  void text(int type, const std::string& value) {
    if (changed(type, value)) peer_.send((Msg{46} << 6 << req_id_ << shown_type(type) << value).payload());
  }
  void option(int type, const std::optional<Greeks>& g, const std::optional<Num>& price) {
    if (!g || !changed(type, (price ? price->text() : "") + std::to_string(g->under))) return;
    Msg out{21};
    out << req_id_ << shown_type(type) << 0;
    if (price || type == 13) {
      const double shown = price ? price->to_double() : g->price;
      out << g->vol << g->delta << shown << 0 << g->gamma << g->vega << g->theta << g->under;
    } else {
      out << -1 << -2 << -1 << -1 << -2 << -2 << -2 << -1;
    }
    peer_.send(out.payload());
  }

 private:
  int shown_type(int type) const { return line_.delayed ? delayed_type(type) : type; }
  // In lots of a hundred before 159.
  Num shares(Num size) const {
    if (peer_.sv >= 159 || line_.contract.sec_type != "STK" || line_.contract.currency != "USD") return size;
    return Num::from_raw(size.raw() / (100 * Num::scale) * Num::scale);
  }
  bool changed(int type, const std::string& text) {
    std::string& sent = line_.sent[type];
    if (sent == text) return false;
    sent = text;
    return true;
  }

  Peer& peer_;
  std::int64_t req_id_;
  DataLine& line_;
};

}  // namespace

Quote Gateway::quote_of(const DataLine& line) const {
  return line.legs.empty() ? market_.quote(line.contract, now()) : market_.combo(line.legs, now());
}

void Gateway::send_line(Peer& peer, std::int64_t req_id, DataLine& line) {
  const Quote q = quote_of(line);
  Ticks out{peer, req_id, line};
  out.price(1, q.bid, q.bid_size, 0);
  out.price(2, q.ask, q.ask_size, 3);
  out.price(4, q.last, q.last_size, 5);
  if (q.last_time != 0) out.text(45, std::to_string(q.last_time));
  out.size(8, q.volume);
  if (q.high) out.price(6, q.high, {}, -1);
  if (q.low) out.price(7, q.low, {}, -1);
  out.price(9, q.close, {}, -1);
  if (q.open) out.price(14, q.open, {}, -1);
  out.generic(49, "0");
  if (line.contract.option()) {
    const auto greeks = market_.greeks(line.contract, now());
    out.option(10, greeks, q.bid);
    out.option(11, greeks, q.ask);
    out.option(12, greeks, q.last);
    out.option(13, greeks, std::nullopt);
  }
  for (const int generic : line.generics) {
    switch (generic) {
      case 100:
        out.size(29, 5000);
        out.size(30, 4000);
        break;
      case 101:
        out.size(27, 250000);
        out.size(28, 200000);
        break;
      case 104:
        out.generic(23, "0.25");
        break;
      case 105:
        out.size(87, 150000);
        break;
      case 106:
        out.generic(24, "0.24");
        break;
      case 165:
        out.price(19, q.mark() * *Num::parse("0.8"), {}, -1);
        out.price(20, q.mark() * *Num::parse("1.2"), {}, -1);
        out.size(21, 50'000'000);
        break;
      case 221:
      case 232:
        out.price(37, q.mark(), {}, -1);
        break;
      case 233:
        out.text(48, q.last.value_or(Num{}).text() + ';' + q.last_size.text() + ';' +
                         std::to_string(q.last_time * 1000) + ';' + q.volume.text() + ';' + q.mark().text() + ";true");
        break;
      case 236:
        out.generic(46, "3.0");
        out.size(89, 10'000'000);
        break;
      case 293:
        out.generic(54, std::to_string(q.trades));
        break;
      case 456:
        out.text(59, "0.92,0.96,,");
        break;
      default:
        break;
    }
  }
}

void Gateway::market_data(Peer& peer, Reader& in) {
  in.skip();
  const std::int64_t req_id = in.integer();
  ContractQuery query = read_c12(in);
  DataLine line;
  if (query.sec_type == "BAG") {
    for (std::size_t n = in.count(32); n > 0; --n) {
      Leg leg;
      leg.con_id = in.integer();
      leg.ratio = in.integer();
      leg.buys = in.text() == "BUY";
      in.skip();
      line.legs.push_back(leg);
    }
  }
  if (in.flag()) in.skip(3);
  for (const std::string& number : split(in.text(), ',')) {
    const auto value = Num::parse(number.substr(0, number.find(':')));
    if (value) line.generics.insert(static_cast<int>(value->raw() / Num::scale));
  }
  const bool snapshot = in.flag();
  if (peer.lines.contains(req_id)) {
    error(peer, req_id, 102, "Duplicate ticker id");
    return;
  }
  if (line.legs.empty()) {
    const auto found = one_contract(peer, req_id, query);
    if (!found) return;
    line.contract = *found;
  } else {
    for (const Leg& leg : line.legs)
      if (contracts_.find(leg.con_id) == nullptr) {
        error(peer, req_id, 200, "No security definition has been found for the request");
        return;
      }
    line.contract.sec_type = "BAG";
    line.contract.min_tick = Num::from_raw(Num::scale / 100);
  }
  std::size_t used = 0;
  for (const Peer* other : peers_) used += other->lines.size();
  if (!snapshot && used >= options_.lines_max) {
    error(peer, req_id, 101, "Max number of tickers has been reached");
    return;
  }
  const auto params = [&] { peer.send((Msg{81} << req_id << line.contract.min_tick << "9c0001" << 4).payload()); };
  const bool asks_delayed = peer.data_type >= 3;
  if (data_ != Delivered::live) {
    if (data_ == Delivered::none || !asks_delayed) {
      params();
      if (data_ == Delivered::none) {
        error(peer, req_id, asks_delayed ? 354 : 10168,
              "Requested market data is not subscribed. Delayed market data is not available.");
      } else {
        error(peer, req_id, 10089,
              "Requested market data requires additional subscription for API. See link in 'Market Data Connections' "
              "dialog for more details.Delayed market data is available.");
      }
      return;
    }
    line.delayed = true;
    error(peer, req_id, 10167, "Requested market data is not subscribed. Displaying delayed market data.");
    peer.send((Msg{58} << 1 << req_id << peer.data_type).payload());
  } else if (peer.data_type == 2 && !book_.open()) {
    peer.send((Msg{58} << 1 << req_id << 2).payload());
  }
  params();
  send_line(peer, req_id, line);
  if (snapshot) {
    peer.send((Msg{57} << 1 << req_id).payload());
  } else {
    peer.lines.emplace(req_id, std::move(line));
  }
}

void Gateway::cancel_market_data(Peer& peer, Reader& in) {
  in.skip();
  const std::int64_t req_id = in.integer();
  if (peer.lines.erase(req_id) == 0) error(peer, req_id, 300, "Can't find EId with tickerId:" + std::to_string(req_id));
}

void Gateway::market_data_type(Peer& peer, Reader& in) {
  in.skip();
  const int type = in.small();
  if (type >= 1 && type <= 4) peer.data_type = type;
}

void Gateway::sample() {
  if (lost_ || competing_) return;
  for (Peer* peer : peers_)
    for (auto& [req_id, line] : peer->lines) send_line(*peer, req_id, line);
}

// -- each tick -------------------------------------------------------------------------------------------------------

void Gateway::tick_by_tick(Peer& peer, Reader& in) {
  const std::int64_t req_id = in.integer();
  const ContractQuery query = read_c12(in);
  TickLine line;
  line.kind = in.string();
  in.skip();
  line.ignore_size = in.flag();
  if (line.kind != "Last" && line.kind != "AllLast" && line.kind != "BidAsk" && line.kind != "MidPoint") {
    error(peer, req_id, 321, "Error validating request.-'cE' : cause - Incorrect tick type " + line.kind);
    return;
  }
  const auto found = one_contract(peer, req_id, query);
  if (!found) return;
  line.contract = *found;
  if (found->option() || data_ != Delivered::live) {
    error(peer, req_id, 10189, "Failed to request tick-by-tick data:No market data permissions");
    return;
  }
  if (peer.ticks.size() >= ticks_max && !peer.ticks.contains(req_id)) {
    error(peer, req_id, 10190, "Max number of tick-by-tick requests has been reached");
    return;
  }
  peer.ticks[req_id] = line;
}

void Gateway::cancel_tick_by_tick(Peer& peer, Reader& in) {
  const std::int64_t req_id = in.integer();
  if (peer.ticks.erase(req_id) == 0) error(peer, req_id, 300, "Can't find EId with tickerId:" + std::to_string(req_id));
}

void Gateway::tick_lines(ConId id, bool trade) {
  if (lost_ || competing_) return;
  for (Peer* peer : peers_) {
    for (auto& [req_id, line] : peer->ticks) {
      const bool wants_trade = line.kind.ends_with("Last");
      if (line.contract.con_id != id || wants_trade != trade) continue;
      const Quote q = market_.quote(line.contract, now());
      Msg out{99};
      out << req_id;
      std::string text;
      if (trade) {
        out << (line.kind == "Last" ? 1 : 2) << now() << q.last.value_or(Num{}) << q.last_size << 0
            << line.contract.exchanges.back() << "";
      } else if (line.kind == "BidAsk") {
        if (!q.bid || !q.ask) continue;
        text = q.bid->text() + ' ' + q.ask->text() +
               (line.ignore_size ? "" : ' ' + q.bid_size.text() + ' ' + q.ask_size.text());
        out << 3 << now() << *q.bid << *q.ask << q.bid_size << q.ask_size << 0;
      } else {
        if (!q.mid()) continue;
        text = q.mid()->text();
        out << 4 << now() << *q.mid();
      }
      if (!trade && line.sent == text) continue;
      line.sent = text;
      peer->send(out.payload());
    }
  }
}

// -- what happens in the market --------------------------------------------------------------------------------------

void Gateway::quote(ConId id, std::optional<Num> bid, Num bid_size, std::optional<Num> ask, Num ask_size) {
  market_.set_quote(id, bid, bid_size, ask, ask_size);
  tick_lines(id, false);
  if (!market_.take_changed().empty()) book_.on_market(now());
}

void Gateway::trade(ConId id, Num price, Num size) {
  market_.set_trade(id, price, size, now());
  tick_lines(id, true);
  for (Peer* peer : peers_)
    for (auto* bars : {&peer->bars, &peer->going_on})
      for (auto& [req_id, bar] : *bars)
        if (bar.contract.con_id == id) {
          bar.volume += size;
          ++bar.trades;
        }
  if (!market_.take_changed().empty()) book_.on_market(now());
}

void Gateway::play(const Row& row) {
  if (row.trade) {
    trade(row.con_id, *row.bid, row.bid_size);
  } else {
    quote(row.con_id, row.bid, row.bid_size, row.ask, row.ask_size);
  }
}

void Gateway::every_second() {
  book_.on_time(now());
  if (lost_) return;
  const bool three_minutes = now() % 180 == 0;
  for (Peer* peer : peers_) {
    for (const auto& [req_id, tags] : peer->summaries)
      if (three_minutes) tell_summary(*peer, req_id, tags);
    const Account* account = accounts_.find(peer->account_updates);
    if (three_minutes && account != nullptr) tell_account(*peer, *account, false);
    tell_pnl(*peer);
    update_bars(*peer, now());
  }
}

// -- five-second bars ------------------------------------------------------------------------------------------------

void Gateway::real_time_bars(Peer& peer, Reader& in) {
  in.skip();
  const std::int64_t req_id = in.integer();
  const auto found = one_contract(peer, req_id, read_c12(in));
  if (!found) return;
  BarLine bar;
  bar.contract = *found;
  in.skip();
  bar.what = in.string();
  if (bar.what != "TRADES" && bar.what != "MIDPOINT" && bar.what != "BID" && bar.what != "ASK") {
    error(peer, req_id, 321, "Error validating request.-'bR' : cause - Invalid whatToShow " + bar.what);
    return;
  }
  if (peer.bars.size() >= bars_max || data_ != Delivered::live) {
    error(peer, req_id, 420, "Invalid Real-time Query:No market data permissions");
    return;
  }
  peer.bars[req_id] = bar;
}

void Gateway::cancel_real_time_bars(Peer& peer, Reader& in) {
  in.skip();
  const std::int64_t req_id = in.integer();
  if (peer.bars.erase(req_id) == 0) error(peer, req_id, 300, "Can't find EId with tickerId:" + std::to_string(req_id));
}

// -- not of this venue -----------------------------------------------------------------------------------------------

void Gateway::market_depth(Peer& peer, Reader& in) {
  in.skip();
  error(peer, in.integer(), 10092, "Deep market data is not supported for this combination of security type/exchange");
}

void Gateway::implied_volatility(Peer& peer, Reader& in) { calculate(peer, in, false); }
void Gateway::option_price(Peer& peer, Reader& in) { calculate(peer, in, true); }

void Gateway::calculate(Peer& peer, Reader& in, bool price) {
  in.skip();
  const std::int64_t req_id = in.integer();
  const auto found = one_contract(peer, req_id, read_c12(in));
  if (!found) return;
  const double given = in.number().to_double(), under = in.number().to_double();
  const auto known = market_.greeks(*found, now());
  if (!known || under <= 0 || given <= 0) {
    error(peer, req_id, 321, "Error validating request.-'bX' : cause - Invalid option calculation");
    return;
  }
  const double years =
      static_cast<double>(std::max<Seconds>(60, parse_time(found->expiry).value_or(0) + 16 * 3600 - now())) /
      31557600.0;
  const auto at = [&](double vol) {
    return option_model(under, found->strike.to_double(), years, found->right == "C", vol);
  };
  double low = 0.001, high = 5;
  for (int i = 0; !price && i < 60; ++i) {
    const double middle = (low + high) / 2;
    (at(middle).price < given ? low : high) = middle;
  }
  const Greeks g = at(price ? given : low);
  peer.send((Msg{21} << req_id << 53 << 0 << g.vol << g.delta << (price ? g.price : given) << -1 << g.gamma << g.vega
                     << g.theta << under)
                .payload());
}

}  // namespace tradebus::ibgw_sim
