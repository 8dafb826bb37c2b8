// Lists in pages: the filters `name`, `name.gt .gte .lt .lte .any_of`, an order, a limit and a cursor that knows how
// many rows went before.
#pragma once

#include <algorithm>
#include <charconv>
#include <functional>

#include "tests/venues/massive/call.hpp"

namespace tradebus::massive_sim {

// Is this value wanted by what the query says about `name`? Compared as text (tickers, dates) or as numbers.
bool wanted_text(const Query& query, std::string_view name, std::string_view value);
bool wanted_number(const Query& query, std::string_view name, double value);

inline constexpr std::string_view skip_parameter = "_skip";  // inside cursors only

template <class Row>
struct Page {
  std::vector<const Row*> rows;
  std::string next_url;
};

// Cuts one page out of all wanted rows, which are ordered; `order=desc` turns them round.
template <class Row>
Page<Row> page_of(const Call& call, const std::vector<Row>& rows, std::size_t limit,
                  std::string_view order_by_default = "asc") {
  std::size_t skip = 0;
  const std::string_view text = call.query.get(skip_parameter, "0");
  std::from_chars(text.data(), text.data() + text.size(), skip);
  const bool descending = call.query.get("order", order_by_default) == "desc";
  Page<Row> out;
  for (std::size_t i = skip; i < rows.size() && out.rows.size() < limit; ++i) {
    out.rows.push_back(&rows[descending ? rows.size() - 1 - i : i]);
  }
  if (skip + out.rows.size() < rows.size()) {
    Query next = call.query;
    next.set(skip_parameter, std::to_string(skip + out.rows.size()));
    out.next_url = call.next(next);
  }
  return out;
}

}  // namespace tradebus::massive_sim
