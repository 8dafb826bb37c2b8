// One connection's conversation with the venue: login, subscriptions and their accounting, what a lost or refused
// connection means. Pure: frames' statuses and the time go in, what is to be done comes out.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace tradebus::massive {

struct SessionOptions {
  using Ms = std::chrono::milliseconds;

  Ms login_timeout{10'000};   // from the open connection to auth_success
  Ms answer_timeout{10'000};  // for a topic's confirmation
  Ms settle{1'000};           // after an `error`, for the batch's other answers
  Ms healthy_after{60'000};   // a session that lived so long was a good one
  Ms hold_first{1'000};       // after a session that was not: doubled each time
  Ms hold_max{60'000};
  Ms hold_competing{60'000};  // after max_connections: doubled each time
  Ms hold_competing_max{600'000};

  std::size_t batch_topics_max = 500;     // a request
  std::size_t asked_max = 2'000;          // topics not answered yet
  std::size_t option_quotes_max = 1'000;  // the venue's own limit a connection
  unsigned login_timeouts_max = 3;        // auth_timeout so often in a row: final
};

}  // namespace tradebus::massive
