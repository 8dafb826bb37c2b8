#include "actors/providers/massive/stream/decoder.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <span>
#include <vector>

#include "actors/providers/massive/conditions.hpp"
#include "actors/providers/massive/stream/numbers.hpp"

namespace tradebus::massive::stream {

namespace od = simdjson::ondemand;

namespace {

constexpr std::size_t conditions_max = 16;  // a tape gives four
constexpr std::size_t kept_buffer_bytes = 4'194'304;

// Up to its closing quote; longer keys than any that we know end early, and match none.
std::string_view key_text(const char* raw) {
  constexpr std::size_t longest = 8;
  std::size_t size = 0;
  while (size < longest && raw[size] != '"') ++size;
  return {raw, size};
}

constexpr std::string_view blanks = " \t\r\n";

std::string_view trimmed(std::string_view token) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!token.empty() && is_blank(token.back())) token.remove_suffix(1);
  return token;
}

// The decimal text where there is one (fractional shares), else the number. None: zero.
Read read_size(std::string_view exact, std::string_view plain, Quantity& size) {
  auto found = stream::read(exact, size);
  if (found == Read::absent) found = stream::read(plain, size);
  return size.is_negative() ? Read::bad : found;
}

// Without escapes: as it stands there.
bool is_plain_text(std::string_view token) {
  if (token.size() < 2 || token.front() != '"' || token.back() != '"') return false;
  for (const char c : token)  // short ones: no call
    if (c == '\\') return false;
  return true;
}

constexpr std::uint8_t flag(bool on, std::uint8_t bit) { return on ? bit : std::uint8_t{0}; }

}  // namespace

struct Decoder::Parser {
  od::parser parser;
  std::vector<char> buffer;
};

// One event's values as they stand in the text. A key means different things in different events.
struct Decoder::Fields {
  std::string_view ev, sym, status, message;  // texts, without quotes
  std::string_view p, s, ds, t, e;            // the others: JSON tokens, empty when absent
  std::string_view bp, bs, ap, as;
  std::string_view o, h, l, c, v, dv;
  std::array<std::int32_t, conditions_max> conditions;
  std::size_t condition_count = 0;
  bool is_bad = false;

  // `end`: of the frame.
  void read(od::object& object, const char* end);
  Outcome market_event(Channel channel, MarketEvent& event) const;

 private:
  std::string_view* place_of(std::string_view key);
  std::string_view* text_of(std::string_view key);
  void read_conditions(std::string_view text);
  void read_escaped(od::object& object);
  Outcome trade(MarketEvent& event) const;
  Outcome quote(MarketEvent& event) const;
  Outcome bar(StreamKind kind, MarketEvent& event) const;
};

// A list of whole numbers as it stands there, "[0,12]"; `text` begins with it and goes on.
void Decoder::Fields::read_conditions(std::string_view text) {
  const auto end = text.find(']');
  auto list = end == std::string_view::npos ? std::string_view{} : text.substr(1, end - 1);
  is_bad = is_bad || end == std::string_view::npos;
  while (!is_bad && !list.empty()) {
    auto item = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), item.size() + 1));
    item = trimmed(item);
    item.remove_prefix(std::min(item.size(), item.find_first_not_of(blanks)));
    std::int64_t number = 0;
    const auto found = stream::read(item, number);
    if (found == Read::absent) continue;
    is_bad = found == Read::bad || number < 0 || number > std::numeric_limits<std::int32_t>::max();
    if (!is_bad && condition_count < conditions_max) conditions[condition_count++] = static_cast<std::int32_t>(number);
  }
}

// Texts with escapes; rare.
void Decoder::Fields::read_escaped(od::object& object) {
  if (object.reset().error() != simdjson::SUCCESS) is_bad = true;
  for (auto each : object) {
    od::field field;
    if (std::move(each).get(field) != simdjson::SUCCESS) is_bad = true;
    if (is_bad) return;
    auto* words = text_of(key_text(field.key().raw()));
    if (words == nullptr || is_plain_text(trimmed(field.value().raw_json_token()))) continue;
    if (field.value().get_string().get(*words) != simdjson::SUCCESS) is_bad = true;
  }
}

std::string_view* Decoder::Fields::text_of(std::string_view key) {
  if (key == "ev") return &ev;
  if (key == "sym") return &sym;
  if (key == "status") return &status;
  if (key == "message") return &message;
  return nullptr;
}

