#include "engine/orders/order_state.hpp"

#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>

using namespace tradebus;

namespace {

std::string next(OrderStatus status, OrderInput input, bool has_fills = false) {
  const auto result = next_status(status, input, has_fills);
  return result ? std::string{to_string(*result)} : "anomaly";
}

template <class F>
void for_all(F f) {
  for (std::size_t s = 0; s < EnumTexts<OrderStatus>::texts.size(); ++s)
    for (std::size_t i = 0; i < EnumTexts<OrderInput>::texts.size(); ++i)
      for (bool fills : {false, true}) f(static_cast<OrderStatus>(s), static_cast<OrderInput>(i), fills);
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_usual_life) {
  using S = OrderStatus;
  using I = OrderInput;
  BOOST_CHECK_EQUAL(next(S::pending_new, I::accepted), "new");
  BOOST_CHECK_EQUAL(next(S::new_, I::fill_part), "partially_filled");
  BOOST_CHECK_EQUAL(next(S::partially_filled, I::fill_all), "filled");
  BOOST_CHECK_EQUAL(next(S::new_, I::cancel_sent), "pending_cancel");
  BOOST_CHECK_EQUAL(next(S::pending_cancel, I::canceled), "canceled");
  BOOST_CHECK_EQUAL(next(S::new_, I::replace_sent), "pending_replace");
  BOOST_CHECK_EQUAL(next(S::pending_replace, I::replaced), "new");
  BOOST_CHECK_EQUAL(next(S::pending_replace, I::replaced, true), "partially_filled");
  BOOST_CHECK_EQUAL(next(S::pending_new, I::rejected), "rejected");
  BOOST_CHECK_EQUAL(next(S::new_, I::expired), "expired");
}

BOOST_AUTO_TEST_CASE(reports_out_of_order) {
  using S = OrderStatus;
  using I = OrderInput;
  BOOST_CHECK_EQUAL(next(S::pending_new, I::fill_all), "filled");              // fill before accept
  BOOST_CHECK_EQUAL(next(S::filled, I::accepted), "filled");                   // the acceptance after it
  BOOST_CHECK_EQUAL(next(S::pending_cancel, I::fill_part), "pending_cancel");  // fill after cancel request
  BOOST_CHECK_EQUAL(next(S::pending_cancel, I::fill_all), "filled");
  BOOST_CHECK_EQUAL(next(S::canceled, I::fill_part), "canceled");     // fill after canceled: stays closed
  BOOST_CHECK_EQUAL(next(S::canceled, I::fill_all, true), "filled");  // unless it completes
  BOOST_CHECK_EQUAL(next(S::canceled, I::canceled), "canceled");      // twice
  BOOST_CHECK_EQUAL(next(S::filled, I::canceled), "anomaly");
  BOOST_CHECK_EQUAL(next(S::rejected, I::accepted), "anomaly");
  BOOST_CHECK_EQUAL(next(S::partially_filled, I::rejected, true), "canceled");
  BOOST_CHECK_EQUAL(next(S::pending_cancel, I::cancel_refused, true), "partially_filled");
}

BOOST_AUTO_TEST_CASE(doubt_is_settled_by_what_the_broker_says) {
  using S = OrderStatus;
  using I = OrderInput;
  BOOST_CHECK_EQUAL(next(S::pending_new, I::doubted), "in_doubt");
  BOOST_CHECK_EQUAL(next(S::new_, I::doubted), "new");  // it is known to be there
  BOOST_CHECK_EQUAL(next(S::in_doubt, I::accepted), "new");
  BOOST_CHECK_EQUAL(next(S::in_doubt, I::rejected), "rejected");
  BOOST_CHECK_EQUAL(next(S::in_doubt, I::fill_part), "partially_filled");
  BOOST_CHECK_EQUAL(next(S::in_doubt, I::cancel_sent), "in_doubt");  // the request alone settles nothing
  BOOST_CHECK_EQUAL(next(S::in_doubt, I::replace_sent), "anomaly");
}

BOOST_AUTO_TEST_CASE(closed_orders_never_work_again) {
  for_all([](OrderStatus status, OrderInput input, bool fills) {
    const auto result = next_status(status, input, fills);
    if (!is_closed(status) || !result) return;
    BOOST_TEST_INFO(to_string(status) << " + " << to_string(input));
    BOOST_CHECK(*result == status || *result == OrderStatus::filled);
  });
}

BOOST_AUTO_TEST_CASE(an_execution_is_never_refused_but_on_a_closed_part) {
  for_all([](OrderStatus status, OrderInput input, bool fills) {
    if (input != OrderInput::fill_all && input != OrderInput::fill_part) return;
    if (status == OrderStatus::filled && input == OrderInput::fill_part) return;  // can't be: it is complete already
    BOOST_TEST_INFO(to_string(status) << " + " << to_string(input));
    BOOST_CHECK(next_status(status, input, fills).has_value());
  });
}
