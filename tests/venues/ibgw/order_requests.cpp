// Orders, executions and who hears of them.
#include <algorithm>

#include "tests/venues/ibgw/gateway.hpp"

namespace tradebus::ibgw_sim {
namespace {

constexpr std::size_t waiting_max = 10'000;

// Three forms, as recorded: on request with a zone, unsolicited in UTC, or, from older ones, in the zone of the login.
std::string time_of(int sv, std::int64_t req_id, Seconds time) {
  const std::string local = eastern(time);
  if (req_id != no_request) return local;
  return sv >= 174 ? utc_dash(time) : local.substr(0, 8) + "  " + local.substr(9, 8);
}

std::string exec_details(int sv, std::int64_t req_id, const Execution& e) {
  Msg out{11};
  out << req_id << e.order_id;
  put_c11(out, e.contract, "", e.exchange, "0.0");
  out << e.id << time_of(sv, req_id, e.time) << e.account << e.exchange << (e.bought ? "BOT" : "SLD") << e.quantity
      << e.price << e.perm_id << e.client << 0 << e.total << e.average << e.ref << ""
      << ""
      << "" << e.liquidity;
  if (sv >= 178) out << 0;
  return out.payload();
}

std::string commission_report(const Execution& e) {
  Msg out{59};
  out << 1 << e.id << e.commission.java() << "USD" << (e.realized ? e.realized->text() : std::string(unset_double))
      << unset_double << "";
  return out.payload();
}

}  // namespace

// The owner, and the master; an order typed in by hand has no owner before it is bound.
void Gateway::for_order(const Working& w, const std::function<void(Peer&)>& tell) {
  for (Peer* peer : peers_) {
    if (!peer->client) continue;
    if ((peer->client == w.client && w.order.id != 0) || peer->client == options_.master) tell(*peer);
  }
}

void Gateway::report(Peer& peer, const std::string& payload) {
  if (!lost_) {
    peer.send(payload);
  } else if (unreported_.size() < waiting_max) {
    unreported_.emplace_back(*peer.client, payload);
  }
}

void Gateway::tell_order(Peer& peer, const Working& w, Told what, std::string_view status) {
  if (what != Told::status) report(peer, open_order(peer.sv, w));
  if (what != Told::order) report(peer, order_status(w, status));
}

void Gateway::on_order(const Working& w, Told what, std::string_view status) {
  for_order(w, [&](Peer& peer) { tell_order(peer, w, what, status); });
}

void Gateway::on_execution(const Working& w, const Execution& e) {
  state_->execution(e);
  for_order(w, [&](Peer& peer) { report(peer, exec_details(peer.sv, no_request, e)); });
}

void Gateway::on_commission(const Working& w, const Execution& e) {
  for_order(w, [&](Peer& peer) { report(peer, commission_report(e)); });
}

void Gateway::on_error(int client, std::int64_t id, int code, const std::string& text, const std::string& advanced) {
  for (Peer* peer : peers_)
    if (peer->client && (peer->client == client || peer->client == options_.master))
      error(*peer, id, code, text, advanced);
}

void Gateway::on_what_if(const Working& w, const Margins& margins) {
  if (Peer* peer = peer_of(w.client)) peer->send(open_order(peer->sv, w, &margins));
}

void Gateway::place_order(Peer& peer, std::string_view payload) {
  if (lost_) {
    if (waiting_orders_.size() < waiting_max) waiting_orders_.push_back({*peer.client, peer.sv, std::string(payload)});
    return;
  }
  const std::int64_t before = book_.next_id(*peer.client);
  book_.place(*peer.client, peer.sv, payload, now());
  if (book_.next_id(*peer.client) != before) state_->next_id(*peer.client, book_.next_id(*peer.client));
}

void Gateway::cancel_order(Peer& peer, Reader& in) {
  in.skip();
  const std::int64_t id = in.integer();
  if (peer.sv >= 169) in.skip();
  if (lost_) {
    if (waiting_orders_.size() < waiting_max)
      waiting_orders_.push_back({*peer.client, peer.sv, (Msg{4} << 1 << id << "").payload()});
    return;
  }
  book_.cancel(*peer.client, id, now());
}

void Gateway::global_cancel(Peer& peer, Reader&) { book_.cancel_all(*peer.client, now()); }

void Gateway::bind(Peer& peer) {
  for (const Working* w : book_.bind()) peer.send((Msg{100} << w->perm_id << 0 << w->order.id).payload());
}

void Gateway::order_by_hand(std::string_view request) {
  book_.place_by_hand(request, now());
  Peer* owner = peer_of(0);
  if (owner == nullptr || !owner->auto_bind) return;
  bind(*owner);
  for (const Working* w : book_.open_orders(0)) tell_order(*owner, *w, Told::order_and_status, {});
}

void Gateway::open_orders(Peer& peer, Reader&) {
  if (peer.client == 0) bind(peer);
  for (const Working* w : book_.open_orders(*peer.client)) tell_order(peer, *w, Told::order_and_status, {});
  peer.send((Msg{53} << 1).payload());
}

void Gateway::all_open_orders(Peer& peer, Reader&) {
  for (const Working* w : book_.open_orders(std::nullopt)) tell_order(peer, *w, Told::order_and_status, {});
  peer.send((Msg{53} << 1).payload());
}

void Gateway::auto_open_orders(Peer& peer, Reader& in) {
  in.skip();
  if (peer.client != 0) {
    error(peer, no_request, 327, "Only the default client (i.e 0) can auto bind orders.");
    return;
  }
  peer.auto_bind = in.flag();
  if (peer.auto_bind) bind(peer);
}

void Gateway::completed_orders(Peer& peer, Reader& in) {
  for (const Working* w : book_.completed(in.flag())) peer.send(completed_order(peer.sv, *w));
  peer.send(Msg{102}.payload());
}

void Gateway::executions(Peer& peer, Reader& in) {
  in.skip();
  const std::int64_t req_id = in.integer(), client = in.integer();
  const std::string account = in.string(), time = in.string(), symbol = in.string(), type = in.string(),
                    exchange = in.string(), side = upper(in.text());
  const Seconds today = day_start(now());
  const Seconds since = std::max(today, time.empty() ? 0 : parse_time(time).value_or(0));
  std::vector<const Execution*> found;
  for (const Execution& e : book_.executions()) {
    const bool side_fits = side.empty() || (side.starts_with("B") ? e.bought : !e.bought);
    if (e.time >= since && (client == 0 || client == e.client) && (account.empty() || account == e.account) &&
        (symbol.empty() || symbol == e.contract.symbol) && (type.empty() || type == e.contract.sec_type) &&
        (exchange.empty() || exchange == e.exchange) && side_fits)
      found.push_back(&e);
  }
  for (const Execution* e : found) peer.send(exec_details(peer.sv, req_id, *e));
  std::erase_if(found, [](const Execution* e) { return e->commission.zero(); });
  const std::size_t before = options_.late_commission && !found.empty() ? found.size() - 1 : found.size();
  for (std::size_t i = 0; i < before; ++i) peer.send(commission_report(*found[i]));
  peer.send((Msg{55} << 1 << req_id).payload());
  for (std::size_t i = before; i < found.size(); ++i) peer.send(commission_report(*found[i]));
}

}  // namespace tradebus::ibgw_sim
