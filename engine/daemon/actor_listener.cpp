#include "engine/daemon/actor_listener.hpp"

#include <caf/send.hpp>

namespace tradebus {

void ActorListener::on_first_subscription(std::string topic) {
  caf::anon_send(hub_, TopicsWanted{{TopicWant{std::move(topic), true}}});
}
void ActorListener::on_last_unsubscription(std::string topic) {
  caf::anon_send(hub_, TopicsWanted{{TopicWant{std::move(topic), false}}});
}
void ActorListener::on_request(ClientRequest request) { caf::anon_send(gateway_, std::move(request)); }
void ActorListener::on_room() { caf::anon_send(hub_, BusHasRoom{}); }

}  // namespace tradebus
