#include "tests/engine/net/scripted_server.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <stdexcept>

namespace tradebus::test {

namespace {

constexpr int patience_s = 10;

std::string lowered(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}
std::string header_of(const std::string& head, const std::string& name) {
  const auto at = lowered(head).find("\r\n" + name + ": ");
  if (at == std::string::npos) return {};
  const auto from = at + name.size() + 4;
  return head.substr(from, head.find("\r\n", from) - from);
}

int listen_on_loopback(std::uint16_t& port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  if (fd < 0 || ::bind(fd, raw, size) != 0 || ::listen(fd, 64) != 0 || ::getsockname(fd, raw, &size) != 0)
    throw std::runtime_error{"no loopback port"};
  port = ntohs(address.sin_port);
  return fd;
}

}  // namespace

std::uint16_t free_port() {
  std::uint16_t port = 0;
  const Descriptor closed_at_once{listen_on_loopback(port)};
  return port;
}

std::string answer(std::string_view body, std::string_view status, std::string_view headers) {
  return "HTTP/1.1 " + std::string{status} + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         std::string{headers} + "\r\n" + std::string{body};
}

// ---- a connection ---------------------------------------------------------------------------------------------------

Peer::Peer(int fd, SSL_CTX* tls) : fd_{fd} {
  const timeval wait_at_most{patience_s, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait_at_most, sizeof wait_at_most);
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait_at_most, sizeof wait_at_most);
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (tls != nullptr) start_tls(tls);
}
Peer::~Peer() { SSL_free(ssl_); }

void Peer::start_tls(SSL_CTX* tls) {
  ssl_ = SSL_new(tls);
  SSL_set_fd(ssl_, fd_.get());
  SSL_accept(ssl_);  // a failure shows in the next read
}

std::string Peer::read_some() {
  if (!buffer_.empty()) return std::exchange(buffer_, {});
  std::array<char, 16'384> bytes;
  const auto n = ssl_ != nullptr ? SSL_read(ssl_, bytes.data(), static_cast<int>(bytes.size()))
                                 : static_cast<int>(::recv(fd_.get(), bytes.data(), bytes.size(), 0));
  return n > 0 ? std::string(bytes.data(), static_cast<std::size_t>(n)) : std::string{};
}
bool Peer::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto n = ssl_ != nullptr
                       ? SSL_write(ssl_, bytes.data(), static_cast<int>(std::min<std::size_t>(bytes.size(), 1 << 20)))
                       : static_cast<int>(::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL));
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}
bool Peer::write_together(const std::vector<std::string>& records) {
  auto* kept = BIO_new(BIO_s_mem());
  SSL_set0_wbio(ssl_, kept);  // owns it
  for (const auto& record : records) write(record);
  char* data = nullptr;
  const auto size = BIO_get_mem_data(kept, &data);
  const bool sent = ::send(fd_.get(), data, static_cast<std::size_t>(size), MSG_NOSIGNAL) == size;
  SSL_set0_wbio(ssl_, BIO_new_socket(fd_.get(), BIO_NOCLOSE));
  return sent;
}
void Peer::close() { ::shutdown(fd_.get(), SHUT_RDWR); }
void Peer::reset() {
  const linger hard{1, 0};
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  // An RST needs the close itself: connecting to nowhere does it without giving the number away.
  sockaddr nowhere{};
  nowhere.sa_family = AF_UNSPEC;
  ::connect(fd_.get(), &nowhere, sizeof nowhere);
}
void Peer::wait_closed() {
  while (!read_some().empty()) {
  }
}

bool Peer::fill(std::size_t bytes) {
  while (buffer_.size() < bytes) {
    auto kept = std::exchange(buffer_, {});
    const auto more = read_some();
    buffer_ = std::move(kept) + more;
    if (more.empty()) return false;
  }
  return true;
}

