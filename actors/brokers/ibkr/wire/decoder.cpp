#include "actors/brokers/ibkr/wire/decoder.hpp"

#include <utility>

namespace tradebus::ibkr::wire {

namespace {

template <class Message>
void pass(Reader& r, MessageSink& sink) {
  Message m;
  read(r, m);
  if (r.is_good()) sink.on(std::move(m));
}

template <class Message>
void pass_rest(Reader& r, const TickByTickHead& head, Message m, MessageSink& sink) {
  m.req_id = head.req_id;
  m.at = head.at;
  read_rest(r, m);
  if (r.is_good()) sink.on(std::move(m));
}

void pass_tick_by_tick(Reader& r, MessageSink& sink) {
  TickByTickHead head;
  read(r, head);
  if (!r.is_good()) return;
  switch (head.type) {
    case 1:
    case 2: {
      TickByTickLast last;
      last.is_all = head.type == 2;
      return pass_rest(r, head, last, sink);
    }
    case 3:
      return pass_rest(r, head, TickByTickBidAsk{}, sink);
    case 4:
      return pass_rest(r, head, TickByTickMidpoint{}, sink);
    default:  // numbers of the venue
      return r.fail(DecodeFault::out_of_range, {});
  }
}

}  // namespace

DecodeError decode(std::string_view payload, std::int32_t server_version, MessageSink& sink) {
  Reader r{payload, server_version};
  if (!r.is_good()) return r.error();
  switch (r.message_id()) {
#define TRADEBUS_IBKR_CASE(id, Message) \
  case id:                              \
    pass<Message>(r, sink);             \
    break;
    TRADEBUS_IBKR_SERVER_MESSAGES(TRADEBUS_IBKR_CASE)
#undef TRADEBUS_IBKR_CASE
    case 99:
      pass_tick_by_tick(r, sink);
      break;
    default:  // numbers of the venue
      r.fail(DecodeFault::unknown_id, {});
  }
  return r.error();
}

std::string_view message_name(std::int32_t id) {
  switch (id) {
#define TRADEBUS_IBKR_NAME(number, Message) \
  case number:                              \
    return #Message;
    TRADEBUS_IBKR_SERVER_MESSAGES(TRADEBUS_IBKR_NAME)
#undef TRADEBUS_IBKR_NAME
    case 99:
      return "TickByTick";
    default:  // numbers of the venue
      return {};
  }
}

}  // namespace tradebus::ibkr::wire
