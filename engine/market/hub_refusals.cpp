// Topics that a provider refused, and may not the next time: for its login, because it has no room for more, or because
// its venue can't give them now. Who waits for such a topic need not ask again: the hub does.
//
//   login   all of them, when the provider is up again
//   room    in the order of their asking: each topic that closes offers its room to the first of those that wait; what
//           only lingers is given up as soon as somebody waits; and now and then one is asked for all the same, as not
//           all room is the hub's own to see
//   now     after a pause that grows with each such answer; until then it is a gap, not a refusal
#include <spdlog/logger.h>

#include <algorithm>
#include <set>

#include "engine/market/market_hub.hpp"
#include "engine/services/log_text.hpp"

namespace tradebus {

namespace {
constexpr std::chrono::seconds room_try_every{5};
constexpr std::chrono::seconds unavailable_pause{5};  // doubled each time, up to
constexpr std::chrono::seconds unavailable_pause_max{60};
}  // namespace

RoomSort room_sort(const Topic& topic) {
  const auto instrument = Instrument::parse(topic.symbol.str());
  return {topic.kind, instrument ? instrument->asset_class : AssetClass::equity};
}

void MarketHubState::ask_again(TopicRef ref) {
  (*topics)[ref].asked_again = true;
  open(ref);
}

void MarketHubState::ask_denied_again(std::size_t provider) {
  for (TopicRef ref = 0; ref < topics->end(); ++ref) {
    const auto& topic = (*topics)[ref];
    if (topic.provider == provider && topic.upstream == Upstream::rejected && topic.refusal == Errc::auth_denied &&
        topic.used())
      ask_again(ref);
  }
}

// ---- room ----------------------------------------------------------------------------------------------------------

// Its place stays the same as long as somebody wants it.
void MarketHubState::await_room(TopicRef ref) {
  auto& topic = (*topics)[ref];
  if (!topic.used()) return;
  auto& slot = providers[topic.provider];
  if (topic.place == 0) topic.place = ++slot.places;
  slot.no_room.emplace(topic.place, ref);
}

void MarketHubState::leave_queue(TopicRef ref) {
  auto& topic = (*topics)[ref];
  if (topic.place == 0) return;
  providers[topic.provider].no_room.erase(topic.place);
  topic.place = 0;
}

// Gives up what nobody has needed for longest; then the topic is asked for once more. What is of another sort may take
// room of another kind: one such is tried.
bool MarketHubState::make_room_for(TopicRef ref) {
  auto& wanted = (*topics)[ref];
  const auto sort = room_sort(wanted);
  const auto unneeded = [&](const auto& each) {
    const auto& topic = (*topics)[each.second];
    return topic.lingering && !topic.used() && topic.provider == wanted.provider && topic.upstream == Upstream::open;
  };
  auto victim = std::ranges::find_if(
      lingering, [&](const auto& each) { return unneeded(each) && room_sort((*topics)[each.second]) == sort; });
  if (victim == lingering.end() && !std::exchange(wanted.other_gave_room, true))
    victim = std::ranges::find_if(lingering, unneeded);
  if (victim == lingering.end()) return false;
  const auto given_up = victim->second;
  lingering.erase(victim);
  give_up(given_up);
  open(ref);
  return true;
}

bool MarketHubState::is_waited_for(TopicRef ref) const {
  const auto& topic = (*topics)[ref];
  const auto& waiting = providers[topic.provider].no_room;
  if (topic.upstream != Upstream::open || waiting.empty()) return false;
  const auto sort = room_sort(topic);
  return std::ranges::any_of(waiting, [&](const auto& each) { return room_sort((*topics)[each.second]) == sort; });
}

// Looked at when all that is under way has been said: who asks meanwhile makes topics, and moves them.
void MarketHubState::offer_room(std::size_t provider, RoomSort sort) {
  auto& slot = providers[provider];
  if (slot.no_room.empty() || !slot.connected) return;
  ++slot.offers[sort];
  ask_flush();
}

void MarketHubState::take_offers() {
  for (auto& slot : providers) {
    if (slot.offers.empty()) continue;
    for (auto [sort, count] : std::exchange(slot.offers, {}))
      for (; count > 0 && !slot.no_room.empty() && slot.connected; --count) {
        const auto same = std::ranges::find_if(
            slot.no_room, [&, &of = sort](const auto& each) { return room_sort((*topics)[each.second]) == of; });
        // Of another sort: the limit may be one for all.
        const auto next = same != slot.no_room.end() ? same : slot.no_room.begin();
        const auto ref = next->second;
        slot.no_room.erase(next);
        ask_again(ref);
      }
  }
}

void MarketHubState::try_for_room(std::chrono::steady_clock::time_point steady) {
  if (steady < next_room_try) return;
  next_room_try = steady + room_try_every;
  for (std::size_t i = 0; i < providers.size(); ++i) {
    std::set<RoomSort> sorts;
    for (const auto& [place, ref] : providers[i].no_room) sorts.insert(room_sort((*topics)[ref]));
    for (const auto& sort : sorts) offer_room(i, sort);
  }
}

// ---- can't be given now ---------------------------------------------------------------------------------------------

// Who asks once (a quote, an order that waits for its market) is answered at the second time: the first may be the last
// word of a provider that is being started anew.
void MarketHubState::ask_later(TopicRef ref, const Error& error) {
  auto& topic = (*topics)[ref];
  const auto reason = to_string(error.code);
  const bool is_news = topic.unavailable == 0;
  topic.unavailable = std::min(topic.unavailable + 1, 16U);
  const auto pause = std::min(unavailable_pause * (1U << (topic.unavailable - 1)), unavailable_pause_max);
  topic.again_at = std::chrono::steady_clock::time_point{self->clock().now().time_since_epoch()} + pause;
  again.emplace(topic.again_at, ref);
  if (is_news) {
    log->info("topic-unavailable topic={} again_s={} reason=\"{}\"", topic_name(topic), pause.count(),
              log_text(error.message));
    set_state(ref, TopicState::gap, reason);
    show_stale(ref);
  } else {
    settle_watches(ref, &error);
    answer_quotes(ref, &error);
  }
  if (!topic.used() && !topic.lingering) linger(ref);
  flush_soon();
}

void MarketHubState::forget_plan(TopicRef ref) {
  auto& topic = (*topics)[ref];
  if (topic.again_at == std::chrono::steady_clock::time_point{}) return;
  again.erase({topic.again_at, ref});
  topic.again_at = {};
}

void MarketHubState::ask_unavailable_again(std::chrono::steady_clock::time_point steady) {
  while (!again.empty() && again.begin()->first <= steady) {
    const auto ref = again.begin()->second;
    forget_plan(ref);
    const auto& topic = (*topics)[ref];
    const auto& slot = providers[topic.provider];
    // Else its connection asks for all that wait.
    if (topic.upstream == Upstream::waiting && slot.connected && slot.handle) subscribe_upstream(ref);
  }
}

}  // namespace tradebus
