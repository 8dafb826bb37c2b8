// What goes wrong next, from a seed: the decisions of the faulty broker (faulty_broker.hpp), apart from any actor. The
// same seed and the same questions in the same order give the same faults. For tests.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <string>

#include "bus/model/enums.hpp"
#include "config/section.hpp"

namespace tradebus {

// One kind of fault. The first half befalls what is sent to the venue, the other half what comes from it.
enum class Fault : std::uint8_t {
  refuse,             // a submit, replace or cancel is refused, the venue never hears of it
  fail,               // it fails before it is sent, with an error that says nothing
  answer_lost,        // the venue has it, its answer doesn't come: the link gives up waiting for it
  answer_late,        // the answer overtakes nothing, and is overtaken by what comes after it
  disconnect_before,  // the link goes down, and it was not sent
  disconnect_after,   // the link goes down, and it was sent
  crash_before,       // the adapter ends, and it was not sent
  crash_after,        // the adapter ends, and it was sent
  send_late,          // it is sent later, and what comes after it waits behind it
  report_late,        // a report waits, and all that comes after it
  report_twice,       // it comes again, at once or later
  report_swapped,     // the next one overtakes it
  report_lost,        // it never comes; the link goes down soon, since a venue repeats nothing by itself
  disconnect,         // the link goes down with a report
  crash,              // the adapter ends with a report
  question_fails,     // an answer about positions, orders or executions is an error
  question_silent     // there is none
};
TRADEBUS_ENUM(Fault, "refuse", "fail", "answer_lost", "answer_late", "disconnect_before", "disconnect_after",
              "crash_before", "crash_after", "send_late", "report_late", "report_twice", "report_swapped",
              "report_lost", "disconnect", "crash", "question_fails", "question_silent");
inline constexpr std::size_t fault_count = EnumTexts<Fault>::texts.size();

struct FaultConfig {
  std::uint64_t seed = 0;                     // 0: nothing ever goes wrong
  std::array<double, fault_count> chances{};  // by Fault, 0 to 1
  std::chrono::nanoseconds delay_max{std::chrono::milliseconds{20}};

  bool on() const { return seed != 0; }
  double& chance(Fault fault) { return chances[static_cast<std::size_t>(fault)]; }
  double chance(Fault fault) const { return chances[static_cast<std::size_t>(fault)]; }
};

// [faults]
SectionSpec faults_section();
FaultConfig fault_config(const Section& section);

class FaultPlan {
 public:
  // `name`: of the broker; each has faults of its own.
  FaultPlan(FaultConfig config, const std::string& name);

  // What befalls the next submit, replace or cancel; the next report; the next question. At most one fault each.
  std::optional<Fault> of_request() { return pick(Fault::refuse, Fault::send_late); }
  std::optional<Fault> of_report() { return pick(Fault::report_late, Fault::crash); }
  std::optional<Fault> of_question() { return pick(Fault::question_fails, Fault::question_silent); }
  // Above 0, at most delay_max.
  std::chrono::nanoseconds delay();
  bool toss() { return random_() % 2 == 0; }

  // From now on nothing goes wrong, and from then on again.
  void calm(bool on) { calm_ = on; }
  std::uint64_t count(Fault fault) const { return counts_[static_cast<std::size_t>(fault)]; }
  std::uint64_t total() const;

 private:
  std::optional<Fault> pick(Fault first, Fault last);

  FaultConfig config_;
  std::mt19937_64 random_;
  bool calm_ = false;
  std::array<std::uint64_t, fault_count> counts_{};
};

}  // namespace tradebus
