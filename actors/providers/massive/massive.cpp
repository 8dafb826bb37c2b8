#include "actors/registry.hpp"

namespace tradebus::massive {
void register_in(ProviderRegistry& registry);
void register_in(ProviderRegistry&) {}
}  // namespace tradebus::massive
