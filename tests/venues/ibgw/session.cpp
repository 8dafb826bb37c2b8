#include "tests/venues/ibgw/session.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <charconv>

namespace tradebus::ibgw_sim {
namespace {

namespace net = boost::asio;

constexpr std::size_t frame_max = 0xFFFFFF;
constexpr int oldest = 157;

int id_of(std::string_view payload) {
  int id = -1;
  std::from_chars(payload.data(), payload.data() + payload.size(), id);
  return id;
}

// v157..178 or v157..178 +PACEAPI
struct Range {
  int min = 0, max = 0;
  bool pace = false;
};
std::optional<Range> parse_range(std::string_view text) {
  Range out;
  const std::size_t space = text.find(' '), dots = text.find("..");
  if (text.empty() || text.front() != 'v') return std::nullopt;
  if (space != std::string_view::npos) out.pace = text.substr(space).find("+PACEAPI") != std::string_view::npos;
  const std::string_view range = text.substr(1, std::min(space, text.size()) - 1);
  const char* end = range.data() + range.size();
  const auto first = std::from_chars(range.data(), end, out.min);
  if (first.ec != std::errc{}) return std::nullopt;
  out.max = out.min;
  if (dots != std::string_view::npos && std::from_chars(first.ptr + 2, end, out.max).ec != std::errc{})
    return std::nullopt;
  return out;
}

}  // namespace

Session::Session(net::ip::tcp::socket socket, Gateway& gateway, Faults& faults, const SessionOptions& options,
                 std::function<void()> finish)
    : socket_(std::move(socket)),
      gateway_(gateway),
      faults_(faults),
      options_(options),
      finish_(std::move(finish)),
      pause_(socket_.get_executor()) {
  boost::system::error_code ignored;
  socket_.set_option(net::ip::tcp::no_delay{true}, ignored);
}

void Session::run() {
  gateway_.connected(*this);
  read();
}

void Session::read() {
  socket_.async_read_some(net::buffer(chunk_), [self = shared_from_this()](auto error, std::size_t size) {
    if (error) {
      self->shut(Ending::close);
      self->finish_();
      return;
    }
    self->in_.append(self->chunk_.data(), size);
    if (self->half_open_) {
      self->stalled_ = true;
    } else {
      self->consume();
    }
  });
}

void Session::consume() {
  bool wait = false;
  if (!greeted_ && !handshake()) {
    if (!closed_) read();
    return;
  }
  std::string payload;
  while (!closed_ && !ending_ && take_frame(payload)) {
    if (too_many(wait)) {
      if (wait) {  // the message is put back until there is room
        in_.insert(0, frame(payload));
        break;
      }
      continue;
    }
    on_message(payload);
  }
  finish_();
  if (closed_ || ending_) return;
  if (!wait) {
    read();
    return;
  }
  pause_.expires_after(std::chrono::milliseconds{20});
  pause_.async_wait([self = shared_from_this()](auto error) {
    if (!error && !self->closed_) self->consume();
  });
}

bool Session::handshake() {
  if (in_.size() < 8) return false;
  const std::size_t length = frame_length(std::string_view(in_).substr(4, 4));
  if (in_.compare(0, 4, std::string_view("API\0", 4)) != 0 || length > 256) {
    shut(Ending::close);
    return false;
  }
  if (in_.size() < 8 + length) return false;
  const auto range = parse_range(std::string_view(in_).substr(8, length));
  in_.erase(0, 8 + length);
  if (!range || range->max < oldest || range->min > options_.version) {
    shut(Ending::close);
    return false;
  }
  sv = std::min(range->max, options_.version);
  paced_ = range->pace;
  greeted_ = true;
  std::string reply = std::to_string(sv);
  reply.push_back('\0');
  reply += eastern(wall_now());
  reply.push_back('\0');
  deliver(reply);
  return true;
}

bool Session::take_frame(std::string& payload) {
  if (in_.size() < 4) return false;
  const std::size_t length = frame_length(in_);
  if (length > frame_max) {
    shut(Ending::close);
    return false;
  }
  if (in_.size() < 4 + length) return false;
  payload = in_.substr(4, length);
  in_.erase(0, 4 + length);
  return true;
}

bool Session::too_many(bool& wait) {
  const auto now = Clock::now();
  while (!recent_.empty() && now - recent_.front() > std::chrono::seconds{1}) recent_.pop_front();
  const bool fault = faults_.any() && faults_.take(FaultKind::pacing, client).has_value();
  if (!fault && (options_.messages_per_second == 0 || recent_.size() < options_.messages_per_second)) {
    recent_.push_back(now);
    return false;
  }
  if (paced_ && !fault) return wait = true;
  gateway_.error(
      *this, no_request, 100,
      "Max rate of messages per second has been exceeded:max=" + std::to_string(options_.messages_per_second) +
          " rec=" + std::to_string(recent_.size() + 1) + " (" + std::to_string(++violations_) + ")");
  if (violations_ >= 3) close(Ending::close);
  return true;
}

void Session::on_message(const std::string& payload) {
  ++received;
  const int id = faults_.any() ? id_of(payload) : -1;
  if (id == 3 || id == 4) {
    if (faults_.take(FaultKind::ignore_order, client)) return;
    if (faults_.take(FaultKind::cut_before_order, client)) {
      shut(Ending::reset);
      return;
    }
    if (faults_.take(FaultKind::cut_after_order, client)) {
      gateway_.handle(*this, payload);
      out_.clear();
      shut(Ending::reset);
      return;
    }
  }
  gateway_.handle(*this, payload);
}

void Session::send(const std::string& payload) {
  if (closed_ || ending_ || overflow_) return;
  if (!faults_.any()) {
    deliver(payload);
    return;
  }
  const int id = id_of(payload);
  const bool of_order = id == 3 || id == 5 || id == 11 || id == 59;
  if (of_order && faults_.take(FaultKind::mute_order, client)) return;
  if (id == 11 && faults_.take(FaultKind::reorder_exec, client)) {
    held_.push_back(payload);
    return;
  }
  if (id == 3)
    if (const auto fault = faults_.take(FaultKind::late_status, client)) return later(frame(payload), fault->delay_ms);
  if (id == 59)
    if (const auto fault = faults_.take(FaultKind::late_commission, client))
      return later(frame(payload), fault->delay_ms);
  if (const auto fault = faults_.take(FaultKind::slow, client)) return later(frame(payload), fault->delay_ms);
  if (faults_.take(FaultKind::split, client)) split_ = true;
  if (faults_.take(FaultKind::truncate, client)) {
    const std::string whole = frame(payload);
    out_ += whole.substr(0, whole.size() / 2);
    close(Ending::close);
    return;
  }
  deliver(payload);
  if (id == 3 && faults_.take(FaultKind::duplicate_status, client)) deliver(payload);
  if (id == 11 && faults_.take(FaultKind::duplicate_exec, client)) deliver(payload);
}

void Session::deliver(const std::string& payload) {
  ++sent;
  out_ += frame(payload);
  if (out_.size() > options_.out_bytes_max) overflow_ = true;  // it ends with the event
}

void Session::later(std::string bytes, int delay_ms) {
  auto timer = std::make_shared<net::steady_timer>(socket_.get_executor(), std::chrono::milliseconds{delay_ms});
  timer->async_wait([self = shared_from_this(), timer, late = std::move(bytes)](auto error) {
    if (error || self->closed_) return;
    self->send_raw(late);
  });
}

void Session::send_raw(std::string bytes) {
  out_ += bytes;
  flush();
}

void Session::half_open(bool on) {
  half_open_ = on;
  if (on || !std::exchange(stalled_, false)) return;
  net::post(socket_.get_executor(), [self = shared_from_this()] {
    if (!self->closed_) self->consume();
  });
}

void Session::flush() {
  if (overflow_ || (ending_ && half_open_)) shut(Ending::reset);
  while (!held_.empty()) {
    deliver(held_.front());
    held_.pop_front();
  }
  write();
}

void Session::write() {
  if (closed_ || !writing_.empty()) return;
  if (half_open_) {
    out_.clear();
    return;
  }
  if (out_.empty()) {
    if (ending_) shut(*ending_);
    return;
  }
  if (split_) {
    writing_ = out_.substr(0, 1);
    out_.erase(0, 1);
    if (out_.empty()) split_ = false;
  } else {
    writing_.swap(out_);
  }
  net::async_write(socket_, net::buffer(writing_), [self = shared_from_this()](auto error, std::size_t) {
    self->writing_.clear();
    if (error) {
      self->shut(Ending::close);
    } else {
      self->write();
    }
  });
}

void Session::close(Ending ending) {
  if (!ending_) ending_ = ending;
}

void Session::shut(Ending ending) {
  if (closed_) return;
  closed_ = true;
  gateway_.disconnected(*this);
  boost::system::error_code ignored;
  pause_.cancel();
  if (ending == Ending::reset) socket_.set_option(net::socket_base::linger{true, 0}, ignored);
  socket_.close(ignored);
}

}  // namespace tradebus::ibgw_sim
