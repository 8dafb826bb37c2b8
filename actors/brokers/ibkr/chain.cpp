// Option chains: the contracts by expiry, then snapshots of them, as many at a time as there are lines for them.
#include <spdlog/spdlog.h>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <set>

#include "actors/brokers/ibkr/contracts.hpp"
#include "actors/brokers/ibkr/sending.hpp"
#include "actors/brokers/ibkr/wire/tick_types.hpp"

namespace tradebus::ibkr {

namespace {

constexpr std::size_t waiting_max = 10'000;      // quotes of all chains
constexpr IbkrConfig::Ms quote_timeout{12'000};  // the gateway ends a snapshot after eleven seconds

std::optional<Price> price_of(std::optional<double> value) {
  if (!value) return std::nullopt;
  const auto price = Price::from_double(*value);
  return price ? std::optional{*price} : std::nullopt;
}

// Nothing that the snapshot may still bring would be missed.
bool is_whole(const OptionQuote& quote) { return quote.bid && quote.ask && quote.iv && quote.delta && quote.vega; }

Price distance(Price a, Price b) { return a > b ? checked_sub(a, b).value_or(a) : checked_sub(b, a).value_or(b); }

}  // namespace

// Which pairs of expiry and strike exist only the contracts themselves tell.
struct IbkrState::ChainWalk {
  struct Row {
    std::shared_ptr<OptionQuote> quote;
    wire::Contract contract;
  };
  GetOptionChain asked;
  caf::typed_response_promise<OptionChain> promise;
  std::vector<std::string> expirations;
  std::size_t next = 0;
  std::vector<Row> rows;
  wire::Contract underlying;
  std::size_t left = 0;  // quotes that have not come
  Time deadline{};

