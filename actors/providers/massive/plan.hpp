// How one question becomes calls to the venue, and their answers one answer of ours. Plans are plain values in time:
// bytes in, the next call's path and query out, until there is none. No sockets, no actors, no clock.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "actors/providers/massive/page.hpp"
#include "bus/model/error.hpp"
#include "bus/model/strong_string.hpp"

namespace tradebus::massive {

// The next call's path and query; empty: the answer is complete.
using Target = std::string;

class Plan {
 public:
  virtual ~Plan() = default;
  // An error: the question can't be asked.
  virtual Result<Target> begin() = 0;
  virtual Result<Target> take(std::string_view body) = 0;
  // The venue refused the last call: another way to ask, or the refusal itself.
  virtual Result<Target> refused(const Error& error) { return tl::unexpected{error}; }

  std::uint64_t bad_rows() const { return bad_rows_; }
  const std::string& bad_row() const { return bad_row_; }  // why the first of them was

 protected:
  template <class T>
  void note_bad(const Page<T>& page) {
    if (page.bad_rows > 0 && bad_rows_ == 0) bad_row_ = page.bad_row;
    bad_rows_ += page.bad_rows;
  }
  // Of an answer about one thing. provider.not_found: it holds nothing; provider.unavailable: nothing that can be used.
  template <class T>
  Result<T> only_row(Result<Page<T>> page, const Symbol& about) {
    if (!page) return tl::unexpected{std::move(page.error())};
    note_bad(*page);
    if (page->rows.empty()) return tl::unexpected{row_missing(about, page->bad_row)};
    return std::move(page->rows.front());
  }

 private:
  static Error row_missing(const Symbol& about, const std::string& bad_row);

  std::uint64_t bad_rows_ = 0;
  std::string bad_row_;
};

// Follows next_url: at most pages_max pages, and no cursor twice.
class Paging {
 public:
  // `provider`: our name, for messages.
  Paging(std::size_t pages_max, std::string provider) : pages_max_{pages_max}, provider_{std::move(provider)} {}
  // `next` may be empty: then so is the answer. provider.unavailable: the cursor came before; request.invalid: too many
  // pages.
  Result<Target> follow(const std::string& next);

 private:
  std::size_t pages_max_;
  std::string provider_;
  std::set<std::string> seen_;
};

}  // namespace tradebus::massive
