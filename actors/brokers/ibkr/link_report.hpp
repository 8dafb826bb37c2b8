// INTERNAL to the adapters of Interactive Brokers: from the link's thread to their actors.
#pragma once

#include <caf/allowed_unsafe_message_type.hpp>
#include <cstdint>
#include <string>
#include <variant>

namespace tradebus::ibkr {

struct LinkReport {
  struct Opened {};
  struct Closed {
    std::string why;
  };
  std::uint64_t connection = 0;  // reports of one that was closed are old news
  std::variant<Opened, std::string, Closed> what;
};

}  // namespace tradebus::ibkr

// Never leaves the process.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tradebus::ibkr::LinkReport)