std::string_view* Decoder::Fields::place_of(std::string_view key) {
  const auto two = [&key](char first, char second) { return key.size() == 2 && key[0] == first && key[1] == second; };
  if (key.size() == 1) {
    switch (key[0]) {
      case 'p':
        return &p;
      case 's':
        return &s;
      case 't':
        return &t;
      case 'c':
        return &c;
      case 'e':
        return &e;
      case 'o':
        return &o;
      case 'h':
        return &h;
      case 'l':
        return &l;
      case 'v':
        return &v;
      default:
        return nullptr;
    }
  }
  if (two('b', 'p')) return &bp;
  if (two('b', 's')) return &bs;
  if (two('a', 'p')) return &ap;
  if (two('a', 's')) return &as;
  if (two('d', 's')) return &ds;
  if (two('d', 'v')) return &dv;
  return nullptr;
}

void Decoder::Fields::read(od::object& object, const char* end) {
  bool has_escapes = false;
  for (auto field : object) {
    // The value's address goes nowhere, so that it stays in registers: this loop is most of the work.
    od::raw_json_string name;
    od::value value;
    if (field.key().get(name) != simdjson::SUCCESS || field.value().get(value) != simdjson::SUCCESS) {
      is_bad = true;
      return;
    }
    const auto token = trimmed(value.raw_json_token());
    const auto key = key_text(name.raw());
    if (auto* place = place_of(key)) {
      *place = token;
      if (place == &c && token.starts_with('['))
        read_conditions({token.data(), static_cast<std::size_t>(end - token.data())});
    } else if (auto* words = text_of(key)) {
      if (is_plain_text(token))
        *words = token.substr(1, token.size() - 2);
      else if (token.starts_with('"'))
        has_escapes = true;
      else if (token != "null")
        is_bad = true;
    }
    if (is_bad) return;
  }
  if (has_escapes) read_escaped(object);
}

Decoder::Decoder(Topics& topics, Quality quality)
    : topics_{topics}, quality_{quality}, parser_{std::make_unique<Parser>()} {}
Decoder::~Decoder() = default;

