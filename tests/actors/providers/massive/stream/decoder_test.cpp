// Frames to events: each oddity of the venue's has a case; then every prefix and seeded mutations of every message.
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <random>

#include "actors/providers/massive/stream/numbers.hpp"
#include "tests/actors/providers/massive/stream/frames.hpp"

using namespace tradebus;
using namespace tradebus::massive::stream;

namespace {

Price price(const char* text) { return *Price::parse(text); }
Quantity quantity(const char* text) { return *Quantity::parse(text); }

constexpr std::int64_t ms = 1'000'000;

struct Fixture : Frames {
  Fixture() { hold_all("ACME"); }
  // The one event of a frame with this object.
  MarketEvent one(const std::string& object) {
    const auto& all = decode('[' + object + ']');
    BOOST_REQUIRE_EQUAL(all.events.size(), 1U);
    return all.events[0];
  }
  // The object costs itself, and not its neighbours.
  void is_bad(const std::string& object) {
    const auto before = decoder.counters().bad_events;
    const std::string good = R"({"ev":"T","sym":"ACME","p":1,"s":1,"t":1760000000000})";
    decode('[' + good + ',' + object + ',' + good + ']');
    BOOST_CHECK_MESSAGE(seen.events.size() == 2 && decoder.counters().bad_events == before + 1, object);
    BOOST_CHECK_EQUAL(decoder.counters().bad_frames, 0U);
  }
};

std::string with(std::string_view key, std::string_view value, std::string_view of) {
  std::string out{of};
  const auto at = out.find('"' + std::string{key} + "\":");
  BOOST_REQUIRE(at != std::string::npos);
  const auto begin = at + key.size() + 3;
  out.replace(begin, out.find_first_of(",}", begin) - begin, value);
  return out;
}

constexpr std::string_view trade =
    R"({"ev":"T","sym":"ACME","p":10.5,"s":100,"t":1760000000123,"q":5,"i":"7","x":4,"z":3})";
constexpr std::string_view quote =
    R"({"ev":"Q","sym":"ACME","bp":10.49,"bs":300,"ap":10.51,"as":200,"t":1760000000123,"q":5})";
constexpr std::string_view bar =
    R"({"ev":"AM","sym":"ACME","v":4110,"o":10.1,"c":10.2,"h":10.4,"l":10,"s":1760000040000,"e":1760000100000})";

}  // namespace

BOOST_FIXTURE_TEST_CASE(a_trade, Fixture) {
  const auto e = one(std::string{trade});
  BOOST_CHECK(e.kind == StreamKind::trade);
  BOOST_CHECK_EQUAL(e.ref, 100U);
  BOOST_CHECK(e.price[0] == price("10.5"));
  BOOST_CHECK(e.qty[0] == quantity("100"));
  BOOST_CHECK_EQUAL(unix_ns(e.ts), 1'760'000'000'123 * ms);
  BOOST_CHECK(e.rx == rx);
  BOOST_CHECK(e.quality == Quality::live);
  BOOST_CHECK_EQUAL(e.flags, 0);
  BOOST_CHECK(has_data);
}

BOOST_FIXTURE_TEST_CASE(a_quote_and_its_missing_sides, Fixture) {
  const auto both = one(std::string{quote});
  BOOST_CHECK(both.price[0] == price("10.49") && both.price[1] == price("10.51"));
  BOOST_CHECK(both.qty[0] == quantity("300") && both.qty[1] == quantity("200"));
  BOOST_CHECK_EQUAL(both.flags, 15);
  const std::uint8_t ask = MarketEvent::has_ask | MarketEvent::has_ask_size;
  BOOST_CHECK_EQUAL(one(with("bp", "0", quote)).flags, ask);
  BOOST_CHECK_EQUAL(one(with("bp", "null", quote)).flags, ask);
  BOOST_CHECK_EQUAL(one(R"({"ev":"Q","sym":"ACME","ap":10.51,"as":200,"t":1760000000123})").flags, ask);
  BOOST_CHECK_EQUAL(one(with("bs", "null", quote)).flags, 15 & ~MarketEvent::has_bid_size);
  // One integer where trades have a list, and a list beside it.
  BOOST_CHECK_EQUAL(
      one(R"({"ev":"Q","sym":"ACME","bp":1,"bs":1,"ap":2,"as":1,"c":0,"i":[604],"t":1760000000123})").flags, 15);
}

