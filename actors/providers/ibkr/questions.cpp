// What the provider is asked, but for bars and chains.
#include <spdlog/spdlog.h>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <utility>

#include "actors/brokers/ibkr/contracts.hpp"
#include "actors/brokers/ibkr/wire/text.hpp"
#include "actors/brokers/ibkr/wire/venue_time.hpp"
#include "actors/providers/ibkr/asking.hpp"

namespace tradebus::ibkr::data {

namespace {

constexpr std::uint32_t news_max = 300;       // the venue gives no more at once
constexpr std::size_t search_text_max = 100;  // longer than any name
constexpr std::size_t news_codes_max = 50;

// "2026-04-14 14:58:42.0"
std::string to_news_time(Timestamp t) {
  auto text = to_iso8601(t).substr(0, 19);
  text[10] = ' ';
  return text + ".0";
}

}  // namespace

// ---- asking --------------------------------------------------------------------------------------------------------

Result<void> IbkrDataState::connected() const {
  if (sink_) return {};
  return fail(Errc::provider_unavailable, "provider \"" + context_.name + "\" is not connected: connect it first");
}

void IbkrDataState::when_up(std::function<void(const Error*)> then) {
  std::optional<Error> why;
  if (auto ok = connected(); !ok) {
    why = ok.error();
  } else if (session_->is_up()) {
    if (connectivity_.is_venue_lost())
      why = Error{Errc::provider_unavailable, "the gateway has lost its connection to the venue; try again later"};
  } else if (session_->phase() == session::GatewaySession::Phase::waiting ||
             session_->phase() == session::GatewaySession::Phase::down) {
    why = Error{Errc::provider_unavailable, "the gateway is not connected: " + session_->message()};
  } else if (waiting_for_link_.size() >= config_.questions_max) {
    why = Error{Errc::overloaded, "too many questions wait for the gateway; try again later"};
  } else {
    waiting_for_link_.push_back(std::move(then));  // it is being connected
    return;
  }
  then(why ? &*why : nullptr);
}

void IbkrDataState::end(std::int32_t req_id, const Error* error) {
  auto asked = asked_->close(req_id);
  if (asked && asked->question.then) asked->question.then(asked->question, error);
}

Result<std::pair<Instrument, wire::Contract>> IbkrDataState::to_request(const Symbol& symbol) const {
  auto instrument = Instrument::parse(symbol.str());
  if (!instrument) return tl::unexpected{instrument.error()};
  auto contract = to_contract(*instrument);
  if (!contract)
    return fail(Errc::provider_unsupported,
                "provider ibkr has stocks, options on them and currency pairs, not " + symbol.str());
  if (const auto at = config_.primary_exchanges.find(symbol); at != config_.primary_exchanges.end())
    contract->primary_exchange = at->second;
  return std::pair{std::move(*instrument), std::move(*contract)};
}

// `then` is called once, perhaps at once; the link is up.
void IbkrDataState::resolve(const Symbol& symbol, std::function<void(Result<KnownContractPtr>)> then) {
  if (auto known = book_->find(symbol)) return then(std::move(known));
  auto meant = to_request(symbol);
  if (!meant) return then(tl::unexpected{meant.error()});
  auto& waiting = resolving_[symbol];
  waiting.push_back(std::move(then));
  if (waiting.size() > 1) return;
  Question question;
  question.what = "contract";
  question.then = [this, symbol, instrument = std::move(meant->first)](Question& asked, const Error* error) {
    Result<KnownContractPtr> found = error != nullptr ? Result<KnownContractPtr>{tl::unexpected{*error}}
                                                      : choose(instrument, std::move(asked.contracts));
    if (found) book_->add(*found);
    auto node = resolving_.extract(symbol);
    if (node.empty()) return;
    for (auto& each : node.mapped()) each(found);
  };
  wire::ReqContractData request;
  request.contract = std::move(meant->second);
  ask_and_send(std::move(question), std::move(request), config_.answer_timeout);
}

// ---- details, a day ------------------------------------------------------------------------------------------------

caf::result<TickerDetails> IbkrDataState::details(const GetTickerDetails& m) {
  if (auto meant = to_request(m.symbol); !meant) return to_caf(meant.error());
  auto promise = self_->make_response_promise<TickerDetails>();
  when_up([this, promise, symbol = m.symbol](const Error* error) mutable {
    if (error != nullptr) {
      promise.deliver(to_caf(*error));
      return;
    }
    resolve(symbol, [promise](const Result<KnownContractPtr>& found) mutable {
      if (found)
        promise.deliver(to_details(**found));
      else
        promise.deliver(to_caf(found.error()));
    });
  });
  settle();
  return promise;
}

// The last two days' bars: the day under way, or the last one, and the one before it.
caf::result<DailySnapshot> IbkrDataState::daily_snapshot(const GetDailySnapshot& m) {
  if (auto meant = to_request(m.symbol); !meant) return to_caf(meant.error());
  auto promise = self_->make_response_promise<DailySnapshot>();
  const std::function<void(const Error&)> refuse = [promise](const Error& error) mutable {
    promise.deliver(to_caf(error));
  };
  const std::function<void(Result<KnownContractPtr>)> found = [this, promise,
                                                               refuse](const Result<KnownContractPtr>& contract) {
    if (!contract) return refuse(contract.error());
    Question question;
    question.what = "days";
    question.is_bars = true;
    question.then = [this, promise, refuse, known = *contract](Question& asked, const Error* error) mutable {
      if (error != nullptr) return refuse(*error);
      const auto& calendar = context_.calendars->of(known->instrument);
      DailySnapshot out;
      out.symbol = known->symbol;
      out.ts = context_.clock.now();
      for (const auto& row : asked.bars.bars) {
        auto bar = to_bar(row, known->symbol, calendar, Timeframe::d1);
        if (!bar) {
          ++bad_rows_;
          continue;
        }
        if (out.day && bar->ts <= out.day->ts) continue;
        out.previous_day = std::exchange(out.day, std::move(*bar));
      }
      if (!out.day) return refuse({Errc::provider_not_found, "the venue has no daily bars of " + known->symbol.str()});
      if (out.previous_day) {
        out.change = checked_sub(out.day->close, out.previous_day->close);
        const auto before = out.previous_day->close.to_double();
        if (out.change && before > 0) out.change_percent = out.change->to_double() / before * 100;
      }
      promise.deliver(std::move(out));
    };
    wire::ReqHistoricalData request;
    request.contract = (*contract)->contract();
    request.bar_size = bar_size(Timeframe::d1);
    request.duration = "5 D";
    request.use_rth = true;
    request.what_to_show = (*contract)->is_pair() ? "MIDPOINT" : "TRADES";
    request.format_date = 2;
    ask_and_send(std::move(question), std::move(request), config_.history_timeout);
  };
  when_up([this, refuse, found, symbol = m.symbol](const Error* error) mutable {
    if (error != nullptr) return refuse(*error);
    resolve(symbol, found);
  });
  settle();
  return promise;
}

// ---- news ----------------------------------------------------------------------------------------------------------

void IbkrDataState::ask_news_providers(std::function<void(const Error*)> then) {
  if (!news_providers_.empty()) return then(nullptr);
  news_waiting_.push_back(std::move(then));
  if (news_waiting_.size() > 1) return;
  news_deadline_ = now() + config_.answer_timeout;
  if (const auto ok = session_->send(wire::ReqNewsProviders{}); !ok)
    for (auto& each : std::exchange(news_waiting_, {})) each(&ok.error());
}

caf::result<NewsItems> IbkrDataState::news(const GetNews& m) {
  if (auto meant = to_request(m.symbol); !meant) return to_caf(meant.error());
  if (m.limit == 0 || (m.since && *m.since > context_.clock.now())) return NewsItems{};
  auto promise = self_->make_response_promise<NewsItems>();
  when_up([this, promise, m](const Error* error) mutable {
    if (error != nullptr) {
      promise.deliver(to_caf(*error));
      return;
    }
    resolve(m.symbol, [this, promise, m](const Result<KnownContractPtr>& found) mutable {
      if (!found) {
        promise.deliver(to_caf(found.error()));
        return;
      }
      ask_news_providers([this, promise, m, contract = *found](const Error* failed) mutable {
        if (failed != nullptr) {
          promise.deliver(to_caf(*failed));
          return;
        }
        news_of(contract, m, promise);
      });
    });
  });
  settle();
  return promise;
}

void IbkrDataState::news_of(const KnownContractPtr& contract, const GetNews& m,
                            caf::typed_response_promise<NewsItems> promise) {
  std::string codes;
  std::size_t count = 0;
  for (const auto& row : news_providers_)
    if (count++ < news_codes_max) codes += (codes.empty() ? "" : "+") + row.code;
  if (codes.empty()) {
    promise.deliver(to_caf(Error{Errc::provider_unsupported,
                                 "the account has no news for its programs: subscribe to some in its settings"}));
    return;
  }
  Question question;
  question.what = "news";
  question.then = [this, promise, m](Question& asked, const Error* error) mutable {
    if (error != nullptr) {
      promise.deliver(to_caf(*error));
      return;
    }
    NewsItems out;
    for (const auto& row : asked.news) {
      const auto time = wire::parse_venue_time(row.time);
      NewsItem item;
      item.id = row.article_id;
      item.title = std::string{wire::bare_headline(row.headline)};
      if (!time || !time->is_utc || item.id.empty() || item.title.empty()) {
        ++bad_rows_;
        continue;
      }
      item.ts = from_unix_ns(time->local_ns);
      if (m.since && item.ts < *m.since) continue;
      item.url = "ibkr:" + row.provider + "/" + row.article_id;
      const auto named = std::ranges::find(news_providers_, row.provider, &wire::NewsProviders::Row::code);
      item.publisher = named == news_providers_.end() || named->name.empty() ? row.provider : named->name;
      item.symbols = {m.symbol.str()};
      out.items.push_back(std::move(item));
    }
    std::ranges::stable_sort(out.items, std::greater{}, &NewsItem::ts);
    if (out.items.size() > m.limit) out.items.resize(m.limit);
    promise.deliver(std::move(out));
  };
  wire::ReqHistoricalNews request;
  request.con_id = contract->data.contract.con_id;
  request.providers = std::move(codes);
  if (m.since && *m.since > Timestamp{}) request.start = to_news_time(*m.since - std::chrono::seconds{1});
  request.total_results = static_cast<std::int32_t>(std::min(m.limit, news_max));
  ask_and_send(std::move(question), std::move(request), config_.answer_timeout);
}

// ---- search --------------------------------------------------------------------------------------------------------

caf::result<SymbolMatches> IbkrDataState::search(const SearchSymbols& m) {
  if (m.text.empty() || m.limit == 0 || m.text.size() > search_text_max || !wire::is_printable(m.text))
    return SymbolMatches{};
  auto promise = self_->make_response_promise<SymbolMatches>();
  when_up([this, promise, m](const Error* error) mutable {
    if (error != nullptr) {
      promise.deliver(to_caf(*error));
      return;
    }
    Question question;
    question.what = "search";
    question.then = [promise, m](Question& asked, const Error* failed) mutable {
      if (failed != nullptr) {
        promise.deliver(to_caf(*failed));
        return;
      }
      SymbolMatches out;
      for (const auto& row : asked.samples.rows) {
        if (row.sec_type != "STK" || row.currency != "USD") continue;
        wire::Contract contract;
        contract.symbol = row.symbol;
        contract.sec_type = row.sec_type;
        const auto symbol = to_symbol(contract);
        if (!symbol || std::ranges::find(out.matches, *symbol, &SymbolMatch::symbol) != out.matches.end()) continue;
        SymbolMatch match;
        match.symbol = *symbol;
        match.name = row.description.empty() ? row.symbol : row.description;
        const auto place = row.primary_exchange.substr(0, row.primary_exchange.find('.'));  // "NASDAQ.NMS"
        if (!place.empty()) match.exchange = to_mic(place);
        out.matches.push_back(std::move(match));
      }
      std::stable_partition(out.matches.begin(), out.matches.end(),
                            [&](const SymbolMatch& each) { return each.symbol.str() == m.text; });
      if (out.matches.size() > m.limit) out.matches.resize(m.limit);
      promise.deliver(std::move(out));
    };
    wire::ReqMatchingSymbols request;
    request.pattern = m.text;
    std::ranges::replace(request.pattern, '.', ' ');
    ask_and_send(std::move(question), std::move(request), config_.answer_timeout);
  });
  settle();
  return promise;
}

}  // namespace tradebus::ibkr::data
