// One answer of the venue's REST API, as every endpoint wraps it: rows, and where the next ones are.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tradebus::massive {

template <class T>
struct Page {
  std::vector<T> rows;
  std::uint32_t bad_rows = 0;  // left out, one by one
  std::string bad_row;         // why the first of them was
  std::string next;            // path and query of the next page (next_url without its host); empty: this is the last
  bool delayed = false;        // the plan's data are 15 minutes late
};

}  // namespace tradebus::massive
