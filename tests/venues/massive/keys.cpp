#include "tests/venues/massive/keys.hpp"

#include <stdexcept>

namespace tradebus::massive_sim {

bool RateWindow::take(Ns now) {
  while (!taken_.empty() && (taken_.front() <= now - width || taken_.front() > now)) taken_.pop_front();
  if (taken_.size() >= calls_) return false;
  taken_.push_back(now);
  return true;
}

void Keys::add(std::string_view text) {
  const std::size_t equals = text.find('=');
  const std::string key{text.substr(0, equals)};
  if (key.empty()) throw std::invalid_argument("--key has no key: give KEY, KEY=PLAN or KEY=PLAN:CHANNELS");
  Entry entry;
  if (equals != std::string_view::npos) {
    std::string_view rest = text.substr(equals + 1);
    const std::size_t colon = rest.find(':');
    const std::string_view plan = rest.substr(0, colon);
    if (plan == "free") {
      entry.access.plan = Plan::free;
    } else if (plan == "delayed") {
      entry.access.plan = Plan::delayed;
    } else if (plan != "realtime") {
      throw std::invalid_argument("a --key has the plan '" + std::string(plan) + "': give free, delayed or realtime");
    }
    while (colon != std::string_view::npos && !rest.empty()) {
      rest.remove_prefix(std::min(rest.find_first_of(":,") + 1, rest.size()));
      const std::string_view channel = rest.substr(0, rest.find(','));
      if (!channel.empty()) entry.access.channels.emplace(channel);
      if (rest.find(',') == std::string_view::npos) break;
    }
  }
  if (entry.access.plan == Plan::free) entry.window.emplace(free_calls_);
  keys_.insert_or_assign(key, std::move(entry));
}

const Access* Keys::find(std::string_view key) const {
  const auto found = keys_.find(key);
  return found == keys_.end() ? nullptr : &found->second.access;
}

bool Keys::take_call(std::string_view key, Ns now) {
  const auto found = keys_.find(key);
  return found == keys_.end() || !found->second.window || found->second.window->take(now);
}

}  // namespace tradebus::massive_sim
