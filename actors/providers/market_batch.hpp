// How market data travels from a provider to the hub: many events a message, flat, without strings.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "bus/model/describe.hpp"
#include "bus/model/enums.hpp"
#include "bus/model/market_data.hpp"
#include "bus/model/strong_string.hpp"
#include "bus/model/time.hpp"

namespace tradebus {

// One open topic, as the hub numbered it in Subscribe. Small, dense, reused only after Unsubscribe and a linger.
using TopicRef = std::uint32_t;

// One quote, trade or bar, or (kinds option and news) a place in the batch's side tables.
// Kept flat: filled in by an I/O thread, read once by the hub, no allocation on the way.
struct MarketEvent {
  // Which of the values below a source gave.
  static constexpr std::uint8_t has_bid = 1;
  static constexpr std::uint8_t has_bid_size = 2;
  static constexpr std::uint8_t has_ask = 4;
  static constexpr std::uint8_t has_ask_size = 8;
  static constexpr std::uint8_t bar_final = 16;
  // What a trade's conditions keep it out of: the last price, a bar's high and low, its volume.
  static constexpr std::uint8_t not_last = 32;
  static constexpr std::uint8_t not_high_low = 64;
  static constexpr std::uint8_t not_volume = 128;

  StreamKind kind = StreamKind::quote;
  Quality quality = Quality::live;
  std::uint8_t flags = 0;
  TopicRef ref = 0;
  std::uint32_t detail = 0;  // option, news: index into MarketBatch::options / ::news
  Timestamp ts{};
  Timestamp rx{};
  Price price[4];   // quote: bid, ask; trade: price; bar: open, high, low, close
  Quantity qty[2];  // quote: bid size, ask size; trade: size; bar: volume

  static MarketEvent quote(TopicRef ref, Timestamp ts, Timestamp rx, Price bid, Quantity bid_size, Price ask,
                           Quantity ask_size) {
    MarketEvent e;
    e.kind = StreamKind::quote;
    e.flags = has_bid | has_bid_size | has_ask | has_ask_size;
    e.ref = ref;
    e.ts = ts;
    e.rx = rx;
    e.price[0] = bid;
    e.price[1] = ask;
    e.qty[0] = bid_size;
    e.qty[1] = ask_size;
    return e;
  }
  static MarketEvent trade(TopicRef ref, Timestamp ts, Timestamp rx, Price price, Quantity size) {
    MarketEvent e;
    e.kind = StreamKind::trade;
    e.ref = ref;
    e.ts = ts;
    e.rx = rx;
    e.price[0] = price;
    e.qty[0] = size;
    return e;
  }
  static MarketEvent bar(StreamKind kind, TopicRef ref, Timestamp start, Timestamp rx, Price open, Price high,
                         Price low, Price close, Quantity volume, bool final) {
    MarketEvent e;
    e.kind = kind;
    e.flags = final ? bar_final : std::uint8_t{0};
    e.ref = ref;
    e.ts = start;
    e.rx = rx;
    e.price[0] = open;
    e.price[1] = high;
    e.price[2] = low;
    e.price[3] = close;
    e.qty[0] = volume;
    return e;
  }

  template <class Inspector>
  friend auto inspect(Inspector& f, MarketEvent& x) -> typename Inspector::result_type {
    return f(x.kind, x.quality, x.flags, x.ref, x.detail, x.ts, x.rx, x.price[0], x.price[1], x.price[2], x.price[3],
             x.qty[0], x.qty[1]);
  }
  // For test failures and debugging.
  friend std::ostream& operator<<(std::ostream& out, const MarketEvent& e) {
    return out << "MarketEvent{" << to_string(e.kind) << ", ref=" << e.ref << ", ts=" << unix_ns(e.ts)
               << ", price=" << e.price[0].to_string() << ' ' << e.price[1].to_string()
               << ", qty=" << e.qty[0].to_string() << ' ' << e.qty[1].to_string() << '}';
  }
};

// Events that a full outlet had to drop before the hub saw them: they still use up sequence numbers, so that every
// subscriber sees the hole.
struct Dropped {
  TopicRef ref = 0;
  std::uint32_t count = 0;

  static constexpr std::string_view type_name = "Dropped";
  static constexpr auto fields() { return std::tuple{field("ref", &Dropped::ref), field("count", &Dropped::count)}; }
};

// A split or a dividend: what was adjusted before is no longer right, and is forgotten, in memory and on disk. An
// adapter that learns of one tells its sink: as it is, or in a batch, where it keeps its place among the events.
enum class CorporateActionKind : std::uint8_t { split, dividend };
TRADEBUS_ENUM(CorporateActionKind, "split", "dividend");
struct CorporateAction {
  Symbol symbol;
  Timestamp ts{};  // from when on it holds
  CorporateActionKind action = CorporateActionKind::split;
  Quantity value{};  // split: new shares for one old; dividend: paid a share. Zero: not known

  static constexpr std::string_view type_name = "CorporateAction";
  static constexpr auto fields() {
    return std::tuple{field("symbol", &CorporateAction::symbol), field("ts", &CorporateAction::ts),
                      field("action", &CorporateAction::action), field("value", &CorporateAction::value)};
  }
};

struct MarketBatch {
  ProviderName provider;
  std::uint64_t cursor = 0;  // where the provider stands after this batch; handed back in Connect after a restart
  std::vector<MarketEvent> events;  // in the source's order
  std::vector<OptionQuote> options;
  std::vector<NewsItem> news;
  std::vector<Dropped> dropped;
  std::vector<CorporateAction> actions = {};  // that came after the events

  static constexpr std::string_view type_name = "MarketBatch";
  static constexpr auto fields() {
    return std::tuple{field("provider", &MarketBatch::provider), field("cursor", &MarketBatch::cursor),
                      field("events", &MarketBatch::events),     field("options", &MarketBatch::options),
                      field("news", &MarketBatch::news),         field("dropped", &MarketBatch::dropped),
                      field("actions", &MarketBatch::actions)};
  }
};

}  // namespace tradebus
