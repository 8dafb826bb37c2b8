#include "engine/daemon/actor_listener.hpp"

#include <caf/send.hpp>

namespace tradebus {

void ActorListener::on_subscribers(std::string topic, std::uint32_t count) {
  caf::anon_send(hub_, TopicsWanted{{TopicWant{std::move(topic), count}}});
}
void ActorListener::on_request(ClientRequest request) { caf::anon_send(gateway_, std::move(request)); }
void ActorListener::on_room() { caf::anon_send(hub_, BusHasRoom{}); }

}  // namespace tradebus
