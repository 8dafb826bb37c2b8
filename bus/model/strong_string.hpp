// Strings that mean different things are different types.
#pragma once

#include <compare>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace tradebus {

template <class Tag>
class StrongString {
 public:
  StrongString() = default;
  explicit StrongString(std::string text) : text_{std::move(text)} {}
  explicit StrongString(std::string_view text) : text_{text} {}
  explicit StrongString(const char* text) : text_{text} {}

  const std::string& str() const { return text_; }
  bool empty() const { return text_.empty(); }

  friend bool operator==(const StrongString&, const StrongString&) = default;
  friend auto operator<=>(const StrongString&, const StrongString&) = default;

  template <class Inspector>
  friend auto inspect(Inspector& f, StrongString& x) -> typename Inspector::result_type {
    return f(x.text_);
  }

 private:
  std::string text_;
};

using Symbol = StrongString<struct SymbolTag>;                // "AAPL", "AAPL240621C00190000", "BTC-USD"
using OrderId = StrongString<struct OrderIdTag>;              // ours
using ClientOrderId = StrongString<struct ClientOrderIdTag>;  // the client's own, unique for ever per client
using BrokerOrderId = StrongString<struct BrokerOrderIdTag>;  // the venue's, account-wide and permanent
using ExecId = StrongString<struct ExecIdTag>;                // one execution, as the venue names it
using ClientName = StrongString<struct ClientNameTag>;        // who asks: from hello, or the certificate
using AccountId = StrongString<struct AccountIdTag>;
using BrokerName = StrongString<struct BrokerNameTag>;
using ProviderName = StrongString<struct ProviderNameTag>;

}  // namespace tradebus

template <class Tag>
struct std::hash<tradebus::StrongString<Tag>> {
  // Not noexcept on purpose: libstdc++ then keeps each key's hash instead of computing it anew at every look-up.
  std::size_t operator()(const tradebus::StrongString<Tag>& s) const { return std::hash<std::string>{}(s.str()); }
};
