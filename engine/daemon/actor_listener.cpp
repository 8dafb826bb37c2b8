#include "engine/daemon/actor_listener.hpp"

#include <algorithm>
#include <caf/send.hpp>
#include <iterator>

#include "engine/orders/order_ops.hpp"

namespace tradebus {

void ActorListener::on_subscribers(std::string topic, std::uint32_t count) {
  caf::anon_send(hub_, TopicsWanted{{TopicWant{std::move(topic), count}}});
}
// Orders go straight to their manager: one hop less. Among themselves they keep their order.
void ActorListener::on_requests(std::vector<ClientRequest> requests) {
  const auto is_order = [](const ClientRequest& request) { return find_order_op(request.op) != nullptr; };
  const auto others = std::stable_partition(requests.begin(), requests.end(), is_order);
  if (others != requests.end())
    caf::anon_send(gateway_, ClientRequests{{std::move_iterator{others}, std::move_iterator{requests.end()}}});
  requests.erase(others, requests.end());
  if (!requests.empty()) caf::anon_send(orders_, ClientRequests{std::move(requests)});
}
void ActorListener::on_room() { caf::anon_send(hub_, BusHasRoom{}); }
void ActorListener::on_client_watched(WatchRequest request) { caf::anon_send(orders_, std::move(request)); }
void ActorListener::on_client_silent(std::string client) {
  caf::anon_send(orders_, ClientSilent{ClientName{std::move(client)}});
}
void ActorListener::on_client_heard(std::string client) {
  caf::anon_send(orders_, ClientHeard{ClientName{std::move(client)}});
}

}  // namespace tradebus
