// Interactive Brokers as a source of market data, through a running TWS or IB Gateway. It has a connection of its own,
// apart from the broker's (docs/decisions/0013-two-connections-to-a-gateway.md). Its rooms: line_table and line_state
// (market data lines), history_range and history_pacer (bars), contract_book (whose number is whose symbol),
// connectivity, and this: the actor. The protocol is actors/brokers/ibkr/wire, the life of a session
// actors/brokers/ibkr/session.
//
//   link       a lost one comes back by itself; all topics are asked for anew then.
//   topics     one line serves quotes, trades and option values of a contract. Trades come tick by tick while the
//              venue has room for that, else as the line shows them. One that the venue can't give now is a gap, and
//              asked for again after a pause.
//   lines      are few: a topic that finds none is refused (provider.rate_limited), and asked for again when one is
//              free.
//   questions  wait for the link to come up, and end with it.
//
// The link is in ibkr.cpp, topics in streams.cpp, bars in history.cpp, other questions in questions.cpp, chains in
// chains.cpp, what the venue says in answers.cpp. Settings: [providers.ibkr]; docs/providers/ibkr.md
#pragma once

#include <caf/typed_event_based_actor.hpp>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <variant>
#include <vector>

#include "actors/brokers/ibkr/link.hpp"
#include "actors/brokers/ibkr/link_report.hpp"
#include "actors/brokers/ibkr/session/gateway_session.hpp"
#include "actors/brokers/ibkr/session/request_table.hpp"
#include "actors/brokers/ibkr/wire/decoder.hpp"
#include "actors/brokers/ibkr/wire/error_codes.hpp"
#include "actors/providers/ibkr/config.hpp"
#include "actors/providers/ibkr/connectivity.hpp"
#include "actors/providers/ibkr/contract_book.hpp"
#include "actors/providers/ibkr/history_pacer.hpp"
#include "actors/providers/ibkr/history_range.hpp"
#include "actors/providers/ibkr/line_state.hpp"
#include "actors/providers/ibkr/line_table.hpp"
#include "actors/providers/outlet.hpp"
#include "actors/registry.hpp"
#include "engine/services/backoff.hpp"
#include "engine/services/log_limit.hpp"
#include "engine/services/not_within.hpp"

namespace tradebus::ibkr::data {

using IbkrDataActor = ProviderActor::extend<caf::reacts_to<LinkReport>>;
using Time = std::chrono::steady_clock::time_point;

// A topic that somebody wants, whether the venue gives it or not yet.
struct DataTopic {
  enum class Source : std::uint8_t { none, line, ticks };
  StreamKind kind = StreamKind::quote;
  Symbol symbol;
  std::uint64_t opening = 0;  // which of its openings an answer belongs to
  std::optional<caf::typed_response_promise<Done>> promise;
  std::optional<Time> answer_at;  // at the latest: nothing came, and no refusal either
  Source source = Source::none;
  KnownContractPtr contract;
  std::int32_t ticks_id = 0;
  bool is_sampled = false;  // trades as a line shows them, not each one
  bool is_sampled_told = false;
  Timestamp last_ts{};
  Time asked_at{};               // for the first time, or again
  std::optional<Time> retry_at;  // the venue could not give it
  Backoff pauses{retry_first, retry_max, retry_healthy};
  bool is_gap = false;  // told, for want of the venue's answer; not told live since

  static constexpr std::chrono::seconds retry_first{1};
  static constexpr std::chrono::seconds retry_max{60};
  static constexpr std::chrono::seconds retry_healthy{60};  // without a refusal: the next pause is a first one
};

struct DataLine {
  KnownContractPtr contract;
  std::int32_t req_id = 0;
  LineState state;
  bool has_data = false;
  bool is_dirty = false;
};

// What was asked of the venue and may be answered in several messages.
struct Question {
  std::string what;
  std::vector<wire::ContractData> contracts = {};
  std::vector<wire::OptionParameters> options = {};
  std::vector<wire::HistoricalNews> news = {};
  wire::HistoricalData bars = {};
  wire::SymbolSamples samples = {};
  std::string time = {};
  std::unique_ptr<LineState> snapshot = {};
  bool is_bars = false;                                    // to be canceled when nobody waits any more
  std::function<void(Question&, const Error*)> then = {};  // called once
};

// A request id's owner: a line, a topic's ticks, or a question.
struct Asked {
  LineTable::ConId line = 0;
  std::optional<TopicRef> ticks = {};
  Question question = {};
};

// Not final: CAF derives from it to look for its name.
class IbkrDataState : public wire::MessageSink, public session::SessionOwner {
 public:
  static inline const char* name = "ibkr-data";

