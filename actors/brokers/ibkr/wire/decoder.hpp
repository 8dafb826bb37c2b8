// Payloads of the server into values: one call, one message. What each message holds, and from which version of the
// server on, stands in its family's .cpp, in the order of the wire.
#pragma once

#include <cstdint>
#include <string_view>

#include "actors/brokers/ibkr/wire/account_messages.hpp"
#include "actors/brokers/ibkr/wire/contract_messages.hpp"
#include "actors/brokers/ibkr/wire/execution_messages.hpp"
#include "actors/brokers/ibkr/wire/history_messages.hpp"
#include "actors/brokers/ibkr/wire/market_messages.hpp"
#include "actors/brokers/ibkr/wire/news_messages.hpp"
#include "actors/brokers/ibkr/wire/order_messages.hpp"
#include "actors/brokers/ibkr/wire/system_messages.hpp"

// Every message that is known: its number on the wire and its type. 99 (tick by tick) has three types.
#define TRADEBUS_IBKR_SERVER_MESSAGES(X) \
  X(1, TickPrice)                        \
  X(2, TickSize)                         \
  X(3, OrderStatusMessage)               \
  X(4, ErrorMessage)                     \
  X(5, OpenOrder)                        \
  X(6, AccountValue)                     \
  X(7, PortfolioValue)                   \
  X(8, AccountUpdateTime)                \
  X(9, NextValidId)                      \
  X(10, ContractData)                    \
  X(11, ExecDetails)                     \
  X(15, ManagedAccounts)                 \
  X(17, HistoricalData)                  \
  X(18, BondContractData)                \
  X(21, TickOption)                      \
  X(45, TickGeneric)                     \
  X(46, TickString)                      \
  X(49, CurrentTime)                     \
  X(50, RealTimeBar)                     \
  X(52, ContractDataEnd)                 \
  X(53, OpenOrderEnd)                    \
  X(54, AccountDownloadEnd)              \
  X(55, ExecDetailsEnd)                  \
  X(57, TickSnapshotEnd)                 \
  X(58, MarketDataType)                  \
  X(59, CommissionReport)                \
  X(61, PositionMessage)                 \
  X(62, PositionEnd)                     \
  X(63, AccountSummaryMessage)           \
  X(64, AccountSummaryEnd)               \
  X(71, PositionMulti)                   \
  X(72, PositionMultiEnd)                \
  X(73, AccountUpdateMulti)              \
  X(74, AccountUpdateMultiEnd)           \
  X(75, OptionParameters)                \
  X(76, OptionParametersEnd)             \
  X(77, SoftDollarTiers)                 \
  X(78, FamilyCodes)                     \
  X(79, SymbolSamples)                   \
  X(81, TickReqParams)                   \
  X(83, NewsArticle)                     \
  X(84, TickNews)                        \
  X(85, NewsProviders)                   \
  X(86, HistoricalNews)                  \
  X(87, HistoricalNewsEnd)               \
  X(88, HeadTimestamp)                   \
  X(90, HistoricalDataUpdate)            \
  X(91, RerouteMarketData)               \
  X(92, RerouteMarketDepth)              \
  X(93, MarketRule)                      \
  X(94, ProfitAndLoss)                   \
  X(95, ProfitAndLossSingle)             \
  X(96, HistoricalTicks)                 \
  X(97, HistoricalTicksBidAsk)           \
  X(98, HistoricalTicksLast)             \
  X(100, OrderBound)                     \
  X(101, CompletedOrder)                 \
  X(102, CompletedOrdersEnd)             \
  X(106, HistoricalSchedule)             \
  X(107, UserInfo)                       \
  X(108, HistoricalDataEnd)              \
  X(109, CurrentTimeMillis)
#define TRADEBUS_IBKR_TICK_BY_TICK(X) X(99, TickByTickLast) X(99, TickByTickBidAsk) X(99, TickByTickMidpoint)

namespace tradebus::ibkr::wire {

// Where messages go: override what is of interest (`using MessageSink::on;` for the rest). The sink may move out of
// what it is given. Views in market data end with the call.
class MessageSink {
 public:
  virtual ~MessageSink() = default;
#define TRADEBUS_IBKR_ON(id, Message) \
  virtual void on(Message&&) {}
  TRADEBUS_IBKR_SERVER_MESSAGES(TRADEBUS_IBKR_ON)
  TRADEBUS_IBKR_TICK_BY_TICK(TRADEBUS_IBKR_ON)
#undef TRADEBUS_IBKR_ON
};

// The sink was called once, or the error says why not. Fields behind the last known one are passed over: later servers
// append. Nothing is remembered between calls; any thread.
DecodeError decode(std::string_view payload, std::int32_t server_version, MessageSink& sink);

// "openOrder"-like name of a number, for logs; empty: not known.
std::string_view message_name(std::int32_t id);

}  // namespace tradebus::ibkr::wire
