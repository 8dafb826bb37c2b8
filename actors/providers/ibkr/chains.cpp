// Option chains: expirations, then the contracts of each, then a snapshot of those that are quoted.
#include <spdlog/spdlog.h>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "actors/brokers/ibkr/contracts.hpp"
#include "actors/providers/ibkr/asking.hpp"

namespace tradebus::ibkr::data {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t chains_max = 64;     // whose quotes are under way, or wait for lines
constexpr std::size_t snapshots_max = 20;  // at once; each takes a line until it ends
constexpr auto line_within = 3s;           // what has found none by then comes without prices
constexpr auto snapshot_timeout = 15s;     // the venue ends one within eleven seconds
constexpr std::int32_t standard = 100;     // shares a contract

}  // namespace

struct IbkrDataState::ChainJob {
  GetOptionChain query;
  caf::typed_response_promise<OptionChain> promise;
  KnownContractPtr underlying;
  std::vector<std::string> expirations;
  std::size_t next_expiration = 0;
  OptionChain found;
  std::vector<wire::Contract> contracts;  // of `found`
  std::size_t next_quote = 0;
  std::size_t quotes_open = 0;
  std::optional<Time> line_by;  // it has no line, and waits for one until then
  bool has_no_quotes = false;   // the account has none of these
};

caf::result<OptionChain> IbkrDataState::option_chain(const GetOptionChain& m) {
  const auto meant = to_request(m.underlying);
  if (!meant) return to_caf(meant.error());
  if (meant->second.sec_type != "STK")
    return to_caf(Error{Errc::instrument_unknown, m.underlying.str() + " is nothing that options are listed on"});
  auto job = std::make_shared<ChainJob>();
  job->query = m;
  job->promise = self_->make_response_promise<OptionChain>();
  const auto promise = job->promise;
  when_up([this, job](const Error* error) {
    if (error != nullptr) {
      job->promise.deliver(to_caf(*error));
      return;
    }
    resolve(job->query.underlying, [this, job](const Result<KnownContractPtr>& found) {
      if (!found) {
        job->promise.deliver(to_caf(found.error()));
        return;
      }
      job->underlying = *found;
      chain_expirations(job);
    });
  });
  settle();
  return promise;
}

void IbkrDataState::chain_expirations(const std::shared_ptr<ChainJob>& job) {
  Question question;
  question.what = "expirations";
  question.then = [this, job](Question& asked, const Error* error) {
    if (error != nullptr) {
      job->promise.deliver(to_caf(*error));
      return;
    }
    std::set<std::string> dates;
    for (const auto& row : asked.options) dates.insert(row.expirations.begin(), row.expirations.end());
    if (job->query.expiry)
      std::erase_if(dates, [want = to_venue_date(*job->query.expiry)](const auto& date) { return date != want; });
    job->expirations.assign(dates.begin(), dates.end());
    chain_contracts(job);
  };
  const auto& contract = job->underlying->data.contract;
  wire::ReqOptionParameters request;
  request.under_symbol = contract.symbol;
  request.under_sec_type = contract.sec_type;
  request.under_con_id = contract.con_id;
  ask_and_send(std::move(question), std::move(request), config_.answer_timeout);
}