std::string Peer::read_request() {
  std::size_t end = 0;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos)
    if (!fill(buffer_.size() + 1)) return {};
  std::size_t body = 0;
  const auto length = header_of(buffer_.substr(0, end + 2), "content-length");
  std::from_chars(length.data(), length.data() + length.size(), body);
  if (!fill(end + 4 + body)) return {};
  auto request = buffer_.substr(0, end + 4 + body);
  buffer_.erase(0, request.size());
  return request;
}

bool Peer::accept_websocket() {
  const auto request = read_request();
  const auto key = header_of(request, "sec-websocket-key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  if (request.empty()) return false;
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest;
  SHA1(reinterpret_cast<const unsigned char*>(key.data()), key.size(), digest.data());
  std::array<unsigned char, 64> text{};
  EVP_EncodeBlock(text.data(), digest.data(), digest.size());
  return write(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
      std::string{reinterpret_cast<const char*>(text.data())} + "\r\n\r\n");
}

Peer::Frame Peer::read_frame() {
  if (!fill(2)) return {};
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(buffer_[i]); };
  std::size_t size = byte(1) & 0x7f;
  std::size_t head = 2;
  if (size >= 126) {
    const std::size_t wide = size == 126 ? 2 : 8;
    if (!fill(2 + wide)) return {};
    size = 0;
    for (std::size_t i = 0; i < wide; ++i) size = size << 8 | byte(2 + i);
    head += wide;
  }
  const bool masked = (byte(1) & 0x80) != 0;
  if (!fill(head + (masked ? 4 : 0) + size)) return {};
  Frame frame{byte(0) & 0x0f, buffer_.substr(head + (masked ? 4 : 0), size)};
  for (std::size_t i = 0; masked && i < size; ++i)
    frame.payload[i] = static_cast<char>(static_cast<unsigned char>(frame.payload[i]) ^ byte(head + i % 4));
  buffer_.erase(0, head + (masked ? 4 : 0) + size);
  return frame;
}
bool Peer::write_frame(int opcode, std::string_view payload) {
  std::string frame(1, static_cast<char>(0x80 | opcode));
  if (payload.size() < 126) {
    frame += static_cast<char>(payload.size());
  } else {
    const bool is_wide = payload.size() > 0xffff;
    frame += static_cast<char>(is_wide ? 127 : 126);
    for (int shift = is_wide ? 56 : 8; shift >= 0; shift -= 8)
      frame += static_cast<char>(payload.size() >> shift & 0xff);
  }
  return write(frame.append(payload));
}
bool Peer::write_close(std::uint16_t code, std::string_view reason) {
  std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
  return write_frame(8, payload.append(reason));
}

// ---- the server -----------------------------------------------------------------------------------------------------

ScriptedServer::ScriptedServer(Script script, std::shared_ptr<SSL_CTX> tls)
    : script_{std::move(script)}, tls_{std::move(tls)} {
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
  listener_ = Descriptor{listen_on_loopback(port_)};
  acceptor_ = std::thread{[this] { accept_all(); }};
}

ScriptedServer::~ScriptedServer() {
  std::vector<std::thread> threads;
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
    ::shutdown(listener_.get(), SHUT_RDWR);
    for (const auto& peer : peers_) ::shutdown(peer->fd_.get(), SHUT_RDWR);
    threads.swap(threads_);
  }
  acceptor_.join();
  for (auto& thread : threads) thread.join();
}

std::string ScriptedServer::url(std::string_view scheme, std::string_view path, std::string_view host) const {
  return std::string{scheme} + "://" + std::string{host} + ":" + std::to_string(port_) + std::string{path};
}

void ScriptedServer::accept_all() {
  for (;;) {
    const int fd = ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    const std::lock_guard lock{mutex_};
    if (stopping_) {
      ::close(fd);
      return;
    }
    auto peer = std::make_shared<Peer>(fd, nullptr);
    peer->index = accepted_++;
    peers_.push_back(peer);
    threads_.emplace_back([this, peer] {
      if (tls_) peer->start_tls(tls_.get());
      script_(*peer);
      peer->close();
    });
  }
}

}  // namespace tradebus::test
