#include "engine/journal/order_history.hpp"

#include <spdlog/spdlog.h>
#include <algorithm>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <utility>

#include "bus/wire/pack.hpp"
#include "engine/journal/journal_events.hpp"
#include "engine/journal/journal_index.hpp"
#include "engine/services/background_thread.hpp"

namespace tradebus {

namespace {

constexpr std::size_t records_a_turn = 1'000;  // between two of which questions are answered
constexpr std::chrono::seconds no_room_patience{1};
constexpr std::chrono::milliseconds end_budget{150};  // the daemon waits twice that

struct HistoryState {
  static inline const char* name = "order-history";
  explicit HistoryState(OrderHistoryActor::pointer s) : self{s} {}

  // Opened by the first who needs it, on this thread.
  Result<JournalIndex*> ready() {
    if (!index) {
      auto opened = JournalIndex::open(config.folder, {std::exchange(damaged, false), config.interrupt});
      if (!opened) return tl::unexpected{opened.error()};
      if (!opened->rebuilt.empty()) config.log->warn("journal-index-rebuilt reason=\"{}\"", opened->rebuilt);
      index = std::move(opened->index);
      show_progress();
    }
    return index.get();
  }
  void show_progress() const { config.indexed_seq->store(index->indexed_seq(), std::memory_order_relaxed); }

  // Answered when the index has all that was durable as the question came. Between two turns of indexing, and between
  // two answers, whatever else waits has its turn: the daemon's end, above all.
  template <class Answer, class Ask>
  caf::result<Answer> once_indexed(Ask ask) {
    const auto seq = config.durable_seq();
    if (index && waiting.empty() && index->indexed_seq() >= seq) return to_caf(asked(ask));
    auto promise = self->template make_response_promise<Answer>();
    waiting.push_back({seq, [this, promise, ask = std::move(ask)](const Result<bool>& ready) mutable {
                         auto answer = ready ? asked(ask) : Result<Answer>{tl::unexpected{ready.error()}};
                         if (answer)
                           promise.deliver(std::move(*answer));
                         else
                           promise.deliver(to_caf(answer.error()));
                       }});
    if (waiting.size() == 1) self->send(self, AnswerWaiting{});
    return promise;
  }
  // What is damaged is made anew before the next question.
  template <class Ask>
  auto asked(Ask& ask) {
    auto answer = ask(*index);
    damaged = index->is_damaged();
    if (damaged) index.reset();
    return answer;
  }
  void answer_waiting() {
    const auto done = catch_up();
    if (!done) {
      for (auto& question : std::exchange(waiting, {})) question.answer(done);
      return;
    }
    if (!waiting.empty() && waiting.front().seq <= index->indexed_seq()) {
      const auto question = std::move(waiting.front());
      waiting.pop_front();
      question.answer(done);
    }
    if (!waiting.empty()) self->send(self, AnswerWaiting{});
  }
  Result<bool> catch_up() {
    // A disk that has no room for it is not asked again by every question: those that wait would time out.
    const auto now = std::chrono::steady_clock::now();
    if (no_room && now < no_room_until) return tl::unexpected{*no_room};
    no_room.reset();
    const auto out = ready();
    auto done = out ? index->catch_up(config.durable_seq(), records_a_turn) : tl::unexpected{out.error()};
    if (done) show_progress();
    if (!done && index && index->is_damaged()) {
      damaged = true;
      index.reset();
    }
    if (!done && done.error().code == Errc::overloaded) {
      no_room = done.error();
      no_room_until = std::chrono::steady_clock::now() + no_room_patience;
    }
    return done;
  }
  void index_more() {
    auto out = ready();
    Result<bool> done = true;
    if (out) done = index->catch_up(config.durable_seq(), records_a_turn, JournalIndex::Haste::ahead_of_need);
    if (!out || !done) {
      const auto& error = out ? done.error() : out.error();
      if (config.interrupt->is_set()) return;
      if (!std::exchange(failing, true)) config.log->error("journal-index-failed message=\"{}\"", error.message);
      damaged = index && index->is_damaged();
      index.reset();  // opened, and if need be rebuilt, anew
    } else {
      failing = false;
      show_progress();
    }
    if (done && !*done)
      self->send(self, IndexJournal{});
    else
      self->delayed_send(self, config.index_interval, IndexJournal{});
  }
  // At the daemon's end, for who reads the file then: all that the time allows. The next start does the rest.
  void index_rest() {
    // Interrupted as before, if the whole of it is to be looked at first.
    if (const auto out = ready(); !out) return;
    config.interrupt->clear();
    const auto deadline = std::chrono::steady_clock::now() + end_budget;
    while (std::chrono::steady_clock::now() < deadline) {
      const auto done = index->catch_up(config.durable_seq(), records_a_turn / 10);
      if (!done) config.log->error("journal-index-failed message=\"{}\"", done.error().message);
      if (!done || *done) return;
    }
  }
  template <class T>
  static Result<PackedAnswer> packed(const Result<T>& answer) {
    if (!answer) return tl::unexpected{answer.error()};
    return PackedAnswer{wire::packed(*answer)};
  }

  OrderHistoryActor::pointer self;
  OrderHistoryConfig config;
  std::unique_ptr<JournalIndex> index;
  std::optional<JournalEvents> events;
  std::optional<Error> no_room;
  std::chrono::steady_clock::time_point no_room_until;
  bool failing = false;
  bool damaged = false;  // the index that was open last
  struct Waiting {
    std::uint64_t seq = 0;                            // never falls from one to the next
    std::function<void(const Result<bool>&)> answer;  // not ready: why
  };
  std::deque<Waiting> waiting;  // bounded by the requests that are open
};

}  // namespace

OrderHistoryActor spawn_order_history(caf::actor_system& system, OrderHistoryConfig config) {
  return system.spawn<caf::detached>(
      [config = std::move(config)](
          OrderHistoryActor::stateful_pointer<HistoryState> self) mutable -> OrderHistoryActor::behavior_type {
        auto& state = self->state;
        state.config = std::move(config);
        state.events.emplace(state.config.folder);
        background::enter();
        self->set_exception_handler(error_from_exception);
        self->set_exit_handler([self](const caf::exit_msg& exit) {
          if (exit.reason == caf::exit_reason::user_shutdown) self->state.index_rest();
          self->quit(exit.reason);
        });
        self->delayed_send(self, state.config.index_interval, IndexJournal{});
        return {
            [&state](const GetOrderEvents& query) -> caf::result<PackedAnswer> {
              const auto durable_seq = std::min(state.config.durable_seq(), query.as_of.value_or(UINT64_MAX));
              if (!query.account) return to_caf(state.packed(state.events->read(query, durable_seq)));
              return state.once_indexed<PackedAnswer>([query, durable_seq](JournalIndex& index) {
                return HistoryState::packed(index.events_of(*query.account, query, durable_seq));
              });
            },
            [&state](const GetOrders& query) -> caf::result<PackedAnswer> {
              return state.once_indexed<PackedAnswer>(
                  [query](JournalIndex& index) { return HistoryState::packed(index.orders(query)); });
            },
            [&state](const GetOrder& query) -> caf::result<RecalledOrder> {
              return state.once_indexed<RecalledOrder>([query](JournalIndex& index) { return index.recall(query); });
            },
            [&state](const IndexJournal&) { state.index_more(); },
            [&state](const AnswerWaiting&) { state.answer_waiting(); },
        };
      });
}

}  // namespace tradebus
