// Is this order well formed, and can this broker do it? Pure; the first thing wrong is named with its key.
#pragma once

#include <vector>

#include "actors/brokers/broker.hpp"
#include "bus/model/orders.hpp"

namespace tradebus {

inline constexpr std::size_t client_order_id_size_max = 64;
inline constexpr std::size_t tag_size_max = 256;
inline constexpr std::size_t exit_suffix_size_max = 14;  // ".take_profit.4"
inline constexpr std::size_t legs_max = 8;               // more than any listed strategy has
inline constexpr std::size_t strategy_parameters_max = 32;
inline constexpr std::size_t strategy_name_size_max = 64;  // of the strategy, and of each parameter
inline constexpr std::size_t strategy_value_size_max = 256;

// 1-64 printable ASCII characters, or request.invalid.
Result<void> check_client_order_id(const ClientOrderId& id);

// request.invalid with the key, instrument.unknown. Independent of any broker.
Result<void> check_order(const TradeOrder& order, const std::vector<OrderLeg>& legs);

// broker.unsupported: what the broker said it can't do.
Result<void> check_capabilities(const TradeOrder& order, const std::vector<OrderLeg>& legs, bool is_option,
                                const BrokerCapabilities& can, const BrokerName& broker);

}  // namespace tradebus
