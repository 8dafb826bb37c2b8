// What goes wrong on demand: armed by the control port, used up by the messages that they meet.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tradebus::ibgw_sim {

enum class FaultKind {
  // -- of what the client sends --
  pacing,            // answered with code 100, not carried out
  ignore_order,      // placeOrder and cancelOrder are not carried out and not answered
  cut_before_order,  // the connection ends instead
  cut_after_order,   // it is carried out, then the connection ends without a word
  // -- of what the client gets --
  duplicate_status,  // orderStatus twice
  late_status,       // orderStatus after delay_ms
  duplicate_exec,
  reorder_exec,     // execDetails after everything else of the same fill
  late_commission,  // after delay_ms
  mute_order,       // openOrder, orderStatus, execDetails, commission reports are not sent
  slow,             // any message after delay_ms
  split,            // any message a byte a write
  truncate,         // half a message, then the end
};
std::optional<FaultKind> parse_fault(std::string_view name);
inline constexpr std::string_view fault_names =
    "pacing, ignore_order, cut_before_order, cut_after_order, duplicate_status, late_status, duplicate_exec, "
    "reorder_exec, late_commission, mute_order, slow, split, truncate";

struct Fault {
  FaultKind kind = FaultKind::slow;
  std::size_t count = 1;
  int delay_ms = 200;
  std::optional<int> client;  // none: any
};

class Faults {
 public:
  bool arm(const Fault& fault);  // false: too many
  void clear() { armed_.clear(); }
  std::size_t armed() const { return armed_.size(); }
  bool any() const { return !armed_.empty(); }
  // Uses one up.
  std::optional<Fault> take(FaultKind kind, std::optional<int> client);

 private:
  static constexpr std::size_t armed_max = 1000;
  std::vector<Fault> armed_;
};

}  // namespace tradebus::ibgw_sim
