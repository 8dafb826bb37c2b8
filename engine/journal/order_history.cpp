#include "engine/journal/order_history.hpp"

#include <spdlog/spdlog.h>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <chrono>
#include <optional>

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
      auto opened = JournalIndex::open(config.folder);
      if (!opened) return tl::unexpected{opened.error()};
      if (!opened->rebuilt.empty()) config.log->warn("journal-index-rebuilt reason=\"{}\"", opened->rebuilt);
      index = std::move(opened->index);
    }
    return index.get();
  }
  Result<JournalIndex*> caught_up() {
    // A disk that has no room for it is not asked again by every question: those that wait would time out.
    const auto now = std::chrono::steady_clock::now();
    if (no_room && now < no_room_until) return tl::unexpected{*no_room};
    no_room.reset();
    auto out = ready();
    Result<bool> done = out ? Result<bool>{false} : tl::unexpected{out.error()};
    while (done && !*done) done = index->catch_up(config.durable_seq(), records_a_turn);
    if (done) return out;
    if (done.error().code == Errc::overloaded) {
      no_room = done.error();
      no_room_until = std::chrono::steady_clock::now() + no_room_patience;
    }
    return tl::unexpected{done.error()};
  }
  void index_more() {
    auto out = ready();
    Result<bool> done = true;
    if (out) done = index->catch_up(config.durable_seq(), records_a_turn, JournalIndex::Haste::ahead_of_need);
    if (!out || !done) {
      const auto& error = out ? done.error() : out.error();
      if (!std::exchange(failing, true)) config.log->error("journal-index-failed message=\"{}\"", error.message);
      index.reset();  // opened, and if need be rebuilt, anew
    } else {
      failing = false;
    }
    if (done && !*done)
      self->send(self, IndexJournal{});
    else
      self->delayed_send(self, config.index_interval, IndexJournal{});
  }
  // At the daemon's end, for who reads the file then: all that the time allows. The next start does the rest.
  void index_rest() {
    const auto deadline = std::chrono::steady_clock::now() + end_budget;
    const auto out = ready();
    while (out && std::chrono::steady_clock::now() < deadline) {
      const auto done = index->catch_up(config.durable_seq(), records_a_turn / 10);
      if (!done) config.log->error("journal-index-failed message=\"{}\"", done.error().message);
      if (!done || *done) return;
    }
  }
  template <class T>
  caf::result<PackedAnswer> packed(const Result<T>& answer) {
    if (!answer) return to_caf(answer.error());
    return PackedAnswer{wire::packed(*answer)};
  }

  OrderHistoryActor::pointer self;
  OrderHistoryConfig config;
  std::unique_ptr<JournalIndex> index;
  std::optional<JournalEvents> events;
  std::optional<Error> no_room;
  std::chrono::steady_clock::time_point no_room_until;
  bool failing = false;
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
              const auto durable_seq = state.config.durable_seq();
              if (!query.account) return state.packed(state.events->read(query, durable_seq));
              const auto index = state.caught_up();
              if (!index) return to_caf(index.error());
              return state.packed((*index)->events_of(*query.account, query, durable_seq));
            },
            [&state](const GetOrders& query) -> caf::result<PackedAnswer> {
              const auto index = state.caught_up();
              if (!index) return to_caf(index.error());
              return state.packed((*index)->orders(query));
            },
            [&state](const GetOrder& query) -> caf::result<RecalledOrder> {
              const auto index = state.caught_up();
              if (!index) return to_caf(index.error());
              return to_caf((*index)->recall(query));
            },
            [&state](const IndexJournal&) { state.index_more(); },
        };
      });
}

}  // namespace tradebus
