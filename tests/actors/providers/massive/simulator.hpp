// massive-sim as a child of the test: started on free ports, ended with the object.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support/venue_program.hpp"

namespace tradebus::massive::test {

class Simulator {
 public:
  explicit Simulator(std::vector<std::string> arguments) : program_{"massive-sim", with_key(std::move(arguments))} {
    rest_ = text_of(program_.ready(), "rest");
    stream_ = text_of(program_.ready(), "websocket");
    if (rest_.empty() || stream_.empty()) throw std::runtime_error("massive-sim did not start: " + program_.ready());
  }

  const std::string& rest() const { return rest_; }
  const std::string& stream() const { return stream_; }

 private:
  static std::vector<std::string> with_key(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--plain", "--key", "test-key"});
    return arguments;
  }
  static std::string text_of(const std::string& line, const std::string& key) {
    const auto at = line.find("\"" + key + "\":");
    const auto begin = at == std::string::npos ? at : line.find('"', at + key.size() + 3);
    if (begin == std::string::npos) return {};
    return line.substr(begin + 1, line.find('"', begin + 1) - begin - 1);
  }

  tradebus::test::VenueProgram program_;
  std::string rest_;
  std::string stream_;
};

}  // namespace tradebus::massive::test
