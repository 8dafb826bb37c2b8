// Adapters by name: "sim" -> how to make one. A registry is a value that the assembly fills and hands on.
#pragma once

#include <spdlog/fwd.h>
#include <caf/actor_system.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "actors/brokers/broker.hpp"
#include "actors/cache/cache.hpp"
#include "actors/providers/provider.hpp"
#include "config/section.hpp"
#include "engine/calendar/calendars.hpp"
#include "engine/services/clock.hpp"

namespace tradebus {

// What an adapter is made from. Everything is a value or shared; nothing of it outlives the actor system.
struct AdapterContext {
  std::string name;  // as configured
  Section settings;  // its own section, checked against the registered keys
  Clock clock;
  std::shared_ptr<spdlog::logger> log;
  std::string data_dir;
  std::shared_ptr<const Calendars> calendars = Calendars::shipped();
};

template <class Handle>
class Registry {
 public:
  // Makes and starts the actor; an error says what is wrong with the settings.
  using Factory = std::function<Result<Handle>(caf::actor_system&, AdapterContext)>;
  struct Entry {
    SectionSpec section;
    Factory make;
  };

  // A name that is there already is replaced.
  void add(std::string name, SectionSpec section, Factory factory) {
    entries_[std::move(name)] = Entry{std::move(section), std::move(factory)};
  }
  const Entry* find(const std::string& name) const {
    const auto it = entries_.find(name);
    return it == entries_.end() ? nullptr : &it->second;
  }
  std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (const auto& [name, entry] : entries_) out.push_back(name);
    return out;
  }

 private:
  std::map<std::string, Entry> entries_;
};

using ProviderRegistry = Registry<ProviderActor>;
using BrokerRegistry = Registry<BrokerActor>;
using CacheRegistry = Registry<CacheActor>;

// One line an adapter folder: generated from the folders that exist below actors/ (see actors/CMakeLists.txt).
void register_providers(ProviderRegistry& registry);
void register_brokers(BrokerRegistry& registry);
void register_caches(CacheRegistry& registry);

}  // namespace tradebus
