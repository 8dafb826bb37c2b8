#include "actors/providers/massive/stream/decoder.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

#include "actors/providers/massive/conditions.hpp"
#include "actors/providers/massive/stream/numbers.hpp"

namespace tradebus::massive {

namespace json = simdjson::ondemand;

namespace {

constexpr std::size_t conditions_max = 16;  // a tape gives four
constexpr std::size_t kept_buffer_bytes = 4'194'304;

constexpr std::uint32_t key_code(std::string_view key) {
  std::uint32_t code = 0;
  for (const char c : key) code = code << 8U | static_cast<unsigned char>(c);
  return code;
}

// Up to its closing quote; longer keys than any that we know end early, and match none.
std::string_view key_text(const char* raw) {
  constexpr std::size_t longest = 8;
  std::size_t size = 0;
  while (size < longest && raw[size] != '"') ++size;
  return {raw, size};
}

std::string_view trimmed(std::string_view token) {
  while (!token.empty() && (token.back() == ' ' || token.back() == '\n' || token.back() == '\r' || token.back() == '\t'))
    token.remove_suffix(1);
  return token;
}

constexpr std::uint8_t flag(bool on, std::uint8_t bit) { return on ? bit : std::uint8_t{0}; }

}  // namespace

struct Decoder::Parser {
  json::parser parser;
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

  void read(json::object& object);
  void read_field(std::string_view key, json::value& value);
  void read_conditions(json::value& value);
  std::string_view text(json::value& value);
};

std::string_view Decoder::Fields::text(json::value& value) {
  const auto token = trimmed(value.raw_json_token());
  if (token == "null") return {};
  if (token.size() < 2 || token.front() != '"') {
    is_bad = true;
    return {};
  }
  if (token.find('\\') == std::string_view::npos && token.back() == '"') return token.substr(1, token.size() - 2);
  std::string_view out;
  if (value.get_string().get(out) != simdjson::SUCCESS) is_bad = true;
  return out;
}

void Decoder::Fields::read_conditions(json::value& value) {
  json::array list;
  if (value.get_array().get(list) != simdjson::SUCCESS) {
    is_bad = true;
    return;
  }
  for (auto element : list) {
    json::value item;
    std::int64_t number = 0;
    if (element.get(item) != simdjson::SUCCESS) {
      is_bad = true;
      return;
    }
    const auto found = massive::read(trimmed(item.raw_json_token()), number);
    if (found == Read::absent) continue;
    if (found == Read::bad || number < 0 || number > std::numeric_limits<std::int32_t>::max()) {
      is_bad = true;
      return;
    }
    if (condition_count < conditions_max) conditions[condition_count++] = static_cast<std::int32_t>(number);
  }
}

void Decoder::Fields::read_field(std::string_view key, json::value& value) {
  if (key.size() > 3) {
    if (key == "status") status = text(value);
    if (key == "message") message = text(value);
    return;
  }
  std::string_view* place = nullptr;
  switch (key_code(key)) {
    case key_code("ev"):
      ev = text(value);
      return;
    case key_code("sym"):
      sym = text(value);
      return;
    case key_code("p"):
      place = &p;
      break;
    case key_code("s"):
      place = &s;
      break;
    case key_code("ds"):
      place = &ds;
      break;
    case key_code("t"):
      place = &t;
      break;
    case key_code("e"):
      place = &e;
      break;
    case key_code("bp"):
      place = &bp;
      break;
    case key_code("bs"):
      place = &bs;
      break;
    case key_code("ap"):
      place = &ap;
      break;
    case key_code("as"):
      place = &as;
      break;
    case key_code("o"):
      place = &o;
      break;
    case key_code("h"):
      place = &h;
      break;
    case key_code("l"):
      place = &l;
      break;
    case key_code("c"):
      place = &c;
      break;
    case key_code("v"):
      place = &v;
      break;
    case key_code("dv"):
      place = &dv;
      break;
    default:
      return;
  }
  *place = trimmed(value.raw_json_token());
  if (place == &c && place->starts_with('[')) read_conditions(value);
}

void Decoder::Fields::read(json::object& object) {
  for (auto field : object) {
    json::raw_json_string key;
    json::value value;
    if (field.key().get(key) != simdjson::SUCCESS || field.value().get(value) != simdjson::SUCCESS) {
      is_bad = true;
      return;
    }
    read_field(key_text(key.raw()), value);
    if (is_bad) return;
  }
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
  std::memcpy(buffer.data(), frame.data(), frame.size());
  std::memset(buffer.data() + frame.size(), ' ', simdjson::SIMDJSON_PADDING);

  json::document document;
  json::array events;
  if (parser_->parser.iterate(buffer.data(), frame.size(), buffer.size()).get(document) != simdjson::SUCCESS ||
      document.get_array().get(events) != simdjson::SUCCESS) {
    ++counters_.bad_frames;
    return false;
  }
  for (auto element : events) {
    json::value value;
    if (element.get(value) != simdjson::SUCCESS) {
      ++counters_.bad_frames;
      break;
    }
    json::object object;
    if (value.get_object().get(object) != simdjson::SUCCESS) {
      ++counters_.bad_events;
      continue;
    }
    Fields fields;
    fields.read(object);
    take(fields, rx, sink);
  }
  return has_data_;
}

Topic* Decoder::wanted_topic(Channel channel, std::string_view symbol) {
  const auto id = topics_.find(channel, symbol);
  if (id != Topics::none) {
    auto& topic = topics_[id];
    const bool is_asked = topic.stage == Topic::Stage::held || topic.stage == Topic::Stage::asked ||
                          topic.stage == Topic::Stage::suspect;
    if (is_asked) topic.has_data = true;
    if (is_asked && topic.wanted) return &topic;
  }
  ++counters_.unwanted;
  return nullptr;
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
  MarketEvent event;
  event.quality = quality_;
  event.rx = rx;
  bool is_good = !fields.sym.empty();
  if (is_good) {
    switch (*channel) {
      case Channel::trade:
        event.kind = StreamKind::trade;
        is_good = take_trade(fields, event);
        break;
      case Channel::quote:
        event.kind = StreamKind::quote;
        is_good = take_quote(fields, event);
        break;
      case Channel::second_bar:
      case Channel::minute_bar:
        event.kind = *channel == Channel::second_bar ? StreamKind::bar_1s : StreamKind::bar_1m;
        is_good = take_bar(fields, event);
        break;
    }
  }
  if (!is_good) {
    ++counters_.bad_events;
    return;
  }
  if (event.kind == StreamKind::option) return;  // no trade after all
  auto* topic = wanted_topic(*channel_of(event.kind), fields.sym);
  if (topic == nullptr) return;
  event.ref = topic->ref;
  if (event.kind == StreamKind::quote) {
    ++counters_.quotes;
  } else if (event.kind == StreamKind::trade) {
    ++counters_.trades;
    if ((event.flags & MarketEvent::not_last) != 0) ++counters_.trades_not_last;
  } else {
    ++counters_.bars;
    if (unix_ns(event.ts) <= topic->last_bar) ++counters_.bars_revised;
    topic->last_bar = std::max(topic->last_bar, unix_ns(event.ts));
  }
  has_data_ = true;
  sink.on_event(event);
}

}  // namespace tradebus::massive