  void deliver() {
    OptionChain out;
    for (auto& row : rows) out.quotes.push_back(std::move(*row.quote));
    promise.deliver(std::move(out));
  }
};

caf::result<OptionChain> IbkrState::option_chain(const GetOptionChain& m) {
  if (auto ok = usable(); !ok) return to_caf(ok.error());
  const auto instrument = Instrument::parse(m.underlying.str());
  if (!instrument) return to_caf(instrument.error());
  auto contract = to_contract(*instrument);
  if (!contract) return to_caf(contract.error());
  const auto chain = std::make_shared<ChainWalk>();
  chain->asked = m;
  chain->promise = self_->make_response_promise<OptionChain>();
  const auto promise = chain->promise;
  // A symbol doesn't say whether it is a stock's or an index's.
  auto index = *contract;
  index.sec_type = "IND";
  index.exchange.clear();
  ask_contract(std::move(*contract), [this, chain, index](Result<std::vector<wire::ContractData>> stock) {
    if (stock && !stock->empty()) return ask_expirations(chain, stock->front().contract);
    if (!stock && stock.error().code != Errc::instrument_unknown) {
      chain->promise.deliver(to_caf(stock.error()));
      return;
    }
    ask_contract(index, [this, chain](Result<std::vector<wire::ContractData>> found) {
      if (found && !found->empty()) return ask_expirations(chain, found->front().contract);
      const Error none{Errc::instrument_unknown, "no contract fits " + chain->asked.underlying.str()};
      chain->promise.deliver(to_caf(found ? none : found.error()));
    });
    pump();
  });
  pump();
  arm();
  return promise;
}

void IbkrState::ask_expirations(const std::shared_ptr<ChainWalk>& chain, const wire::Contract& underlying) {
  const auto refuse = [chain](const Error& why) { chain->promise.deliver(to_caf(why)); };
  chain->underlying = underlying;
  if (underlying.sec_type == "STK") chain->underlying.exchange = "SMART";
  Question question;
  question.what = "option parameters";
  question.then = [this, chain, refuse](Question& asked, const Error* error) {
    if (error != nullptr) return refuse(*error);
    std::set<std::string> dates;
    for (const auto& row : asked.options) dates.insert(row.expirations.begin(), row.expirations.end());
    if (chain->asked.expiry)
      std::erase_if(dates, [want = to_venue_date(*chain->asked.expiry)](const auto& date) { return date != want; });
    chain->expirations.assign(dates.begin(), dates.end());
    walk(chain);
  };
  const auto id = questions_->open(std::move(question), now() + config_.answer_timeout);
  if (!id) return refuse(id.error());
  wire::ReqOptionParameters request;
  request.req_id = *id;
  request.under_symbol = underlying.symbol;
  request.under_sec_type = underlying.sec_type;
  request.under_con_id = underlying.con_id;
  if (auto ok = send(session::Urgency::data, request); !ok)
    if (auto failed = questions_->close(*id)) failed->then(*failed, &ok.error());
  pump();
  arm();
}

// Expiry after expiry, until there are enough.
void IbkrState::walk(const std::shared_ptr<ChainWalk>& chain) {
  const auto& asked = chain->asked;
  if (chain->next >= chain->expirations.size() || chain->rows.size() >= asked.limit) {
    if (chain->rows.size() > asked.limit) chain->rows.resize(asked.limit);
    return quote(chain);
  }
  wire::Contract contract;
  contract.symbol = underlying_of_class(asked.underlying.str());
  std::ranges::replace(contract.symbol, '.', ' ');
  contract.sec_type = "OPT";
  contract.exchange = "SMART";
  contract.currency = "USD";
  contract.last_trade_date = chain->expirations[chain->next++];
  contract.right = asked.right;
  ask_contract(std::move(contract), [this, chain](Result<std::vector<wire::ContractData>> found) {
    const auto& want = chain->asked;
    if (!found && found.error().code != Errc::instrument_unknown) {
      chain->promise.deliver(to_caf(found.error()));
      return;
    }
    std::vector<ChainWalk::Row> rows;
    const auto t = clock_.now();
    for (auto& row : found ? *found : std::vector<wire::ContractData>{}) {
      auto& option = row.contract;
      const auto symbol = to_symbol(option);
      const auto date = from_venue_date(option.last_trade_date);
      if (!symbol || !date || !option.right) continue;
      if ((want.strike_min && option.strike < *want.strike_min) ||
          (want.strike_max && option.strike > *want.strike_max))
        continue;
      OptionQuote quote;
      quote.symbol = *symbol;
      quote.underlying = want.underlying;
      quote.expiry = date->to_string();
      quote.strike = option.strike;
      quote.right = *option.right;
      quote.ts = t;
      if (option.exchange.empty()) option.exchange = "SMART";
      rows.push_back({std::make_shared<OptionQuote>(std::move(quote)), std::move(option)});
    }
    std::ranges::sort(rows, {}, [](const auto& row) {
      return std::tuple{row.quote->strike, row.quote->right, row.quote->symbol};
    });
    chain->rows.insert(chain->rows.end(), std::make_move_iterator(rows.begin()), std::make_move_iterator(rows.end()));
    walk(chain);
  });
  pump();
}

// ---- quotes --------------------------------------------------------------------------------------------------------

// Of all rows, or of those nearest to the money when there are more than are to be quoted.
void IbkrState::quote(const std::shared_ptr<ChainWalk>& chain) {
  const auto most = std::min(config_.chain_quotes, waiting_max - std::min(waiting_max, quotes_waiting_.size()));
  if (most == 0 || chain->rows.empty()) return chain->deliver();
  static_cast<void>(send(session::Urgency::data, wire::ReqMarketDataType{config_.market_data_type}));
  chain->deadline = now() + config_.answer_timeout;
  const auto begin = [this, chain, most](std::optional<Price> spot) {
    std::vector<std::size_t> which(chain->rows.size());
    for (std::size_t i = 0; i < which.size(); ++i) which[i] = i;
    if (spot)
      std::ranges::stable_sort(which, {}, [&](std::size_t i) { return distance(chain->rows[i].quote->strike, *spot); });
    if (which.size() > most) which.resize(most);
    chain->left = which.size();
    for (const auto i : which)
      quotes_waiting_.push_back([this, chain, i] {
        const auto& row = chain->rows[i];
        snapshot(row.contract, row.quote, chain->deadline, [chain] {
          if (--chain->left == 0) chain->deliver();
        });
      });
  };
  if (chain->rows.size() <= most) {
    begin({});
  } else {
    const auto spot = std::make_shared<OptionQuote>();
    quotes_waiting_.push_front([this, chain, spot, begin] {
      snapshot(chain->underlying, spot, std::min(chain->deadline, now() + config_.answer_timeout / 4), [spot, begin] {
        auto price = spot->last;
        if (spot->bid && spot->ask) price = spot->bid;
        begin(price);
      });
    });
  }
  pump_quotes();
}

// A line is free: the next one.
void IbkrState::pump_quotes() {
  if (std::exchange(is_quoting_, true)) return;
  while (!quotes_waiting_.empty() && quotes_open_ < config_.chain_lines) {
    const auto next = std::move(quotes_waiting_.front());
    quotes_waiting_.pop_front();
    next();
  }
  is_quoting_ = false;
  pump();
  arm();
}

// `then` is called once: with what came until it was whole, until the snapshot's end, or until the deadline.
void IbkrState::snapshot(const wire::Contract& contract, const std::shared_ptr<OptionQuote>& quote, Time deadline,
                         std::function<void()> then) {
  const auto t = now();
  if (t >= deadline || phase_ != Phase::up) return then();
  Question question;
  question.what = "quote";
  question.quote = quote;
  question.then = [this, then](Question&, const Error*) {
    --quotes_open_;
    then();
    pump_quotes();
  };
  const auto id = questions_->open(std::move(question), std::min(deadline, t + quote_timeout));
  if (!id) return then();
  ++quotes_open_;
  wire::ReqMarketData request;
  request.req_id = *id;
  request.contract = contract;
  request.snapshot = true;
  if (auto ok = send(session::Urgency::data, request); !ok)
    if (auto failed = questions_->close(*id)) failed->then(*failed, &ok.error());
}

OptionQuote* IbkrState::quote_of(std::int32_t req_id) {
  auto* question = questions_ ? questions_->find(req_id) : nullptr;
  if (question == nullptr || !question->quote) return nullptr;
  question->quote->rx = clock_.now();
  question->quote->ts = *question->quote->rx;
  return question->quote.get();
}

// Its line is free before the snapshot ends by itself.
void IbkrState::end_if_whole(std::int32_t req_id, const OptionQuote& quote) {
  const bool is_underlying = quote.symbol.empty();
  if (is_underlying ? !quote.last && !(quote.bid && quote.ask) : !is_whole(quote)) return;
  static_cast<void>(send(session::Urgency::data, wire::CancelMarketData{req_id}));
  if (auto question = questions_->close(req_id)) question->then(*question, nullptr);
}

void IbkrState::on(wire::TickPrice&& m) {
  auto* quote = quote_of(m.req_id);
  if (quote == nullptr || !m.has_data()) return;
  const auto type = wire::live_tick(m.type);
  if (type == wire::tick::bid) {
    quote->bid = m.price;
    quote->bid_size = m.size;
  } else if (type == wire::tick::ask) {
    quote->ask = m.price;
    quote->ask_size = m.size;
  } else if (type == wire::tick::last) {
    quote->last = m.price;
  } else {
    return;
  }
  if (type != m.type) quote->quality = Quality::delayed;
  end_if_whole(m.req_id, *quote);
}

void IbkrState::on(wire::TickSize&& m) {
  auto* quote = quote_of(m.req_id);
  if (quote == nullptr) return;
  const auto type = wire::live_tick(m.type);
  if (type == wire::tick::bid_size)
    quote->bid_size = m.size;
  else if (type == wire::tick::ask_size)
    quote->ask_size = m.size;
  else if (type == wire::tick::volume)
    quote->volume = m.size;
}

// The model's.
void IbkrState::on(wire::TickOption&& m) {
  auto* quote = quote_of(m.req_id);
  const auto type = wire::live_tick(m.type);
  if (quote == nullptr || type != wire::tick::model_option) return;
  if (type != m.type) quote->quality = Quality::delayed;
  quote->iv = m.implied_volatility;
  quote->delta = m.delta;
  quote->gamma = m.gamma;
  quote->theta = m.theta;
  quote->vega = m.vega;
  quote->underlying_price = price_of(m.underlying_price);
  end_if_whole(m.req_id, *quote);
}

void IbkrState::on(wire::MarketDataType&& m) {
  auto* quote = quote_of(m.req_id);
  if (quote == nullptr) return;
  switch (m.type) {
    case 2:
      quote->quality = Quality::frozen;
      break;
    case 3:
    case 4:
      quote->quality = Quality::delayed;
      break;
    default:  // numbers of the venue; 1: live
      quote->quality.reset();
  }
}

void IbkrState::on(wire::TickSnapshotEnd&& m) {
  if (auto question = questions_->close(m.req_id)) question->then(*question, nullptr);
}

}  // namespace tradebus::ibkr