  explicit IbkrDataState(IbkrDataActor::pointer self);
  ~IbkrDataState() override;
  IbkrDataActor::behavior_type make_behavior(AdapterContext context, IbkrDataConfig config);

 private:
  struct BarsJob;
  struct ChainJob;

  // -- link (ibkr.cpp) -----------------------------------------------------------
  ProviderStatus connect(const ConnectProvider& request);
  ProviderStatus disconnect();
  void stop();
  void take(LinkReport& report);
  void dial(std::uint64_t connection) override;
  void hang_up() override;
  bool transmit(std::string bytes) override;
  void session_message(std::string_view payload, std::int32_t version) override;
  void session_up() override;
  void session_lost() override;
  ProviderStatus status() const;
  void tell_status();
  void wake(std::uint64_t generation);
  // After whatever happened: events, requests and status go out, and the timer is set.
  void settle();
  void arm();
  Time now() const { return Time{self_->clock().now().time_since_epoch()}; }
  ProviderCapabilities capabilities() const;
  Counters counters() const;

  // -- topics (streams.cpp) ------------------------------------------------------
  caf::result<Done> subscribe(const Subscribe& request);
  void unsubscribe(TopicRef ref);
  void open_topic(TopicRef ref);
  void attach(TopicRef ref, DataTopic& topic);
  void attach_line(TopicRef ref, DataTopic& topic);
  bool attach_ticks(TopicRef ref, DataTopic& topic);
  Result<void> open_line(const KnownContractPtr& contract);
  void close_line(LineTable::ConId line);
  void drop_source(TopicRef ref, DataTopic& topic);
  void refuse(TopicRef ref, const Error& error);
  void try_later(TopicRef ref, const Error& error);
  void retry_topics();
  Error no_line() const;
  void note_no_line_left(const wire::ErrorMessage& m, std::size_t refused);
  void flows(TopicRef ref, DataTopic& topic);
  void answer(TopicRef ref, DataTopic& topic);
  void tell_topic(TopicRef ref, TopicState state, std::string_view reason);
  void tell_all(TopicState state, std::string_view reason);
  void offer_lines();
  void reopen_all();
  void open_all();  // those that have no source
  void forget_sources();
  void touch(DataLine& line);
  void flush();
  void push_quote(const DataLine& line, TopicRef ref, DataTopic& topic);
  void push_option(const DataLine& line, TopicRef ref, DataTopic& topic);
  void push_sale(TopicRef ref, DataTopic& topic, Timestamp ts, Price price, Quantity size, Quality quality);
  void line_refused(LineTable::ConId line, const wire::ErrorMessage& m, const wire::Verdict& verdict);
  void ticks_refused(TopicRef ref, const wire::ErrorMessage& m);

  // -- questions (questions.cpp) -------------------------------------------------
  // Runs it once the link is up; with an error when it is not coming up.
  void when_up(std::function<void(const Error*)> then);
  // provider.unavailable before Connect.
  Result<void> connected() const;
  Result<std::int32_t> ask(Question question, std::chrono::milliseconds patience);
  // Asks, and sends what `request` makes of the id. Ends the question when either fails.
  template <class Request>
  std::int32_t ask_and_send(Question question, Request request, std::chrono::milliseconds patience);
  void end(std::int32_t req_id, const Error* error);
  void resolve(const Symbol& symbol, std::function<void(Result<KnownContractPtr>)> then);
  Result<std::pair<Instrument, wire::Contract>> to_request(const Symbol& symbol) const;
  caf::result<TickerDetails> details(const GetTickerDetails& m);
  caf::result<DailySnapshot> daily_snapshot(const GetDailySnapshot& m);
  caf::result<NewsItems> news(const GetNews& m);
  void ask_news_providers(std::function<void(const Error*)> then);
  void news_of(const KnownContractPtr& contract, const GetNews& m, caf::typed_response_promise<NewsItems> promise);
  caf::result<SymbolMatches> search(const SearchSymbols& m);

  // -- chains (chains.cpp) -------------------------------------------------------
  caf::result<OptionChain> option_chain(const GetOptionChain& m);
  void chain_expirations(const std::shared_ptr<ChainJob>& job);
  void chain_contracts(const std::shared_ptr<ChainJob>& job);
  void chain_quotes(const std::shared_ptr<ChainJob>& job);
  void chain_answered(const std::shared_ptr<ChainJob>& job);
  void quote_chains();
  void end_chains(const Error& error);
  std::optional<Time> chains_time() const;  // when one has waited long enough for a line

