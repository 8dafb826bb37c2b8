// ibgw-sim as a child of the test: started on a free port, ended with the object.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support/venue_program.hpp"

namespace tradebus::ibkr::data::test {

class GatewayProgram {
 public:
  explicit GatewayProgram(std::vector<std::string> arguments) : program_{"ibgw-sim", std::move(arguments)} {
    if (port() == 0) throw std::runtime_error("ibgw-sim did not start: " + program_.ready());
  }

  int port() const { return program_.number("port"); }

 private:
  tradebus::test::VenueProgram program_;
};

}  // namespace tradebus::ibkr::data::test
