// What CAF 0.17 needs to know about our values: std::optional, 128-bit decimals, our errors, and protocols that read
// like signatures. Everything that would change with another CAF stands here.
#pragma once

#include <caf/actor_system_config.hpp>
#include <caf/atom.hpp>
#include <caf/deserializer.hpp>
#include <caf/detail/stringification_inspector.hpp>
#include <caf/error.hpp>
#include <caf/meta/load_callback.hpp>
#include <caf/optional.hpp>
#include <caf/replies_to.hpp>
#include <caf/result.hpp>
#include <caf/serializer.hpp>
#include <caf/typed_actor.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "bus/model/decimal.hpp"
#include "bus/model/describe.hpp"
#include "bus/model/error.hpp"

namespace caf {

template <class Inspector, class T>
typename Inspector::result_type inspect(Inspector& f, std::optional<T>& x) {
  optional<T> tmp;
  if (x) tmp = *x;
  if constexpr (Inspector::writes_state) {
    auto store = [&]() -> error {
      x = tmp ? std::optional<T>{*tmp} : std::nullopt;
      return none;
    };
    return f(tmp, meta::load_callback(store));
  } else {
    return f(tmp);
  }
}
namespace detail {
using caf::inspect;
}

}  // namespace caf

namespace tradebus {

// A decimal travels as its whole number of 1e-9 units, high and low half.
template <class Inspector, class Tag, class Rep>
auto inspect(Inspector& f, Decimal<Tag, Rep>& x) -> typename Inspector::result_type {
  auto wide = static_cast<Int128>(x.raw());
  auto high = static_cast<std::int64_t>(wide >> 64);
  auto low = static_cast<std::uint64_t>(wide);
  if constexpr (Inspector::writes_state) {
    auto store = [&]() -> caf::error {
      const Int128 value = static_cast<Int128>((static_cast<UInt128>(static_cast<std::uint64_t>(high)) << 64) | low);
      x = Decimal<Tag, Rep>::from_raw(static_cast<Rep>(value));
      return caf::none;
    };
    return f(high, low, caf::meta::load_callback(store));
  } else {
    return f(high, low);
  }
}

// protocol<Reply(Request), void(Event)>: a typed actor's messages as signatures.
namespace detail {
template <class>
struct Signature;
template <class R, class... Ts>
struct Signature<R(Ts...)> {
  using type = typename caf::replies_to<Ts...>::template with<R>;
};
}  // namespace detail
template <class... S>
using protocol = caf::typed_actor<typename detail::Signature<S>::type...>;

// "done, or an error": the reply to a request that has nothing to tell.
struct Done {
  static constexpr std::string_view type_name = "Done";
  static constexpr auto fields() { return std::tuple{}; }
};

// Our errors as CAF carries them, and back. A CAF error of another category (an actor that died, say) becomes
// `fallback`, with CAF's own text kept.
caf::error to_caf(const Error& error);
Error from_caf(const caf::error& error, Errc fallback);
template <class T>
caf::result<T> to_caf(Result<T> result) {
  if (result) return std::move(*result);
  return to_caf(result.error());
}

// Asks an actor to end (user_shutdown) ahead of what waits in its mailbox.
void send_urgent_exit(const caf::scoped_actor& from, const caf::actor& to);

// Exceptions that a handler let out end the actor; this keeps their text in the reason.
caf::error error_from_exception(std::exception_ptr& exception);

// The daemon's actor system: one shared queue and one hot worker (an actor that blocks is spawned detached), fair
// between actors. Why: docs/decisions/0002-one-hot-worker.md
void configure(caf::actor_system_config& config);

// Message types are inspected in one place each: TRADEBUS_DECLARE_INSPECT stands below the type's header, and
// TRADEBUS_DEFINE_INSPECT in one .cpp. Without it every file that sends a message compiles CAF's inspection of all its
// fields anew, which costs more than all the rest of the file.
#define TRADEBUS_DECLARE_INSPECT(T)                                                                                    \
  extern template caf::serializer::result_type inspect(caf::serializer&, T&);                                          \
  extern template caf::deserializer::result_type inspect(caf::deserializer&, T&);                                      \
  extern template caf::detail::stringification_inspector::result_type inspect(caf::detail::stringification_inspector&, \
                                                                              T&);
#define TRADEBUS_DEFINE_INSPECT(T)                                         \
  template caf::serializer::result_type inspect(caf::serializer&, T&);     \
  template caf::deserializer::result_type inspect(caf::deserializer&, T&); \
  template caf::detail::stringification_inspector::result_type inspect(caf::detail::stringification_inspector&, T&);

}  // namespace tradebus
