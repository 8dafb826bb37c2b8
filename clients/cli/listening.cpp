#include "clients/cli/listening.hpp"

#include <algorithm>
#include <cmath>

namespace tradebus::cli {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using State = client::Stream::State;

void Endings::note(const client::Message& message) {
  const std::string topic{
      message.topic().substr(message.topic().find('|') + 1)};  // status|quote|AAPL| is of quote|AAPL|
  const auto state = message.as<client::Status>().state;
  if (state == "ended" && open_.erase(topic) != 0) any_ended_ = true;
}

int listen(Context& ctx, client::Stream& stream, const Until& until, Endings& endings,
           const std::function<bool(const client::Message&)>& take, const std::function<void()>& idle) {
  const auto start = Clock::now();
  const auto end =
      until.seconds > 0
          ? start + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>{until.seconds})
          : Clock::time_point::max();
  const auto patience =
      start + std::max<std::chrono::milliseconds>(ctx.timeout(), 1500ms);  // a heartbeat takes a second
  bool answered = false;
  std::uint64_t count = 0;
  stream.on_disconnected = [&] {
    if (answered) ctx.warn("the daemon at " + ctx.globals().stream + " is silent; waiting for it");
  };
  auto last_idle = start;
  while (!interrupted()) {
    const auto now = Clock::now();
    if (now >= end) break;
    if (now - last_idle >= 100ms) {
      idle();
      last_idle = now;
    }
    auto message =
        stream.next(std::chrono::ceil<std::chrono::milliseconds>(std::min<Clock::duration>(end - now, 100ms)));
    answered = answered || message || stream.state() == State::connected;
    if (message && message->kind() == client::Kind::status) endings.note(*message);
    if (message && take(*message) && ++count == until.count) break;
    if (!message && endings.all_ended()) break;
    if (!answered && now >= patience) return ctx.no_stream();
  }
  stream.on_disconnected = nullptr;
  idle();
  // --for ended before anybody answered, where a heartbeat would have come.
  if (!answered && !interrupted() && until.seconds >= 1.5) return ctx.no_stream();
  return exit_ok;
}

}  // namespace tradebus::cli
