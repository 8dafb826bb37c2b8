#include "engine/bars/bar_plan.hpp"

#include <algorithm>

namespace tradebus {

namespace {
constexpr std::chrono::nanoseconds just_after{1};

bool same_prices(const HistoricalBar& a, const HistoricalBar& b) {
  return a.ts == b.ts && a.open == b.open && a.high == b.high && a.low == b.low && a.close == b.close;
}

tl::unexpected<Error> nonsense(const std::string& what) {
  return fail(Errc::provider_unavailable, "the provider's answer makes no sense and was not used: " + what);
}
}  // namespace

void BarPlan::add_kept(KnownBars kept) {
  kept_ = std::move(kept.bars);
  known_ = TimeRanges{kept.known};
  if (kept.cut) kept_cut_ = kept_.empty() ? question_.range.begin : kept_.back().ts + just_after;
}

void BarPlan::append(const HistoricalBar& bar) {
  if (!question_.wanted || question_.wanted(bar.ts)) out_.push_back(bar);
}

void BarPlan::take_kept(Timestamp until) {
  for (; next_kept_ < kept_.size() && kept_[next_kept_].ts < until && !full(); ++next_kept_) {
    last_kept_ = kept_[next_kept_];
    append(kept_[next_kept_]);
  }
  at_ = full() && !out_.empty() ? out_.back().ts + just_after : until;
}

std::optional<BarPlan::Call> BarPlan::next() {
  const auto end = question_.range.end;
  while (at_ < end && !full()) {
    if (kept_cut_ && at_ >= *kept_cut_) return std::nullopt;
    const auto known = known_.at(at_);
    if (!known.empty()) {
      take_kept(std::min(known.end, end));
      continue;
    }
    if (calls_ >= calls_max) return std::nullopt;
    Call call;
    call.range = {at_, std::min(end, known_.next_begin(at_, end))};
    // With a filter nobody knows how many of them will be wanted.
    const auto wanted = question_.limit - out_.size();
    call.limit =
        question_.wanted ? question_.page : static_cast<std::uint32_t>(std::min<std::size_t>(wanted, question_.page));
    if (question_.compare_seams && last_kept_) {
      call.range.begin = last_kept_->ts;
      ++call.limit;
    }
    return call;
  }
  return std::nullopt;
}

Result<BarPlan::Learned> BarPlan::add(const Call& call, std::vector<HistoricalBar> bars) {
  ++calls_;
  if (bars.size() > call.limit) return nonsense(std::to_string(bars.size()) + " bars, more than were asked for");
  for (std::size_t i = 0; i < bars.size(); ++i) {
    if (bars[i].ts < call.range.begin || bars[i].ts >= call.range.end)
      return nonsense("a bar of " + to_iso8601(bars[i].ts) + ", which was not asked for");
    if (i > 0 && bars[i].ts <= bars[i - 1].ts)
      return nonsense("bars that are not in order, at " + to_iso8601(bars[i].ts));
  }
  Learned out;
  out.cut = bars.size() >= call.limit;
  if (question_.compare_seams && last_kept_ && call.range.begin == last_kept_->ts) {
    if (bars.empty() || !same_prices(bars.front(), *last_kept_)) {
      // All of it anew; the seams of nothing need no look.
      out.readjusted = true;
      out_.clear();
      kept_.clear();
      next_kept_ = 0;
      known_ = {};
      kept_cut_.reset();
      last_kept_.reset();
      at_ = question_.range.begin;
      return out;
    }
    bars.erase(bars.begin());
  }
  out.range = {at_, out.cut ? bars.back().ts + just_after : call.range.end};
  for (const auto& bar : bars) {
    if (full()) break;
    append(bar);
  }
  at_ = full() && !out_.empty() ? std::min(out.range.end, out_.back().ts + just_after) : out.range.end;
  last_kept_.reset();
  out.bars = std::move(bars);
  return out;
}

std::optional<Timestamp> BarPlan::next_start() const {
  if (at_ >= question_.range.end) return std::nullopt;
  return at_;
}

}  // namespace tradebus
