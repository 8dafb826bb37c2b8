// The journal's reader as an actor, on a thread of its own: it answers what is no longer in memory, and fills the index
// behind the journal.
#pragma once

#include <spdlog/fwd.h>
#include <atomic>
#include <chrono>
#include <memory>
#include <string>

#include "engine/journal/durable_journal.hpp"
#include "engine/orders/order_history.hpp"
#include "engine/services/sqlite/sqlite.hpp"

namespace tradebus {

struct OrderHistoryConfig {
  std::string folder;
  std::function<std::uint64_t()> durable_seq;  // of the journal; any thread
  std::shared_ptr<spdlog::logger> log;
  // How far the index is, for any thread to look at.
  std::shared_ptr<std::atomic<std::uint64_t>> indexed_seq = std::make_shared<std::atomic<std::uint64_t>>(0);
  // Set from any thread, before the actor is to end: what it is at then ends soon.
  std::shared_ptr<sqlite::Interrupt> interrupt = std::make_shared<sqlite::Interrupt>();
  std::chrono::nanoseconds index_interval{std::chrono::seconds{1}};
};

OrderHistoryActor spawn_order_history(caf::actor_system& system, OrderHistoryConfig config);

}  // namespace tradebus
