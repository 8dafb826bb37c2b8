// Cancel on disconnect: the bridge hears clients, or doesn't; here is what follows from it, over restarts too.
#include <spdlog/spdlog.h>
#include <caf/typed_event_based_actor.hpp>

#include "bus/wire/compact.hpp"
#include "engine/orders/order_manager.hpp"
#include "engine/services/log_text.hpp"

namespace tradebus {

namespace {

const std::string watched_clients_key = "watched_clients";  // all in one record: older journals
const std::string watched_client_prefix = "watched_client:";

struct KeptWatches {
  std::vector<WatchClient> watches;

  static constexpr std::string_view type_name = "KeptWatches";
  static constexpr auto fields() { return std::tuple{field("watches", &KeptWatches::watches)}; }
};

}  // namespace

// A record each: so one is small, however many there are.
void OrderManagerState::save_client(const WatchClient& watch) {
  StateRecord out{watched_client_prefix + watch.client.str(), ""};
  if (watch.silence_ms > 0) out.value = wire::compact::packed(KeptWatches{{watch}});
  journal_->append(out);
}

namespace {

bool keeps_watches(const std::string& key) {
  return key == watched_clients_key || key.starts_with(watched_client_prefix);
}

}  // namespace

std::optional<std::vector<WatchClient>> watched_clients(const std::map<std::string, std::string>& state) {
  std::vector<WatchClient> out;
  for (const auto& [key, value] : state) {
    if (!keeps_watches(key) || value.empty()) continue;
    KeptWatches kept;
    if (!wire::compact::unpack(value, kept)) return std::nullopt;
    out.insert(out.end(), kept.watches.begin(), kept.watches.end());
  }
  return out;
}

// Whether they come back is the bridge's to hear: it is told of the same ones before it begins.
void OrderManagerState::recover_clients(const std::map<std::string, std::string>& state) {
  const auto kept = watched_clients(state);
  if (!kept)
    log_->error("watched-clients-unreadable message=\"cancel_on_disconnect is off until clients say hello again\"");
  for (const auto& watch : kept.value_or(std::vector<WatchClient>{}))
    watched_[watch.client].silence_ms = watch.silence_ms;
  for (const auto& [key, value] : state) {
    if (!keeps_watches(key) || value.empty() || (kept && key != watched_clients_key)) continue;
    if (kept)  // all in one record: older journals
      for (const auto& watch : *kept) save_client(watch);
    journal_->append(StateRecord{key, ""});
  }
}

void OrderManagerState::watch_client(const WatchRequest& request) {
  const WatchClient watch{ClientName{request.client}, request.silence_ms};
  const auto it = watched_.find(watch.client);
  const bool changes = it == watched_.end() ? watch.silence_ms > 0 : it->second.silence_ms != watch.silence_ms;
  auto& reply = replies_.emplace_back();
  reply.token = request.token;
  const auto room = changes ? takes_changes() : Result<void>{};
  if (room) {
    reply.result = request.answer;
    if (watch.silence_ms <= 0)
      watched_.erase(watch.client);
    else
      watched_[watch.client] = {watch.silence_ms, false};
    if (changes) save_client(watch);
  } else {
    reply.error = room.error();
  }
  is_lone_ = true;
  settle();
}

void OrderManagerState::client_heard(const ClientName& client) {
  if (const auto it = watched_.find(client); it != watched_.end()) it->second.silent = false;
}

void OrderManagerState::client_silent(const ClientName& client) {
  const auto it = watched_.find(client);
  if (it == watched_.end()) return;
  it->second.silent = true;
  if (journal_state_ == JournalState::failed) {
    log_->error("client-silent client=\"{}\" message=\"its orders are not canceled: {}\"", log_text(client.str()),
                journal_->status().reason);
    return;
  }
  const auto count = ask_cancels({client, {}, {}, {}}).canceled;
  log_->warn("client-silent client=\"{}\" silence_ms={} canceled={}", log_text(client.str()), it->second.silence_ms,
             count);
  settle();
}

void OrderManagerState::cancel_of_silent_clients() {
  for (const auto& [client, watched] : watched_)
    if (watched.silent) ask_cancels({client, {}, {}, {}});
}

}  // namespace tradebus
