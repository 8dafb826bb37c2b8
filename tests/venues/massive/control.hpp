// The control port, for tests: faults, the clock, the stream, and what has happened. docs/providers/massive-sim.md
// lists it.
#pragma once

#include "tests/venues/massive/session_services.hpp"

namespace tradebus::massive_sim {

class Control final : public HttpHandler {
 public:
  Control(Hub& hub, Faults& faults, Clock& clock, Stats& stats)
      : hub_(hub), faults_(faults), clock_(clock), stats_(stats) {}

  HttpReply reply(const HttpRequest& request, std::string& request_id) override;
  std::optional<std::string> stream_at(const std::string&) const override { return std::nullopt; }

 private:
  HttpReply arm(const std::string& body);
  HttpReply set_clock(const std::string& body);
  HttpReply report() const;

  Hub& hub_;
  Faults& faults_;
  Clock& clock_;
  Stats& stats_;
};

}  // namespace tradebus::massive_sim
