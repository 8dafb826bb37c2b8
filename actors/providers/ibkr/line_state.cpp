#include "actors/providers/ibkr/line_state.hpp"

#include <array>
#include <cmath>
#include <utility>

#include "actors/brokers/ibkr/wire/numbers.hpp"
#include "actors/brokers/ibkr/wire/tick_types.hpp"
#include "actors/brokers/ibkr/wire/venue_time.hpp"

namespace tradebus::ibkr::data {

namespace tick = wire::tick;

namespace {

// The nearest price of nine decimals; greeks and their underlying are no exact values at the venue either.
std::optional<Price> to_price(std::optional<double> value) {
  constexpr double limit = 9e9;
  if (!value || !(*value > 0) || *value > limit) return std::nullopt;
  return Price::from_raw(std::llround(*value * static_cast<double>(Price::scale)));
}

std::optional<Timestamp> to_time(std::string_view text, std::optional<Timestamp> (*from)(std::int64_t)) {
  std::int64_t count = 0;
  if (wire::parse(text, count) != wire::Parsed::good || count <= 0) return std::nullopt;
  return from(count);
}

}  // namespace

// Delayed prices are known by their type as well as by message 58.
void LineState::note(std::int32_t type) {
  if (wire::is_delayed(type)) quality_ = Quality::delayed;
}

void LineState::take(const wire::MarketDataType& m) {
  const auto before = quality_;
  switch (m.type) {
    case 2:
      quality_ = Quality::frozen;
      break;
    case 3:
    case 4:
      quality_ = Quality::delayed;
      break;
    default:  // numbers of the venue
      quality_ = Quality::live;
  }
  if (quality_ != before && has_quote()) is_quote_news_ = is_option_news_ = true;
}

void LineState::set_price(std::optional<Price>& side, std::optional<Quantity>& size, const wire::TickPrice& m,
                          bool& news) {
  const bool is_there = m.has_data() && m.price.is_positive();
  const auto price = is_there ? std::optional{m.price} : std::nullopt;
  const auto with = is_there ? std::optional{m.size} : std::nullopt;
  if (side == price && size == with) return;
  side = price;
  size = with;
  news = true;
}

void LineState::take(const wire::TickPrice& m) {
  note(m.type);
  switch (wire::live_tick(m.type)) {
    case tick::bid:
      set_price(bid_, bid_size_, m, is_quote_news_);
      break;
    case tick::ask:
      set_price(ask_, ask_size_, m, is_quote_news_);
      break;
    case tick::last:
      set_price(last_, last_size_, m, is_last_news_);
      break;
    default:  // highs, lows, closes: nobody streams them
      return;
  }
  is_option_news_ = is_option_news_ || is_quote_news_ || is_last_news_;
}

void LineState::take(const wire::TickSize& m) {
  note(m.type);
  const auto set = [&](std::optional<Quantity>& size, bool& news) {
    if (size == m.size) return;
    size = m.size;
    news = is_option_news_ = true;
  };
  switch (wire::live_tick(m.type)) {
    case tick::bid_size:
      if (bid_) set(bid_size_, is_quote_news_);
      break;
    case tick::ask_size:
      if (ask_) set(ask_size_, is_quote_news_);
      break;
    case tick::last_size:
      if (last_) set(last_size_, is_last_news_);
      break;
    case tick::volume:
      set(volume_, is_option_news_);
      break;
    case tick::call_open_interest:
      if (right_ == OptionRight::call) set(open_interest_, is_option_news_);
      break;
    case tick::put_open_interest:
      if (right_ == OptionRight::put) set(open_interest_, is_option_news_);
      break;
    default:  // numbers of the venue
      break;
  }
}

void LineState::take(const wire::TickString& m) {
  note(m.type);
  const auto type = wire::live_tick(m.type);
  if (type == tick::rt_volume)
    take_rt_volume(m.text);
  else if (type == tick::last_timestamp)
    last_time_ = to_time(m.text, wire::from_seconds);
}

// price;size;timeMs;totalVolume;vwap;singleTrade
void LineState::take_rt_volume(std::string_view text) {
  std::array<std::string_view, 4> parts;
  for (auto& part : parts) {
    const auto end = text.find(';');
    part = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  Sale sale;
  Quantity total;
  const bool has_total = wire::parse(parts[3], total) == wire::Parsed::good;
  const bool is_repeated = has_total && rt_total_ && total <= *rt_total_;
  if (has_total) rt_total_ = total;
  if (is_repeated || wire::parse(parts[0], sale.price) != wire::Parsed::good || !sale.price.is_positive()) return;
  if (wire::parse(parts[1], sale.size) != wire::Parsed::good || !sale.size.is_positive()) return;
  sale.ts = to_time(parts[2], wire::from_millis);
  if ((sale.ts && *sale.ts < std::chrono::floor<std::chrono::seconds>(opened_)) || sales_.size() >= sales_max) return;
  sales_.push_back(sale);
}

void LineState::take(const wire::TickOption& m) {
  note(m.type);
  if (wire::live_tick(m.type) != tick::model_option) return;
  model_ = m;
  is_option_news_ = true;
}

MarketEvent LineState::quote(TopicRef ref, Timestamp ts, Timestamp rx) const {
  MarketEvent e;
  e.kind = StreamKind::quote;
  e.quality = quality_;
  e.ref = ref;
  e.ts = ts;
  e.rx = rx;
  const auto put = [&](std::size_t side, const auto& price, const auto& size, std::uint8_t has, std::uint8_t has_size) {
    if (!price) return;
    e.flags |= has;
    e.price[side] = *price;
    if (!size) return;
    e.flags |= has_size;
    e.qty[side] = *size;
  };
  put(0, bid_, bid_size_, MarketEvent::has_bid, MarketEvent::has_bid_size);
  put(1, ask_, ask_size_, MarketEvent::has_ask, MarketEvent::has_ask_size);
  return e;
}

void LineState::fill(OptionQuote& out) const {
  out.bid = bid_;
  out.bid_size = bid_size_;
  out.ask = ask_;
  out.ask_size = ask_size_;
  out.last = last_;
  out.volume = volume_;
  out.open_interest = open_interest_;
  if (model_) {
    out.iv = model_->implied_volatility;
    out.delta = model_->delta;
    out.gamma = model_->gamma;
    out.theta = model_->theta;
    out.vega = model_->vega;
    out.underlying_price = to_price(model_->underlying_price);
  }
  if (quality_ != Quality::live) out.quality = quality_;
}

bool LineState::take_quote_news() { return std::exchange(is_quote_news_, false); }
bool LineState::take_option_news() { return std::exchange(is_option_news_, false); }

std::vector<LineState::Sale> LineState::take_sales() {
  // Live lines tell their trades in one text (48); those that are late or frozen have the last price, its size and its
  // time alone. What stood there when the line began is no trade of now.
  const bool is_last_news = std::exchange(is_last_news_, false);
  if (is_last_news && last_ && last_size_ && last_size_->is_positive() && quality_ != Quality::live) {
    if (std::exchange(has_baseline_, true) && sales_.size() < sales_max)
      sales_.push_back({last_time_, *last_, *last_size_});
  }
  return std::exchange(sales_, {});
}

}  // namespace tradebus::ibkr::data
