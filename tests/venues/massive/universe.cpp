#include "tests/venues/massive/universe.hpp"

#include <cstdio>

namespace tradebus::massive_sim {
namespace {

struct TickerRow {
  const char *ticker, *name, *type, *exchange;
  double price, volatility, size;
  bool optionable;
  const char* delisted;  // "" = active
};

constexpr TickerRow rows[] = {
    {"A", "Agilent Technologies Inc.", "CS", "XNYS", 132.4, 0.28, 300, false, ""},
    {"AAPL", "Apple Inc.", "CS", "XNAS", 191.2, 0.26, 24'000, true, ""},
    {"AMD", "Advanced Micro Devices", "CS", "XNAS", 158.3, 0.45, 18'000, true, ""},
    {"AMZN", "Amazon.Com Inc", "CS", "XNAS", 183.1, 0.31, 16'000, true, ""},
    {"BAC", "Bank of America Corporation", "CS", "XNYS", 39.6, 0.24, 15'000, false, ""},
    {"BACpL", "Bank of America Corporation Non-Cumulative Perpetual Convertible Preferred Stock, Series L", "PFD",
     "XNYS", 1189.5, 0.11, 2, false, ""},
    {"BRK.A", "Berkshire Hathaway Inc.", "CS", "XNYS", 614'322, 0.15, 0.2, false, ""},
    {"BRK.B", "Berkshire Hathaway Inc. Class B", "CS", "XNYS", 409.7, 0.15, 1'100, false, ""},
    {"F", "Ford Motor Company", "CS", "XNYS", 12.1, 0.35, 21'000, true, ""},
    {"GE", "GE Aerospace", "CS", "XNYS", 161.8, 0.27, 1'900, false, ""},
    {"GOOG", "Alphabet Inc. Class C Capital Stock", "CS", "XNAS", 178.6, 0.28, 7'000, false, ""},
    {"GOOGL", "Alphabet Inc. Class A Common Stock", "CS", "XNAS", 177.1, 0.28, 10'000, true, ""},
    {"IBM", "International Business Machines Corporation", "CS", "XNYS", 171.9, 0.21, 1'300, false, ""},
    {"INTC", "Intel Corp", "CS", "XNAS", 30.8, 0.39, 20'000, true, ""},
    {"IWM", "iShares Russell 2000 ETF", "ETF", "ARCX", 201.4, 0.2, 11'000, true, ""},
    {"JPM", "JPMorgan Chase & Co.", "CS", "XNYS", 197.2, 0.2, 3'000, false, ""},
    {"KIMpL", "Kimco Realty Corporation Class L Depositary Shares", "PFD", "XNYS", 21.9, 0.12, 4, false, ""},
    {"META", "Meta Platforms, Inc. Class A Common Stock", "CS", "XNAS", 499.5, 0.34, 5'000, true, ""},
    {"MSFT", "Microsoft Corp", "CS", "XNAS", 446.1, 0.23, 7'500, true, ""},
    {"NFLX", "NetFlix Inc", "CS", "XNAS", 668.2, 0.36, 1'100, false, ""},
    {"NVDA", "Nvidia Corp", "CS", "XNAS", 126.6, 0.52, 110'000, true, ""},
    {"QQQ", "Invesco QQQ Trust, Series 1", "ETF", "XNAS", 480.2, 0.18, 14'000, true, ""},
    {"SIVBQ", "SVB Financial Group", "OTC", "OOTC", 0.0345, 0.9, 1'200, false, ""},
    {"SPY", "SPDR S&P 500 ETF Trust", "ETF", "ARCX", 544.5, 0.14, 22'000, true, ""},
    {"T", "AT&T Inc.", "CS", "XNYS", 18.3, 0.19, 12'000, false, ""},
    {"TSLA", "Tesla, Inc. Common Stock", "CS", "XNAS", 182.6, 0.55, 35'000, true, ""},
    {"TWTR", "Twitter, Inc.", "CS", "XNYS", 46.2, 0.4, 9'000, false, "2022-10-28"},
    {"XOM", "Exxon Mobil Corporation", "CS", "XNYS", 110.7, 0.22, 6'500, false, ""},
};

std::string numbered(const char* format, std::size_t n) {
  std::array<char, 64> buffer{};
  std::snprintf(buffer.data(), buffer.size(), format, n);
  return buffer.data();
}

}  // namespace

std::vector<Instrument> universe() {
  std::vector<Instrument> out;
  for (const TickerRow& row : rows) {
    const std::size_t n = out.size() + 1;
    const std::string type = row.type;
    Instrument& made = out.emplace_back();
    made.price = row.price;
    made.volatility = row.volatility;
    made.size = row.size;
    Listing& x = made.listing;
    x.ticker = row.ticker;
    x.name = row.name;
    x.otc = type == "OTC";
    x.type = x.otc ? "CS" : type;
    x.exchange = row.exchange;
    x.figi = numbered("BBG000SIM%03zu", n);
    x.share_class_figi = numbered("BBG001SIM%03zu", n);
    x.optionable = row.optionable;
    x.shares = 1e6 * static_cast<double>(100 + n * 137 % 9000);
    x.listed = from_civil(1980 + static_cast<int>(n) % 20, 1 + static_cast<int>(n) % 12, 12);
    if (*row.delisted != '\0') x.delisted = *parse_day(row.delisted);
    if (x.type != "CS") continue;
    x.cik = numbered("%010zu", 320'000 + n * 7919);
    x.description = x.name + " is a company of the simulated market: its figures are invented.";
    x.sic_code = numbered("%zu", 3000 + n * 31);
    x.sic_description = "ELECTRONIC COMPUTERS";
    x.homepage = "https://www.example.com/" + x.ticker;
    x.city = "SPRINGFIELD";
    x.state = "IL";
    x.employees = static_cast<int>(1000 * n);
  }
  return out;
}

std::vector<Split> universe_splits() {
  return {
      {"AAPL", from_civil(2014, 6, 9), 1, 7},   {"AAPL", from_civil(2020, 8, 31), 1, 4},
      {"TSLA", from_civil(2020, 8, 31), 1, 5},  {"NVDA", from_civil(2021, 7, 20), 1, 4},
      {"GE", from_civil(2021, 8, 2), 8, 1},     {"AMZN", from_civil(2022, 6, 6), 1, 20},
      {"GOOG", from_civil(2022, 7, 18), 1, 20}, {"GOOGL", from_civil(2022, 7, 18), 1, 20},
      {"TSLA", from_civil(2022, 8, 25), 1, 3},  {"NVDA", from_civil(2024, 6, 10), 1, 10},
  };
}

std::vector<Dividend> universe_dividends() {
  std::vector<Dividend> out;
  for (int year = 2019; year <= 2026; ++year) {
    for (int quarter = 0; quarter < 4; ++quarter) {
      const int month = 2 + 3 * quarter;
      out.push_back({"AAPL", last_trading_day(from_civil(year, month, 10)), 0.24});
      out.push_back({"MSFT", last_trading_day(from_civil(year, month, 16)), 0.75});
      out.push_back({"SPY", last_trading_day(from_civil(year, month + 1, 21)), 1.7592});
      out.push_back({"XOM", last_trading_day(from_civil(year, month, 14)), 0.95});
    }
  }
  return out;
}

}  // namespace tradebus::massive_sim
