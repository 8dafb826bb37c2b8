// Contracts, chains, price increments and news.
#include <algorithm>
#include <array>

#include "tests/venues/ibgw/gateway.hpp"

namespace tradebus::ibgw_sim {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 3> providers = {
    {{"BRFG", "Briefing.com General Market Columns"},
     {"BRFUPDN", "Briefing.com Analyst Actions"},
     {"DJNL", "Dow Jones Newsletters"}}};

std::string article_id(std::string_view provider, ConId id, int number) {
  return std::string(provider) + "$" + std::to_string(id) + "n" + std::to_string(number);
}

}  // namespace

void Gateway::contract_details(Peer& peer, Reader& in) {
  in.skip();
  const std::int64_t req_id = in.integer();
  ContractQuery query = read_c12(in);
  in.skip();  // includeExpired
  query.id_type = in.string();
  query.id = in.string();
  if (peer.sv >= 176) in.skip();  // issuerId
  const auto found = contracts_.matches(query);
  if (found.empty()) {
    error(peer, req_id, 200, "No security definition has been found for the request");
    return;
  }
  for (const Contract& contract : found) peer.send(contract_data(peer.sv, req_id, contract, now()));
  peer.send((Msg{52} << 1 << req_id).payload());
}

void Gateway::matching_symbols(Peer& peer, Reader& in) {
  const std::int64_t req_id = in.integer();
  const auto found = contracts_.search(in.text());
  Msg out{79};
  out << req_id << found.size();
  for (const Contract* c : found) {
    out << c->con_id << c->symbol << c->sec_type << c->primary << c->currency;
    if (c->strike_step.zero()) {
      out << 0;
    } else {
      out << 2 << "OPT"
          << "BAG";
    }
    if (peer.sv >= 176) out << c->long_name << "";
  }
  peer.send(out.payload());
}

void Gateway::option_params(Peer& peer, Reader& in) {
  const std::int64_t req_id = in.integer();
  in.skip(3);
  const ConId under = in.integer();
  const auto chain = contracts_.chain(under);
  if (chain.empty() && contracts_.find(under) == nullptr) {
    error(peer, req_id, 321, "Error validating request.-'bM' : cause - Invalid contract id");
    return;
  }
  std::set<std::string> expirations;
  std::set<Num> strikes;
  for (const Contract* option : chain) {
    expirations.insert(option->expiry);
    strikes.insert(option->strike);
  }
  if (!chain.empty()) {
    for (const std::string& exchange : chain.front()->exchanges) {
      Msg out{75};
      out << req_id << exchange << under << chain.front()->trading_class << chain.front()->multiplier
          << expirations.size();
      for (const std::string& expiry : expirations) out << expiry;
      out << strikes.size();
      for (const Num strike : strikes) out << strike.java();
      peer.send(out.payload());
    }
  }
  peer.send((Msg{76} << req_id).payload());
}

void Gateway::market_rule(Peer& peer, Reader& in) {
  const int rule = in.small();
  Msg out{93};
  out << rule;
  switch (rule) {
    case 26:
      out << 1 << 0 << "0.01";
      break;
    case 32:
      out << 1 << 0 << "0.01";
      break;
    case 239:
      out << 1 << 0 << "5.0E-5";
      break;
    default:
      error(peer, no_request, 321, "Error validating request.-'cA' : cause - Invalid market rule id");
      return;
  }
  peer.send(out.payload());
}

void Gateway::news_providers(Peer& peer, Reader&) {
  Msg out{85};
  out << providers.size();
  for (const auto& [code, name] : providers) out << code << name;
  peer.send(out.payload());
}

void Gateway::historical_news(Peer& peer, Reader& in) {
  const std::int64_t req_id = in.integer(), con_id = in.integer();
  const auto codes = split(in.text(), '+');
  in.skip(2);
  const std::int64_t total = std::clamp<std::int64_t>(in.integer(), 0, 300);
  const Contract* contract = contracts_.find(con_id);
  if (contract == nullptr) {
    error(peer, req_id, 321, "Error validating request.-'bZ' : cause - Invalid contract id");
    return;
  }
  int number = 0;
  for (const std::string& code : codes) {
    const bool known = std::any_of(providers.begin(), providers.end(), [&](const auto& p) { return p.first == code; });
    for (int i = 0; known && i < 4 && number < total; ++i, ++number) {
      Msg out{86};
      out << req_id << utc_news(now() - 3600 * (number + 1)) << code << article_id(code, con_id, i)
          << "{A:" + std::to_string(con_id) + ":L:en}!" + contract->long_name + ": invented headline " +
                 std::to_string(i);
      peer.send(out.payload());
    }
  }
  peer.send((Msg{87} << req_id << (total > 0 && number == total)).payload());
}

void Gateway::news_article(Peer& peer, Reader& in) {
  const std::int64_t req_id = in.integer();
  const std::string provider = in.string(), id = in.string();
  if (!id.starts_with(provider + '$')) {
    error(peer, req_id, 10172, "Failed to request news article:No data available");
    return;
  }
  peer.send((Msg{83} << req_id << 0 << "First line of " + id + ".&#10;Second line &amp; last.").payload());
}

}  // namespace tradebus::ibgw_sim
