// Positions, account values, profit and loss: snapshots, then changes.
#include <algorithm>

#include "tests/venues/ibgw/gateway.hpp"

namespace tradebus::ibgw_sim {
namespace {

// With the multiplier, as gateways say it.
Num average_cost(const Contract& contract, const Holding& held) { return held.price * contract.size(); }

std::string position(const Account& account, const Contract& contract, const Holding& held) {
  Msg out{61};
  out << 3 << account.name;
  put_c11(out, contract, "", contract.option() ? std::string_view{} : std::string_view{contract.primary}, "0.0");
  out << held.quantity << average_cost(contract, held).java();
  return out.payload();
}

std::string position_multi(std::int64_t req_id, const Account& account, const Contract& contract, const Holding& held) {
  Msg out{71};
  out << 1 << req_id << account.name;
  put_c11(out, contract, "", contract.option() ? std::string_view{} : std::string_view{contract.primary}, "0.0");
  out << held.quantity << average_cost(contract, held).java() << "";
  return out.payload();
}

std::string portfolio_value(const Account& account, const Contract& c, const Holding& held, Num mark) {
  const Num size = c.size();
  Msg out{7};
  out << 8 << c.con_id << c.symbol << c.sec_type << c.expiry << c.strike << (c.right.empty() ? "0" : c.right)
      << c.multiplier << c.primary << c.currency << c.local_symbol << c.trading_class << held.quantity << mark
      << mark * held.quantity * size << average_cost(c, held) << (mark - held.price) * held.quantity * size
      << held.realized << account.name;
  return out.payload();
}

bool concerns(const std::string& subscribed, const std::string& account) {
  return subscribed.empty() || subscribed == "All" || subscribed == account;
}

constexpr std::size_t subscriptions_max = 100;

}  // namespace

void Gateway::positions(Peer& peer, Reader&) {
  peer.positions = true;
  for (const Account& account : accounts_.all())
    for (const auto& [id, held] : account.holdings) peer.send(position(account, *contracts_.find(id), held));
  peer.send((Msg{62} << 1).payload());
}

void Gateway::cancel_positions(Peer& peer, Reader&) { peer.positions = false; }

void Gateway::positions_multi(Peer& peer, Reader& in) {
  in.skip();
  const std::int64_t req_id = in.integer();
  const std::string account = in.string();
  if (!known_account(peer, req_id, account)) return;
  if (peer.positions_multi.size() < subscriptions_max) peer.positions_multi[req_id] = account;
  for (const Account& a : accounts_.all()) {
    if (!concerns(account, a.name)) continue;
    for (const auto& [id, held] : a.holdings) peer.send(position_multi(req_id, a, *contracts_.find(id), held));
  }
  peer.send((Msg{72} << 1 << req_id).payload());
}

void Gateway::cancel_positions_multi(Peer& peer, Reader& in) {
  in.skip();
  peer.positions_multi.erase(in.integer());
}

void Gateway::account_summary(Peer& peer, Reader& in) {
  in.skip();
  const std::int64_t req_id = in.integer();
  in.skip();
  const auto tags = split(in.text(), ',');
  if (!peer.summaries.contains(req_id) && peer.summaries.size() >= 2) {
    error(peer, req_id, 322,
          "Error processing request.-'bW' : cause - Maximum number of account summary requests exceeded");
    return;
  }
  peer.summaries[req_id] = {tags.begin(), tags.end()};
  tell_summary(peer, req_id, peer.summaries[req_id]);
  peer.send((Msg{64} << 1 << req_id).payload());
}

void Gateway::tell_summary(Peer& peer, std::int64_t req_id, const std::set<std::string>& tags) {
  for (const Account& account : accounts_.all()) {
    for (const AccountValue& v : accounts_.values(account, now())) {
      const bool ledger = (tags.contains("$LEDGER") && v.currency == "BASE") ||
                          tags.contains("$LEDGER:" + v.currency) || tags.contains("$LEDGER:ALL");
      if (tags.contains(v.key) || (ledger && !v.currency.empty()))
        peer.send((Msg{63} << 1 << req_id << account.name << v.key << v.value << v.currency).payload());
    }
  }
}

void Gateway::cancel_account_summary(Peer& peer, Reader& in) {
  in.skip();
  peer.summaries.erase(in.integer());
}

void Gateway::tell_account(Peer& peer, const Account& account, bool first) {
  for (const AccountValue& v : accounts_.values(account, now()))
    peer.send((Msg{6} << 2 << v.key << v.value << v.currency << account.name).payload());
  for (const auto& [id, held] : account.holdings)
    peer.send(portfolio_value(account, *contracts_.find(id), held, accounts_.mark(id, now())));
  peer.send((Msg{8} << 1 << eastern_clock(now())).payload());
  if (first) peer.send((Msg{54} << 1 << account.name).payload());
}

void Gateway::account_updates(Peer& peer, Reader& in) {
  in.skip();
  const bool subscribe = in.flag();
  std::string name = in.string();
  if (!subscribe) {
    peer.account_updates.clear();
    return;
  }
  if (name.empty()) name = accounts_.all().front().name;
  if (!known_account(peer, no_request, name)) return;
  if (!peer.account_updates.empty() && peer.account_updates != name)
    error(peer, no_request, 2100, "API client has been unsubscribed from account data.");
  peer.account_updates = name;
  if (const Account* account = accounts_.find(name)) tell_account(peer, *account, true);
}

void Gateway::account_updates_multi(Peer& peer, Reader& in) {
  in.skip();
  const std::int64_t req_id = in.integer();
  const std::string name = in.string();
  if (!known_account(peer, req_id, name)) return;
  if (peer.account_multi.size() < subscriptions_max) peer.account_multi[req_id] = name;
  for (const Account& account : accounts_.all()) {
    if (!concerns(name, account.name)) continue;
    for (const AccountValue& v : accounts_.values(account, now()))
      peer.send((Msg{73} << 1 << req_id << account.name << "" << v.key << v.value << v.currency).payload());
  }
  peer.send((Msg{74} << 1 << req_id).payload());
}

void Gateway::cancel_account_updates_multi(Peer& peer, Reader& in) {
  in.skip();
  peer.account_multi.erase(in.integer());
}

void Gateway::on_trade(const std::string& name) {
  const Account& account = *accounts_.find(name);
  state_->account(account);
  if (lost_) return;
  for (Peer* peer : peers_) {
    if (!peer->client) continue;
    for (const auto& [id, held] : account.holdings) {
      const Contract& contract = *contracts_.find(id);
      if (peer->positions) peer->send(position(account, contract, held));
      for (const auto& [req_id, subscribed] : peer->positions_multi)
        if (concerns(subscribed, name)) peer->send(position_multi(req_id, account, contract, held));
    }
    if (peer->account_updates == name) tell_account(*peer, account, false);
  }
}

// -- profit and loss -------------------------------------------------------------------------------------------------

void Gateway::pnl(Peer& peer, Reader& in) {
  const std::int64_t req_id = in.integer();
  const std::string account = in.string();
  if (!known_account(peer, req_id, account)) return;
  if (peer.pnl.size() < subscriptions_max) peer.pnl[req_id] = account;
}

void Gateway::cancel_pnl(Peer& peer, Reader& in) { peer.pnl.erase(in.integer()); }

void Gateway::pnl_single(Peer& peer, Reader& in) {
  const std::int64_t req_id = in.integer();
  const std::string account = in.string();
  in.skip();
  if (!known_account(peer, req_id, account)) return;
  if (peer.pnl_single.size() < subscriptions_max) peer.pnl_single[req_id] = {account, in.integer()};
}

void Gateway::cancel_pnl_single(Peer& peer, Reader& in) { peer.pnl_single.erase(in.integer()); }

void Gateway::tell_pnl(Peer& peer) {
  for (const auto& [req_id, name] : peer.pnl) {
    Num daily, unrealized, realized;
    for (const Account& account : accounts_.all()) {
      if (!concerns(name, account.name)) continue;
      const auto worth = accounts_.worth(account, now());
      daily += worth.net - account.start;
      unrealized += worth.unrealized;
      realized += account.realized;
    }
    peer.send((Msg{94} << req_id << daily << unrealized << realized).payload());
  }
  for (const auto& [req_id, single] : peer.pnl_single) {
    const auto& [name, con_id] = single;
    const Account* account = accounts_.find(name);
    const Contract* contract = contracts_.find(con_id);
    if (account == nullptr || contract == nullptr || !account->holdings.contains(con_id)) continue;
    const Holding& held = account->holdings.at(con_id);
    const Num mark = accounts_.mark(con_id, now()), unrealized = (mark - held.price) * held.quantity * contract->size();
    peer.send((Msg{95} << req_id << held.quantity << unrealized << unrealized << held.realized
                       << mark * held.quantity * contract->size())
                  .payload());
  }
}

}  // namespace tradebus::ibgw_sim
