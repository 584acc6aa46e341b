// What the publishing programs share: lines read, published as evi does, and confirmed.
#include <string.h>
#include "connection.h"

static char *line = NULL;
static size_t line_size = 0;

// Reads a line from stdin, without its newline; returns its length, negative at the end.
static ssize_t read_line(void) {
  ssize_t length = getline(&line, &line_size, stdin);
  return length > 0 && line[length - 1] == '\n' ? length - 1 : length;
}

// Mandatory and without any property.
static void publish_line(amqp_connection_state_t connection, const char *exchange, const char *key, size_t length) {
  amqp_bytes_t body = {length, line};
  if (amqp_basic_publish(connection, channel, amqp_cstring_bytes(exchange), amqp_cstring_bytes(key), 1, 0, NULL,
                         body) != AMQP_STATUS_OK)
    fail("publishing");
}

static void select_confirms(amqp_connection_state_t connection) {
  amqp_confirm_select(connection, channel);
  expect(amqp_get_rpc_reply(connection), "confirm.select");
}

// Waits for the next acknowledgement of published messages.
static amqp_basic_ack_t wait_for_ack(amqp_connection_state_t connection) {
  amqp_frame_t frame;
  amqp_maybe_release_buffers(connection);
  if (amqp_simple_wait_frame(connection, &frame) != AMQP_STATUS_OK) fail("waiting for a confirm");
  // A nack, a returned message or a closed channel: nothing that a benchmark may meet.
  if (frame.frame_type != AMQP_FRAME_METHOD || frame.payload.method.id != AMQP_BASIC_ACK_METHOD) fail("a message");
  return *(amqp_basic_ack_t *)frame.payload.method.decoded;
}
