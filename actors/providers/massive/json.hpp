// Reads the venue's JSON as it comes: numbers as text into exact decimals, an absent key and a null alike, integers
// where doubles stand and the reverse, unknown keys passed over. For .cpp files of this folder only.
//
// A value of the wrong kind marks the row that holds it (bad()); broken JSON ends the whole answer (broken()).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "bus/model/decimal.hpp"
#include "bus/model/instrument.hpp"
#include "bus/model/time.hpp"

namespace tradebus::massive::json {

// One value of the answer, valid during the callback that gets it. What it is made of is json.cpp's own affair: the
// parser's templates are compiled once.
class Value;

// A reference to something callable that outlives the call: no allocation, no template behind it.
template <class... Args>
class CallRef {
 public:
  template <class F, class = std::enable_if_t<!std::is_same_v<std::remove_cvref_t<F>, CallRef>>>
  CallRef(F&& f)  // NOLINT: it is meant to be made from a lambda
      : object_{const_cast<void*>(static_cast<const void*>(std::addressof(f)))}, call_{[](void* object, Args... args) {
          (*static_cast<std::remove_reference_t<F>*>(object))(args...);
        }} {}
  void operator()(Args... args) const { call_(object_, args...); }

 private:
  void* object_;
  void (*call_)(void*, Args...);
};
using OnField = CallRef<std::string_view, Value&>;
using OnElement = CallRef<Value&>;

class Reader {
 public:
  // Calls f for each key of the outermost object; then broken() says whether all of it was JSON.
  void document(std::string_view body, OnField f);
  std::size_t body_size() const { return body_size_; }  // of the document under way

  // -- rows --------------------------------------------------------------------
  void begin_row() { bad_.clear(); }
  const std::string& bad() const { return bad_; }  // why the row can't be used; empty: it can
  void mark(std::string_view key, std::string_view why);

  // -- the answer --------------------------------------------------------------
  bool broken() const { return !complaint_.empty(); }
  const std::string& why_broken() const { return complaint_; }
  void break_off(std::string_view why) {
    if (!broken()) complaint_ = why;
  }

  // -- values ------------------------------------------------------------------
  // Decimals, from numbers and from texts that hold one; more than nine decimals are rounded half to even.
  std::optional<Price> price(std::string_view key, Value& value);
  std::optional<Quantity> quantity(std::string_view key, Value& value);
  std::optional<Money> money(std::string_view key, Value& value);
  // The venue writes 0 where it has no price, before 04:00 for example.
  std::optional<Price> price_above_zero(std::string_view key, Value& value);
  std::optional<double> number(std::string_view key, Value& value);
  // 12, 12.0, 1.2e1; of 12.7 the whole part.
  std::optional<std::int64_t> integer(std::string_view key, Value& value);
  std::optional<std::string> text(std::string_view key, Value& value);  // a number as it is written
  // In the unit that the venue's documentation gives for this key. 0 is absent.
  std::optional<Timestamp> ms(std::string_view key, Value& value) { return time(key, value, 1'000'000); }
  std::optional<Timestamp> ns(std::string_view key, Value& value) { return time(key, value, 1); }
  std::optional<Timestamp> utc(std::string_view key, Value& value);  // "2022-04-28T18:49:00Z"
  std::optional<Date> date(std::string_view key, Value& value);      // "2022-04-28"

  // Calls f for each key of an object, each element of a list; a null is an empty one.
  void fields(std::string_view key, Value& value, OnField f);
  void elements(std::string_view key, Value& value, OnElement f);
  static bool is_null(Value& value);
  static bool is_object(Value& value);
  static bool is_array(Value& value);

 private:
  // A number's text, also from a text that holds one; empty when the key is absent or marked.
  std::optional<std::string_view> digits(std::string_view key, Value& value);
  std::optional<Timestamp> time(std::string_view key, Value& value, std::int64_t unit_ns);
  template <class D>
  std::optional<D> decimal(std::string_view key, Value& value);

  std::size_t body_size_ = 0;
  std::string complaint_;
  std::string bad_;
};

}  // namespace tradebus::massive::json