BOOST_FIXTURE_TEST_CASE(bars_of_a_second_and_of_a_minute, Fixture) {
  const auto e = one(std::string{bar});
  BOOST_CHECK(e.kind == StreamKind::bar_1m);
  BOOST_CHECK_EQUAL(e.ref, 103U);
  BOOST_CHECK(e.price[0] == price("10.1") && e.price[1] == price("10.4"));
  BOOST_CHECK(e.price[2] == price("10") && e.price[3] == price("10.2"));
  BOOST_CHECK(e.qty[0] == quantity("4110"));
  BOOST_CHECK_EQUAL(unix_ns(e.ts), 1'760'000'040'000 * ms);
  BOOST_CHECK_EQUAL(e.flags, MarketEvent::bar_final);
  BOOST_CHECK(one(with("ev", "\"A\"", with("e", "1760000041000", bar))).kind == StreamKind::bar_1s);
  // A second's bar under the minute's name.
  const auto second = one(with("e", "1760000041000", bar));
  BOOST_CHECK(second.kind == StreamKind::bar_1s);
  BOOST_CHECK_EQUAL(second.ref, 102U);
  BOOST_CHECK(one(with("e", "null", bar)).kind == StreamKind::bar_1m);
}

BOOST_FIXTURE_TEST_CASE(the_same_minute_again_is_a_final_bar_again, Fixture) {
  one(std::string{bar});
  BOOST_CHECK_EQUAL(decoder.counters().bars_revised, 0U);
  const auto again = one(with("c", "10.3", bar));
  BOOST_CHECK(again.price[3] == price("10.3"));
  BOOST_CHECK_EQUAL(again.flags, MarketEvent::bar_final);
  BOOST_CHECK_EQUAL(decoder.counters().bars_revised, 1U);
}

