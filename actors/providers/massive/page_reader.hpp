// From an answer's bytes to a page of rows. For .cpp files of this folder only.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "actors/providers/massive/json.hpp"
#include "actors/providers/massive/page.hpp"
#include "actors/providers/massive/rest_error.hpp"
#include "bus/model/error.hpp"

namespace tradebus::massive {

// What stands around the rows.
struct Envelope {
  std::string status;
  std::string next_url;
  std::string text;  // of `error` or `message`
};

namespace detail {

// "OK" and "DELAYED" are success; so is an unknown word, and none.
std::optional<Error> refusal(const Envelope& envelope);
// Path and query; an error if it is no URL.
Result<std::string> target_of(const std::string& next_url);

// Reads the outermost object: envelope keys by itself, all others through `rest`.
Result<Envelope> read_envelope(json::Reader& reader, std::string_view body, json::OnField rest);

// The rows of a list (or the single object where the venue gives one); `row(reader, value)` makes one, or nothing.
template <class T, class Row>
void read_rows(json::Reader& reader, std::string_view key, json::Value& list, Page<T>& page, Row&& row) {
  const auto take = [&](json::Value& element) {
    reader.begin_row();
    const bool is_row = json::Reader::is_object(element);
    if (!is_row) reader.mark(key, "has an element that is no object");
    std::optional<T> made = is_row ? row(reader, element) : std::optional<T>{};
    if (reader.broken()) return;
    if (!reader.bad().empty()) {
      if (page.bad_rows++ == 0) page.bad_row = reader.bad();
    } else if (made) {
      page.rows.push_back(std::move(*made));
    }
  };
  if (json::Reader::is_object(list)) return take(list);
  // A bar is written in about a hundred bytes, all else in more: room for too many costs addresses, not memory.
  constexpr std::size_t row_bytes = 90;
  constexpr std::size_t rows_max = 50'000;  // the venue's longest page
  page.rows.reserve(std::min(reader.body_size() / row_bytes, rows_max));
  if (!json::Reader::is_array(list) && !json::Reader::is_null(list)) return reader.break_off("its rows are no list");
  reader.elements(key, list, take);
}

}  // namespace detail

// `row` as above; the rows stand in one of these lists. A missing list is an empty one: the venue leaves it out where
// there is nothing.
template <class T, class Row>
Result<Page<T>> read_page(std::string_view body, std::initializer_list<std::string_view> lists, Row&& row) {
  json::Reader reader;
  Page<T> page;
  auto envelope = detail::read_envelope(reader, body, [&](std::string_view key, json::Value& value) {
    if (std::ranges::find(lists, key) != lists.end()) detail::read_rows<T>(reader, key, value, page, row);
  });
  if (!envelope) return tl::unexpected{std::move(envelope.error())};
  page.delayed = envelope->status == "DELAYED";
  if (!envelope->next_url.empty()) {
    auto target = detail::target_of(envelope->next_url);
    if (!target) return tl::unexpected{std::move(target.error())};
    page.next = std::move(*target);
  }
  return page;
}

template <class T, class Row>
Result<Page<T>> read_page(std::string_view body, std::string_view list, Row&& row) {
  return read_page<T>(body, {list}, std::forward<Row>(row));
}

}  // namespace tradebus::massive