  // -- bars (history.cpp) --------------------------------------------------------
  caf::result<HistoricalBars> history(const GetHistoricalData& m);
  void begin_bars(const std::shared_ptr<BarsJob>& job);
  void next_chunk(const std::shared_ptr<BarsJob>& job);
  void queue_chunk(const std::shared_ptr<BarsJob>& job);
  void pump_history();
  void send_chunk(std::uint64_t id);
  void chunk_answered(const std::shared_ptr<BarsJob>& job, Question& question, const Error* error);
  void end_bars(const std::shared_ptr<BarsJob>& job, const Error* error);
  void expire_bars();

  // -- what the venue says (answers.cpp) -----------------------------------------
  using MessageSink::on;
  void on(wire::NextValidId&& m) override;
  void on(wire::ManagedAccounts&& m) override;
  void on(wire::ErrorMessage&& m) override;
  void on(wire::TickPrice&& m) override;
  void on(wire::TickSize&& m) override;
  void on(wire::TickString&& m) override;
  void on(wire::TickOption&& m) override;
  void on(wire::TickSnapshotEnd&& m) override;
  void on(wire::TickReqParams&& m) override;
  void on(wire::MarketDataType&& m) override;
  void on(wire::TickByTickLast&& m) override;
  void on(wire::ContractData&& m) override;
  void on(wire::ContractDataEnd&& m) override;
  void on(wire::OptionParameters&& m) override;
  void on(wire::OptionParametersEnd&& m) override;
  void on(wire::HistoricalData&& m) override;
  void on(wire::HeadTimestamp&& m) override;
  void on(wire::SymbolSamples&& m) override;
  void on(wire::NewsProviders&& m) override;
  void on(wire::HistoricalNews&& m) override;
  void on(wire::HistoricalNewsEnd&& m) override;
  template <class Tick>
  void take_tick(const Tick& m);
  Question* question(std::int32_t req_id);
  void connectivity(Connectivity::Change change);
  void unknown_id(std::int32_t req_id, std::string_view what);

  IbkrDataActor::pointer self_;
  AdapterContext context_;
  ProviderName provider_;
  IbkrDataConfig config_;
  MarketSink sink_;  // null while disconnected
  std::unique_ptr<Outlet> outlet_;
  std::uint64_t dropped_before_ = 0;  // by outlets of earlier connections
  std::optional<ProviderStatus> told_;
  std::uint64_t timer_ = 0;
  std::optional<Time> timer_at_;

  std::optional<session::GatewaySession> session_;
  Connectivity connectivity_;
  std::optional<session::RequestTable<Asked>> asked_;
  std::optional<ContractBook> book_;
  std::unordered_map<Symbol, std::vector<std::function<void(Result<KnownContractPtr>)>>> resolving_;
  std::vector<std::function<void(const Error*)>> waiting_for_link_;

  std::unordered_map<TopicRef, DataTopic> topics_;
  std::uint64_t openings_ = 0;
  std::optional<LineTable> lines_;
  std::map<LineTable::ConId, DataLine> open_lines_;
  std::vector<LineTable::ConId> dirty_;
  std::optional<Time> offer_at_;  // free lines may be offered once more
  std::optional<Time> raise_at_;  // another line may be tried: the venue refused one
  std::size_t ticks_open_ = 0;
  std::map<LineTable::ConId, Time> ticks_asked_;  // the venue takes a contract once in fifteen seconds
  std::vector<wire::NewsProviders::Row> news_providers_;
  std::vector<std::function<void(const Error*)>> news_waiting_;
  std::optional<Time> news_deadline_;

  std::optional<HistoryPacer> pacer_;
  std::map<std::uint64_t, std::shared_ptr<BarsJob>> jobs_;  // that wait for their turn
  std::uint64_t last_job_ = 0;
  std::deque<std::shared_ptr<ChainJob>> chains_;  // whose contracts are being quoted
  NotWithin quoting_;

  std::uint64_t bad_messages_ = 0;
  LogLimit bad_lines_;
  LogLimit fast_lines_;
  LogLimit venue_lines_;
  LogLimit line_lines_;
  std::uint64_t bad_rows_ = 0;
  std::uint64_t refused_ = 0;
  std::uint64_t sampled_ = 0;
  std::uint64_t violations_ = 0;  // of the venue's pace, as it says
  std::uint64_t unknown_ids_ = 0;
  std::set<std::int32_t> unknown_told_;

  std::unique_ptr<LinkListener> listener_;
  std::unique_ptr<Link> link_;  // last: its thread ends first
};

}  // namespace tradebus::ibkr::data

namespace tradebus::ibkr {
void register_in(ProviderRegistry& registry);
}
