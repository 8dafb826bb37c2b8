// Anchor: a ROUTER that answers each request with one fixed reply, the request's `id` written into it. Both bodies are
// captured from the daemon, so that the bytes on the wire are the product's. Prints `ready command=<endpoint>`.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstring>
#include <zmq.hpp>

#include "bench/support/files.hpp"
#include "bench/support/msgpack_scan.hpp"

int main(int argc, char** argv) try {
  using namespace tradebus::bench;
  std::string reply_file;
  CLI::App app{"raw libzmq echo"};
  app.add_option("--reply", reply_file, "a captured reply body")->required();
  CLI11_PARSE(app, argc, argv);

  std::string reply = read_all(reply_file);
  const auto reply_id = find(reply, "id");
  if (!reply_id) throw std::runtime_error{reply_file + " has no id"};

  zmq::context_t context{1};
  zmq::socket_t socket{context, zmq::socket_type::router};
  socket.set(zmq::sockopt::linger, 0);
  socket.bind("tcp://127.0.0.1:*");
  std::printf("ready command=%s\n", socket.get(zmq::sockopt::last_endpoint).c_str());
  std::fflush(stdout);

  std::optional<std::size_t> request_id;  // the same place in every request
  zmq::message_t identity;
  zmq::message_t request;
  while (socket.recv(identity, zmq::recv_flags::none) && socket.recv(request, zmq::recv_flags::none)) {
    const auto body = request.to_string_view();
    if (!request_id) request_id = find(body, "id");
    const auto id = string_at(body, request_id.value_or(0));
    if (string_at(reply, *reply_id).size() != id.size()) throw std::runtime_error{"ids of unequal length"};
    std::memcpy(reply.data() + *reply_id + 1, id.data(), id.size());
    socket.send(identity, zmq::send_flags::sndmore);
    socket.send(zmq::const_buffer{reply.data(), reply.size()}, zmq::send_flags::none);
  }
} catch (const std::exception& error) {
  std::fprintf(stderr, "echo: %s\n", error.what());
  return 1;
}
