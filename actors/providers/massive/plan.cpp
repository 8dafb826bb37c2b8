#include "actors/providers/massive/plan.hpp"

namespace tradebus::massive {

Error Plan::row_missing(const Symbol& about, const std::string& bad_row) {
  if (!bad_row.empty())
    return {Errc::provider_unavailable, "the venue's answer about " + about.str() + " can't be used: " + bad_row};
  return {Errc::provider_not_found, "the venue has nothing about " + about.str()};
}

Result<Target> Paging::follow(const std::string& next) {
  if (next.empty()) return Target{};
  if (!seen_.insert(next).second)
    return fail(Errc::provider_unavailable,
                "the venue's pages run in a circle (page " + std::to_string(seen_.size() + 1) + "): ask again later");
  if (seen_.size() >= pages_max_)
    return fail(Errc::request_invalid, "the answer has more than " + std::to_string(pages_max_) + " pages (providers." +
                                           provider_ + ".pages_max): ask for less");
  return next;
}

}  // namespace tradebus::massive
