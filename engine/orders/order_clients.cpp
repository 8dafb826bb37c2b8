// Cancel on disconnect: the bridge hears clients, or doesn't; here is what follows from it, over restarts too.
#include <spdlog/spdlog.h>
#include <caf/typed_event_based_actor.hpp>

#include "bus/wire/compact.hpp"
#include "engine/orders/order_manager.hpp"

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

void OrderManagerState::recover_clients(const std::map<std::string, std::string>& state) {
  for (const auto& [key, value] : state) {
    const bool all_in_one = key == watched_clients_key;
    if ((!all_in_one && !key.starts_with(watched_client_prefix)) || value.empty()) continue;
    KeptWatches kept;
    const bool readable = wire::compact::unpack(value, kept);
    if (!readable)
      log_->error("watched-clients-unreadable message=\"cancel_on_disconnect is off until clients say hello again\"");
    for (const auto& watch : kept.watches) {
      watched_[watch.client].silence_ms = watch.silence_ms;
      self_->delayed_send(self_, std::chrono::milliseconds{watch.silence_ms}, ExpectClient{watch.client});
      if (all_in_one) save_client(watch);
    }
    if (all_in_one || !readable) journal_->append(StateRecord{key, ""});
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
  save_client(watch);
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
