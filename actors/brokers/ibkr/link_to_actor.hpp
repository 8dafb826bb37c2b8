// INTERNAL to the adapters of Interactive Brokers: the one class in which the link's thread meets an actor. `Report` is
// that actor's message: a connection's number, and Opened, the bytes, or Closed with why.
#pragma once

#include <caf/send.hpp>

#include <cstdint>
#include <string>
#include <utility>

#include "actors/brokers/ibkr/link.hpp"

namespace tradebus::ibkr {

template <class Actor, class Report>
class LinkToActor final : public LinkListener {
 public:
  explicit LinkToActor(Actor owner) : owner_{std::move(owner)} {}
  void on_open(std::uint64_t connection) override { tell(connection, typename Report::Opened{}); }
  void on_bytes(std::uint64_t connection, std::string bytes) override { tell(connection, std::move(bytes)); }
  void on_closed(std::uint64_t connection, std::string why) override {
    tell(connection, typename Report::Closed{std::move(why)});
  }

 private:
  template <class What>
  void tell(std::uint64_t connection, What what) {
    caf::anon_send(owner_, Report{connection, std::move(what)});
  }
  const Actor owner_;
};

}  // namespace tradebus::ibkr
