// INTERNAL to the adapters of Interactive Brokers: the one class in which the link's thread meets an actor.
#pragma once

#include <caf/send.hpp>

#include <cstdint>
#include <string>
#include <utility>

#include "actors/brokers/ibkr/link.hpp"
#include "actors/brokers/ibkr/link_report.hpp"

namespace tradebus::ibkr {

template <class Actor>
class LinkToActor final : public LinkListener {
 public:
  explicit LinkToActor(Actor owner) : owner_{std::move(owner)} {}
  void on_open(std::uint64_t connection) override { tell(connection, LinkReport::Opened{}); }
  void on_bytes(std::uint64_t connection, std::string bytes) override { tell(connection, std::move(bytes)); }
  void on_closed(std::uint64_t connection, std::string why) override {
    tell(connection, LinkReport::Closed{std::move(why)});
  }

 private:
  template <class What>
  void tell(std::uint64_t connection, What what) {
    caf::anon_send(owner_, LinkReport{connection, std::move(what)});
  }
  const Actor owner_;
};

}  // namespace tradebus::ibkr
