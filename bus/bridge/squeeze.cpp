#include "bus/bridge/squeeze.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace tradebus {

namespace {

constexpr std::uint32_t sources_max = 64;

// The newest message says all: those before it are history.
bool is_state(std::string_view topic) {
  return topic.starts_with("status|") || topic.starts_with("position|") || topic.starts_with("account|") ||
         topic.starts_with("heartbeat|");
}

// Looks at entries from the newest to the oldest, and says which of them stay.
class Sieve {
 public:
  Sieve(std::size_t kept_bytes_max, LostBySource& lost) : kept_bytes_max_{kept_bytes_max}, lost_{lost} {}

  enum class Verdict : std::uint8_t { stays, moot, lost };  // moot: nobody would have seen it

  Verdict judge(const BusEntry& entry, std::string_view bytes, std::uint32_t source, std::uint8_t& left_out) {
    switch (entry.type) {
      case BusEntry::Type::publish:
        return judge_publish(bytes.substr(0, entry.name_size), bytes.size(), source, left_out);
      case BusEntry::Type::market: {
        auto& topic = topics_[entry.id];
        if (topic.retired != nullptr || std::exchange(topic.has_market, true)) return Verdict::lost;
        return Verdict::stays;
      }
      case BusEntry::Type::passing: {
        auto& topic = topics_[entry.id];
        if (topic.retired != nullptr || std::exchange(topic.has_passing, true)) return Verdict::lost;
        return Verdict::stays;
      }
      case BusEntry::Type::outdated:
      case BusEntry::Type::stale: {
        auto& topic = topics_[entry.id];
        // A newer message is the snapshot anyway.
        if (topic.retired != nullptr || topic.has_market || std::exchange(topic.has_mark, true)) return Verdict::moot;
        return Verdict::stays;
      }
      case BusEntry::Type::retire:
        topics_[entry.id] = Seen{.retired = &left_out};
        return Verdict::stays;
      case BusEntry::Type::announce: {
        auto& topic = topics_[entry.id];
        auto* const retired = std::exchange(topic, Seen{}).retired;
        if (retired == nullptr) return Verdict::stays;
        *retired = 1;  // it came and went meanwhile
        drop_status(bytes, retired);
        return Verdict::moot;
      }
    }
    return Verdict::stays;
  }

 private:
  struct Seen {
    bool has_market = false;
    bool has_passing = false;
    bool has_mark = false;
    std::uint8_t* retired = nullptr;  // of its retirement: is it left out?
  };

  struct Kept {
    std::uint8_t* left_out = nullptr;
    std::uint32_t source = 0;
  };

  // A topic's status is said after its announcement. Nobody takes back what is kept of it when its retirement is left
  // out; one that is newer than that (marks lie in the order of the entries) is of the name's next life.
  void drop_status(std::string_view topic, const std::uint8_t* retired) {
    const auto kept = names_.find("status|" + std::string{topic});
    if (kept == names_.end() || kept->second.left_out > retired) return;
    *kept->second.left_out = 1;
    add_lost(lost_, kept->second.source, 1);
  }

  Verdict judge_publish(std::string_view name, std::size_t size, std::uint32_t source, std::uint8_t& left_out) {
    if (is_state(name))
      return names_.try_emplace(name, Kept{&left_out, source}).second ? Verdict::stays : Verdict::lost;
    kept_bytes_ += size;
    return kept_bytes_ > kept_bytes_max_ ? Verdict::lost : Verdict::stays;
  }

  std::size_t kept_bytes_max_;
  std::size_t kept_bytes_ = 0;
  std::unordered_map<BusTopicId, Seen> topics_;
  std::unordered_map<std::string_view, Kept> names_;
  LostBySource& lost_;
};

}  // namespace

void add_lost(LostBySource& lost, std::uint32_t source, std::uint64_t count) {
  source = std::min(source, sources_max);
  if (lost.size() <= source) lost.resize(source + 1);
  lost[source] += count;
}

std::deque<BusBatch> squeeze(std::deque<BusBatch> batches, std::size_t kept_bytes_max, LostBySource& lost) {
  std::size_t total = 0;
  for (const auto& batch : batches) total += batch.entries.size();
  std::vector<std::uint8_t> left_out(total, 0);
  Sieve sieve{kept_bytes_max, lost};
  std::size_t at = total;
  for (auto batch = batches.rbegin(); batch != batches.rend(); ++batch)
    for (auto i = batch->entries.size(); i-- > 0;) {
      const auto& entry = batch->entries[i];
      auto& mark = left_out[--at];
      const auto verdict =
          sieve.judge(entry, {batch->bytes.data() + entry.offset, entry.size}, batch->source_of(i), mark);
      if (verdict != Sieve::Verdict::stays) mark = 1;
      if (verdict == Sieve::Verdict::lost) add_lost(lost, batch->source_of(i), 1);
    }
  const auto left = static_cast<std::size_t>(std::ranges::count(left_out, std::uint8_t{0}));
  const auto entries_max =
      std::max(squeezed_entries_max, (left + batches.size() - 1) / std::max<std::size_t>(batches.size(), 1));
  std::deque<BusBatch> out;
  for (const auto& batch : batches)
    for (std::size_t i = 0; i < batch.entries.size(); ++i) {
      if (left_out[at++] != 0) continue;
      if (out.empty() || out.back().entries.size() >= entries_max) out.emplace_back();
      auto& to = out.back();
      auto entry = batch.entries[i];
      const std::string_view bytes{batch.bytes.data() + entry.offset, entry.size};
      entry.offset = static_cast<std::uint32_t>(to.bytes.size());
      to.bytes.append(bytes);
      to.entries.push_back(entry);
      to.sources.push_back(static_cast<std::uint8_t>(std::min(batch.source_of(i), sources_max)));
    }
  return out;
}

}  // namespace tradebus