// A request for each expiration: not every pair of expiration and strike exists.
void IbkrDataState::chain_contracts(const std::shared_ptr<ChainJob>& job) {
  const auto& query = job->query;
  if (job->next_expiration >= job->expirations.size() || job->contracts.size() >= query.limit) {
    if (job->contracts.size() > query.limit) {
      job->contracts.resize(query.limit);
      job->found.quotes.resize(query.limit);
    }
    if (chains_.size() >= chains_max) {
      job->promise.deliver(to_caf(Error{Errc::overloaded, "too many option chains are being quoted; try again later"}));
      return;
    }
    chains_.push_back(job);
    return quote_chains();
  }
  Question question;
  question.what = "chain";
  question.then = [this, job](Question& asked, const Error* error) {
    if (error != nullptr && error->code != Errc::instrument_unknown) {
      job->promise.deliver(to_caf(*error));
      return;
    }
    const auto& want = job->query;
    std::vector<std::pair<OptionQuote, wire::Contract>> rows;
    for (auto& row : asked.contracts) {
      auto& contract = row.contract;
      const auto symbol = to_symbol(contract);
      const auto instrument = symbol ? Instrument::parse(symbol->str()) : fail(Errc::instrument_unknown, "");
      if (!instrument || !instrument->is_option() || multiplier_of(contract) != standard) continue;
      if (want.right && contract.right != want.right) continue;
      if (want.strike_min && contract.strike < *want.strike_min) continue;
      if (want.strike_max && contract.strike > *want.strike_max) continue;
      OptionQuote quote;
      quote.symbol = *symbol;
      quote.underlying = want.underlying;
      quote.expiry = instrument->expiry->to_string();
      quote.strike = *instrument->strike;
      quote.right = *instrument->right;
      quote.ts = context_.clock.now();
      rows.emplace_back(std::move(quote), contract);
      // A topic of it needs no question any more.
      if (auto known = choose(*instrument, {std::move(row)})) book_->add(std::move(*known));
    }
    std::ranges::sort(rows, {}, [](const auto& row) {
      return std::tuple{row.first.strike, row.first.right, row.first.symbol};
    });
    for (auto& [quote, contract] : rows) {
      if (!job->found.quotes.empty() && job->found.quotes.back().symbol == quote.symbol) continue;
      job->found.quotes.push_back(std::move(quote));
      job->contracts.push_back(std::move(contract));
    }
    chain_contracts(job);
  };
  wire::ReqContractData request;
  request.contract.symbol = job->underlying->data.contract.symbol;
  request.contract.sec_type = "OPT";
  request.contract.exchange = "SMART";
  request.contract.currency = "USD";
  request.contract.last_trade_date = job->expirations[job->next_expiration++];
  request.contract.right = query.right;
  if (query.strike_min && query.strike_min == query.strike_max) request.contract.strike = *query.strike_min;
  ask_and_send(std::move(question), std::move(request), config_.answer_timeout);
}

void IbkrDataState::chain_quotes(const std::shared_ptr<ChainJob>& job) {
  const auto quoted = std::min(job->contracts.size(), config_.chain_quotes);
  while (!job->has_no_quotes && job->next_quote < quoted && lines_->borrowed() < snapshots_max && lines_->borrow()) {
    const auto index = job->next_quote++;
    const auto& contract = job->contracts[index];
    ++job->quotes_open;
    job->line_by.reset();
    Question question;
    question.what = "snapshot";
    question.snapshot = std::make_unique<LineState>(context_.clock.now(), contract.right);
    question.then = [this, job, index](Question& asked, const Error* error) {
      --job->quotes_open;
      lines_->give_back();
      // One that is not subscribed: all of them are not.
      if (error != nullptr && error->code == Errc::provider_unsupported) job->has_no_quotes = true;
      if (asked.snapshot) {
        auto& quote = job->found.quotes[index];
        asked.snapshot->fill(quote);
        quote.ts = context_.clock.now();
        quote.rx = quote.ts;
      }
      chain_answered(job);
    };
    wire::ReqMarketData request;
    request.contract = contract;
    request.snapshot = true;
    ask_and_send(std::move(question), std::move(request), snapshot_timeout);
  }
  if (lines_->borrowed() > 0) job->line_by.reset();
  if (job->quotes_open > 0) return;
  bool is_over = job->has_no_quotes || job->next_quote >= quoted;
  if (!is_over && lines_->borrowed() == 0) {
    // Topics have all the lines. Without prices it is an answer too.
    if (!job->line_by) job->line_by = now() + line_within;
    is_over = now() >= *job->line_by;
  }
  if (!is_over) return;
  std::erase(chains_, job);
  if (job->promise.pending()) job->promise.deliver(std::move(job->found));
}

// A line is free again: a topic that waits has it before the chains.
void IbkrDataState::chain_answered(const std::shared_ptr<ChainJob>& job) {
  if (!session_->is_up()) {
    if (std::erase(chains_, job) > 0)
      job->promise.deliver(
          to_caf(Error{Errc::provider_unavailable, "the link to the gateway was lost: " + session_->message()}));
    return;
  }
  if (lines_->waiting() > 0) offer_lines();
  quote_chains();
}

// In the order of their asking. One that is answered at once asks from within.
void IbkrDataState::quote_chains() {
  quoting_.run([this] {
    const auto all = chains_;
    for (const auto& each : all)
      if (std::ranges::find(chains_, each) != chains_.end()) chain_quotes(each);
  });
}

void IbkrDataState::end_chains(const Error& error) {
  for (const auto& each : std::exchange(chains_, {}))
    if (each->promise.pending()) each->promise.deliver(to_caf(error));
}

std::optional<Time> IbkrDataState::chains_time() const {
  std::optional<Time> at;
  for (const auto& each : chains_)
    if (each->line_by && (!at || *each->line_by < *at)) at = each->line_by;
  return at;
}

}  // namespace tradebus::ibkr::data
