// What a call gives: the value, or an error that says what failed, why and what to do. Nothing here throws.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "tradebus/value.hpp"

namespace tradebus::client {

// `code` is the daemon's own ("risk.max_qty", "order.not_found", ... see the protocol page) or one of this library's:
//   client.endpoint      an endpoint or key that ZeroMQ does not take
//   client.unreachable   nobody answers at the endpoint: nothing was sent
//   client.timeout       sent, but no reply in time: it may have been carried out
//   client.disconnected  the connection broke while waiting: it may have been carried out
//   client.interrupted   a signal came while waiting: it may have been carried out
//   client.reply         a reply that cannot be read
struct Error {
  std::string code;
  std::string message;
  Value details = {};  // for request.invalid: the key and why
  std::optional<std::int64_t> retry_after_ms = {};

  // False: the request certainly changed nothing. True: ask (get_order) or repeat under the same client_order_id.
  bool may_have_happened() const {
    return code == "client.timeout" || code == "client.disconnected" || code == "client.interrupted" ||
           code == "client.reply" || code == "request.timeout";
  }
};

template <class T>
class [[nodiscard]] Expected {
  static_assert(!std::is_same_v<T, Error>);

 public:
  Expected(T value) : state_{std::in_place_index<0>, std::move(value)} {}
  Expected(Error error) : state_{std::in_place_index<1>, std::move(error)} {}

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  // Only when it has a value.
  T& operator*() & { return *std::get_if<0>(&state_); }
  const T& operator*() const& { return *std::get_if<0>(&state_); }
  T&& operator*() && { return std::move(*std::get_if<0>(&state_)); }
  T* operator->() { return std::get_if<0>(&state_); }
  const T* operator->() const { return std::get_if<0>(&state_); }

  // Only when it has none.
  const Error& error() const { return *std::get_if<1>(&state_); }

 private:
  std::variant<T, Error> state_;
};

}  // namespace tradebus::client
