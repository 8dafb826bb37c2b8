// The providers that are held to the contract of provider.hpp: one row an adapter (or a way to run one).
// A new adapter gets the whole suite by adding its row in conformance_rows.cpp.
#pragma once

#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "bus/model/instrument.hpp"
#include "config/section.hpp"
#include "engine/services/clock.hpp"

namespace tradebus::test {

struct ConformanceRow {
  std::string title;
  std::string provider;  // as registered
  // Real scheduler, real time and deadlines, for adapters with threads of their own; without: stepped, with a fake
  // clock.
  bool threads = false;
  // Called afresh for each case. It may make files and keep them alive in what it captures.
  std::function<void(Section&)> configure = [](Section&) {};
  std::function<Clock()> clock = [] { return Clock{}; };

  Symbol known;                  // streams, and has everything that the capabilities promise
  Symbol other;                  // streams as well
  Symbol unknown;                // well-formed or not: must be refused
  std::optional<Symbol> option;  // known, for kind option
  std::size_t events = 20;       // so many quotes and trades of one topic arrive in good time
  // Events pass through a thread of the adapter's: what was under way at Unsubscribe may still arrive.
  bool trailing = false;
  bool endless = true;  // false: a recording that may be over before a case has seen enough

  // A range with more than ten bars of this timeframe for `known`.
  Timeframe timeframe = Timeframe::m1;
  Timestamp start{};
  Timestamp end{};

  friend std::ostream& operator<<(std::ostream& out, const ConformanceRow& row) { return out << row.title; }
};

std::vector<ConformanceRow> conformance_rows();

}  // namespace tradebus::test
