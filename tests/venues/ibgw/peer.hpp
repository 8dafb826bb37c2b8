// A client as the gateway sees it: where its messages go, and what it has asked for. No sockets here.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/venues/ibgw/market.hpp"

namespace tradebus::ibgw_sim {

enum class Ending { close, reset };

struct DataLine {  // reqMktData
  Contract contract;
  std::vector<Leg> legs;
  std::set<int> generics;
  bool delayed = false;
  std::map<int, std::string> sent;  // by tick type
};
struct TickLine {  // reqTickByTickData
  Contract contract;
  std::string kind;
  bool ignore_size = false;
  std::string sent;
};
struct BarLine {  // real-time bars, and history that goes on
  Contract contract;
  std::string what;
  std::int64_t seconds = 5;
  int format = 1;
  Seconds start = 0;
  std::uint64_t trades = 0;
  Num open, high, low, close, volume;
};
struct HistoryCall {
  std::string text;
  std::string contract;
  std::int64_t at_ms = 0;
};

struct Peer {
  virtual ~Peer() = default;
  // Sent with the others of this event; nothing is told before the state is kept.
  virtual void send(const std::string& payload) = 0;
  virtual void close(Ending ending) = 0;

  int sv = 0;
  std::optional<int> client;  // after startApi
  int data_type = 1;
  bool auto_bind = false;
  bool positions = false;
  std::string account_updates;
  std::map<std::int64_t, std::set<std::string>> summaries;
  std::map<std::int64_t, std::string> positions_multi, account_multi, pnl;
  std::map<std::int64_t, std::pair<std::string, ConId>> pnl_single;
  std::map<std::int64_t, DataLine> lines;
  std::map<std::int64_t, TickLine> ticks;
  std::map<std::int64_t, BarLine> bars, going_on;
  std::vector<HistoryCall> history;
  std::uint64_t received = 0, sent = 0;
};

}  // namespace tradebus::ibgw_sim
