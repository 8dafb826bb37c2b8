// How a session begins, and what the gateway says of its own connection.
#include <spdlog/spdlog.h>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>

#include "actors/brokers/ibkr/sending.hpp"
#include "actors/brokers/ibkr/wire/handshake.hpp"
#include "actors/brokers/ibkr/words.hpp"
#include "engine/services/log_text.hpp"

namespace tradebus::ibkr {

namespace {

// "Market data farm connection is broken:usfarm" -> "usfarm"
std::string farm_of(std::string_view text) {
  const auto colon = text.rfind(':');
  return std::string{colon == std::string_view::npos ? text : text.substr(colon + 1)};
}

// Of Chicago or Shanghai, of India or Israel or Ireland.
bool is_ambiguous(std::string_view zone) { return zone == "CST" || zone == "IST"; }

}  // namespace

void IbkrState::session_hello(const wire::ServerHello& hello) {
  is_zone_guessed_ = false;
  // "20260405 23:49:26 Central European Standard Time"
  std::string zone = config_.timezone;
  if (const auto parsed = wire::parse_venue_time(hello.connection_time); zone.empty() && parsed) {
    zone = wire::zone_name(parsed->zone);
    is_zone_guessed_ = is_ambiguous(parsed->zone);
  }
  auto times = wire::TimeReader::make(zone.empty() ? "UTC" : zone);
  if (!times || zone.empty()) {
    log_->warn(
        "ibkr-timezone-unknown broker={} time=\"{}\" message=\"times without a zone are taken as UTC; set "
        "brokers.ibkr.timezone\"",
        broker_.str(), log_text(hello.connection_time));
    is_zone_guessed_ = true;
    if (!times) times = wire::TimeReader::make("UTC");
  }
  if (times) times_ = std::move(*times);
  const auto client = session_->client_id();
  if (tracker_client_ != client) {
    // Orders of another client id are found by their orderRef, as after a restart.
    tracker_.emplace(config_.tracker, client, *times_);
    tracker_client_ = client;
    placed_ids_.clear();
    for (auto& [id, placed] : placed_) placed.order_id = 0;  // numbers of the other one
    ids_ = {};
  }
  if (!questions_) questions_.emplace(config_.questions_max);
  accounts_.clear();
}

bool IbkrState::is_mine(std::int32_t client_id) const {
  const auto& ids = config_.session;
  return client_id >= ids.client_id && client_id < ids.client_id + ids.client_ids;
}

// The gateway has named the accounts and the next order id.
void IbkrState::session_up() {
  if (!config_.account.empty()) {
    const auto found = std::ranges::find(accounts_, config_.account);
    if (found == accounts_.end())
      return session_->give_up("auth",
                               "this login has no account " + config_.account.str() +
                                   ": correct brokers.ibkr.account, or log in with another user",
                               now());
    std::rotate(accounts_.begin(), found, found + 1);
  }
  if (is_venue_lost_) return wait_for_venue();
  phase_ = Phase::syncing;
  sync_due_ = now() + config_.answer_timeout;
  sync([this](const Error* error) {
    if (phase_ != Phase::syncing) return;
    if (is_venue_lost_) return wait_for_venue();
    if (error == nullptr) return come_up();
    session_->give_up("transport", error->message, now());
  });
}

// A gateway without its venue answers as if there were nothing.
void IbkrState::wait_for_venue() {
  phase_ = Phase::held;
  sync_due_.reset();
  tell_status();
}

// Everything that the venue has of us. Executions first: an order that is not open any more is known by them.
void IbkrState::sync(Then then) {
  ask_executions([this, then](const Error* e1) {
    if (e1 != nullptr) return then(e1);
    ask_open_orders([this, then](const Error* e2) {
      if (e2 != nullptr) return then(e2);
      ask_completed([this, then](const Error* e3) {
        if (e3 != nullptr) return then(e3);
        ask_positions([this, then](const Error* e4) {
          if (e4 != nullptr) return then(e4);
          ask_account(then);
        });
      });
    });
  });
}

void IbkrState::come_up() {
  record_->each_open([this](const VenueOrder& order) {
    if (!order.ours.empty()) adopt(order);
  });
  // What came of orders while nobody listened, and before: the order manager asks for it now.
  feed_ends();
  tracker_->tick(now());
  tracker_->take_news();
  end_what_is_over();
  phase_ = Phase::up;
  if (!first_up_) first_up_ = now();
  sync_due_.reset();
  reason_.clear();
  message_.clear();
  log_->info("ibkr-up broker={} host={} port={} client_id={} version={} accounts={}", broker_.str(), config_.place.host,
             config_.place.port, tracker_client_, session_->version(), accounts_.size());
  tell_status();
  if (sink_)
    for (auto& position : holdings_->positions({})) self_->send(sink_, std::move(position));
  for (const auto& each : accounts_) {
    if (const auto* known = holdings_->account(each); known != nullptr && sink_) self_->send(sink_, *known);
  }
  watch_profits();
  if (config_.elsewhere_every.count() > 0) elsewhere_due_ = now() + config_.elsewhere_every;
}

// An order of an earlier life of ours. Its executions of today are fed to the tracker, what it was filled before is
// what is left.
void IbkrState::adopt(const VenueOrder& order) {
  const bool is_same = order.client_id == tracker_client_;
  const OrderAccepted accepted{BrokerOrderId{std::to_string(order.perm_id)}, {}, {}};
  if (tracker_->order_id_of(order.ours)) {
    // Its answer was lost; it has arrived.
    const auto known = placed_.find(order.ours);
    if (known == placed_.end()) return;
    if (!known->second.accepted) known->second.accepted = accepted;
    // It was said never to have arrived.
    if (std::exchange(known->second.refused, std::nullopt)) {
      known->second.is_over = false;
      if (!order.order.oca_group.empty()) oca_names_.found(order.order.oca_group, order.ours);
    }
    // A change may have taken effect, or a fill of its group, or a hand.
    known->second.wanted.reset();
    take_terms(known->second.order, order.order);
    return;
  }
  const auto key = is_same ? order.order_id : foreign_key_--;
  auto rebuilt = order.order;
  // One of a type that we have no word for stays as it is told.
  auto sent =
      to_wire_order(to_trade_order(order.contract, order.order, *times_), order.ours, AccountId{order.order.account});
  if (sent && sent->order_type == order.order.order_type) {
    sent->legs = order.order.legs;
    sent->smart_routing_params = order.order.smart_routing_params;
    sent->perm_id = order.perm_id;
    rebuilt = std::move(*sent);
  }
  if (!order.order.oca_group.empty()) {
    rebuilt.oca_group = order.order.oca_group;
    rebuilt.oca_type = oca_reduces;
    oca_names_.found(order.order.oca_group, order.ours);
  }
  // Executions may be known before the status that counts them.
  tracker_->adopt(key, order.ours, order.contract, rebuilt, std::max(order.filled, record_->executed(order.perm_id)));
  auto& placed = placed_[order.ours];
  placed.order_id = key;
  placed.contract = order.contract;
  placed.order = std::move(rebuilt);
  placed.accepted = accepted;
  placed.refused.reset();
  placed.wanted.reset();
  placed.is_over = false;
  placed_ids_[key] = order.ours;
  if (is_same) ids_.seen(order.order_id);
}

// The gateway was away from the venue: nobody else asks what happened meanwhile.
void IbkrState::resync() {
  resync_due_.reset();
  is_resyncing_ = true;
  sync([this, connection = session_->connection(), began = now()](const Error* error) {
    if (phase_ != Phase::up || connection != session_->connection() || is_venue_lost_) return;
    if (error == nullptr) {
      is_resyncing_ = false;
      feed_ends();
      flush_news();
      end_what_is_over();
      if (broken_farms_.empty()) {
        reason_.clear();
        message_.clear();
      }
      return tell_status();
    }
    const auto pause = jitter_(resync_backoff_->failed(began, now()));
    resync_due_ = now() + pause;
    log_->warn("ibkr-resync-failed broker={} retry_ms={} message=\"{}\"", broker_.str(), pause.count(),
               log_text(error->message));
    flush_news();
    arm();
  });
}

// Their ends were told while nobody listened; the tracker may still wait for a reason, or for executions.
void IbkrState::end_what_is_over() {
  for (auto& [id, placed] : placed_) {
    if (placed.is_over || !placed.asked.empty()) continue;
    const auto* order = record_->find(id);
    const bool is_there = placed.order_id != 0 && tracker_->works(placed.order_id);
    if (placed.refused || (order != nullptr && !order->is_open) || (order == nullptr && placed.accepted && !is_there))
      end(id, placed);
  }
}

void IbkrState::connectivity(const wire::ErrorMessage& m) {
  switch (m.code) {
    case 100:
      session_->took(m, now());
      if (const auto left_out = fast_lines_.take(now()))
        log_->warn("ibkr-too-fast broker={} left_out={} message=\"lower brokers.ibkr.messages_per_second\"",
                   broker_.str(), *left_out);
      return;
    case 326:
      session_->took(m, now());
      return;
    case 1100:
    case 2110:
      is_venue_lost_ = true;
      resync_due_.reset();
      reason_ = "venue";
      message_ = std::to_string(m.code) + " " + m.text;
      fail_shared({Errc::broker_unavailable, "the gateway has lost its connection to the venue"});
      break;
    case 1101:
    case 1102:
      if (!std::exchange(is_venue_lost_, false)) break;
      if (phase_ == Phase::up) {
        resync_backoff_.emplace(config_.session.retry_first, config_.session.retry_max, config_.session.healthy_after);
        if (m.code == 1101) {  // streams are gone
          forget_profits();
          watch_profits();
        }
        resync();
      } else if (phase_ == Phase::held) {
        session_up();
      }
      break;
    case 2103:
    case 2105:
    case 2157:
      if (broken_farms_.size() < 100) broken_farms_.insert(farm_of(m.text));
      if (!is_venue_lost_) reason_ = "farm";
      break;
    case 2104:
    case 2106:
    case 2107:
    case 2108:
    case 2158:
      broken_farms_.erase(farm_of(m.text));
      break;
    case 1300:
      reason_ = "transport";
      message_ = "1300 " + m.text;
      break;
    default:  // numbers of the venue
      return;
  }
  if (phase_ != Phase::up) return;
  if (is_venue_lost_ || is_resyncing_ || !broken_farms_.empty()) {
    message_ = std::to_string(m.code) + " " + m.text;
  } else {
    reason_.clear();
    message_.clear();
  }
  tell_status();
}

}  // namespace tradebus::ibkr
