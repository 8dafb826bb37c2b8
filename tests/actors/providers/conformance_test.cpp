// The contract of provider.hpp, checked against every adapter in conformance_rows.cpp: links, topics, credit.
#include <algorithm>
#include <map>
#include <set>

#include "tests/actors/providers/conformance_case.hpp"

namespace data = boost::unit_test::data;
using namespace tradebus;
using namespace tradebus::test;
using namespace std::chrono_literals;

namespace {

void check_event(const MarketEvent& e, const MarketBatch& batch, StreamKind kind, const Symbol& symbol) {
  BOOST_CHECK(e.kind == kind);
  BOOST_CHECK(e.ts > Timestamp{} && e.rx > Timestamp{});
  switch (kind) {
    case StreamKind::quote:
      BOOST_CHECK((e.flags & (MarketEvent::has_bid | MarketEvent::has_ask)) != 0);
      BOOST_CHECK((e.flags & MarketEvent::has_bid) == 0 || e.price[0].is_positive());
      BOOST_CHECK((e.flags & MarketEvent::has_ask) == 0 || e.price[1].is_positive());
      BOOST_CHECK((e.flags & MarketEvent::has_bid_size) == 0 || !e.qty[0].is_negative());
      BOOST_CHECK((e.flags & MarketEvent::has_ask_size) == 0 || !e.qty[1].is_negative());
      break;
    case StreamKind::trade:
      BOOST_CHECK(e.price[0].is_positive() && e.qty[0].is_positive());
      break;
    case StreamKind::bar_1s:
    case StreamKind::bar_1m:
    case StreamKind::bar_5m:
    case StreamKind::bar_1h:
    case StreamKind::bar_1d:
      BOOST_CHECK(e.price[2].is_positive() && e.price[2] <= std::min(e.price[0], e.price[3]) &&
                  e.price[1] >= std::max(e.price[0], e.price[3]));
      break;
    case StreamKind::option: {
      BOOST_REQUIRE_LT(e.detail, batch.options.size());
      const auto& q = batch.options[e.detail];
      BOOST_CHECK(q.symbol == symbol && !q.underlying.empty() && q.strike.is_positive() && q.expiry.size() == 10);
      BOOST_CHECK(!q.bid || !q.bid->is_negative());
      BOOST_CHECK(!q.ask || q.ask->is_positive());
      break;
    }
    case StreamKind::news: {
      BOOST_REQUIRE_LT(e.detail, batch.news.size());
      const auto& item = batch.news[e.detail];
      BOOST_CHECK(!item.id.empty() && !item.title.empty());
      BOOST_CHECK(std::ranges::find(item.symbols, symbol.str()) != item.symbols.end());
      break;
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_registered_provider_has_a_row) {
  ProviderRegistry registry;
  register_providers(registry);
  std::set<std::string> tested;
  for (const auto& row : conformance_rows()) tested.insert(row.provider);
  for (const auto& name : registry.names())
    BOOST_CHECK_MESSAGE(tested.contains(name), "provider \"" << name << "\" has no row in conformance_rows.cpp");
}

// ---- link ----------------------------------------------------------------------------------------------------------

BOOST_DATA_TEST_CASE(connect_and_disconnect_answer, data::make(conformance_rows()), row) {
  ConformanceCase c{row};
  for (int round = 0; round < 2; ++round) {
    c.connect();
    const auto status = c.ask<ProviderStatus>(DisconnectProvider{});
    BOOST_REQUIRE(status);
    BOOST_CHECK(status->state == LinkState::down);
    BOOST_CHECK_EQUAL(status->reason, "requested");
  }
  BOOST_CHECK(c.ask<ProviderStatus>(DisconnectProvider{}));
}

BOOST_DATA_TEST_CASE(subscribing_needs_a_connection, data::make(conformance_rows()), row) {
  ConformanceCase c{row};
  const auto kind = c.flat_kind();
  if (!kind) return;
  c.check_refused<Done>(Subscribe{1, *kind, row.known}, {Errc::provider_unavailable});
  c.connect();
  BOOST_CHECK(c.ask<Done>(Subscribe{1, *kind, row.known}));
  BOOST_REQUIRE(c.ask<ProviderStatus>(DisconnectProvider{}));
  c.check_refused<Done>(Subscribe{1, *kind, row.known}, {Errc::provider_unavailable});
}

BOOST_DATA_TEST_CASE(disconnecting_forgets_what_was_open, data::make(conformance_rows()), row) {
  ConformanceCase c{row};
  const auto kind = c.flat_kind();
  if (!kind) return;
  c.connect();
  BOOST_REQUIRE(c.ask<Done>(Subscribe{1, *kind, row.known}));
  BOOST_CHECK(c.until([&] { return c.inbox->count(1) > 0; }));
  BOOST_REQUIRE(c.ask<ProviderStatus>(DisconnectProvider{}));
  BOOST_REQUIRE(c.drain());
  const auto seen = c.inbox->count(1);
  c.settle();
  c.connect();
  c.settle();
  BOOST_CHECK_EQUAL(c.inbox->count(1), seen);
}

// ---- topics --------------------------------------------------------------------------------------------------------

BOOST_DATA_TEST_CASE(kinds_stream_or_are_refused_by_name, data::make(conformance_rows()), row) {
  ConformanceCase c{row};
  c.connect();
  for (std::size_t i = 0; i < values_of<StreamKind>; ++i) {
    const auto kind = static_cast<StreamKind>(i);
    BOOST_TEST_CONTEXT(to_string(kind)) {
      const auto symbol = c.symbol_for(kind);
      if (c.streams(kind)) {
        if (symbol) BOOST_CHECK(c.ask<Done>(Subscribe{static_cast<TopicRef>(i), kind, *symbol}));
        c.check_refused<Done>(Subscribe{static_cast<TopicRef>(100 + i), kind, row.unknown}, {Errc::instrument_unknown});
      } else {
        c.check_refused<Done>(Subscribe{static_cast<TopicRef>(i), kind, symbol.value_or(row.known)},
                              {Errc::provider_unsupported});
      }
    }
  }
}

BOOST_DATA_TEST_CASE(events_are_sound_and_belong_to_their_topics, data::make(conformance_rows()), row) {
  ConformanceCase c{row};
  c.connect();
  struct Topic {
    StreamKind kind;
    Symbol symbol;
  };
  std::map<TopicRef, Topic> topics;
  for (const auto kind : c.can.streams)
    for (const auto& symbol :
         {c.symbol_for(kind), kind == StreamKind::option ? std::nullopt : std::optional{row.other}}) {
      if (!symbol) continue;
      const auto ref = static_cast<TopicRef>(topics.size() + 10);
      BOOST_REQUIRE(c.ask<Done>(Subscribe{ref, kind, *symbol}));
      topics.emplace(ref, Topic{kind, *symbol});
    }
  for (const auto& [ref, topic] : topics) {
    const bool often = topic.kind == StreamKind::quote || topic.kind == StreamKind::trade;
    BOOST_CHECK_MESSAGE(c.until([&, r = ref] { return c.inbox->count(r) >= (often ? row.events : 1); }),
                        to_string(topic.kind) << " of " << topic.symbol.str() << ": too few events");
  }
  std::map<TopicRef, Timestamp> last;
  for (const auto& batch : c.inbox->batches()) {
    BOOST_CHECK_EQUAL(batch.provider.str(), row.provider);
    BOOST_CHECK_LE(batch.events.size(), batch_events_max);
    for (const auto& e : batch.events) {
      const auto topic = topics.find(e.ref);
      BOOST_REQUIRE(topic != topics.end());
      check_event(e, batch, topic->second.kind, topic->second.symbol);
      BOOST_CHECK(e.ts >= last[e.ref]);
      last[e.ref] = e.ts;
    }
  }
}

BOOST_DATA_TEST_CASE(nothing_comes_after_unsubscribe, data::make(conformance_rows()), row) {
  ConformanceCase c{row};
  const auto kind = c.flat_kind();
  if (!kind) return;
  c.connect();
  BOOST_REQUIRE(c.ask<Done>(Subscribe{1, *kind, row.known}));
  BOOST_REQUIRE(c.ask<Done>(Subscribe{2, *kind, row.other}));
  BOOST_CHECK(c.until([&] { return c.inbox->count(1) > 0; }));
  c.tell(Unsubscribe{1});
  c.tell(Unsubscribe{77});  // not open: no error
  BOOST_REQUIRE(c.drain());
  if (row.trailing) {
    // More of the other topic than can be under way: the closed one's last events lie before these.
    const auto passed = c.inbox->count(2) + (batch_credit + 2) * batch_events_max;
    c.until([&] { return c.inbox->count(2) >= passed; });
  }
  const auto seen = c.inbox->count(1);
  const auto others = c.inbox->count(2);
  const bool flows = c.until([&] { return c.inbox->count(2) >= others + 10; }, row.endless ? 20'000ms : 2'000ms);
  BOOST_CHECK(flows || !row.endless);
  BOOST_CHECK_EQUAL(c.inbox->count(1), seen);
  // And it can be opened again.
  BOOST_CHECK(c.ask<Done>(Subscribe{1, *kind, row.known}));
  if (row.endless) BOOST_CHECK(c.until([&] { return c.inbox->count(1) > seen; }));
}

BOOST_DATA_TEST_CASE(batches_stay_within_the_credit, data::make(conformance_rows()), row) {
  ConformanceCase c{row};
  const auto kind = c.flat_kind();
  if (!kind) return;
  c.inbox->give_credit_to({});
  c.connect();
  BOOST_REQUIRE(c.ask<Done>(Subscribe{1, *kind, row.known}));
  BOOST_REQUIRE(c.ask<Done>(Subscribe{2, *kind, row.other}));
  const bool used_up =
      c.until([&] { return c.inbox->batch_count() >= batch_credit; }, row.endless ? 20'000ms : 2'000ms);
  BOOST_CHECK(used_up || !row.endless);
  c.settle();
  BOOST_CHECK_LE(c.inbox->batch_count(), batch_credit);
  if (!used_up) return;
  for (std::size_t more = 1; more <= 3; ++more) {
    c.tell(BatchCredit{1});
    const bool came =
        c.until([&] { return c.inbox->batch_count() >= batch_credit + more; }, row.endless ? 20'000ms : 2'000ms);
    BOOST_CHECK(came || !row.endless);
    c.settle();
    BOOST_CHECK_LE(c.inbox->batch_count(), batch_credit + more);
  }
}