bool Decoder::decode(std::string_view frame, Timestamp rx, FrameSink& sink) {
  ++counters_.frames;
  counters_.bytes += frame.size();
  has_data_ = false;
  auto& buffer = parser_->buffer;
  const auto room = frame.size() + simdjson::SIMDJSON_PADDING;
  if (buffer.size() < room || (buffer.size() > kept_buffer_bytes && room <= kept_buffer_bytes)) {
    buffer = std::vector<char>(std::max(room, std::size_t{65'536}));
  }
  if (!frame.empty()) std::memcpy(buffer.data(), frame.data(), frame.size());
  std::memset(buffer.data() + frame.size(), ' ', simdjson::SIMDJSON_PADDING);

  const char* end = buffer.data() + frame.size();
  od::document document;
  od::array events;
  if (parser_->parser.iterate(buffer.data(), frame.size(), buffer.size()).get(document) != simdjson::SUCCESS ||
      document.get_array().get(events) != simdjson::SUCCESS) {
    ++counters_.bad_frames;
    return false;
  }
  for (auto element : events) {
    od::value value;
    if (element.get(value) != simdjson::SUCCESS) {
      ++counters_.bad_frames;
      break;
    }
    od::object object;
    if (value.get_object().get(object) != simdjson::SUCCESS) {
      ++counters_.bad_events;
      continue;
    }
    Fields fields;
    fields.read(object, end);
    take(fields, rx, sink);
  }
  return has_data_;
}

Topic* Decoder::wanted_topic(Channel channel, std::string_view symbol) {
  const auto id = topics_.find(channel, symbol);
  if (id != Topics::none) {
    auto& topic = topics_[id];
    const bool is_asked =
        topic.stage == Topic::Stage::held || topic.stage == Topic::Stage::asked || topic.stage == Topic::Stage::suspect;
    if (is_asked) topic.has_data = true;
    if (is_asked && topic.wanted) return &topic;
  }
  ++counters_.unwanted;
  return nullptr;
}

// Trades that the tape corrects or takes back, and records that change neither a price nor the volume (official opens
// and closes), are no trades.
Decoder::Outcome Decoder::Fields::trade(MarketEvent& event) const {
  std::int64_t correction = 0;
  if (stream::read(e, correction) == Read::bad) return Outcome::bad;
  if (stream::read(p, event.price[0]) != Read::good || !event.price[0].is_positive()) return Outcome::bad;
  if (read_size(ds, s, event.qty[0]) == Read::bad || read_ms(t, event.ts) != Read::good) return Outcome::bad;
  if (correction != 0) return Outcome::nothing;
  event.kind = StreamKind::trade;
  std::int32_t single = 0;
  std::span<const std::int32_t> all{conditions.data(), condition_count};
  if (!c.empty() && c.front() != '[') {  // one alone may come without its list
    std::int64_t number = 0;
    const auto found = stream::read(c, number);
    if (found == Read::bad || number < 0 || number > std::numeric_limits<std::int32_t>::max()) return Outcome::bad;
    single = static_cast<std::int32_t>(number);
    if (found == Read::good) all = {&single, 1};
  }
  if (all.empty()) return Outcome::event;
  const bool last = updates_last(all);
  const bool high_low = updates_high_low(all);
  const bool volume = updates_volume(all);
  if (!last && !high_low && !volume) return Outcome::nothing;
  event.flags =
      static_cast<std::uint8_t>(flag(!last, MarketEvent::not_last) | flag(!high_low, MarketEvent::not_high_low) |
                                flag(!volume, MarketEvent::not_volume));
  return Outcome::event;
}

// A side without a price has no size either: nobody quotes there.
Decoder::Outcome Decoder::Fields::quote(MarketEvent& event) const {
  event.kind = StreamKind::quote;
  const auto side = [&event](std::string_view price, std::string_view size, std::size_t i, std::uint8_t has_price,
                             std::uint8_t has_size) {
    const auto found = stream::read(price, event.price[i]);
    const auto sized = stream::read(size, event.qty[i]);
    if (found == Read::bad || event.price[i].is_negative() || sized == Read::bad || event.qty[i].is_negative())
      return false;
    if (event.price[i].is_zero())
      event.qty[i] = {};
    else
      event.flags = static_cast<std::uint8_t>(event.flags | has_price | flag(sized == Read::good, has_size));
    return true;
  };
  return side(bp, bs, 0, MarketEvent::has_bid, MarketEvent::has_bid_size) &&
                 side(ap, as, 1, MarketEvent::has_ask, MarketEvent::has_ask_size) && read_ms(t, event.ts) == Read::good
             ? Outcome::event
             : Outcome::bad;
}

// How long it lasted says what it is: the venue has been seen to call a second's bar AM.
Decoder::Outcome Decoder::Fields::bar(StreamKind kind, MarketEvent& event) const {
  const std::array<std::string_view, 4> prices{o, h, l, c};
  for (std::size_t i = 0; i < prices.size(); ++i) {
    if (stream::read(prices[i], event.price[i]) != Read::good || !event.price[i].is_positive()) return Outcome::bad;
  }
  Timestamp end{};
  const auto ended = read_ms(e, end);
  if (read_size(dv, v, event.qty[0]) == Read::bad || read_ms(s, event.ts) != Read::good || ended == Read::bad)
    return Outcome::bad;
  event.kind = kind;
  if (ended == Read::good && end - event.ts == std::chrono::seconds{1}) event.kind = StreamKind::bar_1s;
  if (ended == Read::good && end - event.ts == std::chrono::minutes{1}) event.kind = StreamKind::bar_1m;
  event.flags = MarketEvent::bar_final;
  return Outcome::event;
}

Decoder::Outcome Decoder::Fields::market_event(Channel channel, MarketEvent& event) const {
  if (sym.empty()) return Outcome::bad;
  switch (channel) {
    case Channel::trade:
      return trade(event);
    case Channel::quote:
      return quote(event);
    case Channel::second_bar:
      return bar(StreamKind::bar_1s, event);
    case Channel::minute_bar:
      return bar(StreamKind::bar_1m, event);
  }
  return Outcome::bad;
}

void Decoder::take(const Fields& fields, Timestamp rx, FrameSink& sink) {
  const auto& ev = fields.ev;
  if (fields.is_bad || ev.empty()) {
    ++counters_.bad_events;
    return;
  }
  if (ev == "status") {
    ++counters_.statuses;
    return sink.on_status(fields.status, fields.message);
  }
  const auto channel = channel_from(ev);
  if (!channel) {
    const bool is_known = ev == "LULD" || ev == "NOI" || ev == "FMV" || ev == "LV";
    ++(is_known ? counters_.ignored : counters_.unknown);
    return;
  }
  static constexpr MarketEvent blank{};  // copied faster than cleared
  MarketEvent event = blank;
  switch (fields.market_event(*channel, event)) {
    case Outcome::bad:
      ++counters_.bad_events;
      return;
    case Outcome::nothing:
      ++counters_.no_trades;
      return;
    case Outcome::event:
      break;
  }
  auto* topic = wanted_topic(*channel_of(event.kind), fields.sym);
  if (topic == nullptr) return;
  event.ref = topic->ref;
  event.rx = rx;
  event.quality = quality_;
  count(event, *topic);
  has_data_ = true;
  sink.on_event(event);
}

void Decoder::count(const MarketEvent& event, Topic& topic) {
  if (event.kind == StreamKind::quote) {
    ++counters_.quotes;
  } else if (event.kind == StreamKind::trade) {
    ++counters_.trades;
    if ((event.flags & MarketEvent::not_last) != 0) ++counters_.trades_not_last;
  } else {
    ++counters_.bars;
    if (unix_ns(event.ts) <= topic.last_bar) ++counters_.bars_revised;
    topic.last_bar = std::max(topic.last_bar, unix_ns(event.ts));
  }
}

}  // namespace tradebus::massive::stream
