#include "actors/brokers/ibkr/wire/reader.hpp"

#include "actors/brokers/ibkr/wire/text.hpp"

namespace tradebus::ibkr::wire {

Error to_error(const DecodeError& error) {
  std::string message = "message " + std::to_string(error.message_id) + ", field " + std::to_string(error.field) +
                        ": " + std::string{to_string(error.fault)};
  if (!error.text.empty()) message += ": \"" + printable(error.text.substr(0, 64)) + '"';
  return {Errc::internal, std::move(message)};
}

Reader::Reader(std::string_view payload, std::int32_t version) : version_{version} {
  if (payload.empty()) {
    fail(DecodeFault::empty_message, {});
    return;
  }
  if (payload.back() != '\0') {
    fail(DecodeFault::not_terminated, {});
    return;
  }
  rest_ = payload;
  const auto text = next();
  std::int32_t id = 0;
  if (parse(text, id) == Parsed::good)
    error_.message_id = id;
  else
    fail(DecodeFault::bad_id, text);
}

std::size_t Reader::count(std::size_t width) {
  std::int32_t count = 0;
  const auto text = next();
  const auto parsed = parse(text, count);
  if (parsed == Parsed::bad || parsed == Parsed::out_of_range || count < 0) {
    fail(DecodeFault::bad_count, text);
    return 0;
  }
  // A field takes one byte at least.
  const auto rows = static_cast<std::size_t>(count);
  if (rows > rest_.size() / std::max<std::size_t>(width, 1)) {
    fail(DecodeFault::bad_count, text);
    return 0;
  }
  if (count > rows_max) {
    fail(DecodeFault::too_many, text);
    return 0;
  }
  return rows;
}

void Reader::fail(DecodeFault fault, std::string_view text) {
  if (error_.fault == DecodeFault::none) {
    error_.fault = fault;
    error_.field = fault == DecodeFault::missing_field || field_ == 0 ? field_ : field_ - 1;
    error_.text = text;
  }
  rest_ = {};
}

void Reader::get(std::optional<OptionRight>& out) {
  const auto text = next();
  out.reset();
  if (text == "C" || text == "CALL") out = OptionRight::call;
  if (text == "P" || text == "PUT") out = OptionRight::put;
}

}  // namespace tradebus::ibkr::wire
