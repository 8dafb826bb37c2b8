#include "tests/venues/massive/hub.hpp"

#include <simdjson.h>

#include <algorithm>
#include <set>

#include "tests/venues/massive/json.hpp"

namespace tradebus::massive_sim {
namespace {

constexpr std::string_view no_websocket =
    "Your plan doesn't include websocket access. Visit https://massive.com/pricing to upgrade.";
constexpr std::string_view limit_reached =
    "Maximum number of websocket connections exceeded. You have reached the connection limit for your account. Please "
    "contact support at "
    "https://massive.com/contact to increase your limit.";
constexpr int policy_violation = 1008;

std::string status_event(std::string_view status, std::string_view message) {
  Json json;
  json.begin_object().field("ev", "status").field("status", status).field("message", message).end_object();
  return json.take();
}

std::string status_frame(std::string_view status, std::string_view message) {
  return '[' + status_event(status, message) + ']';
}

}  // namespace

Hub::Client* Hub::find(Connection& connection) {
  const auto found = clients_.find(&connection);
  return found == clients_.end() ? nullptr : &found->second;
}

void Hub::send(Client& client, std::string text) {
  if (silent_ || client.mute) return;
  ++stats_.frames;
  client.connection->send(std::make_shared<const std::string>(std::move(text)));
}

void Hub::opened(Connection& connection, std::string market) {
  ++stats_.connections;
  if (clients_.empty()) bars_until_ = clock_.now();  // nobody was there for the earlier ones
  Client& client = clients_[&connection];
  client.connection = &connection;
  client.market = std::move(market);
  client.number = ++numbers_;
  if (faults_.take_for_connection(FaultKind::silence)) {
    client.mute = true;
    ++stats_.faults;
  }
  send(client, status_frame("connected", "Connected Successfully"));
}

void Hub::closed(Connection& connection) { clients_.erase(&connection); }

void Hub::login_is_late(Connection& connection) {
  Client* client = find(connection);
  if (client == nullptr || client->authenticated || client->leaving || client->mute || silent_) return;
  client->leaving = true;
  send(*client, status_frame("auth_timeout", "No authentication request received."));
  connection.close(policy_violation, "");
}

void Hub::received(Connection& connection, std::string_view text) {
  Client* client = find(connection);
  if (client == nullptr || client->leaving || client->mute || silent_) return;
  simdjson::dom::parser parser;
  simdjson::dom::element message;
  std::string_view action, params;
  if (parser.parse(text.data(), text.size()).get(message) != simdjson::SUCCESS ||
      message["action"].get(action) != simdjson::SUCCESS || message["params"].get(params) != simdjson::SUCCESS) {
    send(*client, status_frame("error", "invalid request"));
    return;
  }
  if (action == "auth") {
    authenticate(*client, params);
  } else if (!client->authenticated) {
    send(*client, status_frame("error", "not authorized"));
  } else if (action == "subscribe") {
    subscribe(*client, params);
  } else if (action == "unsubscribe") {
    unsubscribe(*client, params);
  }
}

void Hub::authenticate(Client& client, std::string_view key) {
  const Access* access = keys_.find(key);
  const bool plan_fits = access != nullptr && access->plan == (options_.delayed ? Plan::delayed : Plan::realtime);
  if (!plan_fits) {
    ++stats_.auth_failures;
    client.leaving = true;
    send(client,
         status_frame("auth_failed", access == nullptr ? std::string_view{"authentication failed"} : no_websocket));
    client.connection->drop();
    return;
  }
  client.authenticated = true;
  client.key = key;
  send(client, status_frame("auth_success", "authenticated"));
}

void Hub::subscribe(Client& client, std::string_view params) {
  const Access& access = *keys_.find(client.key);
  std::vector<std::string> confirmed;
  for (const Topic& topic : parse_topics(params)) {
    if (!offered(client.market, topic)) continue;
    if (!access.has(topic.channel)) {
      confirmed.push_back(status_event("error", "not authorized"));
    } else if (client.topics.add(topic)) {
      confirmed.push_back(status_event("success", "subscribed to: " + topic.text()));
    }
  }
  for (std::size_t i = 0; i < confirmed.size(); ++i) {
    if (i == 0) {
      send(client, '[' + confirmed[i] + ']');
      continue;
    }
    // The rest share a frame, with the first data.
    if (!client.pending.empty()) client.pending += ',';
    client.pending += confirmed[i];
  }
  if (options_.as_fast_as_possible) {
    flush(client);
    prepare(client);
    drained(*client.connection);
  } else if (ticks_ != nullptr && !client.pending.empty()) {
    std::vector<Event> first;
    ticks_->fill(wanted(client.market), 1, clock_.now(), first);
    deliver(client.market, first);
    flush(client);
  }
  enforce_limit(client);
}

void Hub::unsubscribe(Client& client, std::string_view params) {
  std::string text;
  for (const Topic& topic : parse_topics(params)) {
    if (!client.topics.remove(topic)) continue;
    text += (text.empty() ? "" : ",") + status_event("success", "unsubscribed to: " + topic.text());
  }
  if (!text.empty()) send(client, '[' + text + ']');
  if (options_.as_fast_as_possible) prepare(client);
}

// The venue lets everyone log in and subscribe, and only then throws one out.
void Hub::enforce_limit(Client& newcomer) {
  if (faults_.take_for_connection(FaultKind::max_connections)) {
    ++stats_.faults;
    end_with_limit(newcomer);
    return;
  }
  if (newcomer.limit_checked) return;
  newcomer.limit_checked = true;
  std::vector<Client*> same;
  for (auto& [connection, client] : clients_) {
    if (client.key == newcomer.key && client.market == newcomer.market && client.limit_checked && !client.leaving)
      same.push_back(&client);
  }
  if (same.size() <= options_.connections_max) return;
  if (options_.evict_newcomer) {
    end_with_limit(newcomer);
    return;
  }
  end_with_limit(**std::min_element(same.begin(), same.end(),
                                    [](const Client* a, const Client* b) { return a->number < b->number; }));
}

void Hub::end_with_limit(Client& client) {
  ++stats_.evicted;
  client.leaving = true;
  send(client, status_frame("max_connections", limit_reached));
  client.connection->close(policy_violation, "");
}

void Hub::flush(Client& client) {
  if (client.pending.empty()) return;
  std::string text = '[' + std::move(client.pending) + ']';
  client.pending.clear();
  send(client, std::move(text));
}

Wanted Hub::wanted(std::string_view market) const {
  Wanted out;
  for (const auto& [connection, client] : clients_) {
    if (client.market == market && !client.leaving) out.insert(client.topics.all().begin(), client.topics.all().end());
  }
  return out;
}

void Hub::deliver(std::string_view market, const std::vector<Event>& events) {
  if (silent_) return;
  for (auto& [connection, client] : clients_) {
    if (client.market != market || client.leaving) continue;
    for (const Event& event : events) {
      if (!client.topics.wants(event.channel, event.ticker)) continue;
      if (!client.pending.empty()) client.pending += ',';
      client.pending += event.json;
      ++stats_.events;
    }
  }
}

void Hub::pump(Ms elapsed_ms) {
  if (ticks_ == nullptr) return;
  const Ns now = clock_.now();
  const Ns bars_after = bars_until_ == 0 || bars_until_ > now ? now : bars_until_;
  bars_until_ = now;
  if (options_.as_fast_as_possible || clients_.empty()) return;
  owed_ += static_cast<double>(options_.rate) * static_cast<double>(std::min(elapsed_ms, catch_up_ms_max)) / 1000;
  const auto due = static_cast<std::size_t>(owed_);
  owed_ -= static_cast<double>(due);
  for (const char* market : {"stocks", "options"}) {
    const Wanted topics = wanted(market);
    if (topics.empty()) continue;
    std::vector<Event> events;
    ticks_->fill(topics, due, now, events);
    ticks_->bars(topics, bars_after, now, events);
    deliver(market, events);
  }
  // A frame may end its connection, and with it the entry.
  std::vector<Connection*> all;
  for (auto& [connection, client] : clients_) {
    if (!client.pending.empty() && !client.leaving) all.push_back(connection);
  }
  for (Connection* connection : all) {
    if (Client* client = find(*connection)) flush(*client);
  }
}

void Hub::prepare(Client& client) {
  client.prepared.clear();
  client.next_prepared = 0;
  if (ticks_ == nullptr || client.topics.all().empty()) return;
  std::vector<Event> events;
  ticks_->fill(client.topics.all(), prepared_frames * events_a_frame, clock_.now(), events);
  for (std::size_t i = 0; i < events.size(); i += events_a_frame) {
    std::string text = "[";
    for (std::size_t k = i; k < std::min(i + events_a_frame, events.size()); ++k) {
      if (k > i) text += ',';
      text += events[k].json;
    }
    text += ']';
    client.prepared.push_back(std::make_shared<const std::string>(std::move(text)));
  }
}

void Hub::drained(Connection& connection) {
  Client* client = find(connection);
  if (client == nullptr || client->prepared.empty() || client->leaving || silent_) return;
  ++stats_.frames;
  stats_.events += events_a_frame;
  connection.send(client->prepared[client->next_prepared++ % client->prepared.size()]);
}

void Hub::cut_all(bool with_reset) {
  std::vector<Connection*> all;
  for (auto& [connection, client] : clients_) all.push_back(connection);
  for (Connection* connection : all) {
    if (with_reset) {
      connection->reset();
    } else {
      connection->drop();
    }
  }
}

void Hub::close_all(int code, std::string_view reason) {
  for (auto& [connection, client] : clients_) {
    client.leaving = true;
    connection->close(code, reason);
  }
}

void Hub::send_all(std::string frame) {
  const auto shared = std::make_shared<const std::string>(std::move(frame));
  std::vector<Connection*> all;
  for (auto& [connection, client] : clients_) all.push_back(connection);
  for (Connection* connection : all) connection->send(shared);
}

std::vector<std::string> Hub::subscriptions() const {
  std::set<std::string> out;
  for (const auto& [connection, client] : clients_) {
    for (const Topic& topic : client.topics.all()) out.insert(client.market + ' ' + topic.text());
  }
  return {out.begin(), out.end()};
}

}  // namespace tradebus::massive_sim
