// The venue's HTTP: faults first, then REST.
#pragma once

#include "tests/venues/massive/rest.hpp"
#include "tests/venues/massive/session_services.hpp"

namespace tradebus::massive_sim {

class VenueHttp final : public HttpHandler {
 public:
  VenueHttp(Rest& rest, Faults& faults, Stats& stats, bool tls)
      : rest_(rest), faults_(faults), stats_(stats), tls_(tls) {}

  HttpReply reply(const HttpRequest& request, std::string& request_id) override;
  std::optional<std::string> stream_at(const std::string& target) const override;

 private:
  Rest& rest_;
  Faults& faults_;
  Stats& stats_;
  const bool tls_;
};

}  // namespace tradebus::massive_sim
