#include "actors/providers/sim/tickers.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace tradebus::sim {

namespace {

constexpr auto table = std::to_array<Ticker>({
    {"AAPL", "Apple Inc.", "XNAS", "Technology", 15'330, 21'000},
    {"MSFT", "Microsoft Corporation", "XNAS", "Technology", 7'430, 43'000},
    {"NVDA", "NVIDIA Corporation", "XNAS", "Technology", 24'600, 12'000},
    {"AMZN", "Amazon.com, Inc.", "XNAS", "Consumer Discretionary", 10'400, 18'500},
    {"GOOGL", "Alphabet Inc. Class A", "XNAS", "Communication Services", 5'870, 17'500},
    {"META", "Meta Platforms, Inc. Class A", "XNAS", "Communication Services", 2'190, 50'000},
    {"TSLA", "Tesla, Inc.", "XNAS", "Consumer Discretionary", 3'190, 18'000},
    {"BRK.B", "Berkshire Hathaway Inc. Class B", "XNYS", "Financials", 1'320, 41'000},
    {"JPM", "JPMorgan Chase & Co.", "XNYS", "Financials", 2'870, 20'000},
    {"V", "Visa Inc. Class A", "XNYS", "Financials", 1'580, 27'500},
    {"AVGO", "Broadcom Inc.", "XNAS", "Technology", 4'650, 16'000},
    {"LLY", "Eli Lilly and Company", "XNYS", "Health Care", 950, 85'000},
    {"WMT", "Walmart Inc.", "XNYS", "Consumer Staples", 8'040, 6'700},
    {"UNH", "UnitedHealth Group Incorporated", "XNYS", "Health Care", 920, 50'000},
    {"XOM", "Exxon Mobil Corporation", "XNYS", "Energy", 4'440, 11'500},
    {"MA", "Mastercard Incorporated Class A", "XNYS", "Financials", 920, 45'000},
    {"PG", "The Procter & Gamble Company", "XNYS", "Consumer Staples", 2'360, 16'500},
    {"JNJ", "Johnson & Johnson", "XNYS", "Health Care", 2'407, 14'800},
    {"HD", "The Home Depot, Inc.", "XNYS", "Consumer Discretionary", 992, 35'000},
    {"COST", "Costco Wholesale Corporation", "XNAS", "Consumer Staples", 443, 84'000},
    {"ORCL", "Oracle Corporation", "XNYS", "Technology", 2'750, 14'000},
    {"ABBV", "AbbVie Inc.", "XNYS", "Health Care", 1'766, 17'000},
    {"MRK", "Merck & Co., Inc.", "XNYS", "Health Care", 2'533, 13'000},
    {"CVX", "Chevron Corporation", "XNYS", "Energy", 1'840, 15'600},
    {"KO", "The Coca-Cola Company", "XNYS", "Consumer Staples", 4'308, 6'300},
    {"PEP", "PepsiCo, Inc.", "XNAS", "Consumer Staples", 1'374, 16'800},
    {"BAC", "Bank of America Corporation", "XNYS", "Financials", 7'820, 3'950},
    {"ADBE", "Adobe Inc.", "XNAS", "Technology", 448, 52'000},
    {"CRM", "Salesforce, Inc.", "XNYS", "Technology", 969, 24'500},
    {"AMD", "Advanced Micro Devices, Inc.", "XNAS", "Technology", 1'616, 16'000},
    {"NFLX", "Netflix, Inc.", "XNAS", "Communication Services", 431, 65'000},
    {"MCD", "McDonald's Corporation", "XNYS", "Consumer Discretionary", 721, 25'500},
    {"CSCO", "Cisco Systems, Inc.", "XNAS", "Technology", 4'030, 4'600},
    {"ABT", "Abbott Laboratories", "XNYS", "Health Care", 1'740, 10'500},
    {"TMO", "Thermo Fisher Scientific Inc.", "XNYS", "Health Care", 382, 56'000},
    {"LIN", "Linde plc", "XNAS", "Materials", 480, 44'000},
    {"INTC", "Intel Corporation", "XNAS", "Technology", 4'257, 3'000},
    {"QCOM", "QUALCOMM Incorporated", "XNAS", "Technology", 1'116, 20'000},
    {"DIS", "The Walt Disney Company", "XNYS", "Communication Services", 1'823, 10'200},
    {"WFC", "Wells Fargo & Company", "XNYS", "Financials", 3'486, 5'800},
    {"VZ", "Verizon Communications Inc.", "XNYS", "Communication Services", 4'209, 4'100},
    {"T", "AT&T Inc.", "XNYS", "Communication Services", 7'170, 1'850},
    {"PFE", "Pfizer Inc.", "XNYS", "Health Care", 5'667, 2'800},
    {"NKE", "NIKE, Inc. Class B", "XNYS", "Consumer Discretionary", 1'210, 9'400},
    {"BA", "The Boeing Company", "XNYS", "Industrials", 614, 18'000},
    {"CAT", "Caterpillar Inc.", "XNYS", "Industrials", 489, 33'000},
    {"GS", "The Goldman Sachs Group, Inc.", "XNYS", "Financials", 322, 46'000},
    {"IBM", "International Business Machines Corporation", "XNYS", "Technology", 919, 17'200},
    {"SPY", "SPDR S&P 500 ETF Trust", "ARCX", "Funds", 960, 54'500},
    {"QQQ", "Invesco QQQ Trust", "XNAS", "Funds", 610, 47'500},
    {"BTC-USD", "Bitcoin / US Dollar", "", "Crypto", 0, 6'500'000, 10'000'000, AssetClass::crypto},
    {"ETH-USD", "Ether / US Dollar", "", "Crypto", 0, 350'000, 10'000'000, AssetClass::crypto},
    {"SOL-USD", "Solana / US Dollar", "", "Crypto", 0, 15'000, 10'000'000, AssetClass::crypto},
    {"EUR-USD", "Euro / US Dollar", "", "Currencies", 0, 108'000, 10'000, AssetClass::fx},
    {"GBP-USD", "Pound Sterling / US Dollar", "", "Currencies", 0, 127'000, 10'000, AssetClass::fx},
    {"USD-JPY", "US Dollar / Japanese Yen", "", "Currencies", 0, 157'000, 1'000'000, AssetClass::fx},
});

}  // namespace

std::span<const Ticker> tickers() { return table; }

const Ticker* find_ticker(std::string_view symbol) {
  const auto* it = std::ranges::find(table, symbol, &Ticker::symbol);
  return it == table.end() ? nullptr : it;
}

const Ticker* find_ticker_of_root(std::string_view root) {
  const auto* it = std::ranges::find_if(table, [root](const Ticker& t) {
    std::string bare{t.symbol};
    std::erase(bare, '.');
    return bare == root;
  });
  return it == table.end() ? nullptr : it;
}

}  // namespace tradebus::sim
