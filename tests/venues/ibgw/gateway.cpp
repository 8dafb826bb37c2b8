#include "tests/venues/ibgw/gateway.hpp"

#include <algorithm>
#include <stdexcept>

namespace tradebus::ibgw_sim {

Gateway::Gateway(const GatewayOptions& options, const Contracts& contracts, Seconds now)
    : options_(options),
      contracts_(contracts),
      market_(contracts, now),
      accounts_(contracts, market_),
      book_(contracts, market_, accounts_, *this, options.book),
      data_(options.data) {
  for (const std::string& account : options.accounts) accounts_.add(account, options.cash);
  for (const std::string& position : options.positions) {
    const std::size_t equals = position.find('='), at = position.find('@');
    const Contract* contract = contracts.by_symbol(position.substr(0, equals));
    const auto quantity = equals < at ? Num::parse(position.substr(equals + 1, at - equals - 1)) : std::nullopt;
    const auto price = at < position.size() ? Num::parse(position.substr(at + 1)) : std::nullopt;
    if (contract == nullptr || !quantity || !price)
      throw std::invalid_argument("--position is like AAPL=100@150.25, of a known symbol, not " + position);
    Account& account = *accounts_.find(options.accounts.front());
    account.holdings[contract->con_id] = {*quantity, *price, {}};
    account.start = accounts_.worth(account, now).net;
  }
  state_ = std::make_unique<State>(options.state_file, book_, accounts_, contracts);
}

// -- clients ---------------------------------------------------------------------------------------------------------

void Gateway::disconnected(Peer& peer) { std::erase(peers_, &peer); }

Peer* Gateway::peer_of(int client) const {
  const auto it = std::find_if(peers_.begin(), peers_.end(), [&](const Peer* p) { return p->client == client; });
  return it == peers_.end() ? nullptr : *it;
}

void Gateway::error(Peer& peer, std::int64_t id, int code, std::string_view text, std::string_view advanced) {
  Msg out{4};
  out << 2 << id << code << text;
  if (peer.sv >= 166) out << advanced;
  peer.send(out.payload());
}

bool Gateway::known_account(Peer& peer, std::int64_t req_id, const std::string& account) {
  if (account.empty() || account == "All" || accounts_.has(account)) return true;
  error(peer, req_id, 321, "Error validating request.-'bO' : cause - Invalid account code '" + account + "'.");
  return false;
}

std::optional<Contract> Gateway::one_contract(Peer& peer, std::int64_t req_id, const ContractQuery& query) {
  const auto found = contracts_.matches(query);
  std::set<ConId> ids;
  for (const Contract& contract : found) ids.insert(contract.con_id);
  if (ids.size() == 1) return found.front();
  error(peer, req_id, 200,
        ids.empty() ? std::string("No security definition has been found for the request")
                    : "The contract description specified for " + query.symbol + " is ambiguous.");
  return std::nullopt;
}

Gateway::Handler Gateway::handler_of(int id) {
  static const std::map<int, Handler> handlers = {
      {1, &Gateway::market_data},
      {2, &Gateway::cancel_market_data},
      {4, &Gateway::cancel_order},
      {5, &Gateway::open_orders},
      {6, &Gateway::account_updates},
      {7, &Gateway::executions},
      {8, &Gateway::next_valid_id},
      {9, &Gateway::contract_details},
      {10, &Gateway::market_depth},
      {11, &Gateway::ignored},
      {12, &Gateway::ignored},
      {13, &Gateway::ignored},
      {14, &Gateway::ignored},
      {15, &Gateway::auto_open_orders},
      {16, &Gateway::all_open_orders},
      {17, &Gateway::managed_accounts},
      {20, &Gateway::historical_data},
      {25, &Gateway::cancel_historical_data},
      {49, &Gateway::current_time},
      {50, &Gateway::real_time_bars},
      {51, &Gateway::cancel_real_time_bars},
      {54, &Gateway::implied_volatility},
      {55, &Gateway::option_price},
      {56, &Gateway::ignored},
      {57, &Gateway::ignored},
      {58, &Gateway::global_cancel},
      {59, &Gateway::market_data_type},
      {61, &Gateway::positions},
      {62, &Gateway::account_summary},
      {63, &Gateway::cancel_account_summary},
      {64, &Gateway::cancel_positions},
      {74, &Gateway::positions_multi},
      {75, &Gateway::cancel_positions_multi},
      {76, &Gateway::account_updates_multi},
      {77, &Gateway::cancel_account_updates_multi},
      {78, &Gateway::option_params},
      {81, &Gateway::matching_symbols},
      {84, &Gateway::news_article},
      {85, &Gateway::news_providers},
      {86, &Gateway::historical_news},
      {87, &Gateway::head_timestamp},
      {90, &Gateway::ignored},
      {91, &Gateway::market_rule},
      {92, &Gateway::pnl},
      {93, &Gateway::cancel_pnl},
      {94, &Gateway::pnl_single},
      {95, &Gateway::cancel_pnl_single},
      {96, &Gateway::historical_ticks},
      {97, &Gateway::tick_by_tick},
      {98, &Gateway::cancel_tick_by_tick},
      {99, &Gateway::completed_orders},
  };
  const auto it = handlers.find(id);
  return it == handlers.end() ? nullptr : it->second;
}

void Gateway::handle(Peer& peer, std::string_view payload) {
  int id = -1;
  try {
    Reader in{payload};
    id = in.small();
    const Handler handler = handler_of(id);
    ++requests_[handler != nullptr || id == 3 || id == 71 ? id : -1];
    if (id == 71) {
      start_api(peer, in);
    } else if (!peer.client) {
      return;  // nothing is answered before startApi
    } else if (id == 3) {
      place_order(peer, payload);
    } else if (handler != nullptr) {
      (this->*handler)(peer, in);
    } else {
      error(peer, no_request, 320, "Error reading request:-'bN' : cause - Unknown message id " + std::to_string(id));
    }
  } catch (const BadMessage& why) {
    error(peer, no_request, 320,
          "Error reading request:-'bN' : cause - message " + std::to_string(id) + ": " + why.what());
  }
}

void Gateway::start_api(Peer& peer, Reader& in) {
  in.skip();
  const int client = in.small();
  if (peer.client) return;
  const auto many = static_cast<std::size_t>(
      std::count_if(peers_.begin(), peers_.end(), [](const Peer* p) { return p->client.has_value(); }));
  if (client < 0 || peer_of(client) != nullptr || many >= options_.clients_max) {
    error(peer, no_request, 326,
          "Unable to connect as the client id is already in use. Retry with a unique client id.");
    peer.close(Ending::close);
    return;
  }
  peer.client = client;
  peer.send((Msg{15} << 1 << accounts_.list()).payload());
  peer.send((Msg{9} << 1 << book_.next_id(client)).payload());
  error(peer, no_request, 2104, "Market data farm connection is OK:usfarm");
  error(peer, no_request, 2106, "HMDS data farm connection is OK:ushmds");
  error(peer, no_request, 2158, "Sec-def data farm connection is OK:secdefil");
  if (lost_)
    error(peer, no_request, 2110,
          "Connectivity between Trader Workstation and server is broken. It will be restored automatically.");
}

void Gateway::current_time(Peer& peer, Reader&) { peer.send((Msg{49} << 1 << now()).payload()); }

void Gateway::managed_accounts(Peer& peer, Reader&) { peer.send((Msg{15} << 1 << accounts_.list()).payload()); }

void Gateway::next_valid_id(Peer& peer, Reader&) { peer.send((Msg{9} << 1 << book_.next_id(*peer.client)).payload()); }

void Gateway::finish() { state_->commit(); }

// -- what the control port does --------------------------------------------------------------------------------------

void Gateway::notice(std::int64_t id, int code, const std::string& text) {
  for (Peer* peer : peers_)
    if (peer->client) error(*peer, id, code, text);
}

void Gateway::farm(const std::string& name, bool up) {
  notice(no_request, up ? 2104 : 2103,
         std::string("Market data farm connection is ") + (up ? "OK:" : "broken:") + name);
}

void Gateway::connectivity(int code) {
  if (code == 1100) {
    lost_ = true;
    notice(no_request, 1100, "Connectivity between IBKR and Trader Workstation has been lost.");
    return;
  }
  lost_ = false;
  if (code == 1101) {
    for (Peer* peer : peers_) {
      peer->lines.clear();
      peer->ticks.clear();
      peer->bars.clear();
    }
    notice(no_request, 1101, "Connectivity between IBKR and Trader Workstation has been restored - data lost.");
  } else {
    notice(no_request, 1102,
           "Connectivity between IBKR and Trader Workstation has been restored - data maintained. All data farms are "
           "connected: usfarm; ushmds; secdefil.");
  }
  for (const auto& [client, message] : std::exchange(unreported_, {}))
    if (Peer* peer = peer_of(client)) peer->send(message);
  for (const Waiting& waiting : std::exchange(waiting_orders_, {})) {
    if (Peer* peer = peer_of(waiting.client)) {
      handle(*peer, waiting.request);
    } else if (waiting.request.starts_with(std::string_view("3\0", 2))) {
      try {
        book_.place(waiting.client, waiting.sv, waiting.request, now());
      } catch (const BadMessage&) {  // nobody is there to hear of it
      }
    }
  }
  for (const Account& account : accounts_.all()) on_trade(account.name);
}

void Gateway::set_data(Delivered data, bool competing) {
  data_ = data;
  competing_ = competing;
  if (competing) notice(no_request, 10197, "No market data during competing live session");
}

}  // namespace tradebus::ibgw_sim
