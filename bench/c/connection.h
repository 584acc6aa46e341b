// What the programs share: a connection to the broker on this machine, with one open channel.
#include <amqp.h>
#include <amqp_tcp_socket.h>
#include <stdio.h>
#include <stdlib.h>

enum { channel = 1, largest_frame = 131072 };

static void fail(const char *what) {
  fprintf(stderr, "%s failed\n", what);
  exit(1);
}

static void expect(amqp_rpc_reply_t reply, const char *what) {
  if (reply.reply_type != AMQP_RESPONSE_NORMAL) fail(what);
}

static amqp_connection_state_t open_connection(const char *port) {
  amqp_connection_state_t connection = amqp_new_connection();
  amqp_socket_t *socket = amqp_tcp_socket_new(connection);
  if (amqp_socket_open(socket, "127.0.0.1", atoi(port)) != AMQP_STATUS_OK) fail("connecting");
  expect(amqp_login(connection, "/", 0, largest_frame, 0, AMQP_SASL_METHOD_PLAIN, "guest", "guest"), "login");
  amqp_channel_open(connection, channel);
  expect(amqp_get_rpc_reply(connection), "opening a channel");
  return connection;
}

// The broker answers after it handled everything sent before.
static void close_connection(amqp_connection_state_t connection) {
  expect(amqp_channel_close(connection, channel, AMQP_REPLY_SUCCESS), "closing the channel");
  amqp_connection_close(connection, AMQP_REPLY_SUCCESS);
  amqp_destroy_connection(connection);
}