BOOST_FIXTURE_TEST_CASE(numbers_are_read_as_they_come, Fixture) {
  BOOST_CHECK(one(with("s", "100.0", trade)).qty[0] == quantity("100"));
  BOOST_CHECK(one(with("s", "1.12117471e+08", trade)).qty[0] == quantity("112117471"));
  BOOST_CHECK(one(with("s", "0.5", trade)).qty[0] == quantity("0.5"));
  BOOST_CHECK(one(with("s", "null", trade)).qty[0].is_zero());
  BOOST_CHECK(one(with("s", "100,\"ds\":\"99.000000001\"", trade)).qty[0] == quantity("99.000000001"));
  BOOST_CHECK(one(with("s", "100,\"ds\":null", trade)).qty[0] == quantity("100"));
  BOOST_CHECK(one(with("p", "\"10.25\"", trade)).price[0] == price("10.25"));
  BOOST_CHECK(one(with("p", "1e1", trade)).price[0] == price("10"));
  // Eleven decimals; half to even.
  BOOST_CHECK(one(with("p", "10.12345678951", trade)).price[0] == price("10.12345679"));
  BOOST_CHECK(one(with("p", "10.1234567885", trade)).price[0] == price("10.123456788"));
  BOOST_CHECK(one(with("t", "1760000000123.0", trade)).ts == from_unix_ns(1'760'000'000'123 * ms));
  BOOST_CHECK(one(with("t", "1.760000000123e12", trade)).ts == from_unix_ns(1'760'000'000'123 * ms));
  BOOST_CHECK(one(with("t", "1760000000123.25", trade)).ts == from_unix_ns(1'760'000'000'123 * ms + 250'000));
  BOOST_CHECK(one(with("z", "41.7", trade)).qty[0] == quantity("100"));
  BOOST_CHECK(one(with("v", "95595226.0", bar)).qty[0] == quantity("95595226"));
  BOOST_CHECK(one(with("v", "7,\"dv\":\"7.125\"", bar)).qty[0] == quantity("7.125"));
  BOOST_CHECK(one(R"({ "sym" : "ACME" , "t" : 1760000000123 , "s" : 1 , "p" : 2 , "ev" : "T" , "new" : {"a":[1,{}]} })")
                  .price[0] == price("2"));
  BOOST_CHECK_EQUAL(decoder.counters().bad_events, 0U);
}

BOOST_FIXTURE_TEST_CASE(one_bad_event_costs_one_event, Fixture) {
  for (const char* bad : {"0", "-1", "null", "\"x\"", "\"\"", "true", "{}", "[]", "1e30", "99999999999"})
    is_bad(with("p", bad, trade));
  for (const char* bad : {"-1", "\"x\"", "false", "{}", "1e99"}) is_bad(with("s", bad, trade));
  // Other units, no time, and no time that there is.
  for (const char* bad :
       {"null", "0", "-5", "1760000000", "1760000000123000", "1760000000123000000", "\"now\"", "1e18"})
    is_bad(with("t", bad, trade));
  is_bad(with("s", "1,\"c\":[\"x\"]", trade));
  is_bad(with("s", "1,\"c\":[-1]", trade));
  is_bad(with("sym", "null", trade));
  is_bad(with("sym", "5", trade));
  is_bad(with("ev", "null", trade));
  is_bad(R"({"sym":"ACME"})");
  is_bad("{}");
  is_bad("5");
  is_bad("null");
  is_bad("[]");
  for (const char* bad : {"-1", "\"x\""}) {
    is_bad(with("bp", bad, quote));
    is_bad(with("as", bad, quote));
  }
  for (const char* key : {"o", "h", "l", "c"}) {
    is_bad(with(key, "0", bar));
    is_bad(with(key, "null", bar));
  }
  is_bad(with("v", "-1", bar));
  is_bad(with("e", "\"x\"", bar));
}

BOOST_FIXTURE_TEST_CASE(conditions_keep_trades_out_of_last_and_high_and_low, Fixture) {
  const auto with_conditions = [this](const char* list) {
    return one(with("s", std::string{"1,\"c\":"} + list, trade));
  };
  BOOST_CHECK_EQUAL(with_conditions("[0]").flags, 0);
  BOOST_CHECK_EQUAL(with_conditions("[]").flags, 0);
  BOOST_CHECK_EQUAL(with_conditions("null").flags, 0);
  BOOST_CHECK_EQUAL(with_conditions("[null, 0.0]").flags, 0);
  // An odd lot: volume, but no price.
  BOOST_CHECK_EQUAL(with_conditions("[37]").flags, MarketEvent::not_last | MarketEvent::not_high_low);
  // One alone, without its list.
  BOOST_CHECK_EQUAL(with_conditions("37").flags, MarketEvent::not_last | MarketEvent::not_high_low);
  BOOST_CHECK_EQUAL(with_conditions("0").flags, 0);
  for (const char* bad : {"-1", "\"x\"", "99999999999", "{}"}) is_bad(with("s", std::string{"1,\"c\":"} + bad, trade));
  BOOST_CHECK_EQUAL(with_conditions("[0,37]").flags, MarketEvent::not_last | MarketEvent::not_high_low);
  BOOST_CHECK_EQUAL(decoder.counters().trades_not_last, 3U);
}

BOOST_FIXTURE_TEST_CASE(corrections_are_no_trades, Fixture) {
  decode('[' + with("s", "1,\"e\":1", trade) + ',' + with("s", "1,\"e\":0", trade) + ']');
  BOOST_CHECK_EQUAL(seen.events.size(), 1U);
  BOOST_CHECK_EQUAL(decoder.counters().no_trades, 1U);
}

BOOST_FIXTURE_TEST_CASE(options_have_the_same_letters, Fixture) {
  const auto ref = hold(Channel::quote, "O:SPY251219C00650000");
  const auto e = one(
      R"({"ev":"Q","sym":"O:SPY251219C00650000","bx":302,"ax":302,"bp":9.71,"ap":9.8,"bs":17,"as":24,"t":1760000000123,"q":844090872})");
  BOOST_CHECK_EQUAL(e.ref, ref);
  BOOST_CHECK(e.qty[0] == quantity("17"));
}

BOOST_FIXTURE_TEST_CASE(delayed_hosts_are_marked, Fixture) {
  Frames late{Quality::delayed};
  late.hold_all("ACME");
  BOOST_CHECK(late.decode('[' + std::string{trade} + ']').events.at(0).quality == Quality::delayed);
}

BOOST_FIXTURE_TEST_CASE(what_nobody_wants_is_counted, Fixture) {
  decode('[' + with("sym", "\"OTHER\"", trade) + ',' + with("sym", "\"acme\"", trade) + ']');
  BOOST_CHECK(seen.events.empty());
  BOOST_CHECK(!has_data);
  BOOST_CHECK_EQUAL(decoder.counters().unwanted, 2U);
  decode(
      R"([{"ev":"LULD","T":"ACME","h":1,"l":1,"i":[21],"t":1601316752683746},{"ev":"NOI","T":"ACME"},{"ev":"FMV","sym":"ACME","fmv":1},{"ev":"LV"},{"ev":"XT","p":{}},{"ev":"V"}])");
  BOOST_CHECK_EQUAL(decoder.counters().ignored, 4U);
  BOOST_CHECK_EQUAL(decoder.counters().unknown, 2U);
  BOOST_CHECK_EQUAL(decoder.counters().bad_events, 0U);
}

BOOST_FIXTURE_TEST_CASE(statuses_and_data_share_a_frame, Fixture) {
  decode('[' + std::string{trade} + R"(,{"ev":"status","status":"success","message":"subscribed to: T.A\"\u0042"},)" +
         std::string{quote} + ']');
  BOOST_CHECK_EQUAL(seen.events.size(), 2U);
  BOOST_REQUIRE_EQUAL(seen.statuses.size(), 1U);
  BOOST_CHECK_EQUAL(seen.statuses[0].first, "success");
  BOOST_CHECK_EQUAL(seen.statuses[0].second, "subscribed to: T.A\"B");
}

