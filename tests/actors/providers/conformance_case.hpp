// One case of the suite: a provider under its harness, its row, and what it says it can do.
#pragma once

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>

#include "bus/model/print.hpp"
#include "tests/actors/providers/provider_harness.hpp"

namespace tradebus::test {

template <class E>
inline constexpr std::size_t values_of = EnumTexts<E>::texts.size();

struct ConformanceCase : ProviderHarness {
  explicit ConformanceCase(const ConformanceRow& r) : ProviderHarness{r}, row{r} {
    auto answer = ask<ProviderCapabilities>(GetProviderCapabilities{});
    BOOST_REQUIRE(answer);
    can = std::move(*answer);
  }

  void connect() {
    const auto status = ask<ProviderStatus>(ConnectProvider{sink, 0});
    BOOST_REQUIRE(status);
    BOOST_CHECK_EQUAL(status->provider.str(), row.provider);
    BOOST_CHECK(status->state == LinkState::up || status->state == LinkState::connecting);
  }
  bool streams(StreamKind kind) const { return std::ranges::find(can.streams, kind) != can.streams.end(); }
  std::optional<Symbol> symbol_for(StreamKind kind) const {
    return kind == StreamKind::option ? row.option : row.known;
  }
  GetHistoricalData history() const { return {row.known, row.timeframe, row.start, row.end, false, 50'000}; }
  bool has_history() const { return std::ranges::find(can.timeframes, row.timeframe) != can.timeframes.end(); }
  // The first kind of quote, trade or bar that streams.
  std::optional<StreamKind> flat_kind() const {
    for (const auto kind : can.streams)
      if (kind != StreamKind::option && kind != StreamKind::news) return kind;
    return std::nullopt;
  }

  template <class R, class Request>
  void check_refused(Request request, std::set<Errc> codes) {
    const auto answer = ask<R>(std::move(request));
    BOOST_REQUIRE(!answer);
    BOOST_CHECK_MESSAGE(codes.contains(answer.error().code), to_string(answer.error().code)
                                                                 << ": " << answer.error().message
                                                                 << " is not the error expected");
    BOOST_CHECK(!answer.error().message.empty());
  }
  template <class R, class Request>
  void check_promised(bool promised, Request request, std::string_view what) {
    BOOST_TEST_CONTEXT(what) {
      if (!promised) return check_refused<R>(std::move(request), {Errc::provider_unsupported});
      const auto answer = ask<R>(std::move(request));
      BOOST_CHECK_MESSAGE(answer, what << ": " << (answer ? "" : answer.error().message));
    }
  }

  const ConformanceRow& row;
  ProviderCapabilities can;
};

}  // namespace tradebus::test
