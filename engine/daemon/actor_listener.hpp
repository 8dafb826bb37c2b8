// Where the bridge's thread meets the actors: it sends, and nothing else.
#pragma once

#include "actors/market_hub.hpp"
#include "bus/bridge/bridge_listener.hpp"
#include "engine/gateway/gateway.hpp"

namespace tradebus {

class ActorListener final : public BridgeListener {
 public:
  // Before the bridge starts.
  void connect(MarketHubActor hub, OrderManagerActor orders, GatewayActor gateway) {
    hub_ = std::move(hub);
    orders_ = std::move(orders);
    gateway_ = std::move(gateway);
  }

  void on_subscribers(std::string topic, std::uint32_t count) override;
  void on_requests(std::vector<ClientRequest> requests) override;
  void on_room() override;
  void on_client_watched(WatchRequest request) override;
  void on_client_silent(std::string client) override;
  void on_client_heard(std::string client) override;

 private:
  MarketHubActor hub_;
  OrderManagerActor orders_;
  GatewayActor gateway_;
};

}  // namespace tradebus