BOOST_FIXTURE_TEST_CASE(frames_that_are_none_are_counted, Fixture) {
  for (const char* frame : {"", " ", "[", "]", "{", "nonsense", "[{\"ev\":\"T\"", "\"text\"", "5", "\xff\xfe"}) {
    decode(frame);
    BOOST_CHECK(seen.events.empty());
  }
  BOOST_CHECK_EQUAL(decoder.counters().bad_frames, 10U);
  BOOST_CHECK(decode("[]").events.empty());
  BOOST_CHECK_EQUAL(decoder.counters().bad_frames, 10U);
  BOOST_CHECK_EQUAL(decode('[' + std::string{trade} + ']').events.size(), 1U);
}

BOOST_FIXTURE_TEST_CASE(a_large_frame_and_small_ones_after_it, Fixture) {
  std::string frame = "[";
  for (int i = 0; i < 60'000; ++i) frame.append(i == 0 ? "" : ",").append(trade);
  frame += ']';
  BOOST_CHECK_EQUAL(decode(frame).events.size(), 60'000U);
  BOOST_CHECK_EQUAL(decode('[' + std::string{quote} + ']').events.size(), 1U);
}

// ---- what must not happen
// ---------------------------------------------------------------------------------------------

namespace {

const std::vector<std::string> messages{
    '[' + std::string{trade} + ']',
    '[' + std::string{quote} + ']',
    '[' + std::string{bar} + ']',
    R"([{"ev":"T","sym":"ACME","i":"1","x":4,"p":100.0,"s":7,"ds":"7.25","c":[37,0],"t":1760000000200,"q":2,"z":3,"trfi":202,"trft":1760000000199}])",
    R"([{"ev":"A","sym":"ACME","v":1.2e+04,"dv":"12000.5","av":500000,"op":25.66,"vw":100.001,"o":99.5,"c":100.5,"h":101,"l":99.25,"a":99.9,"z":41.7,"s":1760000040000,"e":1760000041000,"otc":true}])",
    R"([{"ev":"status","status":"success","message":"subscribed to: T.ACME"},{"ev":"Q","sym":"ACME","bx":4,"bp":114.125,"bs":100,"ax":7,"ap":114.128,"as":160,"c":0,"i":[604],"t":1536036818784,"q":50385480,"z":3}])",
    R"([{"ev":"status","status":"max_connections","message":"Maximum number of websocket connections exceeded."}])",
    R"([{"ev":"LULD","T":"ACME","h":218.96,"l":198.11,"i":[21],"z":3,"t":1601316752683746,"q":290317},{"ev":"NOI","T":"ACME","at":930,"a":"O","o":480,"p":440,"b":25.03}])",
};

void is_sane(const MarketEvent& e) {
  BOOST_REQUIRE(e.ref >= 100 && e.ref < 104);
  BOOST_REQUIRE(unix_ns(e.ts) >= 100'000'000'000 * ms && unix_ns(e.ts) < 7'258'118'400'000 * ms);
  for (const auto& q : e.qty) BOOST_REQUIRE(!q.is_negative());
  for (const auto& p : e.price) BOOST_REQUIRE(!p.is_negative());
  if (e.kind == StreamKind::trade) BOOST_REQUIRE(e.price[0].is_positive());
  if (e.kind == StreamKind::bar_1m || e.kind == StreamKind::bar_1s)
    for (const auto& p : e.price) BOOST_REQUIRE(p.is_positive());
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(every_prefix_is_survived, Fixture) {
  for (const auto& message : messages) {
    for (std::size_t size = 0; size < message.size(); ++size) {
      // Of exactly this size, so that a sanitizer sees a read beyond it.
      const std::vector<char> exact(message.begin(), message.begin() + static_cast<std::ptrdiff_t>(size));
      for (const auto& e : decode({exact.data(), exact.size()}).events) is_sane(e);
    }
  }
  BOOST_CHECK(decoder.counters().bad_frames > 100);
}

BOOST_FIXTURE_TEST_CASE(mutations_are_survived, Fixture) {
  // TRADEBUS_MUTATIONS=100000 for the long form.
  const char* wish = std::getenv("TRADEBUS_MUTATIONS");
  const int rounds = wish != nullptr ? std::atoi(wish) : 5'000;
  std::mt19937_64 random{20260918};
  const std::string_view spice = "{}[]\",:.-+eE0123456789nulltrue\\u \x01\xff";
  for (const auto& message : messages) {
    for (int round = 0; round < rounds; ++round) {
      std::string text = message;
      for (auto count = 1 + random() % 4; count > 0; --count) {
        const auto at = random() % text.size();
        switch (random() % 5) {
          case 0:
            text[at] = spice[random() % spice.size()];
            break;
          case 1:
            text.insert(at, 1, spice[random() % spice.size()]);
            break;
          case 2:
            if (text.size() > 1) text.erase(at, 1 + random() % std::min<std::size_t>(8, text.size() - at));
            break;
          case 3:
            text.insert(at, text.substr(random() % text.size(), random() % 24));
            break;
          default:
            text[at] = static_cast<char>(random() & 0xff);
        }
        if (text.empty()) text = "[";
      }
      const std::vector<char> exact(text.begin(), text.end());
      for (const auto& e : decode({exact.data(), exact.size()}).events) is_sane(e);
    }
  }
  const auto& c = decoder.counters();
  BOOST_CHECK(c.bad_frames > 0 && c.bad_events > 0 && c.trades > 0 && c.quotes > 0 && c.bars > 0);
  BOOST_TEST_MESSAGE("mutated: " << c.frames << " frames, bad " << c.bad_frames << ", bad events " << c.bad_events);
}

BOOST_AUTO_TEST_CASE(short_and_long_ways_to_read_a_number_agree) {
  std::mt19937_64 random{7};
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    if (random() % 4 == 0) text += '-';
    for (auto n = 1 + random() % 11; n > 0; --n) text += static_cast<char>('0' + random() % 10);
    if (random() % 2 == 0) {
      text += '.';
      for (auto n = 1 + random() % 11; n > 0; --n) text += static_cast<char>('0' + random() % 10);
    }
    Quantity read_here;
    const auto found = read(text, read_here);
    const auto parsed = Quantity::parse_rounded(text);
    BOOST_REQUIRE_MESSAGE(parsed && found == Read::good && *parsed == read_here, text);
  }
  Price price_out;
  std::int64_t whole = 0;
  BOOST_CHECK(read("", price_out) == Read::absent);
  BOOST_CHECK(read("null", price_out) == Read::absent);
  BOOST_CHECK(read("--1", price_out) == Read::bad);
  BOOST_CHECK(read("12.0", whole) == Read::good && whole == 12);
  BOOST_CHECK(read("12.5", whole) == Read::bad);
  BOOST_CHECK(read("9223372036854775807", whole) == Read::good && whole == 9223372036854775807);
}
