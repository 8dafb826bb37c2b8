// Cancel on disconnect: the bridge hears clients, or doesn't; here is what follows from it, over restarts too.
#include <spdlog/spdlog.h>
#include <caf/typed_event_based_actor.hpp>

#include <charconv>
#include <sstream>

#include "engine/orders/order_manager.hpp"

namespace tradebus {

namespace {

const std::string watched_clients_key = "watched_clients";

}  // namespace

// A line a client: milliseconds, a space, its name.
void OrderManagerState::save_clients() {
  std::string out;
  for (const auto& [client, watched] : watched_) out += std::to_string(watched.silence_ms) + " " + client.str() + "\n";
  journal_->append(StateRecord{watched_clients_key, out});
}

void OrderManagerState::recover_clients(const std::map<std::string, std::string>& state) {
  const auto it = state.find(watched_clients_key);
  if (it == state.end()) return;
  std::istringstream lines{it->second};
  for (std::string line; std::getline(lines, line);) {
    const auto space = line.find(' ');
    if (space == std::string::npos) continue;
    std::int64_t silence_ms = 0;
    std::from_chars(line.data(), line.data() + space, silence_ms);
    if (silence_ms <= 0) continue;
    const ClientName client{line.substr(space + 1)};
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
