// Anchor: the least that a gateway can do before it serves. Binds the same two sockets, prints `ready`, waits for a
// signal.
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
#include <zmq.h>

int main() {
  void* context = zmq_ctx_new();
  void* stream = zmq_socket(context, ZMQ_XPUB);
  void* command = zmq_socket(context, ZMQ_ROUTER);
  if (zmq_bind(stream, "tcp://127.0.0.1:*") != 0 || zmq_bind(command, "tcp://127.0.0.1:*") != 0) {
    perror("bind");
    return 1;
  }
  puts("ready");
  fflush(stdout);
  pause();  // SIGTERM ends it
}
