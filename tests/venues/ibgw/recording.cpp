#include <zlib.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <stdexcept>

#include "tests/venues/ibgw/market.hpp"

namespace tradebus::ibgw_sim {
namespace {

constexpr std::size_t rows_max = 5'000'000;

struct CloseGz {
  void operator()(gzFile file) const { gzclose(file); }
};

bool read_line(gzFile file, std::string& line) {
  line.clear();
  for (int c = gzgetc(file); c != -1; c = gzgetc(file)) {
    if (c == '\n') return true;
    line.push_back(static_cast<char>(c));
  }
  return !line.empty();
}

std::vector<std::string> cells(const std::string& line) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at <= line.size();) {
    const std::size_t end = std::min(line.find(',', at), line.size());
    out.push_back(line.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

class Columns {
 public:
  explicit Columns(const std::string& header) : names_(cells(header)) {}
  bool has(std::string_view name) const { return std::find(names_.begin(), names_.end(), name) != names_.end(); }
  const std::string& get(const std::vector<std::string>& row, std::string_view name) const {
    const auto at = std::find(names_.begin(), names_.end(), name) - names_.begin();
    if (static_cast<std::size_t>(at) >= row.size()) throw std::runtime_error("no " + std::string(name));
    return row[static_cast<std::size_t>(at)];
  }

 private:
  std::vector<std::string> names_;
};

std::optional<Num> number(const std::string& text) {
  if (text.empty()) return std::nullopt;
  const auto value = Num::parse(text);
  if (!value) throw std::runtime_error("no number: " + text);
  return value;
}

Row parse(const Columns& columns, const std::vector<std::string>& row, bool trades) {
  Row out;
  const std::string& time = columns.get(row, "ts_ns");
  if (std::from_chars(time.data(), time.data() + time.size(), out.ts).ec != std::errc{})
    throw std::runtime_error("no time: " + time);
  out.trade = trades;
  if (trades) {
    out.bid = number(columns.get(row, "price"));
    out.bid_size = number(columns.get(row, "size")).value_or(Num{});
    if (!out.bid) throw std::runtime_error("a trade without a price");
    return out;
  }
  out.bid = number(columns.get(row, "bid"));
  out.ask = number(columns.get(row, "ask"));
  out.bid_size = number(columns.get(row, "bid_size")).value_or(Num{});
  out.ask_size = number(columns.get(row, "ask_size")).value_or(Num{});
  return out;
}

}  // namespace

Recording read_recording(const std::vector<std::string>& files, const Contracts& contracts) {
  Recording out;
  for (const std::string& name : files) {
    const std::unique_ptr<gzFile_s, CloseGz> file(gzopen(name.c_str(), "rb"));
    if (!file) throw std::runtime_error("can't read the recording " + name);
    std::string line;
    read_line(file.get(), line);
    const Columns columns{line};
    const bool trades = columns.has("price") && columns.has("size");
    if (!columns.has("ts_ns") || !columns.has("symbol") || (!trades && !columns.has("bid")))
      throw std::runtime_error(name + ":1: neither quotes nor trades (ts_ns,symbol,bid,bid_size,ask,ask_size)");
    for (std::size_t i = 2; read_line(file.get(), line); ++i) {
      if (line.empty()) continue;
      if (out.rows.size() == rows_max) throw std::runtime_error("more than 5 million rows in the recordings");
      try {
        const auto row = cells(line);
        const Contract* contract = contracts.by_symbol(columns.get(row, "symbol"));
        Row parsed = parse(columns, row, trades);
        if (contract == nullptr) {
          ++out.unknown;
        } else {
          parsed.con_id = contract->con_id;
          out.rows.push_back(parsed);
        }
      } catch (const std::exception& error) {
        throw std::runtime_error(name + ':' + std::to_string(i) + ": " + error.what());
      }
    }
  }
  std::stable_sort(out.rows.begin(), out.rows.end(), [](const Row& a, const Row& b) { return a.ts < b.ts; });
  return out;
}

}  // namespace tradebus::ibgw_sim
