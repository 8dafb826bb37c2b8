#include "actors/caf_support.hpp"

#include <caf/message.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/sec.hpp>
#include <caf/string_algorithms.hpp>
#include <caf/to_string.hpp>

namespace tradebus {

namespace {
const caf::atom_value category = caf::atom("tradebus");
}

caf::error to_caf(const Error& error) {
  return caf::error{static_cast<std::uint8_t>(error.code), category,
                    caf::make_message(error.message, error.key, error.retry_after_ms.value_or(-1))};
}

Error from_caf(const caf::error& error, Errc fallback) {
  Error out;
  const auto& context = error.context();
  if (error.category() == category) {
    out.code = static_cast<Errc>(error.code());
    if (context.match_elements<std::string, std::string, std::int64_t>()) {
      out.message = context.get_as<std::string>(0);
      out.key = context.get_as<std::string>(1);
      if (auto ms = context.get_as<std::int64_t>(2); ms >= 0) out.retry_after_ms = ms;
    }
    return out;
  }
  out.code = fallback;
  out.message = caf::to_string(error);
  return out;
}

void send_urgent_exit(const caf::scoped_actor& from, const caf::actor& to) {
  to->enqueue(caf::actor_cast<caf::strong_actor_ptr>(from), caf::make_message_id(caf::message_priority::high),
              caf::make_message(caf::exit_msg{from->address(), caf::exit_reason::user_shutdown}), nullptr);
}

caf::error error_from_exception(std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const std::exception& e) {
    return to_caf(Error{Errc::internal, e.what()});
  } catch (...) {
    return to_caf(Error{Errc::internal, "an exception that is no std::exception"});
  }
}

void configure(caf::actor_system_config& config) {
  config.set("scheduler.policy", caf::atom("sharing"));
  config.set("scheduler.max-threads", std::size_t{1});
  config.set("scheduler.max-throughput", std::size_t{64});
  config.add_error_category(category, [](std::uint8_t code, caf::atom_value, const caf::message& context) {
    std::string text{to_string(static_cast<Errc>(code))};
    if (!context.empty() && context.match_element<std::string>(0)) text += ": " + context.get_as<std::string>(0);
    return text;
  });
}

}  // namespace tradebus
