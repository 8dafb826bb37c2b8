// Cancel on disconnect: the bridge hears clients, or doesn't; here is what follows from it, over restarts too.
#include <spdlog/spdlog.h>
#include <caf/typed_event_based_actor.hpp>

#include "bus/wire/compact.hpp"
#include "engine/orders/order_manager.hpp"

namespace tradebus {

namespace {

const std::string watched_clients_key = "watched_clients";

struct KeptWatches {
  std::vector<WatchClient> watches;

  static constexpr std::string_view type_name = "KeptWatches";
  static constexpr auto fields() { return std::tuple{field("watches", &KeptWatches::watches)}; }
};

}  // namespace

void OrderManagerState::save_clients() {
  KeptWatches out;
  for (const auto& [client, watched] : watched_) out.watches.push_back({client, watched.silence_ms});
  journal_->append(StateRecord{watched_clients_key, wire::compact::packed(out)});
}

void OrderManagerState::recover_clients(const std::map<std::string, std::string>& state) {
  const auto it = state.find(watched_clients_key);
  if (it == state.end()) return;
  KeptWatches kept;
  if (!wire::compact::unpack(it->second, kept)) {
    log_->error("watched-clients-unreadable message=\"cancel_on_disconnect is off until clients say hello again\"");
    return;
  }
  for (const auto& [client, silence_ms] : kept.watches) {
    watched_[client].silence_ms = silence_ms;
    self_->delayed_send(self_, std::chrono::milliseconds{silence_ms}, ExpectClient{client});
  }
}

void OrderManagerState::watch_client(const WatchClient& watch) {
  const auto it = watched_.find(watch.client);
  const bool changes = it == watched_.end() ? watch.silence_ms > 0 : it->second.silence_ms != watch.silence_ms;
  if (watch.silence_ms <= 0)
    watched_.erase(watch.client);
  else
    watched_[watch.client] = {watch.silence_ms, true, false};
  if (!changes) return;
  save_clients();
  settle();
}

void OrderManagerState::expect_client(const ClientName& client) {
  const auto it = watched_.find(client);
  if (it != watched_.end() && !it->second.heard) client_silent(client);
}

void OrderManagerState::client_silent(const ClientName& client) {
  const auto it = watched_.find(client);
  if (it == watched_.end()) return;
  it->second.silent = true;
  const auto count = cancel_all({client, {}, {}, {}}).canceled;
  log_->warn("client-silent client={} silence_ms={} canceled={}", client.str(), it->second.silence_ms, count);
  settle();
}

void OrderManagerState::cancel_of_silent_clients() {
  for (const auto& [client, watched] : watched_)
    if (watched.silent) cancel_all({client, {}, {}, {}});
}

}  // namespace tradebus
