#include "tests/venues/massive/recorded.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <memory>
#include <stdexcept>

namespace tradebus::massive_sim {
namespace {

struct CloseGzip {
  void operator()(gzFile file) const { gzclose(file); }
};
using Gzip = std::unique_ptr<std::remove_pointer_t<gzFile>, CloseGzip>;

std::vector<std::string_view> fields_of(std::string_view line) {
  std::vector<std::string_view> out;
  while (true) {
    const std::size_t comma = line.find(',');
    out.push_back(line.substr(0, comma));
    if (comma == std::string_view::npos) return out;
    line.remove_prefix(comma + 1);
  }
}

// The columns of a header by name.
struct Columns {
  std::vector<std::string> names;

  std::size_t find(std::string_view name) const {
    return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
  }
  bool has(std::string_view name) const { return find(name) < names.size(); }
};

struct Row {
  const Columns& columns;
  std::vector<std::string_view> fields;

  std::string_view text(std::string_view name) const {
    const std::size_t i = columns.find(name);
    return i < fields.size() ? fields[i] : std::string_view{};
  }
  template <class T>
  T number(std::string_view name) const {
    const std::string_view from = text(name);
    T out{};
    if (from.empty()) return out;
    const auto [end, error] = std::from_chars(from.data(), from.data() + from.size(), out);
    if (error != std::errc{} || end != from.data() + from.size()) {
      throw std::runtime_error("column " + std::string(name) + " is no number: " + std::string(from));
    }
    return out;
  }
};

template <class T>
std::vector<T> within(const std::vector<T>& rows, Ns from, Ns to) {
  const auto before = [](const T& row, Ns time) { return row.time < time; };
  const auto first = std::lower_bound(rows.begin(), rows.end(), from, before);
  return {first, std::lower_bound(first, rows.end(), to, before)};
}

Ms to_ms_up(Ns time) { return time / ns_per_ms + (time % ns_per_ms > 0 ? 1 : 0); }

}  // namespace

std::string venue_ticker(std::string_view symbol) {
  std::string option = "O:" + std::string(symbol);
  return parse_contract(option) ? option : std::string(symbol);
}

RecordedMarket::RecordedMarket(const std::vector<std::string>& files) : extent_{std::numeric_limits<Ns>::max(), 0} {
  for (const std::string& file : files) read(file);
  if (series_.empty()) throw std::runtime_error("the recordings hold no row: give files of quotes, trades or bars");
  for (auto& [ticker, series] : series_) {
    const auto by_time = [](const auto& a, const auto& b) { return a.time < b.time; };
    std::stable_sort(series.trades.begin(), series.trades.end(), by_time);
    std::stable_sort(series.quotes.begin(), series.quotes.end(), by_time);
    for (auto* bars : {&series.seconds, &series.minutes, &series.days})
      std::stable_sort(bars->begin(), bars->end(), by_time);
    if (auto contract = parse_contract(ticker)) {
      contracts_.push_back(std::move(*contract));
      continue;
    }
    Listing& listing = listings_.emplace_back();
    listing.ticker = ticker;
    listing.name = ticker + " of a recording";
    listing.type = "CS";
    listing.exchange = "XNAS";
    listing.figi = "BBG000000000";
    listing.share_class_figi = "BBG001000000";
  }
  std::sort(listings_.begin(), listings_.end(), [](const Listing& a, const Listing& b) { return a.ticker < b.ticker; });
  std::sort(contracts_.begin(), contracts_.end(), [](const Contract& a, const Contract& b) {
    return std::tuple(a.expiry, !a.call, a.strike) < std::tuple(b.expiry, !b.call, b.strike);
  });
  for (Listing& listing : listings_) {
    listing.optionable = std::any_of(contracts_.begin(), contracts_.end(),
                                     [&](const Contract& x) { return x.underlying == listing.ticker; });
  }
}

void RecordedMarket::read(const std::string& name) {
  const Gzip file{gzopen(name.c_str(), "rb")};
  if (!file) throw std::runtime_error(name + ": can't be opened");
  std::array<char, 4096> buffer{};
  Columns columns;
  for (std::size_t number = 1; gzgets(file.get(), buffer.data(), static_cast<int>(buffer.size())) != nullptr;
       ++number) {
    std::string_view line = buffer.data();
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    if (columns.names.empty()) {
      for (const auto field : fields_of(line)) columns.names.emplace_back(field);
      if (!columns.has("ts_ns") || !columns.has("symbol"))
        throw std::runtime_error(name + ": the header has no ts_ns and symbol");
      continue;
    }
    try {
      if (++rows_ > rows_max) throw std::runtime_error("more rows than " + std::to_string(rows_max));
      const Row row{columns, fields_of(line)};
      const Ns time = row.number<Ns>("ts_ns");
      const std::string ticker = venue_ticker(row.text("symbol"));
      Series& series = series_[ticker];
      extent_ = {std::min(extent_.from, time), std::max(extent_.to, time + 1)};
      const auto sequence = static_cast<std::int64_t>(rows_);
      if (columns.has("bid")) {
        series.quotes.push_back({time, row.number<double>("bid"), row.number<double>("ask"),
                                 row.number<double>("bid_size"), row.number<double>("ask_size"), sequence, 11, 12, 3,
                                 1});
      } else if (columns.has("price")) {
        series.trades.push_back(
            {time, row.number<double>("price"), row.number<double>("size"), sequence, sequence, 4, 3, -1, -1});
      } else if (columns.has("timeframe")) {
        const std::string_view frame = row.text("timeframe");
        auto* bars = frame == "1s"   ? &series.seconds
                     : frame == "1m" ? &series.minutes
                     : frame == "1d" ? &series.days
                                     : nullptr;
        if (bars == nullptr) continue;  // longer ones are built
        Bar bar{time / ns_per_ms,
                row.number<double>("open"),
                row.number<double>("high"),
                row.number<double>("low"),
                row.number<double>("close"),
                row.number<double>("volume"),
                0,
                1};
        bar.vwap = bar.close;
        if (bars == &series.days) bar.time = midnight(day_of(bar.time + 12 * 60 * ms_per_minute));
        bars->push_back(bar);
      }
    } catch (const std::runtime_error& error) {
      throw std::runtime_error(name + " line " + std::to_string(number) + ": " + error.what());
    }
  }
}

const RecordedMarket::Series* RecordedMarket::find(std::string_view ticker) const {
  const auto found = series_.find(std::string(ticker));
  return found == series_.end() ? nullptr : &found->second;
}

std::vector<Trade> RecordedMarket::trades(std::string_view ticker, Span span) const {
  const Series* series = find(ticker);
  return series == nullptr ? std::vector<Trade>{} : within(series->trades, span.from, span.to);
}

std::vector<Quote> RecordedMarket::quotes(std::string_view ticker, Span span) const {
  const Series* series = find(ticker);
  return series == nullptr ? std::vector<Quote>{} : within(series->quotes, span.from, span.to);
}

std::vector<Bar> RecordedMarket::seconds(std::string_view ticker, Span span) const {
  const Series* series = find(ticker);
  if (series == nullptr || series->seconds.empty()) return Market::seconds(ticker, span);
  return within(series->seconds, to_ms_up(span.from), to_ms_up(span.to));
}

std::vector<Bar> RecordedMarket::minutes(std::string_view ticker, Span span) const {
  const Series* series = find(ticker);
  if (series == nullptr || series->minutes.empty()) return Market::minutes(ticker, span);
  return within(series->minutes, to_ms_up(span.from), to_ms_up(span.to));
}

std::optional<Bar> RecordedMarket::recorded_day(std::string_view ticker, Day day) const {
  const Series* series = find(ticker);
  if (series == nullptr) return std::nullopt;
  const Ms time = midnight(day);
  const auto found =
      std::find_if(series->days.begin(), series->days.end(), [&](const Bar& bar) { return bar.time == time; });
  return found == series->days.end() ? std::nullopt : std::optional{*found};
}

std::vector<Contract> RecordedMarket::contracts(std::string_view underlying, Day day) const {
  std::vector<Contract> out;
  std::copy_if(contracts_.begin(), contracts_.end(), std::back_inserter(out),
               [&](const Contract& x) { return x.underlying == underlying && x.expiry >= day; });
  return out;
}

}  // namespace tradebus::massive_sim
