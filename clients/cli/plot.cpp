#include "clients/cli/plot.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "clients/cli/when.hpp"

namespace tradebus::cli {

namespace {

using client::Bar;

struct Scale {
  double low = 0;
  double high = 0;
  double rows = 0;
  double at(double price) const { return high > low ? (price - low) / (high - low) * rows : rows / 2; }
};

// The part of a candle in the cell from `y` to `y + 1`, in quarters of a cell: heavy for the body, light for the wicks.
const char* candle_cell(const Bar& bar, const Scale& scale, double y) {
  const double high = scale.at(bar.high);
  const double low = scale.at(bar.low);
  const double top = scale.at(std::max(bar.open, bar.close));
  const double bottom = scale.at(std::min(bar.open, bar.close));
  // How much of the lower and the upper half of the cell each part covers.
  auto covers = [](double from, double to, double a, double b) { return std::min(to, b) - std::max(from, a) > 0.2; };
  const bool body_low = covers(bottom, top, y, y + 0.5);
  const bool body_high = covers(bottom, top, y + 0.5, y + 1);
  const bool wick_low = covers(low, high, y, y + 0.5);
  const bool wick_high = covers(low, high, y + 0.5, y + 1);
  if (body_low && body_high) return "┃";
  if (body_low) return wick_high ? "╽" : "╻";
  if (body_high) return wick_low ? "╿" : "╹";
  const bool has_body = top - bottom > 0.2;
  const bool middle_here = (top + bottom) / 2 >= y && ((top + bottom) / 2 < y + 1 || (y + 1 >= scale.rows));
  if (!has_body && middle_here) return wick_low || wick_high ? "┿" : "━";  // opened and closed at about one price
  if (wick_low && wick_high) return "│";
  if (wick_low) return "╷";
  if (wick_high) return "╵";
  return " ";
}

std::string axis_label(double price, int decimals) {
  std::array<char, 64> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%.*f", decimals, price);
  return buffer.data();
}

int decimals_for(double span, double rows) {
  if (span <= 0) return 2;
  return std::clamp(static_cast<int>(std::ceil(-std::log10(span / rows))) + 1, 2, 9);
}

std::string time_axis(const std::vector<Bar>& bars, std::size_t indent, std::size_t columns) {
  constexpr std::int64_t day_ns = 86'400'000'000'000;
  const bool days = bars.size() > 1 && bars[1].ts - bars[0].ts >= day_ns * 9 / 10;
  auto label = [&](std::int64_t ts) {
    return days ? date_text(ts) : date_text(ts) + " " + clock_text(ts).substr(0, 5);
  };
  const auto first = label(bars.front().ts);
  const auto last = label(bars.back().ts);
  std::string line(indent, ' ');
  line += first;
  if (bars.size() > 1 && columns > first.size() + last.size() + 2) {
    line.append(columns - first.size() - last.size(), ' ');
    line += last;
  }
  return line + "\n";
}

}  // namespace

std::vector<Bar> merge_bars(const std::vector<Bar>& bars, std::size_t count) {
  if (count == 0 || bars.size() <= count) return bars;
  const auto group = (bars.size() + count - 1) / count;
  std::vector<Bar> out;
  for (std::size_t i = 0; i < bars.size(); i += group) {
    Bar merged = bars[i];
    for (std::size_t j = i + 1; j < std::min(i + group, bars.size()); ++j) {
      merged.high = std::max(merged.high, bars[j].high);
      merged.low = std::min(merged.low, bars[j].low);
      merged.close = bars[j].close;
      merged.volume += bars[j].volume;
    }
    out.push_back(merged);
  }
  return out;
}

std::string plot_candles(const std::vector<Bar>& all, PlotSize size, const Terminal& terminal) {
  if (all.empty() || size.height == 0) return {};
  Scale scale{all[0].low, all[0].high, static_cast<double>(size.height)};
  for (const auto& bar : all) {
    scale.low = std::min(scale.low, bar.low);
    scale.high = std::max(scale.high, bar.high);
  }
  const int decimals = decimals_for(scale.high - scale.low, scale.rows);
  const auto label_width = std::max(axis_label(scale.high, decimals).size(), axis_label(scale.low, decimals).size());
  const auto axis = label_width + 3;
  const auto columns = size.width > axis + 1 ? size.width - axis : 1;
  const auto bars = merge_bars(all, columns);

  std::string out;
  for (std::size_t row = size.height; row-- > 0;) {
    const auto y = static_cast<double>(row);
    const bool labeled = row + 1 == size.height || row == 0 || (size.height - 1 - row) % 4 == 0;
    const double price = scale.low + (row + 1 == size.height ? scale.rows : y) / scale.rows * (scale.high - scale.low);
    const auto label = labeled ? axis_label(row == 0 ? scale.low : price, decimals) : std::string{};
    out += std::string(label_width - std::min(label_width, label.size()), ' ') + label + (labeled ? " ┤ " : " │ ");
    std::string line;
    for (const auto& bar : bars) {
      const std::string cell = candle_cell(bar, scale, y);
      line += cell == " " ? cell : terminal.paint(cell, bar.close >= bar.open ? Color::green : Color::red);
    }
    while (line.ends_with(' ')) line.pop_back();
    out += line + "\n";
  }
  return out + time_axis(bars, axis, bars.size());
}

}  // namespace tradebus::cli
