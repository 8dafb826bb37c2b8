#include "engine/orders/order_state.hpp"

namespace tradebus {

namespace {

// A cell of the table: a state, or one of four words.
enum class Cell : std::uint8_t {
  pending_new,
  new_,
  partial,
  filled,
  p_cancel,
  canceled,
  p_replace,
  rejected,
  expired,
  doubt,  // as OrderStatus
  same,   // nothing changes
  work,   // new, or partially_filled when something was executed
  gone,   // rejected, or canceled when something was executed
  none,   // an anomaly
};
using enum Cell;

constexpr std::size_t status_count = EnumTexts<OrderStatus>::texts.size();
constexpr std::size_t input_count = EnumTexts<OrderInput>::texts.size();

// clang-format off
constexpr Cell table[status_count][input_count] = {
//                     accepted fill_part fill_all  repl_sent  replaced repl_ref cancel_sent canceled  canc_ref rejected expired  doubted
/* pending_new      */ {new_,   partial,  filled,   p_replace, work,    same,    p_cancel,   canceled, same,    gone,    expired, doubt},
/* new              */ {same,   partial,  filled,   p_replace, work,    same,    p_cancel,   canceled, same,    gone,    expired, same},
/* partially_filled */ {same,   partial,  filled,   p_replace, work,    same,    p_cancel,   canceled, same,    gone,    expired, same},
/* filled           */ {same,   none,     same,     none,      same,    same,    none,       none,     same,    none,    none,    same},
/* pending_cancel   */ {same,   same,     filled,   none,      same,    same,    none,       canceled, work,    gone,    expired, doubt},
/* canceled         */ {same,   same,     filled,   none,      same,    same,    none,       same,     same,    none,    none,    same},
/* pending_replace  */ {same,   same,     filled,   none,      work,    work,    p_cancel,   canceled, same,    gone,    expired, doubt},
/* rejected         */ {none,   same,     filled,   none,      none,    same,    none,       none,     same,    same,    none,    same},
/* expired          */ {same,   same,     filled,   none,      same,    same,    none,       none,     same,    none,    same,    same},
/* in_doubt         */ {work,   partial,  filled,   none,      work,    same,    same,       canceled, same,    gone,    expired, same},
};
// clang-format on

}  // namespace

Result<OrderStatus> next_status(OrderStatus status, OrderInput input, bool has_fills) {
  const Cell cell = table[static_cast<std::size_t>(status)][static_cast<std::size_t>(input)];
  switch (cell) {
    case pending_new:
    case new_:
    case partial:
    case filled:
    case p_cancel:
    case canceled:
    case p_replace:
    case rejected:
    case expired:
    case doubt:
      return static_cast<OrderStatus>(cell);
    case same:
      return status;
    case work:
      return has_fills ? OrderStatus::partially_filled : OrderStatus::new_;
    case gone:
      return has_fills ? OrderStatus::canceled : OrderStatus::rejected;
    case none:
      break;
  }
  return fail(Errc::internal, "report \"" + std::string{to_string(input)} + "\" makes no sense for an order that is " +
                                  std::string{to_string(status)});
}

bool is_closed(OrderStatus status) {
  switch (status) {
    case OrderStatus::filled:
    case OrderStatus::canceled:
    case OrderStatus::rejected:
    case OrderStatus::expired:
      return true;
    case OrderStatus::pending_new:
    case OrderStatus::new_:
    case OrderStatus::partially_filled:
    case OrderStatus::pending_cancel:
    case OrderStatus::pending_replace:
    case OrderStatus::in_doubt:
      return false;
  }
  return false;
}

}  // namespace tradebus
